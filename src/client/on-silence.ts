/**
 * What a scope's policy makes of the silence of a voter, in words.
 */

import type { ScopeInfo } from './types.ts'
import type { ScopePolicy } from '../consensus/policy/policy.ts'

/** What is known beforehand of silence in a scope */
export interface Silence {
  text: string
  /** Whether silence makes any difference */
  matters: boolean
  /** Whether each proposal says the side of silent voters: in all other scopes that choice has no effect */
  proposerChooses: boolean
}

export function describeSilence ({ decisionRule, onSilence, livenessCriteriaYes }: Pick<ScopePolicy, 'decisionRule' | 'onSilence' | 'livenessCriteriaYes'>): Silence {
  const side = livenessCriteriaYes == null ? 'the side that the proposer chooses' : yesOrNo(livenessCriteriaYes)
  const counts = decisionRule === 'quorum' ? [] : [`silent voters count for ${side} at the deadline`]
  const votes = onSilence === 'none' ? [] : [`the node of a voter who has not voted votes ${autoVoteSide({ onSilence, livenessCriteriaYes })} automatically`]
  const said = [...counts, ...votes]

  return {
    text: said.length === 0 ? 'silence decides nothing' : said.join('; '),
    matters: said.length > 0,
    proposerChooses: livenessCriteriaYes == null && (counts.length > 0 || onSilence === 'liveness')
  }
}

/** What this node does in a scope for its voter who is silent, in words; undefined if it does nothing */
export function describeOwnAutoVote ({ mayVote, policy }: Pick<ScopeInfo, 'mayVote' | 'policy'>): string | undefined {
  if (!mayVote || policy.onSilence === 'none') {
    return
  }

  return `this node votes ${autoVoteSide(policy)} automatically, shortly before the deadline, if you have not voted`
}

/** What nodes vote automatically where a policy has them do so */
export function autoVoteSide ({ onSilence, livenessCriteriaYes }: Pick<ScopePolicy, 'onSilence' | 'livenessCriteriaYes'>): string {
  if (onSilence !== 'liveness') {
    return onSilence
  }

  return livenessCriteriaYes == null ? 'for the side that the proposer chooses' : yesOrNo(livenessCriteriaYes)
}

function yesOrNo (side: boolean): string {
  return side ? 'yes' : 'no'
}
