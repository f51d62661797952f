/**
 * The topic validator: takes in what arrives on a scope's topic and says what becomes of the message.
 *
 * - reject: wrong by the protocol's constants and this policy, the same at every member; costs the sender score
 * - ignore: known already, or not now by our clock, our limits or our troubles; goes no further
 * - accept: new and valid; passed on
 *
 * Cheap checks come before signatures. Nothing that arrives makes this throw.
 */

import { equals } from 'uint8arrays/equals'
import { MAX_UINT64 } from '../consensus/check.ts'
import { ConsensusError, DuplicateVoteError, MaxRoundsExceededError, ProposalAlreadyExistError, ProposalExpiredError, ProposalIdCollisionError, SessionNotActiveError, SessionNotFoundError, TooManyVotersError } from '../consensus/errors.ts'
import { checkEvidence } from '../consensus/evidence.ts'
import { proposalDigest } from '../consensus/policy.ts'
import { validateVote } from '../consensus/vote.ts'
import { isSigned } from './announcement.ts'
import { decodeGossip } from './gossip.ts'
import { MAX_EVIDENCE_OPEN } from './limits.ts'
import { proposalProblem, voteProblem } from './rules.ts'
import type { Announcement, GossipContent } from './gossip.ts'
import type { PubSubMessage, Verdict } from './pubsub.ts'
import type { JoinedScope } from './scope.ts'
import type { IntakeResult } from './sync/intake.ts'
import type { Evidence } from '../consensus/evidence.ts'
import type { Proposal } from '../consensus/proposal.ts'
import type { ConsensusService } from '../consensus/service.ts'
import type { ConsensusSession } from '../consensus/session.ts'
import type { SignatureScheme } from '../consensus/signing.ts'
import type { Vote } from '../consensus/vote.ts'
import type { Logger, PeerId } from '@libp2p/interface'

export interface ValidatorInit {
  consensus: ConsensusService
  scheme: SignatureScheme
  /** Whose votes are our own */
  identity?: Uint8Array
  /** Unix seconds */
  clock (): bigint
  log: Logger
  /** Is told when a vote waits for a proposal that is not known, with the peer it came from */
  onParked (scope: JoinedScope, peer: PeerId): void
  /** Is told when a proposal is refused since another has its id */
  onCollision (scope: JoinedScope, proposalId: number): void
  /** Is told when votes that waited for their proposal have been taken in */
  onUnparked (scope: JoinedScope): void
}

/** A verdict and, where it is not to accept, the reason */
interface Judgement {
  verdict: Verdict
  reason?: string
  /** It is ignored since it is here already */
  isKnown?: boolean
  /** It waits for its proposal */
  isParked?: boolean
}

const ACCEPT: Judgement = { verdict: 'accept' }
const ignore = (reason: string): Judgement => ({ verdict: 'ignore', reason })
const known = (reason: string): Judgement => ({ verdict: 'ignore', reason, isKnown: true })
const reject = (reason: string): Judgement => ({ verdict: 'reject', reason })

export class Validator {
  private readonly consensus: ConsensusService
  private readonly scheme: SignatureScheme
  private readonly identity?: Uint8Array
  private readonly clock: () => bigint
  private readonly log: Logger
  private readonly init: ValidatorInit

  constructor (init: ValidatorInit) {
    this.init = init
    this.consensus = init.consensus
    this.scheme = init.scheme
    this.identity = init.identity
    this.clock = () => init.clock()
    this.log = init.log
  }

  async validate (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict> {
    if (scope.signal.aborted) {
      return 'ignore'
    }

    let judgement: Judgement

    try {
      judgement = await this.judge(scope, message.data)
    } catch (err) {
      // what goes wrong here is our trouble, for instance with storage, and not the sender's fault
      this.log.error('could not take in a message of %p in scope %s - %e', peer, scope.name, err)
      judgement = ignore('our own trouble')
    }

    if (judgement.reason != null) {
      this.log('%s a message of %p in scope %s: %s', judgement.verdict, peer, scope.name, judgement.reason)
    }

    if (judgement.isParked === true) {
      this.init.onParked(scope, peer)
    }

    return judgement.verdict
  }

  /** Takes in a proposal that came by sync: judged as one that is announced, but not by our clock */
  async takeInLateProposal (scope: JoinedScope, announcement: Announcement): Promise<IntakeResult> {
    return this.resultOf(scope, await this.judgeAnnouncement(scope, announcement, true))
  }

  /** Takes in a vote that came by sync: judged as one that is published, but not by our clock */
  async takeInLateVote (scope: JoinedScope, vote: Vote): Promise<IntakeResult> {
    return this.resultOf(scope, await this.judgeVote(scope, vote, true))
  }

  private resultOf (scope: JoinedScope, { verdict, reason, isKnown }: Judgement): IntakeResult {
    if (reason != null && isKnown !== true) {
      this.log('%s what came by sync in scope %s: %s', verdict, scope.name, reason)
    }

    switch (verdict) {
      case 'accept': return 'new'
      case 'reject': return 'invalid'
      default: return isKnown === true ? 'known' : 'refused'
    }
  }

  /** Takes in the votes that waited for a proposal that is known now */
  async takeInPending (scope: JoinedScope, proposalId: number, late = false): Promise<void> {
    let taken = 0

    for (const vote of scope.pending.take(proposalId)) {
      try {
        const { reason } = await this.judgeVote(scope, vote, late)

        if (reason == null) {
          taken++
        } else {
          this.log('a vote that waited for proposal %d in scope %s is not taken: %s', proposalId, scope.name, reason)
        }
      } catch (err) {
        // the proposal is taken all the same, and the other votes that waited
        this.log.error('could not take in a vote that waited for proposal %d in scope %s - %e', proposalId, scope.name, err)
      }
    }

    if (taken > 0) {
      this.init.onUnparked(scope)
    }
  }

  private async judge (scope: JoinedScope, data: Uint8Array): Promise<Judgement> {
    let content: GossipContent

    try {
      content = decodeGossip(data)
    } catch (err: any) {
      return reject(err.message)
    }

    switch (content.type) {
      case 'announcement': return this.judgeAnnouncement(scope, content.announcement)
      case 'vote': return this.judgeVote(scope, content.vote)
      default: return this.judgeEvidence(scope, content.evidence)
    }
  }

  private async judgeAnnouncement (scope: JoinedScope, announcement: Announcement, late = false): Promise<Judgement> {
    const { proposal } = announcement
    const { proposalId, proposalOwner } = proposal
    const problem = proposalProblem(scope, proposal)

    if (problem != null) {
      return reject(problem)
    }

    const session = await this.session(scope, proposalId)

    if (session != null) {
      return this.judgeKnownId(scope, session, announcement)
    }

    const untimely = this.untimely(scope, proposal, late)

    if (untimely != null) {
      return ignore(untimely)
    }

    const release = scope.active.reserve(proposalOwner)

    if (release == null) {
      return ignore('there are too many active proposals already, of this proposer or altogether')
    }

    try {
      return await this.takeInProposal(scope, announcement, late)
    } finally {
      release()
    }
  }

  /** Why our clock does not let us take a proposal now, undefined if it does */
  private untimely ({ policy }: JoinedScope, { proposalId, timestamp, expirationTimestamp }: Proposal, late: boolean): string | undefined {
    const now = this.clock()
    const end = expirationTimestamp + BigInt(policy.decisionRule === 'quorum' ? policy.graceSeconds : 0)

    if (!late && now >= end) {
      return `proposal ${proposalId} expired at ${expirationTimestamp}, it is ${now}`
    }

    if (timestamp > now + BigInt(policy.clockSkewSeconds)) {
      return `proposal ${proposalId} is from ${timestamp}, in the future: it is ${now}. Check the clock`
    }
  }

  /** The proposal may be known, or under `quorum` another may have its id by chance */
  private async judgeKnownId (scope: JoinedScope, session: ConsensusSession, announcement: Announcement): Promise<Judgement> {
    const { proposal } = announcement
    const { proposalId } = proposal

    if (session.digest == null || equals(session.digest, proposalDigest(scope.digest, proposal))) {
      return known(`proposal ${proposalId} is known`)
    }

    if (!await isSigned(this.scheme, scope, announcement)) {
      return reject(`proposal ${proposalId} is not signed by its owner`)
    }

    const isOurs = this.identity != null && equals(session.proposal.proposalOwner, this.identity)

    this.log.error('two proposals in scope %s have the id %d, "%s" and "%s". The first stays here; others may know the second only. %s', scope.name, proposalId, session.proposal.name, proposal.name, isOurs ? 'The first is ours: propose it again, which gives it another id' : 'Whoever made the second has to propose it again, which gives it another id')
    this.init.onCollision(scope, proposalId)

    return ignore(`another proposal has the id ${proposalId}`)
  }

  private async takeInProposal (scope: JoinedScope, announcement: Announcement, late: boolean): Promise<Judgement> {
    const { proposal, signature } = announcement

    if (!await isSigned(this.scheme, scope, announcement)) {
      return reject(`proposal ${proposal.proposalId} is not signed by its owner`)
    }

    try {
      await this.consensus.processIncomingProposal(scope.key, proposal, { signature, late })
    } catch (err) {
      if (err instanceof ProposalAlreadyExistError) {
        return known(err.message)
      }

      if (err instanceof ProposalExpiredError || err instanceof ProposalIdCollisionError) {
        return ignore(err.message)
      }

      return rejectConsensusError(err)
    }

    await this.takeInPending(scope, proposal.proposalId, late)

    return ACCEPT
  }

  private async judgeVote (scope: JoinedScope, vote: Vote, late = false): Promise<Judgement> {
    const problem = voteProblem(scope, vote)

    if (problem != null) {
      return reject(problem)
    }

    const session = await this.session(scope, vote.proposalId)

    if (session == null) {
      return late ? ignore(`proposal ${vote.proposalId} is not known`) : this.park(scope, vote)
    }

    return session.digest == null
      ? this.judgeFreeVote(scope, session, vote, late)
      : this.judgeBoundVote(scope, session, session.digest, vote)
  }

  /** In `reference` and `legacy` scopes votes are not bound to what the proposal says, and others may have another of this id */
  private async judgeFreeVote (scope: JoinedScope, session: ConsensusSession, vote: Vote, late: boolean): Promise<Judgement> {
    const { timestamp, expirationTimestamp } = session.proposal

    if (session.hasVoted(vote.voteOwner) || scope.late.has(vote)) {
      return known('the voter\'s vote is known')
    }

    if (vote.timestamp < timestamp || vote.timestamp > expirationTimestamp) {
      return ignore(`the vote was cast at ${vote.timestamp}, outside of the proposal's time from ${timestamp} to ${expirationTimestamp}`)
    }

    if (!late && this.clock() >= expirationTimestamp) {
      return ignore(`proposal ${vote.proposalId} has expired`)
    }

    return this.takeInVote(scope, session, vote, late)
  }

  /** Under `quorum` a vote says which content it was cast on, and is wrong or right at every member */
  private async judgeBoundVote (scope: JoinedScope, session: ConsensusSession, digest: Uint8Array, vote: Vote): Promise<Judgement> {
    const { timestamp, expirationTimestamp } = session.proposal

    if (!equals(vote.parentHash, digest)) {
      return ignore(`the vote was cast on another proposal with the id ${vote.proposalId}`)
    }

    if (session.hasVotedFor(vote.voteOwner, vote.vote)) {
      return known('the voter\'s vote is known')
    }

    if (vote.timestamp < timestamp || vote.timestamp > expirationTimestamp) {
      return reject(`the vote was cast at ${vote.timestamp}, outside of the proposal's time from ${timestamp} to ${expirationTimestamp}`)
    }

    if (scope.open && session.hasVoted(vote.voteOwner) && session.doubleVotes().length >= MAX_EVIDENCE_OPEN) {
      return ignore('there are enough double voters on this proposal')
    }

    return this.takeInVote(scope, session, vote, true)
  }

  private async takeInVote (scope: JoinedScope, { proposal: { expirationTimestamp } }: ConsensusSession, vote: Vote, late: boolean): Promise<Judgement> {
    try {
      const after = await this.consensus.processIncomingVote(scope.key, vote, { late })
      const isStored = after.hasVotedFor(vote.voteOwner, vote.vote)

      if (!isStored) {
        scope.late.add(vote)
      }

      this.warnOfOwn(scope, vote)

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

      // the vote was in its time when it came, so it can only have become too late meanwhile
      if (err instanceof SessionNotActiveError || err instanceof SessionNotFoundError || err instanceof TooManyVotersError || (!late && this.clock() >= expirationTimestamp)) {
        return ignore((err as Error).message)
      }

      return rejectConsensusError(err)
    }
  }

  private warnOfOwn (scope: JoinedScope, vote: Vote): void {
    if (this.identity != null && equals(vote.voteOwner, this.identity)) {
      this.log.error('a vote of our own key, %s on proposal %d in scope %s, came from elsewhere: another node votes with this key, or this one was restored from a backup. It counts, and this node casts no other', vote.vote ? 'yes' : 'no', vote.proposalId, scope.name)
    }
  }

  private async judgeEvidence (scope: JoinedScope, evidence: Evidence): Promise<Judgement> {
    if (scope.policy.decisionRule !== 'quorum') {
      // votes here are not bound to a proposal's content, so two of them prove nothing
      return reject('there is no evidence in a scope of this decision rule')
    }

    try {
      checkEvidence(evidence)
    } catch (err) {
      return rejectConsensusError(err)
    }

    const votes = [evidence.first, evidence.second]
    const problem = voteProblem(scope, evidence.first) ?? voteProblem(scope, evidence.second)

    if (problem != null) {
      return reject(problem)
    }

    const session = await this.session(scope, evidence.first.proposalId)

    if (session?.digest == null || !equals(session.digest, evidence.first.parentHash)) {
      return ignore('the evidence is about a proposal that is not known')
    }

    if (votes.every(vote => session.hasVotedFor(vote.voteOwner, vote.vote))) {
      return known('the evidence is known')
    }

    // each vote is judged as if it had come by itself: what is known is not verified again
    for (const vote of votes) {
      const judgement = await this.judgeVote(scope, vote, true)

      if (judgement.verdict !== 'accept' && judgement.isKnown !== true) {
        return judgement
      }
    }

    return ACCEPT
  }

  /**
   * Lets a valid vote wait for its proposal. Votes of listed voters are passed on; in an open scope, where voters cost
   * nothing, a vote that may be for nothing goes no further.
   */
  private async park (scope: JoinedScope, vote: Vote): Promise<Judgement> {
    if (scope.pending.has(vote)) {
      return ignore('the vote waits for its proposal already')
    }

    if (!scope.pending.hasRoom(vote.voteOwner)) {
      return ignore('too many votes wait for their proposals')
    }

    try {
      // the proposal's times are not known yet, so only hash and signature are checked here
      await validateVote(vote, { timestamp: 0n, expirationTimestamp: MAX_UINT64 }, 0n, this.scheme)
    } catch (err) {
      return rejectConsensusError(err)
    }

    // meanwhile the scope may have been left, and other votes may have come
    if (scope.signal.aborted || scope.pending.has(vote) || !scope.pending.hasRoom(vote.voteOwner)) {
      return ignore('too many votes wait for their proposals')
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

  private async session (scope: JoinedScope, proposalId: number): Promise<ConsensusSession | undefined> {
    return this.consensus.storage.getSession(scope.key, proposalId)
  }
}

/** What the core finds wrong is the sender's fault; anything else is not */
function rejectConsensusError (err: unknown): Judgement {
  if (err instanceof ConsensusError) {
    return reject(err.message)
  }

  throw err
}
