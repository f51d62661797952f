/**
 * What the commands about proposals share.
 */

import color from 'picocolors'
import { LATE } from '../client/late.ts'
import { commandLine } from './command.ts'
import { count, formatChoice, formatDistance, formatEnd, formatMoment, formatScope, formatState, formatTally, formatTime, formatVoter, printFields, printable, printableName } from './output.ts'
import type { ProposalInfo, ProposalSummary } from '../client/index.ts'
import type { NameOf } from '../consensus/voter-names.ts'

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
    ...formatWhy(proposal),
    ...formatAutoVote(proposal),
    ...proposal.unasked == null ? [] : [['own vote', color.yellow(printable(proposal.unasked))] as [string, string]]
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

/** Why there is no result, if there is none */
function formatWhy ({ undecided }: ProposalInfo): Array<[string, string]> {
  if (undecided == null) {
    return []
  }

  return [['why', undecided.endsAt == null ? undecided.reason : `${undecided.reason} ${formatEnd(undecided.endsAt)}`]]
}

/** What the node votes automatically, or why it does not */
function formatAutoVote ({ autoVote }: ProposalInfo): Array<[string, string]> {
  if (autoVote == null) {
    return []
  }

  const { choice, dueAt, problem } = autoVote

  if (problem != null) {
    return [['auto-vote', `${color.yellow('none')}: ${printable(problem)}`]]
  }

  return [['auto-vote', dueAt > Date.now() / 1_000 ? `${formatChoice(choice)} ${formatDistance(dueAt)}, unless you vote before` : `${formatChoice(choice)}, being cast`]]
}

/** How the members of a scope vote on a proposal */
export function voteCommandLine (dataDirectory: string, { scope, proposalId }: Pick<ProposalSummary, 'scope' | 'proposalId'>): string {
  return commandLine(dataDirectory, 'vote', scope, `${proposalId}`, 'yes')
}
