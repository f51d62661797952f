/**
 * A peer that takes part in gossip and in nothing else: it hears what the nodes send, and holds on to it.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { parsePolicy, policyDigest } from '../../src/consensus/policy/policy.ts'
import { validateVote } from '../../src/consensus/vote/vote.ts'
import { decodeGossip } from '../../src/network/gossip/envelope.ts'
import { topicOf } from '../../src/network/gossip/topic.ts'
import { ethereumScheme, identityToAddress } from '../../src/signers/ethereum.ts'
import { createPeerHost } from '../network/peer.ts'
import type { SeenVote } from './observations.ts'
import type { ScopePolicyInput, Vote } from '../../src/index.ts'
import type { GossipContent } from '../../src/network/gossip/envelope.ts'
import type { PeerHost } from '../network/peer.ts'

export class Recorder {
  private readonly host: PeerHost
  private readonly onVote: (vote: SeenVote) => void
  private readonly scheme = ethereumScheme()

  private constructor (host: PeerHost, onVote: (vote: SeenVote) => void) {
    this.host = host
    this.onVote = onVote
  }

  /**
   * @param onVote - told of every valid vote, whether or not a node would count it
   */
  static async start (onVote: (vote: SeenVote) => void): Promise<Recorder> {
    return new Recorder(await createPeerHost('StrictSign', ['/ip4/127.0.0.1/tcp/0']), onVote)
  }

  /** Where nodes reach it */
  get address (): string {
    return this.host.getMultiaddrs()[0].toString()
  }

  /** Begins to hear what is said in a scope */
  listen (input: ScopePolicyInput): void {
    const policy = parsePolicy(input)
    const topic = topicOf(policy.name, policyDigest(policy))
    const { pubsub } = this.host.services

    pubsub.addEventListener('message', ({ detail }) => {
      if (detail.topic === topic) {
        void this.record(policy.name, detail.data)
      }
    })
    pubsub.subscribe(topic)
  }

  async stop (): Promise<void> {
    await this.host.stop()
  }

  private async record (scope: string, data: Uint8Array): Promise<void> {
    for (const vote of votesIn(decodeGossip(data))) {
      // whether it is in time for its proposal matters to those who count it
      await validateVote(vote, { timestamp: vote.timestamp, expirationTimestamp: vote.timestamp }, vote.timestamp, this.scheme)
      this.onVote({
        scope,
        proposalId: vote.proposalId,
        voter: identityToAddress(vote.voteOwner),
        choice: vote.vote ? 'yes' : 'no',
        timestamp: Number(vote.timestamp),
        hash: bytesToHex(vote.voteHash)
      })
    }
  }
}

function votesIn (content: GossipContent): Vote[] {
  switch (content.type) {
    case 'announcement': return content.announcement.proposal.votes
    case 'vote': return [content.vote]
    case 'evidence': return [content.evidence.first, content.evidence.second]
    default: return []
  }
}
