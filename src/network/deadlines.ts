/**
 * One timer per active proposal, however far away its end is.
 */

/** The longest that a timer can wait: setTimeout keeps milliseconds in 31 bits */
const MAX_DELAY = 2 ** 31 - 1

export class Deadlines {
  private readonly clock: () => bigint
  private readonly onDeadline: (key: string) => void
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()

  /**
   * @param clock - Unix seconds
   * @param onDeadline - called once per armed key, at its deadline or as soon after as the clock shows it
   */
  constructor (clock: () => bigint, onDeadline: (key: string) => void) {
    this.clock = clock
    this.onDeadline = onDeadline
  }

  /** How many timers run */
  get size (): number {
    return this.timers.size
  }

  /**
   * Arms, or arms anew, the timer of a key
   *
   * @param deadline - Unix seconds; one in the past is due at once
   */
  arm (key: string, deadline: bigint): void {
    this.disarm(key)

    const seconds = deadline - this.clock()
    const delay = seconds <= 0n ? 0 : Number(seconds) * 1000

    this.timers.set(key, setTimeout(() => {
      this.timers.delete(key)

      // a long wait comes in pieces, and the clock may have been set back meanwhile
      if (this.clock() < deadline) {
        this.arm(key, deadline)
      } else {
        this.onDeadline(key)
      }
    }, Math.min(delay, MAX_DELAY)))
  }

  disarm (key: string): void {
    clearTimeout(this.timers.get(key))
    this.timers.delete(key)
  }

  clear (): void {
    for (const key of this.timers.keys()) {
      this.disarm(key)
    }
  }
}
