/**
 * decision.json: the results of both rules for tallies of n voters.
 */

import { calculateConsensusResult } from '../../src/consensus/index.ts'
import { casesOf, runCases } from './case.ts'
import type { Case } from './case.ts'
import type { DecisionTerms } from '../../src/consensus/index.ts'

interface DecisionCase {
  n: number
  threshold: number
  /** yes, no, results of `reference`, results of `legacy` */
  rows: Array<[number, number, string, string]>
}

const RESULTS = new Map([[true, 'Y'], [false, 'N'], [undefined, '-']])

export async function checkDecision (content: unknown): Promise<Case[]> {
  return runCases<DecisionCase>(casesOf(content), ({ n, threshold }) => `n ${n}, threshold ${threshold}`, (test, { n, threshold, rows }) => {
    for (const [yes, no, reference, legacy] of rows) {
      const results = (rule: DecisionTerms['rule']): string => [true, false].flatMap(liveness => [false, true].map(atTimeout => {
        const result = calculateConsensusResult({ yes, no }, {
          rule,
          expectedVoters: n,
          threshold,
          livenessCriteriaYes: liveness,
          atTimeout
        })

        return RESULTS.get(result)
      })).join('')

      test.equal(`${yes} yes, ${no} no, reference`, reference, results('reference'))
      test.equal(`${yes} yes, ${no} no, legacy`, legacy, results('legacy'))
    }
  })
}
