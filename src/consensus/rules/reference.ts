/**
 * A session's life under the crate's decision rules, `reference` and `legacy`: votes are taken while it is active, rounds
 * limit them, and each voter has one.
 */

import { DuplicateVoteError, InsufficientVotesAtTimeoutError, MaxRoundsExceededError, SessionNotActiveError } from '../errors.ts'
import { maxRoundLimit, roundAfter } from '../policy/config.ts'
import { checkNotExpired } from '../proposal/proposal.ts'
import { ownerKey } from '../vote/vote-log.ts'
import { calculateConsensusResult } from './decision.ts'
import type { Tally } from './decision.ts'
import type { RuledSession, SessionRules } from './session-rules.ts'

export const referenceRules: SessionRules = {
  storesVotes: ({ state }) => state === 'active',

  checkTakesVotesOf: checkNotFailed,

  /** A decided session stays as it is. Throws SessionNotActive, ProposalExpired, DuplicateVote. */
  admitVote (session, vote, now) {
    if (session.state === 'reached') {
      return 'ignore'
    }

    checkOpen(session, now)

    if (exceedsRoundLimit(session, 1)) {
      return roundLimitExceeded(session)
    }

    if (session.hasVoted(vote.voteOwner)) {
      throw new DuplicateVoteError('This voter\'s vote is stored already', { proposalId: vote.proposalId, owner: vote.voteOwner })
    }

    return 'store'
  },

  /** Throws SessionNotActive, ProposalExpired, DuplicateVote */
  admitVotes (session, votes, now) {
    checkOpen(session, now)

    if (votes.length === 0) {
      return 'ignore'
    }

    const owners = new Set<string>()

    for (const { voteOwner, proposalId } of votes) {
      const key = ownerKey(voteOwner)

      if (owners.has(key) || session.hasVoted(voteOwner)) {
        throw new DuplicateVoteError('This voter has more than one vote in the proposal', { proposalId, owner: voteOwner })
      }

      owners.add(key)
    }

    return exceedsRoundLimit(session, votes.length) ? roundLimitExceeded(session) : 'store'
  },

  outcomeWith (session, tally) {
    const result = decide(session, tally, false)

    return result == null ? { state: 'active' } : { state: 'reached', result }
  },

  timeOut (session) {
    if (session.state === 'reached') {
      return {}
    }

    const result = decide(session, session.tally, true)

    if (result != null) {
      return { outcome: { state: 'reached', result } }
    }

    const { yes, no } = session.tally

    return {
      outcome: { state: 'failed' },
      error: new InsufficientVotesAtTimeoutError(`${yes} yes and ${no} no of ${session.proposal.expectedVotersCount} voters decide nothing at the timeout`, about(session))
    }
  }
}

function checkNotFailed (session: RuledSession): void {
  if (session.state === 'failed') {
    throw new SessionNotActiveError('The proposal has failed and takes no votes', about(session))
  }
}

function checkOpen (session: RuledSession, now: bigint): void {
  checkNotFailed(session)

  if (session.state === 'reached') {
    throw new SessionNotActiveError('The proposal is decided and takes no votes', about(session))
  }

  checkNotExpired(session.proposal, now)
}

/**
 * Whether adding `count` votes goes beyond the number of voters or the highest round. Point-to-point the votes count,
 * which are one less than the round.
 */
function exceedsRoundLimit ({ config, proposal, voteCount }: RuledSession, count: number): boolean {
  const projected = config.useGossipsubRounds ? roundAfter(voteCount + count, true) : voteCount + count

  return count > proposal.expectedVotersCount || projected > maxRoundLimit(config, proposal.expectedVotersCount)
}

function roundLimitExceeded (session: RuledSession): MaxRoundsExceededError {
  const { expectedVotersCount } = session.proposal
  const limit = maxRoundLimit(session.config, expectedVotersCount)

  return new MaxRoundsExceededError(`The votes go beyond round ${limit} or ${expectedVotersCount} expected voters, so the proposal fails`, about(session))
}

function decide ({ config, proposal }: RuledSession, tally: Tally, atTimeout: boolean): boolean | undefined {
  return calculateConsensusResult(tally, {
    rule: config.decisionRule === 'legacy' ? 'legacy' : 'reference',
    expectedVoters: proposal.expectedVotersCount,
    threshold: config.consensusThreshold,
    livenessCriteriaYes: proposal.livenessCriteriaYes,
    atTimeout
  })
}

function about ({ proposal: { proposalId } }: RuledSession): { proposalId: number } {
  return { proposalId }
}
