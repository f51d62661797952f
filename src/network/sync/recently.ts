/**
 * Remembers, for a while and so many, what need not be done again.
 */

import { MAX_REMEMBERED } from './constants.ts'

export class Recently {
  private readonly clock: () => bigint
  private readonly ttl: bigint
  private readonly max: number
  /** key → when it is forgotten, Unix seconds; in that order */
  private readonly keys = new Map<string, bigint>()

  /**
   * @param clock - Unix seconds
   * @param ttl - seconds that a key is remembered
   * @param max - so many keys, then the oldest is forgotten
   */
  constructor (clock: () => bigint, ttl: number, max = MAX_REMEMBERED) {
    this.clock = clock
    this.ttl = BigInt(ttl)
    this.max = max
  }

  get size (): number {
    return this.keys.size
  }

  has (key: string): boolean {
    const end = this.keys.get(key)

    if (end != null && this.clock() >= end) {
      this.keys.delete(key)

      return false
    }

    return end != null
  }

  add (key: string): void {
    // at the end, with its new time
    this.keys.delete(key)
    this.keys.set(key, this.clock() + this.ttl)

    if (this.keys.size > this.max) {
      const [oldest] = this.keys.keys()
      this.keys.delete(oldest)
    }
  }

  delete (key: string): void {
    this.keys.delete(key)
  }

  clear (): void {
    this.keys.clear()
  }
}
