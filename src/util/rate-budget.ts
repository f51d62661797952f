/**
 * Gives each key an amount that it may take in a fixed time. The time starts when the key first takes something, and a key that
 * has taken nothing since its time ended is forgotten.
 */

import { BoundedMap } from './bounded.ts'

/** Keys at most, by default */
const MAX_KEYS = 10_000

interface Share {
  taken: number
  /** Milliseconds */
  end: number
}

export interface RateBudgetInit {
  /** What each key may take in {@link RateBudgetInit.seconds} */
  amount: number
  seconds: number
  /**
   * Milliseconds
   *
   * @default Date.now
   */
  clock? (): number
  /**
   * Keys at most; the one that took something longest ago is forgotten first
   *
   * @default 10_000
   */
  max?: number
}

export class RateBudget {
  private readonly amount: number
  private readonly duration: number
  private readonly clock: () => number
  private readonly shares: BoundedMap<string, Share>

  constructor ({ amount, seconds, clock = Date.now, max = MAX_KEYS }: RateBudgetInit) {
    this.amount = amount
    this.duration = seconds * 1_000
    this.clock = clock
    this.shares = new BoundedMap(max)
  }

  /** Takes an amount for a key, or returns false where nothing is left. The last amount may be larger than what is left. */
  take (key: string, amount = 1): boolean {
    const share = this.shareOf(key)

    if (share.taken >= this.amount) {
      return false
    }

    this.shares.set(key, { ...share, taken: share.taken + amount })

    return true
  }

  /** Leaves nothing to a key until its time ends */
  exhaust (key: string): void {
    this.shares.set(key, { ...this.shareOf(key), taken: this.amount })
  }

  clear (): void {
    this.shares.clear()
  }

  private shareOf (key: string): Share {
    const now = this.clock()
    const share = this.shares.get(key)

    // a clock that was set back makes no time longer
    return share == null || now >= share.end || now < share.end - this.duration
      ? { taken: 0, end: now + this.duration }
      : share
  }
}
