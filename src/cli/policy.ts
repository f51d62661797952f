/**
 * What a policy says, for people.
 */

import color from 'picocolors'
import { describeSilence } from '../client/silence.ts'
import { quorumOf, toleranceOf } from '../consensus/decision.ts'
import { OPEN, count } from './output.ts'
import type { ScopePolicy } from '../consensus/policy.ts'

/** Rows of names and values */
export function policyFields (policy: ScopePolicy): Array<[name: string, value: string]> {
  return [
    ...(policy.voters?.map(({ address }) => address) ?? [OPEN]).map((voter, index): [string, string] => [index === 0 ? 'voters' : '', voter]),
    ...(policy.proposers ?? [policy.voters == null ? 'anyone' : 'the voters']).map((proposer, index): [string, string] => [index === 0 ? 'proposers' : '', proposer]),
    ['decided by', `${policy.decisionRule}, ${policy.threshold} of the voters`],
    ...formatQuorum(policy),
    ['silence', formatSilence(policy)],
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

function formatSilence (policy: ScopePolicy): string {
  const { text, proposerChooses } = describeSilence(policy)

  return proposerChooses ? color.yellow(text) : text
}
