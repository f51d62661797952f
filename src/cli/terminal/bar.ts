/**
 * A tally as a bar, in which it is marked where the quorum is.
 */

import color from 'picocolors'
import type { Choice } from '../../client/index.ts'

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

/** In the colour of its side, as one string; a mark that is reached stands out */
export function paintBar ({ before, mark, after }: Bar, side: Choice): string {
  const paint = ({ full, rest }: BarParts): string => `${full === '' ? '' : (side === 'yes' ? color.green : color.red)(full)}${rest === '' ? '' : color.dim(rest)}`

  return `${paint(before)}${before.rest === '' ? color.bold(mark) : color.yellow(mark)}${paint(after)}`
}

function parts (full: number, cells: number): BarParts {
  return { full: FULL.repeat(full), rest: EMPTY.repeat(cells - full) }
}
