/**
 * Remembers which peers sent a message that was ignored for a reason that passes: our clock, our load, our room or our storage.
 * Gossip does not show the message again for ten minutes, so a sync is due when the reason has passed: with the sender or, where the
 * sender has left, with other peers on the topic. The sender is never dialed, or a stranger could make this node dial.
 */

import { BoundedMap } from '../../util/bounded.ts'
import { Deadlines } from '../lifecycle/deadlines.ts'
import type { PeerId } from '@libp2p/interface'

/** Seconds until a message is asked for whose reason passes at an unknown time, and from one sync in place of senders to the next */
const RETRY_SECONDS = 30n

/** Flags of a scope, then the oldest is dropped */
const MAX_FLAGS = 1_000

interface Flag {
  /** The sender; undefined for all senders that have left */
  peer?: PeerId
  /** Unix seconds */
  due: bigint
}

export interface FlagsInit {
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds after which the clock is looked at again */
  clockCheckInterval?: number
  /** Whether a peer is connected and can be synced with */
  isReachable (peer: PeerId): boolean
  /** Called when a sync is due: with a peer that is reachable or, where none is named, with others on the topic, if there are any */
  onDue (peer?: PeerId): void
}

export class Flags {
  private readonly init: FlagsInit
  private readonly signal: AbortSignal
  private readonly deadlines: Deadlines<string>
  private readonly flags = new BoundedMap<string, Flag>(MAX_FLAGS, key => { this.deadlines.disarm(key) })
  /** When the last sync in place of senders was due, Unix seconds */
  private replacedAt = 0n

  /**
   * @param signal - of the scope: the flags are forgotten when it aborts
   */
  constructor (signal: AbortSignal, init: FlagsInit) {
    this.signal = signal
    this.init = init
    this.deadlines = new Deadlines(() => init.clock(), key => { this.onDue(key) }, init.clockCheckInterval, signal)
    signal.addEventListener('abort', () => { this.flags.clear() }, { once: true })
  }

  get size (): number {
    return this.flags.size
  }

  /**
   * Raises the flag of a peer. There is one, which is due when the first of its reasons has passed.
   *
   * @param passesAt - when the reason has passed, Unix seconds, where that is known
   */
  raise (peer: PeerId, passesAt = this.init.clock() + RETRY_SECONDS): void {
    this.set({ peer, due: passesAt })
  }

  private set (flag: Flag): void {
    const { peer, due } = flag
    const key = `${peer ?? ''}`
    const raised = this.flags.get(key)

    if (this.signal.aborted || (raised != null && raised.due <= due)) {
      return
    }

    this.flags.set(key, flag)
    this.deadlines.arm(key, due)
  }

  private onDue (key: string): void {
    const flag = this.flags.get(key)

    this.flags.delete(key)

    if (flag?.peer != null && this.init.isReachable(flag.peer)) {
      this.init.onDue(flag.peer)
    } else if (flag != null) {
      this.replace()
    }
  }

  /**
   * Any peer that has the message will do. One sync serves all senders that have left, or an attacker who connects again and again
   * could make this node sync with its members without end. A peer that subscribes later is synced with in any case.
   */
  private replace (): void {
    const now = this.init.clock()
    const next = this.replacedAt + RETRY_SECONDS

    // where the clock was set back, next may be far away
    if (now >= next || now + RETRY_SECONDS < next) {
      this.replacedAt = now
      this.init.onDue()
    } else {
      this.set({ due: next })
    }
  }
}
