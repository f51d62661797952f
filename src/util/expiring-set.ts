/**
 * A set whose keys leave it after a fixed time, and which holds a bounded number of them.
 */

import { BoundedMap } from './bounded.ts'

/** Keys at most, by default */
const MAX_KEYS = 10_000

export class ExpiringSet {
  private readonly clock: () => bigint
  private readonly ttl: bigint
  /** Key → when it leaves, Unix seconds, in that order */
  private readonly ends: BoundedMap<string, bigint>

  /**
   * @param clock - Unix seconds
   * @param ttl - seconds after which a key leaves
   * @param max - keys at most; the one that was added longest ago leaves first
   */
  constructor (clock: () => bigint, ttl: number, max = MAX_KEYS) {
    this.clock = clock
    this.ttl = BigInt(ttl)
    this.ends = new BoundedMap(max)
  }

  get size (): number {
    return this.ends.size
  }

  /** Whether another key would make one leave before its time */
  get isFull (): boolean {
    this.deleteExpired()

    return this.ends.size >= this.ends.max
  }

  has (key: string): boolean {
    const end = this.ends.get(key)

    if (end != null && this.clock() >= end) {
      this.ends.delete(key)

      return false
    }

    return end != null
  }

  /** Adds a key, or starts its time again */
  add (key: string): void {
    this.ends.set(key, this.deleteExpired() + this.ttl)
  }

  delete (key: string): void {
    this.ends.delete(key)
  }

  clear (): void {
    this.ends.clear()
  }

  /** Returns the time, Unix seconds */
  private deleteExpired (): bigint {
    const now = this.clock()

    for (const [oldest, end] of this.ends) {
      if (end > now) {
        break
      }

      this.ends.delete(oldest)
    }

    return now
  }
}
