import { join } from 'node:path'
import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'aegir/chai'
import { createLibp2p } from 'libp2p'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { encodeVoteGossip } from '../../src/network/gossip.ts'
import { createNode } from '../../src/node/index.ts'
import { FLOOD_LIMITS } from '../../src/node/settings.ts'
import { ethereumSigner } from '../../src/signers/ethereum.ts'
import { makeVote, now } from '../utils/messages.ts'
import { SlowLink } from '../utils/slow-link.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { VotingNode } from '../../src/node/index.ts'
import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'

/** Puts a frame of less than 128 bytes into the pubsub stream as it is */
function sendFrame (libp2p: Libp2p<{ pubsub: GossipSub }>, node: VotingNode, frame: Uint8Array): void {
  const { streamsOutbound } = libp2p.services.pubsub as unknown as { streamsOutbound: Map<string, { rawStream: Stream }> }

  streamsOutbound.get(node.libp2p.peerId.toString())?.rawStream.send(Uint8Array.from([frame.byteLength, ...frame]))
}

describe('bans', () => {
  const folder = useTempFolder()
  let node: VotingNode
  let hostile: Libp2p<{ pubsub: GossipSub }>
  let topic: string

  beforeEach(async () => {
    node = await createNode({ dataDirectory: join(folder.path, 'data'), lockDirectory: join(folder.path, 'locks'), local: true })
    topic = (await node.voting.join('lobby')).topic
    hostile = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), pubsub: (components: any) => gossipsub()(components) as GossipSub }
    })
    hostile.services.pubsub.subscribe(topic)
    await hostile.dial(node.libp2p.getMultiaddrs())
    await pWaitFor(() => hostile.services.pubsub.getSubscribers(topic).length === 1 && node.libp2p.services.pubsub.getSubscribers(topic).length === 1, { timeout: 10_000 })
  })

  afterEach(async () => {
    await hostile.stop()
    await node.stop()
  })

  it('cuts off who sends invalid votes, and lets nobody in that it has cut off', async () => {
    for (let count = 0; count < 4; count++) {
      const signature = new Uint8Array(65).fill(count + 1)

      await hostile.services.pubsub.publish(topic, encodeVoteGossip(await makeVote(ethereumSigner(generatePrivateKey()), { proposalId: 1, timestamp: now() }, true, { signature })))
    }

    await pWaitFor(() => node.libp2p.getConnections(hostile.peerId).length === 0, { timeout: 5_000 })

    // whether a handshake that is refused fails at once or ends right after is a matter of timing
    await hostile.dial(node.libp2p.getMultiaddrs()).catch(() => {})
    await pWaitFor(() => hostile.getConnections(node.libp2p.peerId).length === 0, { timeout: 5_000 })
    await expect(node.libp2p.dial(hostile.getMultiaddrs())).to.eventually.be.rejected()
    expect(node.libp2p.getConnections(hostile.peerId)).to.be.empty()
  })

  it('cuts off who sends frames that are too long, after it could have begun anew', async () => {
    const pubsub = hostile.services.pubsub as GossipSub & { streamsOutbound: Map<string, { rawStream: { send (bytes: Uint8Array): boolean } }> }
    const key = node.libp2p.peerId.toString()
    let ended = 0

    hostile.addEventListener('connection:close', () => { ended++ })

    await pWaitFor(async () => {
      if (hostile.getConnections().length === 0) {
        await hostile.dial(node.libp2p.getMultiaddrs()).catch(() => {})
      }

      // says that a frame of 2^34 bytes follows
      pubsub.streamsOutbound.get(key)?.rawStream.send(Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0x3f]))

      return ended >= 3 && node.libp2p.getConnections(hostile.peerId).length === 0
    }, { timeout: 20_000 })

    await hostile.dial(node.libp2p.getMultiaddrs()).catch(() => {})
    await pWaitFor(() => hostile.getConnections(node.libp2p.peerId).length === 0, { timeout: 5_000 })
  })

  it('waits for who comes again through a slow link, though it knows what it speaks', async () => {
    const [, port] = /tcp\/(\d+)/.exec(`${node.libp2p.getMultiaddrs()[0]}`) ?? []
    const slow = await SlowLink.open(Number(port), 350)
    const { pubsub } = node.libp2p.services
    const takesPart = (): boolean => pubsub.getPeers().some(peer => peer.equals(hostile.peerId))
    const comeAgain = async (): Promise<Connection> => {
      await hostile.hangUp(node.libp2p.peerId)
      await pWaitFor(() => !takesPart() && node.libp2p.getConnections(hostile.peerId).length === 0, { timeout: 5_000 })

      const connection = await hostile.dial(multiaddr(`/ip4/127.0.0.1/tcp/${slow.port}/p2p/${node.libp2p.peerId}`))

      await pWaitFor(takesPart, { timeout: 10_000 })

      return connection
    }

    try {
      expect(await comeAgain()).to.have.property('status', 'open')
      expect(await comeAgain()).to.have.property('status', 'open')
      expect((pubsub as any).score.params.appSpecificScore(hostile.peerId.toString())).to.equal(0)
    } finally {
      await slow.close()
    }
  })

  it('cuts off who sends frames that cannot be read, but not for one of them', async () => {
    sendFrame(hostile, node, Uint8Array.from([0xff, 0xff]))
    // it is heard all the same, by the same stream
    hostile.services.pubsub.subscribe('another')
    await pWaitFor(() => node.libp2p.services.pubsub.getSubscribers('another').length === 1, { timeout: 5_000 })

    for (let count = 0; count < 20; count++) {
      sendFrame(hostile, node, Uint8Array.from([0xff, 0xff]))
    }

    await pWaitFor(() => node.libp2p.getConnections(hostile.peerId).length === 0, { timeout: 5_000 })
    await expect(node.libp2p.dial(hostile.getMultiaddrs())).to.eventually.be.rejected()
  })

  it('cuts off who changes its subscriptions without end', async () => {
    const limit = FLOOD_LIMITS.subscriptions

    for (let count = 0; count <= limit; count++) {
      hostile.services.pubsub[count % 2 === 0 ? 'subscribe' : 'unsubscribe']('on and off')
    }

    await pWaitFor(() => node.libp2p.getConnections(hostile.peerId).length === 0, { timeout: 5_000 })
    await expect(node.libp2p.dial(hostile.getMultiaddrs())).to.eventually.be.rejected()
  })

  it('cuts off who opens streams without end', async () => {
    await pWaitFor(async () => {
      // of a protocol that nobody speaks: these get to no handler
      await hostile.dialProtocol(node.libp2p.getMultiaddrs(), '/unheard-of/1.0.0').catch(() => {})

      return node.libp2p.getConnections(hostile.peerId).length === 0
    }, { interval: 0, timeout: 20_000 })

    await expect(node.libp2p.dial(hostile.getMultiaddrs())).to.eventually.be.rejected()
  })
})
