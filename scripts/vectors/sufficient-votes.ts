/**
 * sufficient-votes.json: the smallest number of votes that is enough.
 */

import { hasSufficientVotes } from '../../src/consensus/index.ts'
import { casesOf, runCases } from './case.ts'
import type { Case } from './case.ts'

interface SufficientVotesCase {
  threshold: number
  /** n, smallest total */
  required: Array<[number, number]>
}

export async function checkSufficientVotes (content: unknown): Promise<Case[]> {
  return runCases<SufficientVotesCase>(casesOf(content), ({ threshold }) => `threshold ${threshold}`, (test, { threshold, required }) => {
    for (const [n, smallest] of required) {
      test.equal(`n ${n}, ${smallest} votes`, true, hasSufficientVotes(smallest, n, threshold))

      if (smallest > 0) {
        test.equal(`n ${n}, ${smallest - 1} votes`, false, hasSufficientVotes(smallest - 1, n, threshold))
      }
    }
  })
}
