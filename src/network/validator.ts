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
import { ConsensusError, DuplicateVoteError, MaxRoundsExceededError, ProposalAlreadyExistError, ProposalExpiredError, SessionNotActiveError, SessionNotFoundError } from '../consensus/errors.ts'
import { validateVote } from '../consensus/vote.ts'
import { isSigned } from './announcement.ts'
import { decodeGossip } from './gossip.ts'
import { MAX_ACTIVE_PROPOSALS } from './limits.ts'
import { proposalProblem, voteProblem } from './rules.ts'
import type { Announcement, GossipContent } from './gossip.ts'
import type { PubSubMessage, Verdict } from './pubsub.ts'
import type { JoinedScope } from './scope.ts'
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
}

/** A verdict and, where it is not to accept, the reason */
interface Judgement {
  verdict: Verdict
  reason?: string
}

const ACCEPT: Judgement = { verdict: 'accept' }
const ignore = (reason: string): Judgement => ({ verdict: 'ignore', reason })
const reject = (reason: string): Judgement => ({ verdict: 'reject', reason })

export class Validator {
  private readonly consensus: ConsensusService
  private readonly scheme: SignatureScheme
  private readonly identity?: Uint8Array
  private readonly clock: () => bigint
  private readonly log: Logger

  constructor (init: ValidatorInit) {
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

    return judgement.verdict
  }

  /** Takes in the votes that waited for a proposal that is known now */
  async takeInPending (scope: JoinedScope, proposalId: number): Promise<void> {
    for (const vote of scope.pending.take(proposalId)) {
      try {
        const { reason } = await this.judgeVote(scope, vote)

        if (reason != null) {
          this.log('a vote that waited for proposal %d in scope %s is not taken: %s', proposalId, scope.name, reason)
        }
      } catch (err) {
        // the proposal is taken all the same, and the other votes that waited
        this.log.error('could not take in a vote that waited for proposal %d in scope %s - %e', proposalId, scope.name, err)
      }
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
      // votes here are not bound to a proposal's content, so two of them prove nothing
      default: return reject('there is no evidence in a scope of this decision rule')
    }
  }

  private async judgeAnnouncement (scope: JoinedScope, announcement: Announcement): Promise<Judgement> {
    const { proposal } = announcement
    const problem = proposalProblem(scope, proposal)

    if (problem != null) {
      return reject(problem)
    }

    if (await this.session(scope, proposal.proposalId) != null) {
      return ignore(`proposal ${proposal.proposalId} is known`)
    }

    const now = this.clock()

    if (now >= proposal.expirationTimestamp) {
      return ignore(`proposal ${proposal.proposalId} expired at ${proposal.expirationTimestamp}, it is ${now}`)
    }

    if (proposal.timestamp > now + BigInt(scope.policy.clockSkewSeconds)) {
      return ignore(`proposal ${proposal.proposalId} is from ${proposal.timestamp}, in the future: it is ${now}. Check the clock`)
    }

    if (scope.active.size + scope.arriving >= MAX_ACTIVE_PROPOSALS) {
      return ignore(`there are ${MAX_ACTIVE_PROPOSALS} active proposals already`)
    }

    scope.arriving++

    try {
      return await this.takeInProposal(scope, announcement)
    } finally {
      scope.arriving--
    }
  }

  private async takeInProposal (scope: JoinedScope, announcement: Announcement): Promise<Judgement> {
    const { proposal } = announcement

    if (!await isSigned(this.scheme, scope.policy, announcement)) {
      return reject(`proposal ${proposal.proposalId} is not signed by its owner`)
    }

    try {
      await this.consensus.processIncomingProposal(scope.key, proposal)
    } catch (err) {
      if (err instanceof ProposalAlreadyExistError || err instanceof ProposalExpiredError) {
        return ignore(err.message)
      }

      return rejectConsensusError(err)
    }

    await this.takeInPending(scope, proposal.proposalId)

    return ACCEPT
  }

  private async judgeVote (scope: JoinedScope, vote: Vote): Promise<Judgement> {
    const problem = voteProblem(scope, vote)

    if (problem != null) {
      return reject(problem)
    }

    const session = await this.session(scope, vote.proposalId)

    if (session == null) {
      return this.park(scope, vote)
    }

    const { timestamp, expirationTimestamp } = session.proposal

    if (session.hasVoted(vote.voteOwner) || scope.late.has(vote)) {
      return ignore('the voter\'s vote is known')
    }

    if (vote.timestamp < timestamp || vote.timestamp > expirationTimestamp) {
      // votes are not bound to what the proposal says, and others may have another proposal of this id
      return ignore(`the vote was cast at ${vote.timestamp}, outside of the proposal's time from ${timestamp} to ${expirationTimestamp}`)
    }

    if (this.clock() >= expirationTimestamp) {
      return ignore(`proposal ${vote.proposalId} has expired`)
    }

    return this.takeInVote(scope, vote, expirationTimestamp)
  }

  private async takeInVote (scope: JoinedScope, vote: Vote, expirationTimestamp: bigint): Promise<Judgement> {
    try {
      const after = await this.consensus.processIncomingVote(scope.key, vote)

      if (!after.hasVoted(vote.voteOwner)) {
        scope.late.add(vote)
      }

      if (this.identity != null && equals(vote.voteOwner, this.identity)) {
        this.log.error('a vote of our own key, %s on proposal %d in scope %s, came from elsewhere: another node votes with this key. It counts, and this node casts no other', vote.vote ? 'yes' : 'no', vote.proposalId, scope.name)
      }

      return ACCEPT
    } catch (err) {
      if (err instanceof MaxRoundsExceededError) {
        // a valid vote that fails the proposal, at the others, too
        return ACCEPT
      }

      // the vote was in its time when it came, so it can only have become too late meanwhile
      if (err instanceof DuplicateVoteError || err instanceof SessionNotActiveError || err instanceof SessionNotFoundError || this.clock() >= expirationTimestamp) {
        return ignore((err as Error).message)
      }

      return rejectConsensusError(err)
    }
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

    return scope.open ? ignore(`proposal ${vote.proposalId} is not known yet, the vote waits for it`) : ACCEPT
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
