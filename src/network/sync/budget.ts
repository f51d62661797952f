/**
 * What one sync may have us look up. Whoever compares everything asks for each day once and for each proposal once; twice that
 * is let pass, and whoever wants more does so to keep us busy.
 */

import { BATCH_SIZE, DAYS_PER_QUERY, MAX_DAYS } from './constants.ts'
import { SyncFaultError } from './errors.ts'

const GENEROSITY = 2

/** Pages of what is here already: all of it may have come from others meanwhile */
const IDLE_PUSHES = 256

export class Budget {
  private lists = GENEROSITY
  private queries = GENEROSITY * MAX_DAYS / DAYS_PER_QUERY
  private days = DAYS_PER_QUERY
  private proposals = BATCH_SIZE
  private pushes = IDLE_PUSHES

  /** The list of days is asked for, of which there are so many */
  onDays (count: number): void {
    this.lists--
    this.days += GENEROSITY * count
    this.check(this.lists)
  }

  /** The proposals of some days are asked for, so many of which there are */
  onSummaries (days: number): void {
    this.queries--
    this.days -= days
    this.check(Math.min(this.queries, this.days))
  }

  /** So many proposals were listed */
  onListed (count: number): void {
    this.proposals += GENEROSITY * count
  }

  /** So many proposals are asked for */
  onPull (count: number): void {
    this.proposals -= count
    this.check(this.proposals)
  }

  /** A page was brought of which so many proposals had something new */
  onPush (taken: number): void {
    this.pushes -= taken > 0 ? 0 : 1
    this.check(this.pushes)
  }

  /**
   * @throws {SyncFaultError}
   */
  private check (left: number): void {
    if (left < 0) {
      throw new SyncFaultError('asked again and again for the same, or brought what is here already')
    }
  }
}
