/**
 * NoticeBudget when this process was somewhere else for a while: a snapshot of a machine that was resumed has an old memory and a new
 * time. The wall clock moves then, and the monotonic clock does not.
 */

/** Milliseconds between two looks at the clocks: a clock that is set slowly moves less in this time */
const CHECK_INTERVAL = 10_000

/** Smaller moves of the wall clock, in seconds, are none */
const MIN_MOVE = 5

export interface ClockWatchInit {
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds of a clock that is never set */
  monotonic (): number
}

/** A moment by both clocks */
export interface Moment {
  /** Unix seconds */
  wall: bigint
  /** Milliseconds of the monotonic clock */
  at: number
}

interface Move extends Moment {
  /** How far the clocks moved apart, seconds */
  size: number
}

export class ClockWatch {
  private readonly init: ClockWatchInit
  private readonly begin: Moment
  private last: Moment
  /** Later ones are smaller: the others are forgotten */
  private moves: Move[] = []
  private timer?: ReturnType<typeof setInterval>

  constructor (init: ClockWatchInit) {
    this.init = init
    this.begin = this.now()
    this.last = this.begin
  }

  start (): void {
    this.timer ??= setInterval(() => { this.check() }, CHECK_INTERVAL)
    // in browsers it is a number, and keeps nothing from ending
    ;(this.timer as { unref? (): void }).unref?.()
  }

  stop (): void {
    clearInterval(this.timer)
    this.timer = undefined
  }

  /**
   * Returns since when this process has run without a break: since it began, or since the clocks last moved apart
   *
   * @param skew - how far the members' clocks may be apart, in seconds: less is no break
   */
  since (skew: number): Moment {
    this.check()

    return this.moves.findLast(({ size }) => size > Math.max(skew, MIN_MOVE)) ?? this.begin
  }

  private check (): void {
    const { wall, at } = this.last
    const now = this.now()
    const size = Math.abs(Number(now.wall - wall) - (now.at - at) / 1_000)

    this.last = now

    if (size > MIN_MOVE) {
      // what was made before the move, by either time, is older than it
      this.moves = [...this.moves.filter(move => move.size > size), { at: now.at, wall: wall > now.wall ? wall : now.wall, size }]
    }
  }

  private now (): Moment {
    return { wall: this.init.clock(), at: this.init.monotonic() }
  }
}
