import { join } from 'node:path'
import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import FakeTimers from '@sinonjs/fake-timers'
import { expect } from 'aegir/chai'
import { createLibp2p } from 'libp2p'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { parsePolicy, policyDigest } from '../../../src/consensus/policy/policy.ts'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { votingScoreParams } from '../../../src/network/gossip/score.ts'
import { topicOf } from '../../../src/network/gossip/topic.ts'
import { createNode } from '../../../src/node/index.ts'
import { Bans } from '../../../src/node/libp2p/bans.ts'
import { BAN_TIME, FAULT_HALF_LIFE, FLOOD_LIMITS } from '../../../src/node/libp2p/settings.ts'
import { ethereumSigner } from '../../../src/signers/ethereum.ts'
import { Liar } from '../../utils/liar.ts'
import { makeVote, now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { SlowLink } from '../../utils/slow-link.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { VotingNode } from '../../../src/node/index.ts'
import type { TestNode } from '../../utils/nodes.ts'
import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'

/** Puts a frame of less than 128 bytes into the pubsub stream as it is */
function sendFrame (libp2p: Libp2p<{ pubsub: GossipSub }>, node: VotingNode, frame: Uint8Array): void {
  const { streamsOutbound } = libp2p.services.pubsub as unknown as { streamsOutbound: Map<string, { rawStream: Stream }> }

  streamsOutbound.get(node.libp2p.peerId.toString())?.rawStream.send(Uint8Array.from([frame.byteLength, ...frame]))
}

/** The score of a peer at this moment; gossipsub keeps the one it gives for a second */
function scoreOf (node: VotingNode, peerId: PeerId): number {
  const { score } = node.libp2p.services.pubsub as any

  return score.computeScore(`${peerId}`, score.peerStats.get(`${peerId}`), score.params, score.peerIPs)
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

  it('holds nothing against a peer whose pubsub stream was reset again and again, and takes it back', async () => {
    const { pubsub } = node.libp2p.services
    const streams = (hostile.services.pubsub as unknown as { streamsOutbound: Map<string, { rawStream: Stream }> }).streamsOutbound
    const takesPart = (): boolean => pubsub.getPeers().some(peer => peer.equals(hostile.peerId)) && streams.has(`${node.libp2p.peerId}`)

    const isGone = (): boolean => node.libp2p.getConnections(hostile.peerId).length + hostile.getConnections(node.libp2p.peerId).length === 0

    for (let count = 0; count < 4; count++) {
      // as gossipsub does where its buffer for a peer is full
      streams.get(`${node.libp2p.peerId}`)?.rawStream.abort(new Error('the buffer is full'))
      await pWaitFor(isGone, { timeout: 10_000 })
      await hostile.dial(node.libp2p.getMultiaddrs())
      await pWaitFor(takesPart, { timeout: 10_000 })
    }

    expect(scoreOf(node, hostile.peerId)).to.be.at.least(0)
  })

  it('holds nothing against a peer that breaks a few promises, as one that was suspended does', async () => {
    const { score } = node.libp2p.services.pubsub as unknown as { score: { addPenalty (peer: string, penalty: number, reason: string): void } }

    score.addPenalty(`${hostile.peerId}`, 4, 'broken_promise')
    expect(scoreOf(node, hostile.peerId)).to.be.at.least(0)
    score.addPenalty(`${hostile.peerId}`, 10, 'broken_promise')
    expect(scoreOf(node, hostile.peerId)).to.be.below(0)
  })

  it('thinks less of who lies in a sync, and cuts it off when it goes on', async () => {
    const { score } = node.libp2p.services.pubsub as any
    const liar = await Liar.create()
    const lie = async (): Promise<void> => {
      const { stream } = await liar.open(node)

      stream.send(Uint8Array.of(3, 255, 255, 255))
    }

    try {
      await lie()
      await pWaitFor(() => Math.round(score.params.appSpecificScore(`${liar.libp2p.peerId}`)) === -20, { timeout: 5_000 })
      expect(node.libp2p.getConnections(liar.libp2p.peerId)).to.have.length(1)

      for (const points of [-40, -60, -80]) {
        await lie()
        await pWaitFor(() => Math.round(score.params.appSpecificScore(`${liar.libp2p.peerId}`)) === points, { timeout: 5_000 })
      }

      // some of it is forgotten already
      await lie()
      await pWaitFor(() => node.libp2p.getConnections(liar.libp2p.peerId).length === 0, { timeout: 5_000 })
      await expect(node.libp2p.dial(liar.libp2p.getMultiaddrs())).to.eventually.be.rejected()
    } finally {
      await liar.stop()
    }
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

describe('bans, in time', () => {
  let clock: FakeTimers.Clock
  let peer: PeerId

  beforeEach(async () => {
    peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    clock = FakeTimers.install({ toFake: ['Date'], now: Date.now() })
  })

  afterEach(() => {
    clock.uninstall()
  })

  it('forget half of a peer\'s faults in ten minutes', () => {
    const bans = new Bans()

    bans.addFault(peer, 60)
    clock.tick(FAULT_HALF_LIFE)
    expect(bans.scoreOf(`${peer}`)).to.equal(-30)
    bans.addFault(peer, 49)
    expect(bans.has(peer)).to.equal(false)
    bans.addFault(peer, 1)
    expect(bans.has(peer)).to.equal(true)
  })

  it('end after ten minutes', async () => {
    const bans = new Bans()

    bans.ban(peer, 'it is a test')
    clock.tick(BAN_TIME - 1)
    expect(bans.list().map(String)).to.deep.equal([`${peer}`])
    clock.tick(1)
    expect(bans.list()).to.be.empty()
    expect(await bans.gater.denyDialPeer?.(peer)).to.equal(false)
  })
})

describe('bans, where libp2p lets everybody in', () => {
  const network = new TestNetwork()
  let bans: Bans
  let node: TestNode
  let other: TestNode

  async function look (): Promise<void> {
    await (bans as any).check()
  }

  beforeEach(async () => {
    bans = new Bans()
    node = await network.add({ gossipsub: { scoreParams: { IPColocationFactorThreshold: 5, IPColocationFactorWeight: -5 } as any } })
    other = await network.add()
    bans.start(node.libp2p as any)
  })

  afterEach(async () => {
    bans.stop()
    await network.stop()
  })

  it('cut off a peer that has a connection all the same', async () => {
    const { peerId } = other.libp2p

    bans.ban(peerId, 'it is a test')
    expect(await bans.gater.denyInboundUpgradedConnection?.(peerId, {} as any)).to.equal(true)
    await other.libp2p.dial(node.libp2p.getMultiaddrs())
    await pWaitFor(() => node.libp2p.getConnections(peerId).length === 0 && other.libp2p.getConnections().length === 0, { timeout: 5_000 })
  })

  it('do not hit a member that signs its gossip in another way, whose messages gossipsub finds invalid', async () => {
    const policy = parsePolicy({ name: 'lobby' })
    const topic = topicOf(policy.name, policyDigest(policy))
    const scoring = await network.add({ gossipsub: { scoreParams: { topics: votingScoreParams(topic) } as any } })
    const unsigned = await network.add({ gossipsub: { globalSignaturePolicy: 'StrictNoSign' } })
    const { peerId } = unsigned.libp2p

    bans.stop()
    bans.start(scoring.libp2p as any)
    await network.connect([scoring, unsigned])
    await network.join(policy, [scoring, unsigned])
    await pWaitFor(() => scoring.voting.scopes()[0].otherSigning.length === 1, { timeout: 10_000 })

    for (let count = 0; count < 5; count++) {
      await unsigned.voting.propose('lobby', { name: `${count}`, expectedVotersCount: 1 })
    }

    await pWaitFor(() => (scoring.pubsub as any).getScore(`${peerId}`) <= -80, { timeout: 10_000 })
    await look()
    expect(bans.list()).to.be.empty()
    expect(scoring.libp2p.getConnections(peerId)).to.have.length(1)
  })

  it('do not hit those who share an address with many', async () => {
    const { score } = node.pubsub as any
    const { peerId } = other.libp2p
    await network.connect()
    await pWaitFor(() => node.pubsub.getPeers().length === 1, { timeout: 10_000 })

    for (const id of [`${peerId}`, ...Array.from({ length: 8 }, (_, index) => `${index}`)]) {
      score.addPeer(id)
      score.addIP(id, '192.0.2.1')
    }

    expect(score.score(`${peerId}`)).to.equal(-80)
    await look()
    expect(bans.list()).to.be.empty()

    // for what it has done itself it is
    score.params.appSpecificScore = () => -81
    score.params.appSpecificWeight = 1
    await look()
    expect(bans.list().map(String)).to.deep.equal([`${peerId}`])
  })
})
