/**
 * When the last of what was expected has come. The clock is the system's monotonic one, the same in all processes of a
 * machine, in nanoseconds.
 */
export class Counter {
  private total = 0
  private last = 0n
  private waiting?: { total: number, resolve (at: bigint): void }

  count (): void {
    this.total++
    this.last = process.hrtime.bigint()

    if (this.waiting != null && this.total >= this.waiting.total) {
      this.waiting.resolve(this.last)
      this.waiting = undefined
    }
  }

  /** Resolves with the moment when so many had come since the start. One call at a time. */
  async reached (total: number): Promise<bigint> {
    if (this.total >= total) {
      return this.last
    }

    const { promise, resolve } = Promise.withResolvers<bigint>()

    this.waiting = { total, resolve }

    return promise
  }
}
