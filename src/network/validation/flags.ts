/**
 * Remembers which peers sent a message that was ignored for a reason that passes: our clock, our load, our room or our storage.
 * Gossip does not show the message again for ten minutes, so a sync is due when the reason has passed: with the sender or, where the
 * sender has left, with other peers on the topic. The sender is never dialed, or a stranger could make this node dial.
 */

import { BoundedMap } from '../../util/bounded.ts'
import { Deadlines } from '../lifecycle/deadlines.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { PeerId } from '@libp2p/interface'

/** Seconds until a message is asked for whose reason passes at an unknown time, and from one sync in place of senders to the next */
const RETRY_SECONDS = 30n

/** Flags of all scopes together, then the oldest is dropped */
const MAX_FLAGS = 1_000

interface Flag {
  scope: JoinedScope
  /** The sender; undefined for all senders of the scope that have left */
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
  onDue (scope: JoinedScope, peer?: PeerId): void
}

export class Flags {
  private readonly init: FlagsInit
  private readonly deadlines: Deadlines
  private readonly flags = new BoundedMap<string, Flag>(MAX_FLAGS, key => { this.deadlines.disarm(key) })
  /** When the last sync in place of senders was due, Unix seconds */
  private readonly replaced = new WeakMap<JoinedScope, bigint>()

  constructor (init: FlagsInit) {
    this.init = init
    this.deadlines = new Deadlines(() => init.clock(), key => { this.onDue(key) }, init.clockCheckInterval)
  }

  get size (): number {
    return this.flags.size
  }

  /**
   * Raises the flag of a peer in a scope. There is one, which is due when the first of its reasons has passed.
   *
   * @param passesAt - when the reason has passed, Unix seconds, where that is known
   */
  raise (scope: JoinedScope, peer: PeerId, passesAt = this.init.clock() + RETRY_SECONDS): void {
    this.set({ scope, peer, due: passesAt })
  }

  clear (): void {
    this.flags.clear()
    this.deadlines.clear()
  }

  private set (flag: Flag): void {
    const { scope, peer, due } = flag
    const key = `${scope.key} ${peer ?? ''}`
    const raised = this.flags.get(key)

    if (scope.signal.aborted || (raised != null && raised.due <= due)) {
      return
    }

    this.flags.set(key, flag)
    this.deadlines.arm(key, due)
  }

  private onDue (key: string): void {
    const flag = this.flags.get(key)

    this.flags.delete(key)

    if (flag == null || flag.scope.signal.aborted) {
      return
    }

    const { scope, peer } = flag

    if (peer != null && this.init.isReachable(peer)) {
      this.init.onDue(scope, peer)
    } else {
      this.replace(scope)
    }
  }

  /**
   * Any peer that has the message will do. One sync serves all senders that have left, or an attacker who connects again and again
   * could make this node sync with its members without end. A peer that subscribes later is synced with in any case.
   */
  private replace (scope: JoinedScope): void {
    const now = this.init.clock()
    const next = (this.replaced.get(scope) ?? 0n) + RETRY_SECONDS

    // where the clock was set back, next may be far away
    if (now >= next || now + RETRY_SECONDS < next) {
      this.replaced.set(scope, now)
      this.init.onDue(scope)
    } else {
      this.set({ scope, due: next })
    }
  }
}
