/**
 * The topic validator: takes in what arrives on a scope's topic and says what becomes of the message.
 *
 * - reject: wrong by the protocol's constants and this policy, the same at every member; costs the sender score
 * - ignore: known already, or not now by our clock, our limits or our troubles; goes no further
 * - accept: new and valid; passed on
 *
 * Cheap checks come before signatures. Nothing that arrives makes this throw.
 */

import { decodeGossip } from './gossip.ts'
import { EvidenceJudge } from './judge-evidence.ts'
import { ProposalJudge } from './judge-proposals.ts'
import { VoteJudge } from './judge-votes.ts'
import { ignore, reject } from './judgement.ts'
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
  /** Is told when a vote waits for a proposal that is not known, with the peer it came from */
  onParked (scope: JoinedScope, peer: PeerId): void
  /** Is told what has become of each message that could be read */
  onJudged (type: GossipContent['type'], verdict: Verdict): void
}

export class Validator {
  private readonly init: ValidatorInit
  private readonly votes: VoteJudge
  private readonly proposals: ProposalJudge
  private readonly evidence: EvidenceJudge

  constructor (init: ValidatorInit) {
    this.init = init
    this.votes = new VoteJudge(init)
    this.proposals = new ProposalJudge({ ...init, votes: this.votes })
    this.evidence = new EvidenceJudge({ ...init, votes: this.votes })
  }

  async validate (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict> {
    const { log } = this.init

    if (scope.signal.aborted) {
      return 'ignore'
    }

    let judgement: Judgement

    try {
      judgement = await this.judge(scope, message.data)
    } catch (err) {
      // what goes wrong here is our trouble, for instance with storage, and not the sender's fault
      log.error('could not take in a message of %p in scope %s - %e', peer, scope.name, err)
      judgement = ignore('our own trouble')
    }

    if (judgement.reason != null) {
      log('%s a message of %p in scope %s: %s', judgement.verdict, peer, scope.name, judgement.reason)
    }

    if (judgement.isParked === true) {
      this.init.onParked(scope, peer)
    }

    return judgement.verdict
  }

  /** Takes in a proposal that came by sync: judged as one that is announced, but not by our clock */
  async takeInLateProposal (scope: JoinedScope, announcement: Announcement, source: ProposalSource): Promise<IntakeResult> {
    return this.resultOf(scope, await this.judgeLateProposal(scope, announcement, source))
  }

  /** Takes in a vote that came by sync: judged as one that is published, but not by our clock */
  async takeInLateVote (scope: JoinedScope, vote: Vote): Promise<IntakeResult> {
    return this.resultOf(scope, await this.judgeLateVote(scope, vote))
  }

  /** As {@link Validator.takeInLateProposal}, with the reason */
  async judgeLateProposal (scope: JoinedScope, announcement: Announcement, source: ProposalSource | 'proof'): Promise<Judgement> {
    return this.proposals.judge(scope, announcement, source)
  }

  /** As {@link Validator.takeInLateVote}, with the reason */
  async judgeLateVote (scope: JoinedScope, vote: Vote): Promise<Judgement> {
    return this.votes.judge(scope, vote, { late: true })
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

  private resultOf (scope: JoinedScope, { verdict, reason, isKnown, passes }: Judgement): IntakeResult {
    if (reason != null && isKnown !== true) {
      this.init.log('%s what came by sync in scope %s: %s', verdict, scope.name, reason)
    }

    if (isKnown === true) {
      return 'known'
    }

    switch (verdict) {
      case 'accept': return 'new'
      case 'reject': return 'invalid'
      default: return passes === true ? 'later' : 'refused'
    }
  }

  private async judge (scope: JoinedScope, data: Uint8Array): Promise<Judgement> {
    let content: GossipContent

    try {
      content = decodeGossip(data)
    } catch (err: any) {
      return reject(err.message)
    }

    const judgement = await this.judgeContent(scope, content)

    this.init.onJudged(content.type, judgement.verdict)

    return judgement
  }

  private async judgeContent (scope: JoinedScope, content: GossipContent): Promise<Judgement> {
    switch (content.type) {
      case 'announcement': return this.proposals.judge(scope, content.announcement)
      case 'vote': return this.votes.judge(scope, content.vote, { encoded: content.encoded })
      default: return this.evidence.judge(scope, content.evidence)
    }
  }
}
