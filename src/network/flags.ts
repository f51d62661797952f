/**
 * Remembers from which peers something was ignored for a reason that passes: our clock, our load, our room or our storage.
 * Gossip does not show a message again for ten minutes, so a sync with the peer is due when the reason has passed.
 */

import { Deadlines } from './deadlines.ts'
import type { JoinedScope } from './scope.ts'
import type { PeerId } from '@libp2p/interface'

/** Seconds until something is tried again of which nobody can tell when it has passed */
const RETRY_SECONDS = 30n

/** Flags of all scopes together, then the oldest is dropped */
const MAX_FLAGS = 1_000

interface Flag {
  scope: JoinedScope
  peer: PeerId
  /** Unix seconds */
  due: bigint
}

export interface FlagsInit {
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds after which the clock is looked at again */
  clockCheckInterval?: number
  /** Called when a sync with a peer is due */
  onDue (scope: JoinedScope, peer: PeerId): void
}

export class Flags {
  private readonly init: FlagsInit
  private readonly deadlines: Deadlines
  private readonly flags = new Map<string, Flag>()

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
  raise (scope: JoinedScope, peer: PeerId, passesAt?: bigint): void {
    const key = `${scope.key} ${peer}`
    const due = passesAt ?? this.init.clock() + RETRY_SECONDS
    const raised = this.flags.get(key)

    if (scope.signal.aborted || (raised != null && raised.due <= due)) {
      return
    }

    this.flags.set(key, { scope, peer, due })
    this.deadlines.arm(key, due)

    if (this.flags.size > MAX_FLAGS) {
      const [oldest] = this.flags.keys()

      this.lower(oldest)
    }
  }

  clear (): void {
    this.flags.clear()
    this.deadlines.clear()
  }

  private onDue (key: string): void {
    const flag = this.flags.get(key)

    this.lower(key)

    if (flag != null && !flag.scope.signal.aborted) {
      this.init.onDue(flag.scope, flag.peer)
    }
  }

  private lower (key: string): void {
    this.flags.delete(key)
    this.deadlines.disarm(key)
  }
}
