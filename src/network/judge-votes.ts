/**
 * Judges votes: whether one is taken in, or waits for its proposal.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { DuplicateVoteError, MaxRoundsExceededError } from '../consensus/errors.ts'
import { MAX_LIFETIME_SECONDS } from '../consensus/policy.ts'
import { untimelyProblem, voteFault, voteLimitProblem } from '../consensus/scope-rules.ts'
import { checkVoteHash, verifyVote } from '../consensus/vote.ts'
import { RateBudget } from '../util/rate-budget.ts'
import { ACCEPT, ignore, judgeError, judgeProblem, known, later, VOTE_FAULTS } from './judgement.ts'
import { MAX_EVIDENCE_OPEN } from './limits.ts'
import { MAX_PENDING_PER_VOTER, PENDING_TTL, subjectOf } from './pending.ts'
import type { Judgement } from './judgement.ts'
import type { JoinedScope } from './scope.ts'
import type { ConsensusService } from '../consensus/service.ts'
import type { ConsensusSession } from '../consensus/session.ts'
import type { SignatureScheme } from '../consensus/signing.ts'
import type { Vote } from '../consensus/vote.ts'
import type { Logger } from '@libp2p/interface'

/** Votes of one voter that begin to wait in {@link PENDING_TTL}, with those that gave way: each of them is passed on */
const MAX_PARKED = 16 * MAX_PENDING_PER_VOTER

export interface VoteJudgeInit {
  consensus: ConsensusService
  scheme: SignatureScheme
  /** Unix seconds */
  clock (): bigint
  log: Logger
  /** Called when votes that waited have been taken in: gossip does not spread them */
  onTakenLate (scope: JoinedScope): void
}

export interface JudgeVoteOptions {
  /** Whether it came by sync, and so is not judged by our clock */
  late?: boolean
  /** Whether its hash and signature have been verified */
  verified?: boolean
  /** Its canonical encoding, where it is there already */
  encoded?: Uint8Array
}

export class VoteJudge {
  private readonly init: VoteJudgeInit
  private readonly parked: RateBudget

  constructor (init: VoteJudgeInit) {
    this.init = init
    this.parked = new RateBudget({ amount: MAX_PARKED, seconds: PENDING_TTL / 1_000, clock: () => Number(init.clock()) * 1_000 })
  }

  async judge (scope: JoinedScope, vote: Vote, options: JudgeVoteOptions = {}): Promise<Judgement> {
    const wrong = judgeProblem(scope, voteFault(scope, vote), voteLimitProblem(scope, vote)) ?? judgeHash(vote)

    if (wrong != null) {
      return wrong
    }

    const session = await this.session(scope, vote.proposalId) ?? await this.arrived(scope, vote.proposalId)

    if (session == null) {
      return options.late === true ? ignore(`proposal ${vote.proposalId} is not known`) : this.park(scope, vote, options)
    }

    return session.digest == null
      ? this.judgeFree(scope, session, vote, options)
      : this.judgeBound(scope, session, session.digest, vote, options)
  }

  /** In `reference` and `legacy` scopes votes are not bound to what the proposal says, and others may have another of this id */
  private async judgeFree (scope: JoinedScope, session: ConsensusSession, vote: Vote, options: JudgeVoteOptions): Promise<Judgement> {
    const { proposalId, expirationTimestamp } = session.proposal

    if (session.hasVoted(vote.voteOwner) || scope.late.has(vote)) {
      return known('the voter\'s vote is known')
    }

    const untimely = untimelyProblem(vote, session.proposal)

    if (untimely != null) {
      return ignore(untimely)
    }

    if (options.late !== true && this.init.clock() >= expirationTimestamp) {
      return ignore(`proposal ${proposalId} has expired`)
    }

    return this.takeIn(scope, vote, options)
  }

  /** Under `quorum` a vote says which content it was cast on */
  private async judgeBound (scope: JoinedScope, session: ConsensusSession, digest: Uint8Array, vote: Vote, options: JudgeVoteOptions): Promise<Judgement> {
    if (!equals(vote.parentHash, digest)) {
      return ignore(`the vote was cast on another proposal with the id ${vote.proposalId}`)
    }

    if (session.hasVotedFor(vote.voteOwner, vote.vote)) {
      return known('the voter\'s vote is known')
    }

    const untimely = untimelyProblem(vote, session.proposal)

    // who lacks the proposal cannot tell, and passes it on
    if (untimely != null) {
      return ignore(untimely)
    }

    if (session.hasVoted(vote.voteOwner) && hasEnoughEvidence(scope, session)) {
      return ignore('there are enough double voters on this proposal')
    }

    return this.takeIn(scope, vote, { ...options, late: true })
  }

  /** Has the core take in a vote in which nothing was found wrong so far */
  async takeIn (scope: JoinedScope, vote: Vote, { late = false, verified = false, encoded }: JudgeVoteOptions): Promise<Judgement> {
    try {
      const after = await this.init.consensus.processIncomingVote(scope.key, vote, { late, verified, encoded })
      const isStored = after.hasVotedFor(vote.voteOwner, vote.vote)

      if (!isStored) {
        scope.late.add(vote)
      }

      // others cannot lack what decides nothing and is kept nowhere
      return late && !isStored ? known('the proposal is decided') : ACCEPT
    } catch (err) {
      if (err instanceof MaxRoundsExceededError) {
        // a valid vote that fails the proposal, at the others, too
        return ACCEPT
      }

      if (err instanceof DuplicateVoteError) {
        return known(err.message)
      }

      return judgeError(err, VOTE_FAULTS)
    }
  }

  /** Takes in the votes that waited for a proposal that is known now */
  async takeInPending (scope: JoinedScope, proposalId: number, late = false): Promise<void> {
    const { log } = this.init
    const { digest } = await this.session(scope, proposalId) ?? {}
    let taken = 0

    for (const vote of scope.pending.take(subjectOf(proposalId, digest))) {
      try {
        // its signature was verified before it was let wait
        const { reason } = await this.judge(scope, vote, { late, verified: true })

        if (reason == null) {
          taken++
        } else {
          log('a vote that waited for proposal %d in scope %s is not taken: %s', proposalId, scope.name, reason)
        }
      } catch (err) {
        // the proposal is taken all the same, and the other votes that waited
        log.error('could not take in a vote that waited for proposal %d in scope %s - %e', proposalId, scope.name, err)
      }
    }

    if (taken > 0) {
      this.init.onTakenLate(scope)
    }
  }

  /**
   * Lets a valid vote wait for its proposal. Votes of listed voters are passed on; in an open scope, where voters cost
   * nothing, a vote that may be for nothing goes no further.
   */
  private async park (scope: JoinedScope, vote: Vote, { encoded }: JudgeVoteOptions): Promise<Judgement> {
    const unparkable = this.unparkable(scope, vote)

    if (unparkable != null) {
      return unparkable
    }

    try {
      await verifyVote(vote, this.init.scheme, encoded)
    } catch (err) {
      return judgeError(err, VOTE_FAULTS)
    }

    // meanwhile the scope may have been left, and other votes may have come
    const late = scope.signal.aborted ? ignore('the scope was left') : this.unparkable(scope, vote)

    if (late != null) {
      return late
    }

    // only now, or forged votes would take the share of the voter that they name
    if (!scope.open && !this.parked.take(`${scope.key} ${bytesToHex(vote.voteOwner)}`)) {
      return later('too many votes of this voter have waited for their proposals recently')
    }

    scope.pending.add(vote)

    // the proposal may have come while the signature was checked
    if (await this.session(scope, vote.proposalId) != null) {
      await this.takeInPending(scope, vote.proposalId)
    }

    return scope.open
      ? { ...ignore(`proposal ${vote.proposalId} is not known yet, the vote waits for it`), isParked: true }
      : { ...ACCEPT, isParked: true }
  }

  /** Why a vote cannot wait for its proposal, undefined if it can */
  private unparkable ({ policy, pending }: JoinedScope, vote: Vote): Judgement | undefined {
    const now = this.init.clock()

    const skew = BigInt(policy.clockSkewSeconds)

    if (vote.timestamp > now + skew) {
      return later(`the vote is from ${vote.timestamp}, in the future: it is ${now}. Check the clock`, vote.timestamp - skew)
    }

    // no proposal is open for longer
    if (vote.timestamp < now - BigInt(MAX_LIFETIME_SECONDS)) {
      return ignore(`the vote is from ${vote.timestamp}, too old to wait for its proposal: it is ${now}`)
    }

    if (pending.has(vote)) {
      return ignore('a vote of the voter for this side waits for the proposal already')
    }

    if (!pending.hasRoom(vote)) {
      return later('too many votes wait for their proposals')
    }
  }

  /** The session of a proposal that is being judged right now, if it is taken in */
  private async arrived (scope: JoinedScope, proposalId: number): Promise<ConsensusSession | undefined> {
    const arriving = scope.arriving.get(proposalId)

    if (arriving != null) {
      await arriving

      return this.session(scope, proposalId)
    }
  }

  private async session (scope: JoinedScope, proposalId: number): Promise<ConsensusSession | undefined> {
    return this.init.consensus.storage.getSession(scope.key, proposalId)
  }
}

/** Looked at before everything that depends on what is known here */
function judgeHash (vote: Vote): Judgement | undefined {
  try {
    checkVoteHash(vote)
  } catch (err) {
    return judgeError(err, VOTE_FAULTS)
  }
}

/** Where anybody may vote, double voters cost nothing */
export function hasEnoughEvidence ({ open }: JoinedScope, { tally }: ConsensusSession): boolean {
  return open && (tally.doubles ?? 0) >= MAX_EVIDENCE_OPEN
}
