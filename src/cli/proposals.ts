/**
 * What the commands about proposals share.
 */

import color from 'picocolors'
import { commandLine } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { count, formatChoice, formatDistance, formatEnd, formatScope, formatShare, formatState, formatTally, formatTime, printFields, printJson, printable } from './output.ts'
import type { ProposalInfo, ProposalStateName, ProposalSummary, VotingClient } from '../client/index.ts'

export function printProposal (proposal: ProposalInfo): void {
  const { livenessCriteriaYes, deadline, payload, payloadText } = proposal

  printFields([
    ['proposal', `${proposal.proposalId}`],
    ['scope', formatScope(proposal.scope, proposal.open)],
    ['name', printable(proposal.name)],
    ...(payload === '0x' ? [] : [['payload', payloadText == null ? payload : printable(payloadText)] as [string, string]]),
    ['proposer', proposal.proposer],
    ['proposed', formatTime(proposal.timestamp)],
    ['deadline', `${formatTime(deadline)}, ${formatDistance(deadline)}`],
    ['needs', `${formatNeeds(proposal)}, ${proposal.silenceCounts ? `the silent count as ${livenessCriteriaYes ? 'yes' : 'no'} in the end` : 'silence decides nothing'}`],
    ['tally', formatTally(proposal)],
    ...proposal.votesPruned ? [['votes', color.dim('kept no longer')] as [string, string]] : [],
    ...proposal.votes.map(({ voter, choice, timestamp }, index): [string, string] => [index === 0 ? 'votes' : '', `${voter} ${formatChoice(choice)} ${formatTime(timestamp)}`]),
    ['result', formatState(proposal)],
    ...formatWhy(proposal)
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

const ENDS: Partial<Record<ProposalStateName, string>> = {
  failed: 'Ended without a result',
  conflict: 'Ended without a result, since both sides have the votes of a quorum'
}

/** Waits for the end of a proposal and says what it is; the exit code is that of a proposal without a result, if it has none */
export async function printDecision (client: VotingClient, { scope, proposalId }: Pick<ProposalSummary, 'scope' | 'proposalId'>, json?: boolean): Promise<void> {
  const proposal = await client.decision(scope, proposalId)

  if (json === true) {
    printJson(proposal)
  } else {
    console.info(`${ENDS[proposal.state] ?? `Decided: ${formatState(proposal)}`} (${formatTally(proposal)})`)

    // what may still come of it
    if (proposal.state === 'failed' && proposal.undecided?.missing != null) {
      console.info(proposal.undecided.reason)
    }
  }

  if (proposal.result == null) {
    process.exitCode = EXIT.noResult
  }
}

/** How the members of a scope vote on a proposal */
export function voteCommandLine (dataDirectory: string, { scope, proposalId }: Pick<ProposalSummary, 'scope' | 'proposalId'>): string {
  return commandLine(dataDirectory, 'vote', scope, `${proposalId}`, 'yes')
}
