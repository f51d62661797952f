/**
 * What a scope's policy makes of the silence of a voter, in words.
 */

import type { ScopePolicy } from '../consensus/policy.ts'

/** What is known beforehand of silence in a scope */
export interface Silence {
  text: string
  /** Whether the proposer chooses what those vote who are silent */
  proposerChooses: boolean
}

export function describeSilence ({ decisionRule, onSilence, livenessCriteriaYes }: Pick<ScopePolicy, 'decisionRule' | 'onSilence' | 'livenessCriteriaYes'>): Silence {
  const side = livenessCriteriaYes == null ? 'the side that the proposer chooses' : yesOrNo(livenessCriteriaYes)
  const counts = decisionRule === 'quorum' ? [] : [`silence counts for ${side} at the deadline`]
  const votes = onSilence === 'none' ? [] : [`the node of a voter who has not voted votes ${onSilence === 'liveness' ? `for ${side}` : onSilence} automatically`]
  const said = [...counts, ...votes]

  return {
    text: said.length === 0 ? 'silence decides nothing' : said.join('; '),
    proposerChooses: livenessCriteriaYes == null && (counts.length > 0 || onSilence === 'liveness')
  }
}

function yesOrNo (side: boolean): string {
  return side ? 'yes' : 'no'
}
