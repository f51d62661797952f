/**
 * Events of the core: what they are, and a bus that hands them to any number of readers without ever waiting for one.
 */

import type { ConsensusSession } from './session/session.ts'

/** A proposal was decided, under `quorum` maybe after it had failed */
export interface ConsensusReachedEvent {
  type: 'ConsensusReached'
  proposalId: number
  /** true is yes */
  result: boolean
  /** True, or else absent: it was decided so late at this node that nothing must act on it unless its operator asks for it */
  late?: boolean
  /** Unix seconds, by the service's clock */
  timestamp: bigint
}

/** Both sides got the votes of a quorum before anything was decided: there is no result. Only under `quorum`. */
export interface ConsensusConflictEvent {
  type: 'ConsensusConflict'
  proposalId: number
  /** Those who have voted both yes and no */
  culprits: Uint8Array[]
  /** Unix seconds, by the service's clock */
  timestamp: bigint
}

/**
 * The other side has got the votes of a quorum after the proposal was decided. The result stays; others may have the
 * opposite one. Only under `quorum`.
 */
export interface ConsensusContradictedEvent {
  type: 'ConsensusContradicted'
  proposalId: number
  /** true is yes; the same as before */
  result: boolean
  /** True, or else absent, as in ConsensusReached */
  late?: boolean
  /** Those who have voted both yes and no */
  culprits: Uint8Array[]
  /** Unix seconds, by the service's clock */
  timestamp: bigint
}

/** A proposal ended without a result */
export interface ConsensusFailedEvent {
  type: 'ConsensusFailed'
  proposalId: number
  /** Unix seconds, by the service's clock */
  timestamp: bigint
}

/** A session was dropped to make room, with all that was known of it */
export interface ProposalTrimmedEvent {
  type: 'ProposalTrimmed'
  proposalId: number
  session: ConsensusSession
  /** Unix seconds, by the service's clock */
  timestamp: bigint
}

export type ConsensusEvent = ConsensusReachedEvent | ConsensusFailedEvent | ConsensusConflictEvent | ConsensusContradictedEvent | ProposalTrimmedEvent

/** An event as a subscriber gets it */
export interface ConsensusNotification {
  scope: string
  event: ConsensusEvent
  /** How many events were dropped right before this one because the subscriber was too slow */
  missed: number
}

export interface SubscribeOptions {
  /** Ends the subscription */
  signal?: AbortSignal
  /**
   * How many unread events are kept
   *
   * @default 1000
   */
  bufferSize?: number
}

/**
 * Where the service publishes its events. `publish` is called once per change of state, after the change is stored; it
 * must neither wait nor throw.
 */
export interface ConsensusEventBus {
  publish (scope: string, event: ConsensusEvent): void
  subscribe (options?: SubscribeOptions): AsyncIterableIterator<ConsensusNotification>
}

export const DEFAULT_BUFFER_SIZE = 1000

/**
 * Hands each event to every subscriber. A subscriber that does not keep up loses its oldest unread events and is told how
 * many; it never holds up the publisher.
 *
 * @example
 *
 * ```TypeScript
 * import { BroadcastEventBus } from 'libp2p-voting/consensus'
 *
 * const events = new BroadcastEventBus()
 * const controller = new AbortController()
 * const subscription = events.subscribe({ signal: controller.signal })
 *
 * // the service that is made with these events does this
 * events.publish('council', { type: 'ConsensusReached', proposalId: 7, result: true, timestamp: 1_700_000_000n })
 * controller.abort()
 *
 * for await (const { scope, event, missed } of subscription) {
 *   console.info(scope, event.type, event.proposalId, missed) // council ConsensusReached 7 0
 * }
 * ```
 */
export class BroadcastEventBus implements ConsensusEventBus {
  private readonly subscriptions = new Set<Subscription>()

  publish (scope: string, event: ConsensusEvent): void {
    for (const subscription of this.subscriptions) {
      subscription.push({ scope, event, missed: 0 })
    }
  }

  /** Events from now on. The subscription ends when the loop over it does, or with the signal. */
  subscribe ({ signal, bufferSize = DEFAULT_BUFFER_SIZE }: SubscribeOptions = {}): AsyncIterableIterator<ConsensusNotification> {
    if (!Number.isInteger(bufferSize) || bufferSize < 1) {
      throw new TypeError(`bufferSize must be a whole number of at least 1, got ${bufferSize}`)
    }

    const subscription = new Subscription(bufferSize, () => {
      this.subscriptions.delete(subscription)
      signal?.removeEventListener('abort', end)
    })
    const end = (): void => { subscription.end() }

    this.subscriptions.add(subscription)

    if (signal?.aborted === true) {
      end()
    } else {
      signal?.addEventListener('abort', end)
    }

    return subscription
  }
}

class Subscription implements AsyncIterableIterator<ConsensusNotification> {
  private readonly bufferSize: number
  private readonly onEnd: () => void
  /** Unread events; those before `head` have been read */
  private buffer: ConsensusNotification[] = []
  private head = 0
  private missed = 0
  private ended = false
  private readonly readers: Array<(result: IteratorResult<ConsensusNotification>) => void> = []

  constructor (bufferSize: number, onEnd: () => void) {
    this.bufferSize = bufferSize
    this.onEnd = onEnd
  }

  [Symbol.asyncIterator] (): this {
    return this
  }

  push (notification: ConsensusNotification): void {
    const reader = this.readers.shift()

    if (reader != null) {
      reader({ done: false, value: notification })
      return
    }

    this.buffer.push(notification)

    if (this.buffer.length - this.head > this.bufferSize) {
      this.shift()
      this.missed++
    }
  }

  async next (): Promise<IteratorResult<ConsensusNotification>> {
    if (this.head < this.buffer.length) {
      const value = { ...this.shift(), missed: this.missed }
      this.missed = 0

      return { done: false, value }
    }

    if (this.ended) {
      return { done: true, value: undefined }
    }

    return new Promise(resolve => { this.readers.push(resolve) })
  }

  async return (): Promise<IteratorResult<ConsensusNotification>> {
    this.buffer = []
    this.head = 0
    this.end()

    return { done: true, value: undefined }
  }

  /** No more events; those that are unread can still be read */
  end (): void {
    if (this.ended) {
      return
    }

    this.ended = true
    this.onEnd()

    for (const reader of this.readers.splice(0)) {
      reader({ done: true, value: undefined })
    }
  }

  /** Takes the oldest unread event. What was read is cut off now and then, so that taking stays cheap. */
  private shift (): ConsensusNotification {
    const notification = this.buffer[this.head++]

    if (this.head > this.bufferSize) {
      this.buffer = this.buffer.slice(this.head)
      this.head = 0
    }

    return notification
  }
}
