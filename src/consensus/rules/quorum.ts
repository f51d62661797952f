/**
 * A session's life under the decision rule `quorum`: votes are taken in every state, whatever the clock says, and a voter
 * who votes both ways is counted on both sides. Every result is a quorum of votes: no clock and no silence decides.
 */

import { ConsensusConflictError, DuplicateVoteError, InsufficientVotesAtTimeoutError, SessionNotActiveError, TooManyVotersError } from '../errors.ts'
import { exactThresholdOf } from '../policy/config.ts'
import { ownerKey } from '../vote/vote-log.ts'
import { checkBound } from '../vote/vote.ts'
import { decideByQuorum } from './decision.ts'
import type { QuorumVerdict, Tally } from './decision.ts'
import type { Outcome, RuledSession, SessionRules } from './session-rules.ts'
import type { Proposal } from '../proposal/proposal.ts'

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
   * A quorum decides a session that is active or has failed. An opposite one does not change a result, but marks it. Two at
   * once, as a proposal may bring them, are a conflict. Quorums do not go away again: nor do marks and conflicts.
   */
  outcomeWith (session, tally, now) {
    const { state, result, contradicted, decidedAt } = session
    const verdict = decide(session, tally)

    if (verdict == null) {
      // a loss of power may have taken votes away that a result rests on
      return { state, result, contradicted, decidedAt }
    }

    if (state !== 'reached') {
      return toOutcome(verdict, now)
    }

    return { state, result, contradicted: verdict === result ? contradicted : true, decidedAt }
  },

  /** A session without a result fails; a quorum of later votes decides it all the same */
  timeOut (session) {
    switch (session.state) {
      case 'reached':
        return {}
      case 'conflict':
        return { error: new ConsensusConflictError('Both yes and no have the votes of a quorum, so there is no result', about(session)) }
      default:
        return { outcome: { state: 'failed' }, error: undecided(session) }
    }
  }
}

function decide ({ config, proposal }: RuledSession, tally: Tally): QuorumVerdict {
  return decideByQuorum(tally, { expectedVoters: proposal.expectedVotersCount, threshold: exactThresholdOf(config) })
}

function toOutcome (verdict: NonNullable<QuorumVerdict>, now: bigint): Outcome {
  return verdict === 'conflict' ? { state: 'conflict' } : { state: 'reached', result: verdict, decidedAt: now }
}

/** Seconds: a result may come later than the expiration by this or by the life of the proposal, whichever is longer */
const MIN_TIME_FOR_LATE_VOTES = 24n * 60n * 60n

/**
 * Whether a result was decided so late at this node that an old key may have signed a vote with an old date. Nothing must act on
 * such a result unless its operator asks for it.
 */
export function isLate ({ decidedAt, proposal }: { decidedAt?: bigint, proposal: Pick<Proposal, 'timestamp' | 'expirationTimestamp'> }): boolean {
  return decidedAt != null && decidedAt > lastTimely(proposal)
}

/** Until when votes make a result that is not late, Unix seconds */
export function lastTimely ({ timestamp, expirationTimestamp }: Pick<Proposal, 'timestamp' | 'expirationTimestamp'>): bigint {
  const life = expirationTimestamp - timestamp

  return expirationTimestamp + (life > MIN_TIME_FOR_LATE_VOTES ? life : MIN_TIME_FOR_LATE_VOTES)
}

function checkNotPruned (session: RuledSession): void {
  if (session.pruned != null) {
    throw new SessionNotActiveError('The votes of this proposal are kept no longer, so it takes no more', about(session))
  }
}

function checkVoters (session: RuledSession, more: number): void {
  const { expectedVotersCount } = session.proposal

  if (session.voterCount + more > expectedVotersCount) {
    throw new TooManyVotersError(`${session.voterCount} of ${expectedVotersCount} expected voters have voted, and ${more === 1 ? 'this is one' : `these are ${more}`} more`, about(session))
  }
}

function undecided (session: RuledSession): InsufficientVotesAtTimeoutError {
  const { yes, no, doubles = 0 } = session.tally
  const both = doubles === 0 ? '' : `, ${doubles} of them both,`

  return new InsufficientVotesAtTimeoutError(`${yes} yes and ${no} no${both} of ${session.proposal.expectedVotersCount} voters decide nothing at the timeout`, about(session))
}

function about ({ proposal: { proposalId } }: RuledSession): { proposalId: number } {
  return { proposalId }
}
