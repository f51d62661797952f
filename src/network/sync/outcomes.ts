/**
 * How a proposal ended, as members say it of those whose votes they keep no longer where nothing proves it. It is shown as what
 * they say, and nothing is made of it.
 */

import type { Outcome } from '../../consensus/session-rules.ts'

/** How a proposal ended somewhere, which cannot be checked */
export type ClaimedOutcome = Pick<Outcome, 'result' | 'grade'> & { state: 'reached' | 'failed' | 'conflict' }

/** In the order of their numbers on the wire, from 1 on */
const OUTCOMES: ClaimedOutcome[] = [
  { state: 'failed' },
  { state: 'reached', result: false, grade: 'timeout' },
  { state: 'reached', result: true, grade: 'timeout' },
  { state: 'reached', result: false, grade: 'quorum' },
  { state: 'reached', result: true, grade: 'quorum' },
  { state: 'conflict' }
]

/** The number of an outcome, 0 if there is none for it */
export function outcomeNumber ({ state, result, grade }: Pick<Outcome, 'state' | 'result' | 'grade'>): number {
  return 1 + OUTCOMES.findIndex(outcome => outcome.state === state && outcome.result === result && outcome.grade === grade)
}

/** The outcome of a number, undefined if it has none */
export function outcomeOfNumber (number: number): ClaimedOutcome | undefined {
  return OUTCOMES[number - 1]
}
