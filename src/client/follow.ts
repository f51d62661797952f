/**
 * What happens at a node, over as many connections as it takes.
 */

import { pause } from '../util/pause.ts'
import { NodeUnreachableError } from './errors.ts'
import { parseEvents } from './sse.ts'
import type { NodeEvent } from './types.ts'

const second = 1_000

/** Milliseconds before it is tried again, twice as long each time that fails, up to the second */
const FIRST_RETRY = second / 4
const LAST_RETRY = 10 * second

/** Milliseconds. A quiet node says every 15 seconds that it is there, so one that was not heard for so long is gone. */
const SILENCE = 50 * second

export interface EventsOptions {
  /** Ends it, by throwing its reason */
  signal?: AbortSignal
  /** The last event that is known: all that came after it are given first */
  lastEventId?: string
  /** Whether to connect again when the connection has broken off; true if nothing is said */
  reconnect?: boolean
  /** Called each time the node has begun to send: no event after this is missed */
  onConnect? (): void
  /** Told when the connection has broken off and it is tried again; once, however often that is */
  onDisconnect? (): void
}

export interface EventSource {
  /** Asks for the events after one, or from now on */
  open (lastEventId: string | undefined, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  /** Finds out where the node is now */
  locate (): Promise<void>
  /** Whether trying again may mend it */
  passes (err: Error): boolean
  /** Of a connection that has broken off */
  broken (cause: unknown): Error
}

export async function * followEvents (source: EventSource, options: EventsOptions): AsyncGenerator<NodeEvent> {
  const { signal, reconnect = true, onConnect, onDisconnect } = options
  let { lastEventId } = options
  let failures = 0
  let state: 'first' | 'live' | 'away' = 'first'

  for (;;) {
    const silence = new Silence()
    let isConnected = false
    const connect = (): void => {
      if (!isConnected) {
        isConnected = true
        onConnect?.()
      }
    }

    try {
      const body = await source.open(lastEventId, signal == null ? silence.signal : AbortSignal.any([signal, silence.signal]))

      state = 'live'

      if (lastEventId != null) {
        connect()
      }

      for await (const { id, event, data } of parseEvents(silence.watch(body))) {
        failures = 0
        lastEventId = id ?? lastEventId
        // the node begins by saying where it is: from here on nothing is missed if the connection breaks off
        connect()

        // without data it says where we are
        if (data !== '') {
          yield { id, type: event, data: JSON.parse(data) } as unknown as NodeEvent
        }
      }
    } catch (err: any) {
      const mayPass = state === 'live' ? !isNonsense(err) : state === 'away' && source.passes(err)

      if (signal?.aborted === true || !mayPass) {
        throw err
      }

      if (!reconnect) {
        throw source.broken(err)
      }
    } finally {
      silence.end()
    }

    if (!reconnect) {
      return
    }

    if (isConnected) {
      onDisconnect?.()
    }

    state = 'away'
    await pause(Math.min(LAST_RETRY, FIRST_RETRY * 2 ** failures++) * (0.5 + Math.random() / 2), signal)
    await source.locate()
  }
}

/** What no node sends is not mended by asking again */
function isNonsense (err: Error): boolean {
  return err instanceof SyntaxError || err instanceof RangeError
}

/** Ends a connection on which nothing comes any more */
class Silence {
  private readonly controller = new AbortController()
  private timer?: ReturnType<typeof setTimeout>

  constructor () {
    this.begin()
  }

  get signal (): AbortSignal {
    return this.controller.signal
  }

  async * watch (body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.end()
      yield chunk
      this.begin()
    }
  }

  end (): void {
    clearTimeout(this.timer)
  }

  private begin (): void {
    this.timer = setTimeout(() => {
      this.controller.abort(new NodeUnreachableError(`The node has said nothing for ${SILENCE / second} seconds`))
    }, SILENCE)
  }
}
