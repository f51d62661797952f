import { exactThresholdOf } from '../../consensus/policy/config.ts'
import { proposalDigest } from '../../consensus/policy/policy.ts'
import { fingerprintOf } from '../../consensus/proposal/fingerprint.ts'
import { quorumOf } from '../../consensus/rules/decision.ts'
import { isLate } from '../../consensus/rules/quorum.ts'
import { toSummary } from '../../consensus/storage/interface.ts'
import { whyUndecided } from './undecided.ts'
import type { ConsensusEvent } from '../../consensus/events.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { SessionSummary } from '../../consensus/storage/interface.ts'
import type { Decision, ProposalState, ProposalSummary, VotingEvents } from '../interface.ts'
import type { JoinedScope } from '../scope/scope.ts'

/** An event of the service: its type and what it says */
export type VotingEvent = { [K in keyof VotingEvents]: [K, VotingEvents[K]['detail']] }[keyof VotingEvents]

/** A session as the service shows it */
export function proposalState (scope: JoinedScope, session: ConsensusSession): ProposalState {
  return {
    ...proposalSummary(scope, toSummary(session)),
    votes: session.votes().map(({ voteOwner, vote, timestamp }) => ({ owner: voteOwner, choice: vote, timestamp }))
  }
}

/** As {@link proposalState}, of a session that is listed */
export function proposalSummary (scope: JoinedScope, session: SessionSummary): ProposalSummary {
  const { proposal, config, state, tally, pruned } = session
  const isEnding = scope.ending.has(proposal.proposalId)
  const undecided = whyUndecided(scope.policy, session, isEnding)

  return {
    scope: scope.name,
    proposalId: proposal.proposalId,
    ...config.decisionRule === 'quorum' ? { fingerprint: fingerprintOf(proposalDigest(scope.digest, proposal)) } : {},
    name: proposal.name,
    payload: proposal.payload,
    proposalOwner: proposal.proposalOwner,
    timestamp: proposal.timestamp,
    deadline: proposal.expirationTimestamp,
    expectedVotersCount: proposal.expectedVotersCount,
    threshold: scope.policy.threshold,
    ...config.decisionRule === 'quorum' ? { quorum: quorumOf(proposal.expectedVotersCount, exactThresholdOf(config)) } : {},
    livenessCriteriaYes: proposal.livenessCriteriaYes,
    state,
    ...outcome({ ...session, late: isLate(session) }),
    ...session.decidedAt == null ? {} : { decidedAt: session.decidedAt },
    ...undecided == null ? {} : { undecided },
    tally: { ...tally },
    doubleVoters: session.doubleVoters,
    votesPruned: pruned,
    isEnding
  }
}

/**
 * How a session ended, undefined if it has not
 *
 * @param scope - name of the scope
 */
export function decisionOf (scope: string, session: ConsensusSession): Decision | undefined {
  const { proposal, state } = session

  if (state === 'active') {
    return
  }

  return { scope, proposalId: proposal.proposalId, state, ...outcome(session) }
}

/**
 * What the service tells of an event of the core
 *
 * @param scope - name of the scope
 */
export function eventOf (scope: string, event: ConsensusEvent): VotingEvent {
  const { proposalId } = event

  switch (event.type) {
    case 'ConsensusReached':
      return ['voting:decided', { scope, proposalId, state: 'reached', ...outcome(event) }]
    case 'ConsensusFailed':
      return ['voting:failed', { scope, proposalId, state: 'failed' }]
    case 'ConsensusConflict':
      return ['voting:conflict', { scope, proposalId, state: 'conflict', culprits: event.culprits }]
    case 'ConsensusContradicted':
      return ['voting:conflict', { scope, proposalId, state: 'reached', ...outcome({ ...event, contradicted: true }), culprits: event.culprits }]
    default:
      return ['voting:trimmed', { scope, proposalId, session: event.session }]
  }
}

type Result = Pick<Decision, 'result' | 'contradicted' | 'late'>

function outcome ({ result, contradicted, late }: Result): Result {
  return {
    ...result == null ? {} : { result },
    ...contradicted == null ? {} : { contradicted },
    ...late === true ? { late } : {}
  }
}
