/**
 * One timer per active proposal, however far away its end is.
 */

/**
 * Milliseconds after which a timer looks at the clock at the latest: timers stand still while the machine is suspended, and the
 * clock may be set. setTimeout could not wait longer than 2^31 milliseconds either.
 */
const CHECK_INTERVAL = 10_000

export class Deadlines <Key = string> {
  private readonly clock: () => bigint
  private readonly onDeadline: (key: Key) => void
  private readonly checkInterval: number
  private readonly signal?: AbortSignal
  private readonly timers = new Map<Key, ReturnType<typeof setTimeout>>()

  /**
   * @param clock - Unix seconds
   * @param onDeadline - called once per armed key, at its deadline or as soon after as the clock shows it
   * @param checkInterval - milliseconds after which the clock is looked at again
   * @param signal - once it aborts nothing is due any more
   */
  constructor (clock: () => bigint, onDeadline: (key: Key) => void, checkInterval = CHECK_INTERVAL, signal?: AbortSignal) {
    this.clock = clock
    this.onDeadline = onDeadline
    this.checkInterval = checkInterval
    this.signal = signal
    signal?.addEventListener('abort', () => { this.clear() }, { once: true })
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
  arm (key: Key, deadline: bigint): void {
    this.disarm(key)

    if (this.signal?.aborted === true) {
      return
    }

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

  disarm (key: Key): void {
    clearTimeout(this.timers.get(key))
    this.timers.delete(key)
  }

  clear (): void {
    for (const key of this.timers.keys()) {
      this.disarm(key)
    }
  }
}
