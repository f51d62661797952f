/**
 * What happens at the node, as it happens, and whether the node is there at all.
 */

import { ApiProblemError } from '../../client/errors.ts'
import type { VotingClient } from '../../client/client.ts'
import type { NodeEvent } from '../../client/types.ts'

/**
 * - `connecting`: not known yet
 * - `live`: the node tells what happens
 * - `away`: it does not answer
 * - `refused`: it answers, but not to this browser, whose access has ended
 * - `mute`: it answers, but sends no events
 */
export type Connection = 'connecting' | 'live' | 'away' | 'refused' | 'mute'

/** Milliseconds until the next try, where the browser does not try again by itself */
const RETRY = 2_000

/**
 * Milliseconds for which a page that nobody sees stays connected. Browsers open six connections to a host, for all tabs
 * together: forgotten ones must not use them up.
 */
const HIDDEN = 60_000

/** All there are: the compiler misses what is not here */
const TYPES: Record<NodeEvent['type'], true> = {
  proposal: true,
  vote: true,
  decided: true,
  failed: true,
  conflict: true,
  evidence: true,
  'own-vote': true,
  'own-key': true,
  members: true,
  'auto-vote-missed': true,
  collision: true,
  mismatch: true,
  clock: true,
  trimmed: true,
  reset: true
}

export class Feed {
  connection: Connection = 'connecting'
  /** Resolves as soon as nothing that is read from then on can be missed, or it is known that there are no events */
  readonly ready: Promise<void>
  private readonly client: VotingClient
  private readonly onEvent = new Set<(event: NodeEvent) => void>()
  private readonly onConnection = new Set<() => void>()
  private resolveReady!: () => void
  private source?: EventSource
  private connected = false
  private retry?: number
  private hidden?: number

  constructor (client: VotingClient) {
    this.client = client
    this.ready = new Promise(resolve => { this.resolveReady = resolve })
  }

  start (): void {
    this.open()

    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.hidden)

      if (document.hidden) {
        this.hidden = window.setTimeout(() => { this.close() }, HIDDEN)
      } else if (this.source == null) {
        this.open()
      }
    })
  }

  /** Returns how to end it */
  listen (listener: (event: NodeEvent) => void): () => void {
    this.onEvent.add(listener)

    return () => { this.onEvent.delete(listener) }
  }

  /** Returns how to end it */
  watch (listener: () => void): () => void {
    this.onConnection.add(listener)

    return () => { this.onConnection.delete(listener) }
  }

  private open (): void {
    const source = new EventSource('/events')

    this.close()
    this.source = source
    source.addEventListener('open', () => { this.opened() })
    source.addEventListener('error', () => { this.broken(source) })

    for (const type of Object.keys(TYPES)) {
      source.addEventListener(type, ({ data, lastEventId }) => {
        this.emit({ id: lastEventId, type, data: JSON.parse(data) } as unknown as NodeEvent)
      })
    }
  }

  private close (): void {
    clearTimeout(this.retry)
    this.source?.close()
    this.source = undefined
  }

  private opened (): void {
    this.set('live')

    // the node may be another process than before, and what happened meanwhile may never be told
    if (this.connected) {
      this.emit({ id: '', type: 'reset', data: {} })
    }

    this.connected = true
  }

  private broken (source: EventSource): void {
    if (source.readyState !== EventSource.CLOSED) {
      // the browser tries again
      this.set('away')

      return
    }

    this.retry = window.setTimeout(() => { this.open() }, RETRY)

    // an answer that is late is none to what the next try has found
    const tell = (connection: Connection): void => {
      if (this.source === source) {
        this.set(connection)
      }
    }

    this.client.id().then(
      () => { tell('mute') },
      err => { tell(err instanceof ApiProblemError && err.status === 401 ? 'refused' : 'away') }
    )
  }

  private set (connection: Connection): void {
    this.resolveReady()

    if (connection !== this.connection) {
      this.connection = connection
      this.onConnection.forEach(listener => { listener() })
    }
  }

  private emit (event: NodeEvent): void {
    this.onEvent.forEach(listener => { listener(event) })
  }
}
