import { Hono } from 'hono'
import { ApiError } from '../problems.ts'
import type { EventLog } from '../event-log.ts'
import type { NodeEvent } from '../types.ts'

const MAX_STREAMS = 100

/** Milliseconds after which a quiet stream says that it is alive, so that both ends notice when it is not */
const IDLE = 15_000

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store'
}

/** What happens, as server-sent events. A client that comes back with Last-Event-ID gets what it missed. */
export function eventRoutes (events: EventLog): Hono {
  let streams = 0

  return new Hono().get('/events', context => {
    // hono answers HEAD by this route, too, and nobody would ever end the stream
    if (context.req.method === 'HEAD') {
      return context.body(null, 200, HEADERS)
    }

    if (streams >= MAX_STREAMS) {
      throw new ApiError('TooManyStreamsError', `There are ${MAX_STREAMS} event streams already. Close one first`)
    }

    const ended = new AbortController()
    const feed = events.follow(context.req.header('last-event-id'), IDLE, AbortSignal.any([events.signal, ended.signal]))
    const encoder = new TextEncoder()

    streams++
    ended.signal.addEventListener('abort', () => { streams-- })

    const stream = new ReadableStream<Uint8Array>({
      start: controller => {
        // the client knows from this that it is connected
        controller.enqueue(encoder.encode(': connected\n\n'))
      },
      pull: async controller => {
        const { done, value } = await feed.next()

        if (ended.signal.aborted) {
          return
        }

        if (done === true) {
          ended.abort()
          controller.close()
        } else {
          controller.enqueue(encoder.encode(format(value)))
        }
      },
      cancel: () => {
        ended.abort()
      }
    })

    return new Response(stream, { headers: HEADERS })
  })
}

function format (event?: NodeEvent): string {
  return event == null ? ': nothing new\n\n' : `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`
}
