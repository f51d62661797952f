import type { ConsensusSession } from '../consensus/session.ts'
import type { SessionSummary } from '../consensus/storage.ts'
import type { Decision, ProposalState, ProposalSummary } from '../index.ts'

/**
 * A session as the service shows it
 *
 * @param scope - name of the scope
 */
export function proposalState (scope: string, session: ConsensusSession): ProposalState {
  return {
    ...proposalSummary(scope, { ...session, pruned: session.pruned != null }),
    votes: session.votes().map(({ voteOwner, vote, timestamp }) => ({ owner: voteOwner, choice: vote, timestamp }))
  }
}

/** As {@link proposalState}, of a session that is listed */
export function proposalSummary (scope: string, { proposal, config, state, result, tally, pruned }: SessionSummary): ProposalSummary {
  return {
    scope,
    proposalId: proposal.proposalId,
    name: proposal.name,
    payload: proposal.payload,
    proposalOwner: proposal.proposalOwner,
    timestamp: proposal.timestamp,
    deadline: proposal.expirationTimestamp,
    expectedVotersCount: proposal.expectedVotersCount,
    threshold: config.consensusThreshold,
    livenessCriteriaYes: proposal.livenessCriteriaYes,
    state,
    ...result == null ? {} : { result },
    tally: { ...tally },
    votesPruned: pruned
  }
}

/**
 * How a session ended, undefined if it has not
 *
 * @param scope - name of the scope
 */
export function decisionOf (scope: string, { proposal, state, result }: ConsensusSession): Decision | undefined {
  if (state === 'active') {
    return
  }

  return { scope, proposalId: proposal.proposalId, state, ...result == null ? {} : { result } }
}
