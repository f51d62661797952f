/**
 * The topic validator: takes in what arrives on a scope's topic and says what becomes of the message.
 *
 * - reject: wrong by the message and the policy alone, and so at every member; costs the sender score
 * - ignore: known already, or not now by our clock, our limits or our troubles; goes no further
 * - accept: new and valid; passed on
 *
 * Cheap checks come before signatures. Nothing that arrives makes this throw.
 */

import { InvalidVoteSignatureError } from '../../consensus/errors.ts'
import { isSigned } from '../../consensus/proposal/announcement.ts'
import { verifyVote } from '../../consensus/vote/vote.ts'
import { ExpiringSet } from '../../util/expiring-set.ts'
import { decodeGossip, MessageTooLongError } from '../gossip/envelope.ts'
import { REFUSAL_SECONDS } from '../sync/constants.ts'
import { EvidenceValidator } from './evidence-validator.ts'
import { IgnoredBudget } from './ignored-budget.ts'
import { PARKED_TTL } from './parked-votes.ts'
import { ProposalValidator } from './proposal-validator.ts'
import { ignore, validateLimit, later, reject, VOTE_FAULTS } from './verdict.ts'
import { VoteValidator } from './vote-validator.ts'
import type { ProposalValidatorInit } from './proposal-validator.ts'
import type { Validation } from './verdict.ts'
import type { VoteValidatorInit } from './vote-validator.ts'
import type { Evidence } from '../../consensus/proofs/evidence.ts'
import type { Announcement } from '../../consensus/proposal/announcement.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { GossipContent } from '../gossip/envelope.ts'
import type { PubSubMessage, Verdict } from '../gossip/pubsub.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { IntakeResult, ProposalSource } from '../sync/intake.ts'
import type { PeerId } from '@libp2p/interface'

export interface ValidatorInit extends VoteValidatorInit, Omit<ProposalValidatorInit, 'votes'> {
  /** Called when a vote waits for a proposal that is not known, with the peer it came from; once for each proposal and peer in two minutes */
  onParked (scope: JoinedScope, peer: PeerId): void
  /**
   * Called when something is ignored for a reason that passes: by gossip its sender does not send it again soon
   *
   * @param passesAt - when the reason has passed, Unix seconds, where that is known
   */
  onPasses (scope: JoinedScope, peer: PeerId, passesAt?: bigint): void
  /** Called with the first message in an hour that only a later version of the protocol can read, and its field */
  onNewerFormat (scope: JoinedScope, peer: PeerId, field: number): void
  /** Called with the verdict on each message that could be read */
  onValidated (type: GossipContent['type'], verdict: Verdict): void
}

/** Seconds until an operator is told of a newer format again */
const NEWER_FORMAT_SECONDS = 60 * 60

export class Validator {
  private readonly init: ValidatorInit
  /** Which peers have been asked for which proposals, on which votes wait */
  private readonly asked: ExpiringSet
  /** Scopes whose operator has been told of a newer format */
  private readonly newer: ExpiringSet
  private readonly ignored = new IgnoredBudget()
  private readonly votes: VoteValidator
  private readonly proposals: ProposalValidator
  private readonly evidence: EvidenceValidator

  constructor (init: ValidatorInit) {
    this.init = init
    this.asked = new ExpiringSet(() => init.clock(), PARKED_TTL / 1000)
    this.newer = new ExpiringSet(() => init.clock(), NEWER_FORMAT_SECONDS)
    this.votes = new VoteValidator(init)
    this.proposals = new ProposalValidator({ ...init, votes: this.votes })
    this.evidence = new EvidenceValidator(init)
  }

  async validate (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict> {
    if (scope.signal.aborted) {
      return 'ignore'
    }

    // gossipsub reads on without waiting for the answers
    if (!this.ignored.hasRoom(peer, message.data.byteLength)) {
      this.init.onPasses(scope, peer)

      return 'ignore'
    }

    const content = read(scope, message.data)
    let validation = 'verdict' in content ? content : await this.validateGossip(scope, peer, content)

    if (validation.verdict === 'ignore' && this.ignored.spend(peer)) {
      validation = await this.validateIgnored(scope, peer, content, validation, message.data.byteLength)
    }

    if (validation.reason != null) {
      this.init.log('%s a message of %p in scope %s: %s', validation.verdict, peer, scope.name, validation.reason)
    }

    if (validation.result === 'later') {
      this.init.onPasses(scope, peer, validation.passesAt)
    }

    return validation.verdict
  }

  /** Takes in a proposal that came by sync: validated as one that is announced, but not by our clock */
  async takeInLateProposal (scope: JoinedScope, announcement: Announcement, source: ProposalSource): Promise<IntakeResult> {
    return this.resultOf(scope, await this.validateLateProposal(scope, announcement, source))
  }

  /**
   * Takes in votes on one proposal that came together by sync: each is validated as one that is published, but not by our clock, and
   * those that are accepted are counted once
   */
  async takeInLateVotes (scope: JoinedScope, proposalId: number, votes: readonly Vote[]): Promise<IntakeResult[]> {
    return (await this.validateLateVotes(scope, proposalId, votes)).map(validation => this.resultOf(scope, validation))
  }

  /** As {@link Validator.takeInLateProposal}, with the reason */
  async validateLateProposal (scope: JoinedScope, announcement: Announcement, source: ProposalSource | 'proof'): Promise<Validation> {
    return this.proposals.validate(scope, announcement, source)
  }

  /** As {@link Validator.takeInLateVotes}, with the reasons */
  async validateLateVotes (scope: JoinedScope, proposalId: number, votes: readonly Vote[]): Promise<Validation[]> {
    return this.votes.validateTogether(scope, proposalId, votes, { late: true })
  }

  /** Takes in evidence that did not come in a message: the members are told of it */
  async validateEvidence (scope: JoinedScope, evidence: Evidence): Promise<Validation> {
    return this.evidence.validate(scope, evidence, false)
  }

  /** Takes in the votes that waited for a proposal that is known now */
  async takeInPending (scope: JoinedScope, proposalId: number): Promise<void> {
    await this.votes.takeInPending(scope, proposalId)
  }

  /** Whether evidence that the core tells of came in a message, which is passed on as it is */
  isRelayed (scopeKey: string, vote: Vote): boolean {
    return this.evidence.isRelayed(scopeKey, vote)
  }

  private resultOf (scope: JoinedScope, { verdict, result, reason, passesAt }: Validation): IntakeResult {
    if (reason != null && result !== 'known') {
      this.init.log('%s what came by sync in scope %s: %s', verdict, scope.name, reason)
    }

    if (result !== 'later' && result !== 'kept' && result !== 'parked') {
      return result
    }

    // what takes longer than a refusal is refused, and asked for again then
    return passesAt == null || passesAt < this.init.clock() + BigInt(REFUSAL_SECONDS) ? 'later' : 'refused'
  }

  private async validateGossip (scope: JoinedScope, peer: PeerId, content: GossipContent): Promise<Validation> {
    if (content.type === 'newer') {
      return this.validateNewer(scope, peer, content.field)
    }

    let validation: Validation

    try {
      validation = await this.validateContent(scope, content)
    } catch (err) {
      validation = this.trouble(scope, peer, err)
    }

    if (content.type === 'vote' && validation.result === 'parked') {
      this.askFor(scope, peer, content.vote)
    }

    this.init.onValidated(content.type, validation.verdict)

    return validation
  }

  /** What goes wrong here is our trouble, for instance with storage, and not the sender's fault */
  private trouble (scope: JoinedScope, peer: PeerId, err: unknown): Validation {
    this.init.log.error('could not take in a message of %p in scope %s - %e', peer, scope.name, err)

    return later('our own trouble')
  }

  /** Beyond what is free for a peer the signatures in a message are verified though it is ignored, and the peer is read more slowly */
  private async validateIgnored (scope: JoinedScope, peer: PeerId, content: GossipContent | Validation, validation: Validation, length: number): Promise<Validation> {
    return await this.ignored.check(peer, length, async () => this.verify(scope, peer, content), scope.signal) ?? validation
  }

  /** The verdict on a message with a wrong signature; undefined where all are right */
  private async verify (scope: JoinedScope, peer: PeerId, content: GossipContent | Validation): Promise<Validation | undefined> {
    try {
      if (!('verdict' in content)) {
        await this.verifySignatures(scope, content)
      }
    } catch (err) {
      if (VOTE_FAULTS.some(fault => err instanceof fault)) {
        return reject((err as Error).message)
      }

      this.trouble(scope, peer, err)
    }
  }

  private async verifySignatures (scope: JoinedScope, content: GossipContent): Promise<void> {
    const { scheme } = this.init

    switch (content.type) {
      case 'vote': return verifyVote(content.vote, scheme, content.encoded)
      case 'evidence':
        await verifyVote(content.evidence.first, scheme)
        return verifyVote(content.evidence.second, scheme)
      case 'announcement':
        if (!await isSigned(scheme, scope, content.announcement)) {
          throw new InvalidVoteSignatureError('The proposal is not signed by its owner')
        }
        break
      default:
    }
  }

  /** Not passed on, since nobody here can tell what it is; not held against a sender that may be honest and up to date */
  private validateNewer (scope: JoinedScope, peer: PeerId, field: number): Validation {
    if (!this.newer.has(scope.key)) {
      this.newer.add(scope.key)
      this.init.onNewerFormat(scope, peer, field)
    }

    return ignore(`it is in a format that this version does not know: field ${field}`)
  }

  /** Asks the sender of a vote for its proposal */
  private askFor (scope: JoinedScope, peer: PeerId, vote: Vote): void {
    const key = `${scope.key} ${peer} ${scope.parked.subject(vote)}`

    if (!this.asked.has(key)) {
      this.asked.add(key)
      this.init.onParked(scope, peer)
    }
  }

  private async validateContent (scope: JoinedScope, content: Exclude<GossipContent, { type: 'newer' }>): Promise<Validation> {
    switch (content.type) {
      case 'announcement': return this.proposals.validate(scope, content.announcement)
      case 'vote': return this.votes.validate(scope, content.vote, { encoded: content.encoded })
      default: return this.evidence.validate(scope, content.evidence)
    }
  }
}

/** The content of a message, or the verdict where it cannot be read */
function read (scope: JoinedScope, data: Uint8Array): GossipContent | Validation {
  try {
    return decodeGossip(data)
  } catch (err: any) {
    // the crate knows no such limit
    return err instanceof MessageTooLongError ? validateLimit(scope, err.message) : reject(err.message)
  }
}
