import { performance } from 'node:perf_hooks'

/** Milliseconds of work, at least, that are looked at together: so many that whoever has to wait for a core has done so */
const WINDOW = 50

/** Weight of what it has had in such a time, among those before it */
const WEIGHT = 0.25

/** What a process gets of a core while it has work, at least, unless others take the cores */
const ENOUGH = 0.75

/** What the process has had until now, in milliseconds */
export interface Usage {
  /** In which the event loop had something to do, whether it had a core or waited for one */
  active (): number
  /** Time on cores, of all threads together */
  cpu (): number
}

const USAGE: Usage = {
  active: () => performance.eventLoopUtilization().active,
  cpu: () => {
    const { user, system } = process.cpuUsage()

    return (user + system) / 1000
  }
}

/**
 * Whether there are cores for threads to run on. Where other processes take them all, handing signatures over costs more than
 * it brings. Told by what this process gets: one that has work to do and is not given a core for it waits for others.
 */
export class FreeCores {
  private readonly usage: Usage
  private active: number
  private cpu: number
  private share?: number

  constructor (usage = USAGE) {
    this.usage = usage
    this.active = usage.active()
    this.cpu = usage.cpu()
  }

  areThere (): boolean {
    const active = this.usage.active()

    if (active - this.active >= WINDOW) {
      const cpu = this.usage.cpu()
      const share = (cpu - this.cpu) / (active - this.active)

      this.share ??= share
      this.share += WEIGHT * (share - this.share)
      this.active = active
      this.cpu = cpu
    }

    return this.share == null || this.share >= ENOUGH
  }
}
