/**
 * How much everybody may have of something in a while. Whoever has had nothing for that long is forgotten.
 */

/** So many are remembered at most, then the one that began first is forgotten */
const MAX_REMEMBERED = 10_000

interface Share {
  taken: number
  /** Unix seconds */
  end: bigint
}

export class Quota {
  private readonly clock: () => bigint
  private readonly limit: number
  private readonly seconds: bigint
  /** In the order in which they end */
  private readonly shares = new Map<string, Share>()

  /**
   * @param clock - Unix seconds
   * @param limit - what each key may have
   * @param seconds - in which time
   */
  constructor (clock: () => bigint, limit: number, seconds: number) {
    this.clock = clock
    this.limit = limit
    this.seconds = BigInt(seconds)
  }

  /** Takes so much for a key, and returns whether there was as much left of its share. The last of it may be too much. */
  take (key: string, amount: number): boolean {
    const share = this.shareOf(key)

    if (share.taken >= this.limit) {
      return false
    }

    share.taken += amount
    this.shares.set(key, share)

    if (this.shares.size > MAX_REMEMBERED) {
      const [oldest] = this.shares.keys()
      this.shares.delete(oldest)
    }

    return true
  }

  private shareOf (key: string): Share {
    const now = this.clock()

    for (const [oldest, { end }] of this.shares) {
      if (end > now) {
        break
      }

      this.shares.delete(oldest)
    }

    return this.shares.get(key) ?? { taken: 0, end: now + this.seconds }
  }
}
