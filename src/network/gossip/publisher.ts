/**
 * Makes messages of our own proposals and votes, and sends them through the outbox.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { MissingSignerError } from '../../consensus/errors.ts'
import { announcementDigest } from '../../consensus/policy/policy.ts'
import { deadlineOf } from '../participant/request.ts'
import { encodeAnnouncement, encodeEvidence, encodeVoteGossip } from './envelope.ts'
import { Outbox } from './outbox.ts'
import type { OutboxComponents, OutgoingMessage } from './outbox.ts'
import type { Evidence } from '../../consensus/proofs/evidence.ts'
import type { Proposal } from '../../consensus/proposal/proposal.ts'
import type { ConsensusSession, ProposalHead } from '../../consensus/session/session.ts'
import type { ConsensusSigner } from '../../consensus/signing.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Logger } from '@libp2p/interface'

export class Publisher {
  readonly outbox: Outbox
  private readonly signer?: ConsensusSigner

  constructor (components: OutboxComponents, signer: ConsensusSigner | undefined, clock: () => bigint, log: Logger) {
    this.outbox = new Outbox(components, clock, log)
    this.signer = signer
  }

  /** Our key, for a purpose that needs one */
  requireSigner (purpose: string): ConsensusSigner {
    if (this.signer == null) {
      throw new MissingSignerError(`This node has no key to ${purpose} with: give voting() a signer`)
    }

    return this.signer
  }

  /** The signature of a proposal of ours that is announced */
  async sign (scope: JoinedScope, proposal: Proposal): Promise<Uint8Array> {
    return this.requireSigner('propose').sign(announcementDigest(scope.policy, proposal, scope.digest))
  }

  /** A proposal of ours as the scope is told of it */
  announcement (scope: JoinedScope, proposal: Proposal, signature: Uint8Array): OutgoingMessage {
    return message('proposal', scope, proposal, encodeAnnouncement({ proposal, signature }))
  }

  async sendVote (scope: JoinedScope, proposal: ProposalHead, vote: Vote): Promise<void> {
    await this.outbox.send(message('vote', scope, proposal, encodeVoteGossip(vote)))
  }

  /** Tells everybody of a voter who has voted both ways */
  async sendEvidence (scope: JoinedScope, proposal: ProposalHead, evidence: Evidence): Promise<void> {
    await this.outbox.send(message(`evidence against ${bytesToHex(evidence.first.voteOwner)} on`, scope, proposal, encodeEvidence(evidence)))
  }

  /** Sends our own part in a proposal again, which may not have got out before the process ended */
  async resend (scope: JoinedScope, session: ConsensusSession): Promise<void> {
    if (this.signer == null) {
      return
    }

    const { identity } = this.signer
    const { proposal } = session

    if (equals(proposal.proposalOwner, identity)) {
      const announced = { ...proposal, round: 1, votes: [] }

      await this.outbox.send(this.announcement(scope, announced, session.signature ?? await this.sign(scope, announced)))
    }

    const vote = session.hasVoted(identity) ? session.votes().find(vote => equals(vote.voteOwner, identity)) : undefined

    if (vote != null) {
      await this.sendVote(scope, proposal, vote)
    }
  }
}

function message (kind: string, { key, topic, policy }: JoinedScope, proposal: ProposalHead, data: Uint8Array): OutgoingMessage {
  return {
    key: `${kind} ${proposal.proposalId} of ${key}`,
    topic,
    data,
    expiration: deadlineOf(policy, proposal)
  }
}
