/**
 * A hostile voter that has honest nodes validate one message differently, so that one of them is blamed for passing it on. It
 * speaks gossip and the sync protocol by hand.
 */

import { randomBytes } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { lpStream } from '@libp2p/utils'
import { systemClock } from '../../src/consensus/clock.ts'
import { encodeMessage } from '../../src/consensus/encoding/encode.ts'
import { parsePolicy, policyDigest } from '../../src/consensus/policy/policy.ts'
import { encodeProposal } from '../../src/consensus/proposal/proposal.ts'
import { dayOf } from '../../src/consensus/storage/interface.ts'
import { encodeVote } from '../../src/consensus/vote/vote.ts'
import { decodeGossip, encodeEvidence } from '../../src/network/gossip/envelope.ts'
import { SYNC_PROTOCOL } from '../../src/network/sync/constants.ts'
import { GossipSigning, SyncRequest, SyncResponse, SyncStatus } from '../../src/pb/sync.ts'
import { makeProposal, makeVote } from './messages.ts'
import type { Made } from './messages.ts'
import type { NodeProcess } from './node-process.ts'
import type { Peer } from './peer.ts'
import type { Encodable } from '../../src/consensus/encoding/encode.ts'
import type { ConsensusSigner, ScopePolicyInput, Vote } from '../../src/index.ts'
import type { Delivery, SyncHello } from '../../src/pb/sync.ts'
import type { Stream } from '@libp2p/interface'

const TIMEOUT_SECONDS = 60
const HOUR = 3_600n
const SYNC_TIMEOUT = 10_000

/** More votes than a node lets wait for proposals of one voter */
const PARKED = 40

export interface Framing {
  /** Peers at both ends of a line of nodes, so that what they send at the same time meets on a link between honest nodes */
  left: Peer
  right: Peer
  /** A node between, which is synced with */
  middle: NodeProcess
  policy: ScopePolicyInput
  /** The hostile voter, whose key all peers have */
  voter: ConsensusSigner
}

export interface Trick {
  what: string
  /** Resolves with the proposals that all nodes have afterwards */
  play (framing: Framing): Promise<Made[]>
}

export const TRICKS: Trick[] = [
  {
    what: 'untimely votes, to a node that does not know the proposal, while another does',
    play: async framing => meet(framing, async made => [await makeVote(framing.voter, { ...made, timestamp: made.timestamp - HOUR }, true)])
  },
  {
    what: 'evidence with untimely votes',
    play: async framing => meet(framing, async made => {
      const [first, second] = await Promise.all([true, false].map(async choice => votePart(await makeVote(framing.voter, { ...made, timestamp: made.timestamp - HOUR }, choice))))

      return [encodeEvidence({ first, second })]
    })
  },
  {
    what: 'a vote for each side, at either end',
    play: async framing => {
      const { left, right, voter } = framing
      const [made] = await meet(framing, async made => [await makeVote(voter, made, true)])

      await Promise.all([left.say(made.announcement).catch(() => {}), right.say(await makeVote(voter, made, false))])

      return [made]
    }
  },
  {
    what: 'votes bound to another proposal of the same id',
    play: async framing => meet(framing, async made => {
      const digest = Uint8Array.from([...made.digest.slice(0, 4), ...randomBytes(28)])

      return [await makeVote(framing.voter, { ...made, digest }, false)]
    })
  },
  {
    what: 'votes on proposals that are not there, more than may wait',
    play: async ({ left, right, voter }) => {
      const votes = await Promise.all(Array.from({ length: PARKED }, async () => {
        const digest = randomBytes(32)

        return makeVote(voter, { proposalId: digest.readUInt32BE(), digest, timestamp: systemClock() }, true)
      }))

      await Promise.all([sayAll(left, votes), sayAll(right, votes.reverse())])

      return []
    }
  },
  {
    what: 'a proposal from a clock that is ahead, with a vote on it',
    play: async framing => {
      const ahead = systemClock() + BigInt(framing.policy.clockSkewSeconds ?? 0) + 8n

      await meet(framing, async made => [await makeVote(framing.voter, made, true)], ahead)

      return []
    }
  },
  {
    what: 'a message of a newer format',
    play: async ({ left, right }) => {
      // field 9, with something random in it
      const message = Buffer.concat([Buffer.of(0x4a, 16), randomBytes(16)])

      await Promise.all([left.say(message), right.say(message)])

      return []
    }
  },
  {
    what: 'by sync what is gossiped at the same time, with an untimely vote',
    play: async framing => {
      const { left, right, middle, policy, voter } = framing
      const made = await makeProposal(voter, policy, `Brought ${randomBytes(4).toString('hex')}`, TIMEOUT_SECONDS)
      const untimely = await makeVote(voter, { ...made, timestamp: made.timestamp - HOUR }, false)
      const votes = [await makeVote(voter, made, true), untimely]

      await Promise.all([
        bring(left, middle, policy, deliveryOf(made, votes)),
        bring(right, middle, policy, deliveryOf(made, votes.toReversed())),
        left.say(untimely),
        right.say(made.announcement)
      ])

      return [made]
    }
  }
]

/** Says a proposal at one end, and at the same time at the other what is about it */
async function meet ({ left, right, policy, voter }: Framing, about: (made: Made) => Promise<Uint8Array[]>, timestamp?: bigint): Promise<Made[]> {
  const made = await makeProposal(voter, policy, `Framed ${randomBytes(4).toString('hex')}`, TIMEOUT_SECONDS, timestamp)
  const messages = await about(made)

  await Promise.all([sayAll(left, messages), right.say(made.announcement)])

  return [made]
}

async function sayAll (peer: Peer, messages: Uint8Array[]): Promise<void> {
  for (const message of messages) {
    await peer.say(message)
  }
}

function votePart (message: Uint8Array): Vote {
  const content = decodeGossip(message)

  if (content.type !== 'vote') {
    throw new Error('The message is no vote')
  }

  return content.vote
}

function deliveryOf ({ proposalId, announcement }: Made, votes: Uint8Array[]): Encodable<Delivery> {
  const content = decodeGossip(announcement)

  if (content.type !== 'announcement') {
    throw new Error('The message is no announcement')
  }

  const { proposal, signature } = content.announcement

  return {
    proposalId,
    announcement: { proposal: encodeProposal(proposal), signature },
    votes: votes.map(vote => encodeVote(votePart(vote)))
  }
}

function helloFor (input: ScopePolicyInput): Encodable<SyncHello> {
  const policy = parsePolicy(input)

  return { scope: policy.name, digest: policyDigest(policy), signing: GossipSigning.UNKNOWN, since: 0, root: randomBytes(32), yours: [] }
}

/** Begins a sync with a node and gives it something */
async function bring (peer: Peer, node: NodeProcess, policy: ScopePolicyInput, delivery: Encodable<Delivery>): Promise<void> {
  const signal = AbortSignal.timeout(SYNC_TIMEOUT)

  await peer.connect(node)

  const stream = await peer.host.dialProtocol(peerIdFromString(node.info.peerId), SYNC_PROTOCOL, { signal })
  const frames = lpStream(stream)

  for (const request of [{ hello: helloFor(policy) }, { push: { deliveries: [delivery] } }]) {
    await frames.write(encodeMessage(SyncRequest.codec(), request), { signal })
    await frames.read({ signal })
  }

  await stream.close({ signal })
}

/** Answers syncs of nodes: lists proposals, and when they are asked for says that they are gone, or nothing at all */
export async function claim (peer: Peer, policy: ScopePolicyInput): Promise<void> {
  await peer.host.handle(SYNC_PROTOCOL, async stream => {
    try {
      await answer(stream, policy)
    } catch (err: any) {
      // the node has hung up
      stream.abort(err)
    }
  })
}

async function answer (stream: Stream, policy: ScopePolicyInput): Promise<void> {
  const frames = lpStream(stream)
  const day = dayOf({ expirationTimestamp: systemClock() })
  const summaries = [1, 2, 3].map(proposalId => ({ proposalId, digest: randomBytes(32), entry: randomBytes(32), flags: 0 }))

  for (;;) {
    const { hello, days, summaries: listed, pull, push } = SyncRequest.decode((await frames.read()).subarray())
    const response = {
      ...hello == null ? {} : { hello: helloFor(policy) },
      ...days == null ? {} : { days: { days: [{ day, digest: randomBytes(32) }] } },
      ...listed == null ? {} : { summaries: { days: [{ day, summaries }] } },
      // of the first it says nothing, of the others that they were deleted
      ...pull == null ? {} : { deliveries: { deliveries: pull.wants.slice(1).map(({ proposalId }) => ({ proposalId, holding: { have: new Uint8Array(0), entry: new Uint8Array(0), flags: 2 }, votes: [] })) } },
      ...push == null ? {} : { ack: { taken: [] } }
    }

    await frames.write(encodeMessage(SyncResponse.codec(), { status: SyncStatus.OK, more: false, ...response }))
  }
}
