/**
 * One timer per active proposal, however far away its end is.
 */

/**
 * Milliseconds after which a timer looks at the clock at the latest: timers stand still while the machine is suspended, and the
 * clock may be set. setTimeout could not wait longer than 2^31 milliseconds either.
 */
const CHECK_INTERVAL = 10_000

export class Deadlines {
  private readonly clock: () => bigint
  private readonly onDeadline: (key: string) => void
  private readonly checkInterval: number
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()

  /**
   * @param clock - Unix seconds
   * @param onDeadline - called once per armed key, at its deadline or as soon after as the clock shows it
   * @param checkInterval - milliseconds after which the clock is looked at again
   */
  constructor (clock: () => bigint, onDeadline: (key: string) => void, checkInterval = CHECK_INTERVAL) {
    this.clock = clock
    this.onDeadline = onDeadline
    this.checkInterval = checkInterval
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

      if (this.clock() < deadline) {
        this.arm(key, deadline)
      } else {
        this.onDeadline(key)
      }
    }, Math.min(delay, this.checkInterval)))
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
