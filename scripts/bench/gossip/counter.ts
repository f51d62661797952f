/** Milliseconds until what has not come is taken for lost: many times what a turn takes */
const TIMEOUT = 15_000

/**
 * When the last of what was expected has come. The clock is the system's monotonic one, the same in all processes of a
 * machine, in nanoseconds.
 */
export class Counter {
  private total = 0
  private last = 0n
  private waiting?: { total: number, resolve (at?: bigint): void }

  count (): void {
    this.total++
    this.last = process.hrtime.bigint()

    if (this.waiting != null && this.total >= this.waiting.total) {
      this.waiting.resolve(this.last)
      this.waiting = undefined
    }
  }

  /**
   * Resolves with the moment when so many had come since the start, or with undefined if they do not come in time: what is
   * missing then is taken for lost, and counted as if it had come. One call at a time.
   *
   * @param total - how many
   * @param timeout - milliseconds
   */
  async reached (total: number, timeout = TIMEOUT): Promise<bigint | undefined> {
    if (this.total >= total) {
      return this.last
    }

    const { promise, resolve } = Promise.withResolvers<bigint | undefined>()
    const timer = setTimeout(() => {
      this.waiting = undefined
      this.total = total
      resolve(undefined)
    }, timeout)

    this.waiting = { total, resolve }

    return promise.finally(() => { clearTimeout(timer) })
  }
}
