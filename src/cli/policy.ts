/**
 * What a policy says, for people.
 */

import color from 'picocolors'
import { quorumOf, toleranceOf } from '../consensus/decision.ts'
import { OPEN, count, formatShare } from './output.ts'
import type { ScopePolicy } from '../consensus/policy.ts'

/** Rows of names and values */
export function policyFields (policy: ScopePolicy): Array<[name: string, value: string]> {
  return [
    ...(policy.voters ?? [OPEN]).map((voter, index): [string, string] => [index === 0 ? 'voters' : '', voter]),
    ...(policy.proposers ?? [policy.voters == null ? 'anyone' : 'the voters']).map((proposer, index): [string, string] => [index === 0 ? 'proposers' : '', proposer]),
    ['decided by', `${policy.decisionRule}, ${formatShare(policy.threshold)} of the voters`],
    ...formatQuorum(policy),
    ['silence', formatSilence(policy)],
    ...policy.onSilence === 'none' ? [] : [['by itself', `a node whose operator has not voted votes ${policy.onSilence} shortly before the end`] as [string, string]],
    ['time to vote', `${policy.defaultTimeoutSeconds} s, at least ${policy.minLifetimeSeconds} s`]
  ]
}

/** What a policy stands and what it does not, to be known before it is used */
function formatQuorum ({ decisionRule, voters, threshold }: ScopePolicy): Array<[string, string]> {
  if (decisionRule !== 'quorum') {
    return [['tolerates', color.yellow('no voter who votes both yes and no: one can leave members with opposite results')]]
  }

  if (voters == null) {
    return [['tolerates', color.yellow('nothing: where anyone may vote, a quorum of strangers is made in no time')]]
  }

  const tolerance = toleranceOf(voters.length, threshold)

  return [
    ['quorum', `${quorumOf(voters.length, threshold)} of ${count(voters.length, 'voter')}`],
    ['tolerates', tolerance === 0 ? color.yellow('no voter who votes both yes and no') : `${count(tolerance, 'voter')} who ${tolerance === 1 ? 'votes' : 'vote'} both yes and no`]
  ]
}

function formatSilence ({ decisionRule, livenessCriteriaYes }: ScopePolicy): string {
  if (decisionRule === 'quorum') {
    return 'decides nothing'
  }

  return livenessCriteriaYes == null ? 'counts for the side the proposer says' : `counts as ${livenessCriteriaYes ? 'yes' : 'no'}`
}
