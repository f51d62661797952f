/** Weight of what a batch took among those before it */
const WEIGHT = 0.1

/** Threads that take so many times as long as at best wait for a core most of the time */
const TAKEN = 2.5

/** What is longer than so many times the best says no more than that: it is one batch, and something else may have been in its way */
const LONGEST = 12

/** Milliseconds until it is tried again */
const PAUSE = 500

/** What threads take at best is forgotten a little each time that cores are taken: the processor itself may have become slower */
const FORGETTING = 1.1

/**
 * Whether there are cores for threads to run on. Where other processes take them all, handing signatures over costs more than
 * it brings. Told by how long threads take: they do the same all the time, and take longer where they have to wait.
 */
export class FreeCores {
  private best = Infinity
  /** How many times as long as at best threads have taken lately. Never less than 1, also while they get faster by being compiled. */
  private recent = 1
  private takenUntil = -Infinity

  /**
   * Takes note of what a thread has done
   *
   * @param milliseconds - from its beginning to its end
   * @param count - signatures, at least one
   * @param now - milliseconds
   */
  note (milliseconds: number, count: number, now: number): void {
    const each = milliseconds / count

    this.best = Math.min(this.best, each)
    this.recent += WEIGHT * (Math.min(each / this.best, LONGEST) - this.recent)

    if (this.recent > TAKEN) {
      this.takenUntil = now + PAUSE
      this.best *= FORGETTING
      this.recent = 1
    }
  }

  /**
   * @param now - milliseconds, of the same clock
   */
  areThere (now: number): boolean {
    return now >= this.takenUntil
  }
}
