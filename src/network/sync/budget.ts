/**
 * What one sync may have us look up. A peer that compares everything asks for each day once and for each listed proposal once.
 * Asking for twice as much is free. Each bound follows from what we have told the peer in this exchange.
 */

import { BATCH_SIZE, DAYS_PER_QUERY, MAX_DAYS } from './constants.ts'
import { SyncFaultError, SyncLimitError } from './errors.ts'

const GENEROSITY = 2

/** Pages of which we have everything already, or refuse all: other peers may have brought it meanwhile */
const IDLE_PUSHES = 256

export class Budget {
  private lists = GENEROSITY
  private queries = GENEROSITY * MAX_DAYS / DAYS_PER_QUERY
  private proposals = BATCH_SIZE
  private pushes = IDLE_PUSHES
  /** How often each day was asked for */
  private readonly days = new Map<number, number>()

  /** The list of days is asked for */
  onDays (): void {
    this.lists--
    this.check(this.lists)
  }

  /** The proposals of some days are asked for, of which these are not empty */
  onSummaries (days: number[]): void {
    this.queries--
    this.check(this.queries)

    for (const day of days) {
      const asked = (this.days.get(day) ?? 0) + 1

      this.days.set(day, asked)
      this.check(GENEROSITY - asked)
    }
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

  /**
   * A page was brought of which so many proposals had something new
   *
   * @throws {SyncLimitError} after many of no use: an honest peer cannot know what others have brought
   */
  onPush (taken: number): void {
    this.pushes -= taken > 0 ? 0 : 1

    if (this.pushes < 0) {
      throw new SyncLimitError('it has brought page after page with nothing new')
    }
  }

  /**
   * @throws {SyncFaultError}
   */
  private check (left: number): void {
    if (left < 0) {
      throw new SyncFaultError('asked again and again for the same')
    }
  }
}
