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

  /** Whether there is room for no other key without forgetting one before its time */
  get isFull (): boolean {
    this.forget()

    return this.keys.size >= this.max
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
    const now = this.forget()

    // at the end, with its new time
    this.keys.delete(key)
    this.keys.set(key, now + this.ttl)

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

  /** Forgets what is due, and returns the time, Unix seconds */
  private forget (): bigint {
    const now = this.clock()

    // those that are due first come first
    for (const [oldest, end] of this.keys) {
      if (end > now) {
        break
      }

      this.keys.delete(oldest)
    }

    return now
  }
}
