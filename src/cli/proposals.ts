/**
 * What the commands about proposals share.
 */

import color from 'picocolors'
import { describeReported } from '../client/reported.ts'
import { commandLine } from './command.ts'
import { count, formatChoice, formatEnd, formatMoment, formatScope, formatShare, formatState, formatTally, formatTime, printFields, printable, printableName } from './output.ts'
import type { ProposalInfo, ProposalSummary } from '../client/index.ts'

export function printProposal (proposal: ProposalInfo): void {
  const { livenessCriteriaYes, deadline, payload, payloadText } = proposal

  printFields([
    ['proposal', `${proposal.proposalId}`],
    ['scope', formatScope(proposal.scope, proposal.open)],
    ['name', printableName(proposal.name)],
    ...(payload === '0x' ? [] : [['payload', payloadText == null ? payload : printable(payloadText)] as [string, string]]),
    ['proposer', proposal.proposer],
    ['proposed', formatMoment(proposal.timestamp)],
    ['deadline', formatMoment(deadline)],
    ['needs', `${formatNeeds(proposal)}, ${proposal.silenceCounts ? `the silent count as ${livenessCriteriaYes ? 'yes' : 'no'} in the end` : 'silence decides nothing'}`],
    ['tally', formatTally(proposal)],
    ...proposal.votesPruned ? [['votes', color.dim('kept no longer')] as [string, string]] : [],
    ...proposal.votes.map(({ voter, choice, timestamp }, index): [string, string] => [index === 0 ? 'votes' : '', `${voter} ${formatChoice(choice)}${choice === 'no' ? ' ' : ''} ${formatTime(timestamp)}`]),
    ['result', formatState(proposal)],
    ...formatWhy(proposal),
    ...formatReported(proposal)
  ])
}

function formatNeeds ({ quorum, threshold, expectedVotersCount }: ProposalInfo): string {
  return quorum == null ? formatShare(threshold) : `${quorum} of ${count(expectedVotersCount, 'vote')}`
}

/** Why there is no result, if there is none */
function formatWhy ({ undecided }: ProposalInfo): Array<[string, string]> {
  if (undecided == null) {
    return []
  }

  return [['why', undecided.endsAt == null ? undecided.reason : `${undecided.reason} ${formatEnd(undecided.endsAt)}`]]
}

/** What others say, which is no result */
function formatReported ({ reported = [] }: ProposalInfo): Array<[string, string]> {
  return reported.length === 0 ? [] : [['reported', color.yellow(describeReported(reported))]]
}

/** How the members of a scope vote on a proposal */
export function voteCommandLine (dataDirectory: string, { scope, proposalId }: Pick<ProposalSummary, 'scope' | 'proposalId'>): string {
  return commandLine(dataDirectory, 'vote', scope, `${proposalId}`, 'yes')
}
