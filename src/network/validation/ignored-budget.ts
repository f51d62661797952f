/**
 * Bounds what peers may send that is ignored. It costs them nothing, and an honest peer may send it, too, for instance since our
 * clock is wrong: beyond a budget its signatures are verified, and the peer is read more slowly. A gossipsub that does not wait for
 * the answers reads on all the same: what it reads while as much waits as may is ignored unread.
 */

import { BoundedMap } from '../../util/bounded.ts'
import { pause } from '../../util/pause.ts'
import { Slots } from '../../util/slots.ts'
import { PEER_LIMITS } from '../gossip/limits.ts'
import type { PeerId } from '@libp2p/interface'

/** Ignored messages of a peer in {@link WINDOW} that are free */
export const MAX_IGNORED = 100

/** Milliseconds */
const WINDOW = 10_000

/** Milliseconds between the answers to ignored messages of a peer beyond its budget: gossipsub reads on when it has the answer */
const PACE = 10

/** Ignored messages of a peer that are read in {@link WINDOW}, at most */
export const MAX_IGNORED_READ = MAX_IGNORED + WINDOW / PACE

/** Peers that are remembered, then the one that began first is forgotten */
const MAX_PEERS = 10_000

interface Budget {
  /** When the window began, milliseconds */
  since: number
  ignored: number
  /** When the next answer may be given, milliseconds */
  next: number
}

export class IgnoredBudget {
  private readonly budgets = new BoundedMap<string, Budget>(MAX_PEERS)
  /** Messages that wait for their answers. With asyncValidation each has a slot of that already, so none is ignored unread. */
  private readonly waiting = new Slots<string>(PEER_LIMITS)

  /** Counts an ignored message, and returns whether it is beyond what is free for the peer */
  spend (peer: PeerId): boolean {
    const now = Date.now()
    const budget = this.budgets.get(`${peer}`) ?? { since: -Infinity, ignored: 0, next: 0 }

    if (now >= budget.since + WINDOW || now < budget.since) {
      budget.since = now
      budget.ignored = 0
      this.budgets.set(`${peer}`, budget)
    }

    return ++budget.ignored > MAX_IGNORED
  }

  /**
   * Whether a message of a peer may wait for its answer
   *
   * @param length - of the message, bytes
   */
  hasRoom (peer: PeerId, length: number): boolean {
    return this.waiting.hasRoom(`${peer}`, length)
  }

  /**
   * Checks an ignored message of a peer beyond its budget. Resolves with what is found or, where nothing is, when it is the turn of
   * the answer. Where as much waits as may, or the signal aborts, it waits for no turn; in the first case it does not check either.
   *
   * @param length - of the message, bytes
   */
  async check <T> (peer: PeerId, length: number, check: () => Promise<T | undefined>, signal: AbortSignal): Promise<T | undefined> {
    const budget = this.budgets.get(`${peer}`)

    if (budget == null || !this.hasRoom(peer, length)) {
      return
    }

    this.waiting.take(`${peer}`, length)

    try {
      const found = await check()

      if (found == null) {
        await pace(budget, signal)
      }

      return found
    } finally {
      this.waiting.free(`${peer}`, length)
    }
  }
}

/** Resolves when it is the turn of the next answer, or at once when the signal aborts */
async function pace (budget: Budget, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return
  }

  const now = Date.now()

  // no longer than a window, where the clock was set back
  budget.next = Math.min(Math.max(now, budget.next) + PACE, now + WINDOW)

  await pause(budget.next - now, signal).catch(() => {})
}
