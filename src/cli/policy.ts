/**
 * What a policy says, for people.
 */

import color from 'picocolors'
import { describeSilence } from '../client/on-silence.ts'
import { quorumOf, toleranceOf } from '../consensus/rules/decision.ts'
import { OPEN, count, printable } from './output.ts'
import type { ScopePolicy } from '../consensus/policy/policy.ts'

const TWO_THIRDS = '2/3'

/** Rows of names and values */
export function policyFields (policy: ScopePolicy): Array<[name: string, value: string]> {
  return [
    ...(policy.voters?.map(({ address, name }) => name == null ? address : `${address} ${printable(name)}`) ?? [OPEN]).map((voter, index): [string, string] => [index === 0 ? 'voters' : '', voter]),
    ...(policy.proposers ?? [policy.voters == null ? 'anyone' : 'the voters']).map((proposer, index): [string, string] => [index === 0 ? 'proposers' : '', proposer]),
    ['decided by', `${policy.decisionRule}, ${policy.threshold} of the voters`],
    ...formatQuorum(policy),
    ...formatTwoThirds(policy),
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

/** Returns what a quorum is and tolerates, in words */
function describeQuorum (voters: number, threshold: string): string {
  return `a quorum of ${quorumOf(voters, threshold)} of ${count(voters, 'voter')} that tolerates ${count(toleranceOf(voters, threshold), 'double voter')}`
}

/** Returns how a policy's quorum differs from that of two thirds, in words, or undefined if it does not */
export function differenceToTwoThirds ({ decisionRule, voters, threshold }: Pick<ScopePolicy, 'decisionRule' | 'voters' | 'threshold'>): string | undefined {
  if (decisionRule !== 'quorum' || voters == null || quorumOf(voters.length, threshold) === quorumOf(voters.length, TWO_THIRDS)) {
    return
  }

  return `${threshold} is ${describeQuorum(voters.length, threshold)}; ${TWO_THIRDS} would be ${describeQuorum(voters.length, TWO_THIRDS)}`
}

function formatTwoThirds (policy: ScopePolicy): Array<[string, string]> {
  const difference = differenceToTwoThirds(policy)

  return difference == null ? [] : [['threshold', color.yellow(difference)]]
}

function formatSilence (policy: ScopePolicy): string {
  const { text, proposerChooses } = describeSilence(policy)

  return proposerChooses ? color.yellow(text) : text
}
