/**
 * What the commands about proposals share.
 */

import color from 'picocolors'
import { LATE } from '../client/late-result.ts'
import { commandLine } from './command.ts'
import { count, formatChoice, formatDistance, formatEnd, formatMoment, formatScope, formatState, formatTally, formatTime, formatVoter, printFields, printable, printableName } from './output.ts'
import type { ProposalInfo, ProposalSummary } from '../client/index.ts'
import type { NameOf } from '../consensus/policy/voter-names.ts'

export function printProposal (proposal: ProposalInfo, nameOf: NameOf): void {
  const { deadline, payload, payloadText } = proposal

  printFields([
    ['proposal', `${proposal.proposalId}`],
    ...proposal.fingerprint == null ? [] : [['fingerprint', proposal.fingerprint] as [string, string]],
    ['scope', formatScope(proposal.scope, proposal.open)],
    ['name', printableName(proposal.name)],
    ...(payload === '0x' ? [] : [['payload', payloadText == null ? payload : printable(payloadText)] as [string, string]]),
    ['proposer', formatVoter(proposal.proposer, nameOf)],
    ['proposed', formatMoment(proposal.timestamp)],
    ['deadline', formatMoment(deadline)],
    ['needs', formatNeeds(proposal)],
    ['tally', formatTally(proposal)],
    ...proposal.votesPruned ? [['votes', color.dim('kept no longer')] as [string, string]] : [],
    ...proposal.votes.map(({ voter, choice, timestamp }, index): [string, string] => [index === 0 ? 'votes' : '', `${formatVoter(voter, nameOf)} ${formatChoice(choice)}${choice === 'no' ? ' ' : ''} ${formatTime(timestamp)}`]),
    ['result', formatState(proposal)],
    ...formatDecided(proposal),
    ...formatContradiction(proposal, nameOf),
    ...formatWhy(proposal),
    ...formatAutoVote(proposal),
    ...proposal.autoVoted == null ? [] : [['own vote', printable(proposal.autoVoted)] as [string, string]],
    ...proposal.unasked == null ? [] : [['own vote', color.yellow(printable(inOptions(proposal.unasked)))] as [string, string]]
  ])
}

function formatNeeds ({ quorum, threshold, expectedVotersCount, livenessCriteriaYes }: ProposalInfo): string {
  if (quorum != null) {
    return `${quorum} of ${count(expectedVotersCount, 'vote')}`
  }

  return `${threshold} of ${count(expectedVotersCount, 'vote')}${expectedVotersCount > 2 ? `, the silent count as ${livenessCriteriaYes ? 'yes' : 'no'} in the end` : ''}`
}

/** When this node first held the quorum that decides, and what a late result means */
function formatDecided ({ decidedAt, late }: ProposalInfo): Array<[string, string]> {
  return [
    ...decidedAt == null ? [] : [['decided', formatMoment(decidedAt)] as [string, string]],
    ...late === true ? [['late', color.yellow(LATE)] as [string, string]] : []
  ]
}

function formatContradiction (proposal: ProposalInfo, nameOf: NameOf): Array<[string, string]> {
  return proposal.contradicted === true || proposal.state === 'conflict' ? [['why', color.red(describeContradiction(proposal, nameOf))]] : []
}

/** What both quorums mean, and who has made them possible */
export function describeContradiction (proposal: ProposalInfo, nameOf: NameOf): string {
  const both = doubleVoters(proposal)
  const blamed = both.length === 0 ? 'The votes of those who voted both ways are not here any more' : `Both ways voted ${both.map(voter => formatVoter(voter, nameOf)).join(', ')}`

  return `Both sides have the votes of a quorum${proposal.contradicted === true ? ': other members may have the opposite result' : ''}. ${blamed}. Do not act on it before you have talked to ${both.length === 0 ? 'the other members' : 'them'}.`
}

/** Addresses of those who have voted both yes and no, as far as their votes are still here */
export function doubleVoters ({ votes }: Pick<ProposalInfo, 'votes'>): string[] {
  const yes = new Set(votes.filter(({ choice }) => choice === 'yes').map(({ voter }) => voter))

  return votes.filter(({ voter, choice }) => choice === 'no' && yes.has(voter)).map(({ voter }) => voter)
}

/** Why there is no result, if there is none */
function formatWhy ({ undecided, state, deadline }: ProposalInfo): Array<[string, string]> {
  if (undecided == null || state === 'conflict') {
    return []
  }

  return [['why', undecided.endsAt == null ? undecided.reason : `${undecided.reason} ${formatEnd(deadline, undecided.endsAt)}`]]
}

/** What the node votes automatically, or why it does not */
function formatAutoVote ({ autoVote }: ProposalInfo): Array<[string, string]> {
  if (autoVote == null) {
    return []
  }

  const { choice, dueAt, problem } = autoVote

  if (problem != null) {
    return [['auto-vote', `${color.yellow('none')}: ${printable(inOptions(problem))}`]]
  }

  return [['auto-vote', dueAt > Date.now() / 1_000 ? `${formatChoice(choice)} ${formatDistance(dueAt)}, unless you vote before` : `${formatChoice(choice)}, being cast`]]
}

/** Names the option where the node says what to do */
export function inOptions (text: string): string {
  return text.replaceAll('with force', 'with --force')
}

/** How the members of a scope vote on a proposal */
export function voteCommandLine (dataDirectory: string, { scope, proposalId }: Pick<ProposalSummary, 'scope' | 'proposalId'>): string {
  return commandLine(dataDirectory, 'vote', scope, `${proposalId}`, 'yes')
}
