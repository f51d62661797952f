/**
 * Validates votes: whether one is taken in, or waits for its proposal.
 */

import { MaxRoundsExceededError } from '../../consensus/errors.ts'
import { untimelyProblem } from '../../consensus/policy/scope-rules.ts'
import { makeEvidence } from '../../consensus/proofs/evidence.ts'
import { isTimely, verifyVote } from '../../consensus/vote/vote.ts'
import { VOTES_SIDE_BY_SIDE } from '../sync/constants.ts'
import { subjectOf } from './parked-votes.ts'
import { ACCEPT, ignore, validateError, known, VOTE_FAULTS } from './verdict.ts'
import { VoteParking } from './vote-parking.ts'
import { ENOUGH_EVIDENCE, KNOWN_EVIDENCE, validateBound, validateContent, validateFree, validateRefusal, notKnown, withinEvidence } from './vote-verdicts.ts'
import type { Validation } from './verdict.ts'
import type { ConsensusService } from '../../consensus/service.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { SignatureScheme } from '../../consensus/signing.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Logger } from '@libp2p/interface'

/** Of a vote that is validated when the others are taken in */
const UNTIMELY = ignore('the vote was not cast in the proposal\'s time')

export interface VoteValidatorInit {
  consensus: ConsensusService
  scheme: SignatureScheme
  /** Unix seconds */
  clock (): bigint
  log: Logger
  /** Called when votes that waited have been taken in: gossip does not spread them */
  onTakenLate (scope: JoinedScope): void
}

export interface ValidateVoteOptions {
  /** Whether it came by sync, and so is not validated by our clock */
  late?: boolean
  /** Whether its hash and signature have been verified */
  verified?: boolean
  /** Its canonical encoding, where it is there already */
  encoded?: Uint8Array
}

export class VoteValidator {
  private readonly init: VoteValidatorInit
  private readonly parking: VoteParking

  constructor (init: VoteValidatorInit) {
    this.init = init
    this.parking = new VoteParking(init)
  }

  async validate (scope: JoinedScope, vote: Vote, options: ValidateVoteOptions = {}): Promise<Validation> {
    const wrong = validateContent(scope, vote)

    if (wrong != null) {
      return wrong
    }

    const session = await this.session(scope, vote.proposalId) ?? await this.arrived(scope, vote.proposalId)

    if (session == null) {
      return options.late === true ? notKnown(vote) : this.park(scope, vote, options.encoded)
    }

    return session.digest == null
      ? validateFree(scope, session, vote, options.late === true ? undefined : this.init.clock()) ?? this.takeIn(scope, session, vote, options)
      : validateBound(scope, session, vote) ?? (isTimely(vote, session.proposal)
        ? this.takeIn(scope, session, vote, { ...options, late: true })
        : this.takeUntimely(scope, session, vote, options))
  }

  /**
   * Takes in a vote that was not cast in its proposal's time as evidence, where the opposite vote of its owner is known: no honest key
   * signs two. It counts for no side, and alone it is worth nothing. Who lacks the proposal or the other vote passes it on, or not.
   */
  private async takeUntimely (scope: JoinedScope, session: ConsensusSession, vote: Vote, { verified = false, encoded }: ValidateVoteOptions): Promise<Validation> {
    const opposite = session.firstVoteOf(vote.voteOwner)

    if (opposite == null) {
      return ignore(`${untimelyProblem(vote, session.proposal)}`)
    }

    if (session.hasEvidenceAgainst(vote.voteOwner)) {
      return known(KNOWN_EVIDENCE)
    }

    try {
      session.checkTakesVotesOf(vote.voteOwner)

      if (!verified) {
        await verifyVote(vote, this.init.scheme, encoded)
      }

      return await this.init.consensus.processEvidence(scope.key, makeEvidence(opposite, vote), { verified: true }) ? ACCEPT : known(KNOWN_EVIDENCE)
    } catch (err) {
      return validateError(err, VOTE_FAULTS)
    }
  }

  /**
   * Validates votes on one proposal that arrived together, each on its own. Those that are accepted are stored in one step and counted
   * once. After one that is to be rejected, validates no more.
   *
   * @returns the validations of the votes that were validated, in no order
   */
  async validateTogether (scope: JoinedScope, proposalId: number, votes: readonly Vote[], options: ValidateVoteOptions = {}): Promise<Validation[]> {
    return scope.policy.decisionRule === 'quorum'
      ? this.validateBoundTogether(scope, proposalId, votes, options)
      : this.validateInTurn(scope, votes, options)
  }

  /** Under the crate's rules the order of votes makes a difference: those that come after the decision are not stored */
  private async validateInTurn (scope: JoinedScope, votes: readonly Vote[], options: ValidateVoteOptions): Promise<Validation[]> {
    const validations: Validation[] = []

    for (const vote of votes) {
      scope.signal.throwIfAborted()

      const validation = await this.validate(scope, vote, options)

      validations.push(validation)

      if (validation.verdict === 'reject') {
        break
      }
    }

    return validations
  }

  private async validateBoundTogether (scope: JoinedScope, proposalId: number, votes: readonly Vote[], { verified }: ValidateVoteOptions): Promise<Validation[]> {
    const session = await this.session(scope, proposalId) ?? await this.arrived(scope, proposalId)
    const validations: Validation[] = []
    const valid: Vote[] = []
    const untimely: Vote[] = []
    let next = 0

    // the signatures of some are verified side by side
    const checked = await Promise.allSettled(Array.from({ length: Math.min(VOTES_SIDE_BY_SIDE, votes.length) }, async () => {
      try {
        while (next < votes.length) {
          scope.signal.throwIfAborted()

          const vote = votes[next++]
          const validation = await this.check(scope, vote, session, verified)

          if (validation == null) {
            valid.push(vote)
          } else if (validation === UNTIMELY) {
            untimely.push(vote)
          } else {
            validations.push(validation)
          }

          if (validation?.verdict === 'reject') {
            next = votes.length
          }
        }
      } catch (err) {
        next = votes.length
        throw err
      }
    }))

    if (session != null && valid.length > 0) {
      validations.push(...await this.takeInTogether(scope, session, valid))
    }

    // the opposite vote may be one of the others
    for (const vote of untimely) {
      const after = await this.session(scope, proposalId)

      validations.push(after == null ? notKnown(vote) : validateBound(scope, after, vote) ?? await this.takeUntimely(scope, after, vote, { verified }))
    }

    const failed = checked.find(({ status }) => status === 'rejected')

    if (failed != null) {
      throw (failed as PromiseRejectedResult).reason
    }

    return validations
  }

  /** What is wrong with a vote, or with taking it in here; undefined if nothing is, {@link UNTIMELY} if nothing but its time is */
  private async check (scope: JoinedScope, vote: Vote, session?: ConsensusSession, verified = false): Promise<Validation | undefined> {
    const wrong = validateContent(scope, vote) ?? (session == null ? notKnown(vote) : validateBound(scope, session, vote))

    if (wrong != null) {
      return wrong
    }

    if (session != null && !isTimely(vote, session.proposal)) {
      return UNTIMELY
    }

    try {
      await this.verify(session, vote, { verified })
    } catch (err) {
      return validateError(err, VOTE_FAULTS)
    }
  }

  /** Throws where a vote is not its owner's, or before where the session does not take it */
  private async verify (session: ConsensusSession | undefined, vote: Vote, { verified = false, encoded }: ValidateVoteOptions): Promise<void> {
    if (session?.digest != null) {
      session.checkVote(vote, vote.timestamp)
    }

    if (!verified) {
      await verifyVote(vote, this.init.scheme, encoded)
    }
  }

  /** Has the core take in votes that are verified */
  private async takeInTogether (scope: JoinedScope, session: ConsensusSession, votes: readonly Vote[]): Promise<Validation[]> {
    const taken = withinEvidence(scope, session, votes)
    const results = await this.init.consensus.processIncomingVotes(scope.key, session.proposal.proposalId, taken, { verified: true })

    return [
      ...results.map(result => result.status === 'fulfilled' ? ACCEPT : validateRefusal(result.reason)),
      ...votes.filter(vote => !taken.includes(vote)).map(() => ignore(ENOUGH_EVIDENCE))
    ]
  }

  /** Has the core take in a vote in which nothing was found wrong so far */
  private async takeIn (scope: JoinedScope, session: ConsensusSession, vote: Vote, options: ValidateVoteOptions): Promise<Validation> {
    const { late = false, encoded } = options

    try {
      await this.verify(session, vote, options)

      const after = await this.init.consensus.processIncomingVote(scope.key, vote, { late, verified: true, encoded })
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

      return validateRefusal(err)
    }
  }

  /** Takes in the votes that waited for a proposal that is known now */
  async takeInPending (scope: JoinedScope, proposalId: number, late = false): Promise<void> {
    const { log } = this.init
    const { digest } = await this.session(scope, proposalId) ?? {}
    const votes = scope.parked.take(subjectOf(proposalId, digest))
    let taken = 0

    // where votes are taken in one by one, one that cannot be stored is no reason to lose the others
    for (const group of digest == null ? votes.map(vote => [vote]) : [votes]) {
      try {
        // their signatures were verified before they were let wait
        for (const { reason } of await this.validateTogether(scope, proposalId, group, { late, verified: true })) {
          if (reason == null) {
            taken++
          } else {
            log('a vote that waited for proposal %d in scope %s is not taken: %s', proposalId, scope.name, reason)
          }
        }
      } catch (err) {
        // the proposal is taken all the same
        log.error('could not take in votes that waited for proposal %d in scope %s - %e', proposalId, scope.name, err)
      }
    }

    if (taken > 0) {
      this.init.onTakenLate(scope)
    }
  }

  /** Lets a vote wait, unless its proposal comes while its signature is verified */
  private async park (scope: JoinedScope, vote: Vote, encoded?: Uint8Array): Promise<Validation> {
    const validation = await this.parking.park(scope, vote, encoded)

    if (validation.result === 'parked' && await this.session(scope, vote.proposalId) != null) {
      await this.takeInPending(scope, vote.proposalId)
    }

    return validation
  }

  /** The session of a proposal that is being validated right now, if it is taken in */
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
