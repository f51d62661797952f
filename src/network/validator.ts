/**
 * The topic validator: takes in what arrives on a scope's topic and says what becomes of the message.
 *
 * - reject: wrong by the message and the policy alone, and so at every member; costs the sender score
 * - ignore: known already, or not now by our clock, our limits or our troubles; goes no further
 * - accept: new and valid; passed on
 *
 * Cheap checks come before signatures. Nothing that arrives makes this throw.
 */

import { isSigned } from '../consensus/announcement.ts'
import { InvalidVoteSignatureError } from '../consensus/errors.ts'
import { verifyVote } from '../consensus/vote.ts'
import { ExpiringSet } from '../util/expiring-set.ts'
import { decodeGossip, MessageTooLongError } from './gossip.ts'
import { IgnoredBudget } from './ignored.ts'
import { EvidenceJudge } from './judge-evidence.ts'
import { ProposalJudge } from './judge-proposals.ts'
import { VoteJudge } from './judge-votes.ts'
import { ignore, judgeLimit, later, reject, VOTE_FAULTS } from './judgement.ts'
import { PENDING_TTL } from './pending.ts'
import { REFUSAL_SECONDS } from './sync/constants.ts'
import type { GossipContent } from './gossip.ts'
import type { ProposalJudgeInit } from './judge-proposals.ts'
import type { VoteJudgeInit } from './judge-votes.ts'
import type { Judgement } from './judgement.ts'
import type { PubSubMessage, Verdict } from './pubsub.ts'
import type { JoinedScope } from './scope.ts'
import type { IntakeResult, ProposalSource } from './sync/intake.ts'
import type { Announcement } from '../consensus/announcement.ts'
import type { Evidence } from '../consensus/evidence.ts'
import type { Vote } from '../consensus/vote.ts'
import type { PeerId } from '@libp2p/interface'

export interface ValidatorInit extends VoteJudgeInit, Omit<ProposalJudgeInit, 'votes'> {
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
  /** Is told what has become of each message that could be read */
  onJudged (type: GossipContent['type'], verdict: Verdict): void
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
  private readonly votes: VoteJudge
  private readonly proposals: ProposalJudge
  private readonly evidence: EvidenceJudge

  constructor (init: ValidatorInit) {
    this.init = init
    this.asked = new ExpiringSet(() => init.clock(), PENDING_TTL / 1000)
    this.newer = new ExpiringSet(() => init.clock(), NEWER_FORMAT_SECONDS)
    this.votes = new VoteJudge(init)
    this.proposals = new ProposalJudge({ ...init, votes: this.votes })
    this.evidence = new EvidenceJudge(init)
  }

  async validate (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict> {
    if (scope.signal.aborted) {
      return 'ignore'
    }

    // gossipsub reads on without waiting for the answers
    if (this.ignored.isFull(peer)) {
      this.init.onPasses(scope, peer)

      return 'ignore'
    }

    const content = read(scope, message.data)
    let judgement = 'verdict' in content ? content : await this.judge(scope, peer, content)

    if (judgement.verdict === 'ignore' && this.ignored.spend(peer)) {
      judgement = await this.judgeIgnored(scope, peer, content, judgement, message.data.byteLength)
    }

    if (judgement.reason != null) {
      this.init.log('%s a message of %p in scope %s: %s', judgement.verdict, peer, scope.name, judgement.reason)
    }

    if (judgement.passes === true && judgement.isKept !== true) {
      this.init.onPasses(scope, peer, judgement.passesAt)
    }

    return judgement.verdict
  }

  /** Takes in a proposal that came by sync: judged as one that is announced, but not by our clock */
  async takeInLateProposal (scope: JoinedScope, announcement: Announcement, source: ProposalSource): Promise<IntakeResult> {
    return this.resultOf(scope, await this.judgeLateProposal(scope, announcement, source))
  }

  /**
   * Takes in votes on one proposal that came together by sync: each is judged as one that is published, but not by our clock, and
   * those that are accepted are counted once
   */
  async takeInLateVotes (scope: JoinedScope, proposalId: number, votes: readonly Vote[]): Promise<IntakeResult[]> {
    return (await this.judgeLateVotes(scope, proposalId, votes)).map(judgement => this.resultOf(scope, judgement))
  }

  /** As {@link Validator.takeInLateProposal}, with the reason */
  async judgeLateProposal (scope: JoinedScope, announcement: Announcement, source: ProposalSource | 'proof'): Promise<Judgement> {
    return this.proposals.judge(scope, announcement, source)
  }

  /** As {@link Validator.takeInLateVotes}, with the reasons */
  async judgeLateVotes (scope: JoinedScope, proposalId: number, votes: readonly Vote[]): Promise<Judgement[]> {
    return this.votes.judgeTogether(scope, proposalId, votes, { late: true })
  }

  /** Takes in evidence that did not come in a message: the members are told of it */
  async judgeEvidence (scope: JoinedScope, evidence: Evidence): Promise<Judgement> {
    return this.evidence.judge(scope, evidence, false)
  }

  /** Takes in the votes that waited for a proposal that is known now */
  async takeInPending (scope: JoinedScope, proposalId: number): Promise<void> {
    await this.votes.takeInPending(scope, proposalId)
  }

  /** Whether evidence that the core tells of came in a message, which is passed on as it is */
  isRelayed (scopeKey: string, vote: Vote): boolean {
    return this.evidence.isRelayed(scopeKey, vote)
  }

  private resultOf (scope: JoinedScope, { verdict, reason, isKnown, passes, passesAt }: Judgement): IntakeResult {
    if (reason != null && isKnown !== true) {
      this.init.log('%s what came by sync in scope %s: %s', verdict, scope.name, reason)
    }

    if (isKnown === true) {
      return 'known'
    }

    switch (verdict) {
      case 'accept': return 'new'
      case 'reject': return 'invalid'
      // what takes longer than a refusal is refused, and asked for again then
      default: return passes === true && (passesAt == null || passesAt < this.init.clock() + BigInt(REFUSAL_SECONDS)) ? 'later' : 'refused'
    }
  }

  private async judge (scope: JoinedScope, peer: PeerId, content: GossipContent): Promise<Judgement> {
    if (content.type === 'newer') {
      return this.judgeNewer(scope, peer, content.field)
    }

    let judgement: Judgement

    try {
      judgement = await this.judgeContent(scope, content)
    } catch (err) {
      judgement = this.trouble(scope, peer, err)
    }

    if (content.type === 'vote' && judgement.isParked === true) {
      this.askFor(scope, peer, content.vote)
    }

    this.init.onJudged(content.type, judgement.verdict)

    return judgement
  }

  /** What goes wrong here is our trouble, for instance with storage, and not the sender's fault */
  private trouble (scope: JoinedScope, peer: PeerId, err: unknown): Judgement {
    this.init.log.error('could not take in a message of %p in scope %s - %e', peer, scope.name, err)

    return later('our own trouble')
  }

  /** Beyond what is free for a peer the signatures in a message are verified though it is ignored, and the peer is read more slowly */
  private async judgeIgnored (scope: JoinedScope, peer: PeerId, content: GossipContent | Judgement, judgement: Judgement, length: number): Promise<Judgement> {
    return await this.ignored.check(peer, length, async () => this.verify(scope, peer, content), scope.signal) ?? judgement
  }

  /** The verdict on a message with a wrong signature; undefined where all are right */
  private async verify (scope: JoinedScope, peer: PeerId, content: GossipContent | Judgement): Promise<Judgement | undefined> {
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
  private judgeNewer (scope: JoinedScope, peer: PeerId, field: number): Judgement {
    if (!this.newer.has(scope.key)) {
      this.newer.add(scope.key)
      this.init.onNewerFormat(scope, peer, field)
    }

    return ignore(`it is in a format that this version does not know: field ${field}`)
  }

  /** Asks the sender of a vote for its proposal */
  private askFor (scope: JoinedScope, peer: PeerId, vote: Vote): void {
    const key = `${scope.key} ${peer} ${scope.pending.subject(vote)}`

    if (!this.asked.has(key)) {
      this.asked.add(key)
      this.init.onParked(scope, peer)
    }
  }

  private async judgeContent (scope: JoinedScope, content: Exclude<GossipContent, { type: 'newer' }>): Promise<Judgement> {
    switch (content.type) {
      case 'announcement': return this.proposals.judge(scope, content.announcement)
      case 'vote': return this.votes.judge(scope, content.vote, { encoded: content.encoded })
      default: return this.evidence.judge(scope, content.evidence)
    }
  }
}

/** The content of a message, or the verdict where it cannot be read */
function read (scope: JoinedScope, data: Uint8Array): GossipContent | Judgement {
  try {
    return decodeGossip(data)
  } catch (err: any) {
    // the crate knows no such limit
    return err instanceof MessageTooLongError ? judgeLimit(scope, err.message) : reject(err.message)
  }
}
