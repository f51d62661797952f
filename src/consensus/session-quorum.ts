/**
 * A session's life under the decision rule `quorum`: votes are taken in every state, whatever the clock says, and a voter
 * who votes both ways is counted on both sides. What quorums there are decides; silence decides at the timeout only.
 */

import { decideByQuorum } from './decision.ts'
import { ConsensusConflictError, DuplicateVoteError, InsufficientVotesAtTimeoutError, SessionNotActiveError, TooManyVotersError } from './errors.ts'
import { ownerKey } from './vote-log.ts'
import { checkBound } from './vote.ts'
import type { QuorumVerdict, Tally, TimeoutPolicy } from './decision.ts'
import type { Outcome, SessionRules } from './session-rules.ts'
import type { ConsensusSession } from './session.ts'

export const quorumRules: SessionRules = {
  storesVotes: ({ pruned }) => pruned == null,

  /**
   * Throws SessionNotActive where the votes are kept no longer, so that nobody can tell who has voted, and TooManyVoters. Where
   * the voters are listed there are never more; where anybody may vote, which of them a peer has is up to chance.
   */
  checkTakesVotesOf (session, owner) {
    checkNotPruned(session)

    if (!session.hasVoted(owner)) {
      checkVoters(session, 1)
    }
  },

  /** Throws ParentHashMismatch, SessionNotActive, TooManyVoters, DuplicateVote */
  admitVote (session, vote) {
    const { proposalId, voteOwner } = vote

    checkBound(vote, session.digest)
    quorumRules.checkTakesVotesOf(session, voteOwner)

    if (session.hasVotedFor(voteOwner, vote.vote)) {
      throw new DuplicateVoteError(`This voter's vote for ${vote.vote ? 'yes' : 'no'} is stored already`, { proposalId, owner: voteOwner })
    }

    return 'store'
  },

  /** Throws ParentHashMismatch, SessionNotActive, TooManyVoters, DuplicateVote */
  admitVotes (session, votes) {
    const known = new Set<string>()
    const newVoters = new Set<string>()

    checkNotPruned(session)

    for (const vote of votes) {
      const { proposalId, voteOwner } = vote
      const key = ownerKey(voteOwner)
      const keyWithChoice = `${vote.vote ? 1 : 0}${key}`

      checkBound(vote, session.digest)

      if (known.has(keyWithChoice) || session.hasVotedFor(voteOwner, vote.vote)) {
        throw new DuplicateVoteError(`This voter has more than one vote for ${vote.vote ? 'yes' : 'no'} in the proposal`, { proposalId, owner: voteOwner })
      }

      known.add(keyWithChoice)

      if (!session.hasVoted(voteOwner)) {
        newVoters.add(key)
      }
    }

    checkVoters(session, newVoters.size)

    return votes.length === 0 ? 'ignore' : 'store'
  },

  /**
   * A quorum decides a session that is active or has failed, and makes a result that rests on silence final. An opposite one
   * does not change a result, it is marked. Two at once, as a proposal may bring them, are a conflict. Quorums do not go away
   * again: nor do marks and conflicts.
   */
  outcomeWith (session, tally) {
    const { state, result, grade, contradicted } = session
    const verdict = decide(session, tally)

    if (verdict == null) {
      return { state, result, grade, contradicted }
    }

    if (state !== 'reached') {
      return toOutcome(verdict)
    }

    const confirms = verdict === 'conflict' || verdict.result === result
    const contradicts = verdict === 'conflict' || verdict.result !== result

    return { state, result, grade: confirms ? 'quorum' : grade, contradicted: contradicts ? true : undefined }
  },

  /**
   * The deadline is one moment: a session that has failed then is decided by later votes, not by silence. Silence decides only
   * if the proposal had reached us in the first half of its life: those who hear of it later cannot tell who was silent.
   */
  timeOut (session) {
    const { state } = session

    if (state === 'reached') {
      return {}
    }

    if (state === 'conflict') {
      return { error: new ConsensusConflictError('Both yes and no have the votes of a quorum, so there is no result', about(session)) }
    }

    const verdict = state === 'failed' ? undefined : decide(session, session.tally, isKnownInTime(session) ? session.config.timeoutPolicy ?? 'liveness' : 'fail')

    return verdict == null
      ? { outcome: { state: 'failed' }, error: undecided(session) }
      : { outcome: toOutcome(verdict) }
  }
}

/** With a timeout policy at the timeout, without one before it */
function decide ({ config, proposal }: ConsensusSession, tally: Tally, timeoutPolicy?: TimeoutPolicy): QuorumVerdict {
  return decideByQuorum(tally, {
    expectedVoters: proposal.expectedVotersCount,
    threshold: config.consensusThreshold,
    livenessCriteriaYes: proposal.livenessCriteriaYes,
    atTimeout: timeoutPolicy != null,
    timeoutPolicy
  })
}

function toOutcome (verdict: NonNullable<QuorumVerdict>): Outcome {
  return verdict === 'conflict' ? { state: 'conflict' } : { state: 'reached', ...verdict }
}

/** Whether the proposal had reached us in the first half of its life */
export function isKnownInTime ({ createdAt, proposal: { timestamp, expirationTimestamp } }: Pick<ConsensusSession, 'createdAt' | 'proposal'>): boolean {
  return 2n * (createdAt - timestamp) <= expirationTimestamp - timestamp
}

function checkNotPruned (session: ConsensusSession): void {
  if (session.pruned != null) {
    throw new SessionNotActiveError('The votes of this proposal are kept no longer, so it takes no more', about(session))
  }
}

function checkVoters (session: ConsensusSession, more: number): void {
  const { expectedVotersCount } = session.proposal

  if (session.voterCount + more > expectedVotersCount) {
    throw new TooManyVotersError(`${session.voterCount} of ${expectedVotersCount} expected voters have voted, and ${more === 1 ? 'this is one' : `these are ${more}`} more`, about(session))
  }
}

function undecided (session: ConsensusSession): InsufficientVotesAtTimeoutError {
  const { yes, no, doubles = 0 } = session.tally
  const both = doubles === 0 ? '' : `, ${doubles} of them both,`
  const late = isKnownInTime(session) ? '' : ', and silence does not, since the proposal reached us after the first half of its life'

  return new InsufficientVotesAtTimeoutError(`${yes} yes and ${no} no${both} of ${session.proposal.expectedVotersCount} voters decide nothing at the timeout${late}`, about(session))
}

function about ({ proposal: { proposalId } }: ConsensusSession): { proposalId: number } {
  return { proposalId }
}
