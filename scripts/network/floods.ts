/**
 * What a hostile peer sends without end: each kind a burst that is repeated for as long as it is let.
 */

import { randomBytes } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { lpStream } from '@libp2p/utils'
import { generatePrivateKey } from 'viem/accounts'
import { encodeMessage } from '../../src/consensus/encoding/encode.ts'
import { parsePolicy, policyDigest } from '../../src/consensus/policy/policy.ts'
import { BATCH_SIZE, SYNC_PROTOCOL } from '../../src/network/sync/constants.ts'
import { GossipSigning, SyncRequest } from '../../src/pb/sync.ts'
import { ethereumSigner } from '../../src/signers/ethereum.ts'
import { makeProposal, makeVote } from './messages.ts'
import type { NodeProcess } from './node-process.ts'
import type { Peer } from './peer.ts'
import type { Encodable } from '../../src/consensus/encoding/encode.ts'
import type { ConsensusSigner, ScopePolicyInput } from '../../src/index.ts'
import type { Stream } from '@libp2p/interface'

/** Messages, topics or streams of one burst */
const BURST = 50

export interface Flooding {
  peer: Peer
  /** Who is flooded */
  target: NodeProcess
  policy: ScopePolicyInput
  /** A voter on the list of the scope, whose key the flooder has */
  listed: ConsensusSigner
}

export interface Flood {
  kind: string
  /** Whether each message by itself is what an honest peer may send: it is slowed down then, not cut off */
  looksHonest?: boolean
  burst (flooding: Flooding): Promise<void>
}

export const FLOODS: Flood[] = [
  { kind: 'forged votes', burst: async flooding => publish(flooding, async () => forgedVote(flooding.listed)) },
  { kind: 'oversize frames', burst: async flooding => send(flooding, varint(2 ** 34)) },
  { kind: 'broken frames', burst: async flooding => send(flooding, framed(randomBytes(BURST * 1_024))) },
  { kind: 'proposals of a stranger', burst: async flooding => publish(flooding, async () => proposal(flooding, ethereumSigner(generatePrivateKey()))) },
  { kind: 'proposals of a listed proposer', looksHonest: true, burst: async flooding => publish(flooding, async () => proposal(flooding, flooding.listed)) },
  { kind: 'subscriptions', burst: async flooding => send(flooding, framed(subscriptions(BURST))) },
  { kind: 'sync requests', burst: async flooding => { await Promise.all(Array.from({ length: BURST }, async () => requestSync(flooding))) } },
  { kind: 'long hellos', burst: async flooding => syncWith(flooding, randomBytes(200 * 1_024)) },
  { kind: 'syncs without end', burst: async flooding => syncWith(flooding, policyDigest(parsePolicy(flooding.policy))) }
]

async function publish ({ peer }: Flooding, make: () => Promise<Uint8Array>): Promise<void> {
  for (let count = 0; count < BURST; count++) {
    await peer.say(await make())
  }
}

/** Puts bytes into the pubsub stream as they are */
async function send ({ peer, target }: Flooding, bytes: Uint8Array): Promise<void> {
  const { streamsOutbound } = peer.host.services.pubsub as unknown as { streamsOutbound: Map<string, { rawStream: Stream }> }
  const stream = streamsOutbound.get(target.info.peerId)?.rawStream

  if (stream == null) {
    throw new Error('There is no pubsub stream')
  }

  if (!stream.send(bytes)) {
    await stream.onDrain()
  }
}

async function requestSync ({ peer, target, policy }: Flooding): Promise<void> {
  const complete = parsePolicy(policy)
  const stream = await peer.host.dialProtocol(peerIdFromString(target.info.peerId), SYNC_PROTOCOL, { signal: AbortSignal.timeout(1_000) })

  try {
    await lpStream(stream).write(encodeMessage(SyncRequest.codec(), {
      hello: { scope: complete.name, digest: policyDigest(complete), signing: GossipSigning.UNKNOWN, since: 0, root: new Uint8Array(32), yours: [] }
    }))
  } finally {
    stream.abort(new Error('on to the next'))
  }
}

/** Begins a sync, and asks for as much as may be asked for at once, until it is cut off */
async function syncWith ({ peer, target, policy }: Flooding, digest: Uint8Array): Promise<void> {
  const signal = AbortSignal.timeout(5_000)
  const stream = await peer.host.dialProtocol(peerIdFromString(target.info.peerId), SYNC_PROTOCOL, { signal })
  const frames = lpStream(stream)
  const wants = Array.from({ length: BATCH_SIZE }, (_, proposalId) => ({ proposalId, announcement: true, votes: true, have: new Uint8Array(0) }))
  const ask = async (request: Encodable<Partial<SyncRequest>>): Promise<void> => {
    await frames.write(encodeMessage(SyncRequest.codec(), request), { signal })
    await frames.read({ signal })
  }

  try {
    await ask({ hello: { scope: parsePolicy(policy).name, digest, signing: GossipSigning.UNKNOWN, since: 0, root: new Uint8Array(32), yours: [] } })

    for (;;) {
      await ask({ pull: { wants } })
    }
  } finally {
    stream.abort(new Error('on to the next'))
  }
}

async function forgedVote (voter: ConsensusSigner): Promise<Uint8Array> {
  return makeVote({ ...voter, sign: async () => randomBytes(65) }, { proposalId: 1, timestamp: 1n, digest: randomBytes(32) }, true)
}

async function proposal ({ policy }: Flooding, owner: ConsensusSigner): Promise<Uint8Array> {
  return (await makeProposal(owner, policy, randomBytes(16).toString('hex'), 60)).announcement
}

/** Says how long the frame is that follows */
function varint (value: number): Uint8Array {
  const bytes = []

  for (let rest = value; rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(rest % 128 + (rest >= 128 ? 128 : 0))
  }

  return Uint8Array.from(bytes)
}

/** An RPC of gossipsub with subscriptions to topics that nobody has heard of: field 1, with subscribe and topic */
function subscriptions (count: number): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, () => {
    const topic = randomBytes(16).toString('hex')

    return Buffer.concat([Buffer.from([0x0a, topic.length + 4, 0x08, 0x01, 0x12, topic.length]), Buffer.from(topic)])
  }))
}

function framed (bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint(bytes.byteLength), bytes])
}
