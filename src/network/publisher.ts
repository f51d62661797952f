/**
 * Makes messages of our own proposals and votes, and sends them through the outbox.
 */

import { equals } from 'uint8arrays/equals'
import { MissingSignerError } from '../consensus/errors.ts'
import { announcementDigest } from '../consensus/policy.ts'
import { encodeAnnouncement, encodeVoteGossip } from './gossip.ts'
import { Outbox } from './outbox.ts'
import type { OutboxComponents, OutgoingMessage } from './outbox.ts'
import type { JoinedScope } from './scope.ts'
import type { Proposal } from '../consensus/proposal.ts'
import type { ConsensusSession, ProposalHead } from '../consensus/session.ts'
import type { ConsensusSigner } from '../consensus/signing.ts'
import type { Vote } from '../consensus/vote.ts'
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

  /** A proposal of ours as the scope is told of it, signed */
  async announcement (scope: JoinedScope, proposal: Proposal): Promise<OutgoingMessage> {
    const signature = await this.requireSigner('propose').sign(announcementDigest(scope.policy, proposal))

    return message('proposal', scope, proposal, encodeAnnouncement({ proposal, signature }))
  }

  async sendVote (scope: JoinedScope, proposal: ProposalHead, vote: Vote): Promise<void> {
    await this.outbox.send(message('vote', scope, proposal, encodeVoteGossip(vote)))
  }

  /** Sends our own part in a proposal again, which may not have got out before the process ended */
  async resend (scope: JoinedScope, session: ConsensusSession): Promise<void> {
    if (this.signer == null) {
      return
    }

    const { identity } = this.signer
    const { proposal } = session

    if (equals(proposal.proposalOwner, identity)) {
      await this.outbox.send(await this.announcement(scope, { ...proposal, round: 1, votes: [] }))
    }

    const vote = session.hasVoted(identity) ? session.votes().find(vote => equals(vote.voteOwner, identity)) : undefined

    if (vote != null) {
      await this.sendVote(scope, proposal, vote)
    }
  }
}

function message (kind: string, { key, topic }: JoinedScope, { proposalId, expirationTimestamp }: ProposalHead, data: Uint8Array): OutgoingMessage {
  return {
    key: `${kind} ${proposalId} of ${key}`,
    topic,
    data,
    expiration: expirationTimestamp
  }
}
