/**
 * Bounds what peers may send that is ignored. It costs them nothing, and an honest peer may send it, too, for instance since our
 * clock is wrong: beyond a budget its signatures are verified, and the peer is read more slowly.
 */

import { BoundedMap } from '../util/bounded.ts'
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

  /** Counts an ignored message, and returns whether it is beyond what is free for the peer */
  spend (peer: PeerId): boolean {
    const now = Date.now()
    const key = `${peer}`
    let budget = this.budgets.get(key)

    if (budget == null || now >= budget.since + WINDOW || now < budget.since) {
      budget = { since: now, ignored: 0, next: budget?.next ?? 0 }
      this.budgets.set(key, budget)
    }

    return ++budget.ignored > MAX_IGNORED
  }

  /** Resolves when it is the turn of the answer to an ignored message of a peer beyond its budget, or at once when the signal aborts */
  async pace (peer: PeerId, signal: AbortSignal): Promise<void> {
    const budget = this.budgets.get(`${peer}`)

    if (budget == null || signal.aborted) {
      return
    }

    const now = Date.now()

    // no longer than a window, where the clock was set back
    budget.next = Math.min(Math.max(now, budget.next) + PACE, now + WINDOW)

    await new Promise<void>(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, budget.next - now)

      signal.addEventListener('abort', done)
    })
  }
}
