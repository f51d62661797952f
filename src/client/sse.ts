/**
 * Server-sent events out of the body of an answer. EventSource cannot send a bearer token, so fetch it is.
 */

export interface ServerSentEvent {
  id?: string
  event: string
  /** Empty where it only says at which event the stream is */
  data: string
}

/** A line of an event is at most a proposal with all its votes */
const MAX_LINE_LENGTH = 16 * 1024 * 1024

/**
 * @throws {RangeError} if a line is longer than any node sends
 */
export async function * parseEvents (body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let event: ServerSentEvent = { event: 'message', data: '' }

  for await (const line of lines(body)) {
    if (line === '') {
      if (event.data !== '' || event.id != null) {
        yield event
      }

      event = { event: 'message', data: '' }
      continue
    }

    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []

    if (field === 'data') {
      event.data += event.data === '' ? value : `\n${value}`
    } else if (field === 'event') {
      event.event = value
    } else if (field === 'id') {
      event.id = value
    }
  }
}

async function * lines (body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''

  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')

    rest = parts.pop() ?? ''

    if (rest.length > MAX_LINE_LENGTH) {
      throw new RangeError(`The node sent a line of more than ${MAX_LINE_LENGTH} characters`)
    }

    for (const part of parts) {
      yield part.endsWith('\r') ? part.slice(0, -1) : part
    }
  }
}
