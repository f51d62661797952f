/**
 * A tally as a bar, in which it is marked where the quorum is.
 */

export interface BarParts {
  /** What has been voted */
  full: string
  /** What is missing to the quorum, or to all voters beyond the mark */
  rest: string
}

export interface Bar {
  /** Before the quorum is reached, and after */
  before: BarParts
  after: BarParts
  mark: string
}

const FULL = '█'
const EMPTY = '░'
const MARK = '┃'

/**
 * One column is the mark. The bar reaches the mark if and only if the votes are a quorum, however few columns there are.
 *
 * @param columns - all of the bar, 3 at least
 */
export function makeBar (votes: number, quorum: number, voters: number, columns: number): Bar {
  const cells = Math.max(columns - 1, 2)
  const cellsOf = (number: number): number => Math.min(cells, Math.round(number * cells / Math.max(voters, 1)))
  const mark = Math.max(1, cellsOf(quorum))
  const full = votes >= quorum ? Math.max(mark, cellsOf(votes)) : Math.min(mark - 1, Math.max(cellsOf(votes), votes > 0 ? 1 : 0))

  return {
    before: parts(Math.min(full, mark), mark),
    mark: MARK,
    after: parts(Math.max(full - mark, 0), cells - mark)
  }
}

function parts (full: number, cells: number): BarParts {
  return { full: FULL.repeat(full), rest: EMPTY.repeat(cells - full) }
}
