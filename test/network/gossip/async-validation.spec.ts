import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { defaultLogger } from '@libp2p/logger'
import { tcp } from '@libp2p/tcp'
import { expect } from 'aegir/chai'
import { createLibp2p } from 'libp2p'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { AsyncValidation } from '../../../src/network/gossip/async-validation.ts'
import { PEER_LIMITS, TOTAL_LIMITS } from '../../../src/network/gossip/limits.ts'
import { newPeer } from '../quorum/fixture.ts'
import type { PubSub, Verdict } from '../../../src/network/gossip/pubsub.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { GossipSub, GossipsubOpts } from '@chainsafe/libp2p-gossipsub'
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { DeferredPromise } from 'p-defer'

const TOPIC = 'news'
const HEARTBEAT = 100
const OPTIONS: Partial<GossipsubOpts> = { asyncValidation: true, awaitRpcHandler: true, awaitRpcMessageHandler: true, mcacheLength: 30, heartbeatInterval: HEARTBEAT }

type Peer = Libp2p<{ pubsub: GossipSub }>

describe('validation side by side', () => {
  let peers: Peer[]
  let validation: AsyncValidation
  let exit: AbortController
  let scope: JoinedScope
  /** The messages that are being validated, each until its promise is resolved */
  let underWay: Array<DeferredPromise<Verdict>>
  let late: Array<{ peer: string, verdict: Verdict }>

  beforeEach(() => {
    peers = []
    underWay = []
    late = []
    exit = new AbortController()
    scope = { signal: exit.signal } as unknown as JoinedScope
    validation = new AsyncValidation({
      log: defaultLogger().forComponent('test'),
      validate: async () => {
        const deferred = pDefer<Verdict>()

        underWay.push(deferred)

        return deferred.promise
      },
      onLate: (_, peer, verdict) => { late.push({ peer: `${peer}`, verdict }) }
    })
  })

  afterEach(async () => {
    exit.abort()
    underWay.forEach(({ resolve }) => { resolve('ignore') })
    validation.stop()
    await Promise.all(peers.map(async peer => peer.stop()))
  })

  async function add (options: Partial<GossipsubOpts> = {}): Promise<Peer> {
    const peer = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), pubsub: gossipsub(options) as (components: any) => GossipSub }
    })

    peer.services.pubsub.subscribe(TOPIC)
    peers.push(peer)

    return peer
  }

  async function connect (peer: Peer, other: Peer): Promise<void> {
    await peer.dial(other.getMultiaddrs())
    await pWaitFor(() => [[peer, other], [other, peer]].every(([one, two]) => hears(one, two.peerId)), { timeout: 10_000 })
  }

  function hears ({ services: { pubsub } }: Peer, peerId: PeerId): boolean {
    return pubsub.getSubscribers(TOPIC).some(peer => peer.equals(peerId)) && (pubsub as any).streamsOutbound.has(peerId.toString())
  }

  /** A sender, and a receiver that validates side by side */
  async function pair (options: Partial<GossipsubOpts> = OPTIONS): Promise<[Peer, Peer]> {
    const [sender, receiver] = [await add(), await add(options)]
    const { pubsub } = receiver.services

    validation.start(pubsub as unknown as PubSub)
    ;(pubsub.topicValidators as Map<string, unknown>).set(TOPIC, async (peer: PeerId, message: any) => validation.enter(scope, peer, message))
    await connect(sender, receiver)

    return [sender, receiver]
  }

  async function publish (sender: Peer, count: number, size: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      await sender.services.pubsub.publish(TOPIC, new Uint8Array(size).fill(index + 1))
    }
  }

  async function begun (count: number): Promise<void> {
    await pWaitFor(() => underWay.length === count, { timeout: 10_000 })
  }

  /** Waits for heartbeats of a peer */
  async function heartbeats ({ services: { pubsub } }: Peer, count: number): Promise<void> {
    await new Promise<void>(resolve => {
      pubsub.addEventListener('gossipsub:heartbeat', function listener () {
        if (--count === 0) {
          pubsub.removeEventListener('gossipsub:heartbeat', listener)
          resolve()
        }
      })
    })
  }

  it('takes 128 messages of a peer, and the next when one of them is done', async () => {
    const [sender, receiver] = await pair()

    await publish(sender, 140, 10)
    await begun(128)
    await heartbeats(receiver, 2)
    expect(underWay).to.have.lengthOf(128)

    underWay[0].resolve('accept')
    await begun(129)
    underWay.slice(1, 12).forEach(({ resolve }) => { resolve('reject') })
    await begun(140)
  })

  it('takes fewer that are large, and one alone that is larger than all may be together', async () => {
    const [sender, receiver] = await pair()

    await publish(sender, 3, 100 * 1024)
    await begun(2)
    await heartbeats(receiver, 2)
    expect(underWay).to.have.lengthOf(2)

    underWay[0].resolve('accept')
    await begun(3)
    underWay.forEach(({ resolve }) => { resolve('accept') })

    await publish(sender, 2, 300 * 1024)
    await begun(4)
    underWay[3].resolve('accept')
    await begun(5)
  })

  it('takes a bounded number of all peers together, and at least one of each', async () => {
    const full = await Promise.all(Array.from({ length: TOTAL_LIMITS.items / PEER_LIMITS.items }, newPeer))
    const last = await newPeer()
    const entered: string[] = []
    const enter = async (peer: PeerId, name: string): Promise<void> => {
      await validation.enter(scope, peer, { topic: TOPIC, data: new Uint8Array(1) })
      entered.push(name)
    }

    await Promise.all(full.flatMap(peer => Array.from({ length: PEER_LIMITS.items }, async () => enter(peer, 'full'))))
    expect(underWay).to.have.lengthOf(TOTAL_LIMITS.items)
    await enter(last, 'first')

    const [second, other] = [enter(last, 'second'), enter(full[0], 'other')]

    // the first to end is one of another peer, the second one of the peer that has waited longer
    underWay[TOTAL_LIMITS.items - 1].resolve('accept')
    underWay[TOTAL_LIMITS.items - 2].resolve('accept')
    await second
    expect(entered.slice(-2)).to.deep.equal(['first', 'second'])
    underWay[0].resolve('accept')
    await other
    expect(entered.at(-1)).to.equal('other')
  })

  it('reads nothing more of a peer meanwhile, so that its stream is full', async () => {
    const [sender, receiver] = await pair()
    const isFull = (): boolean => sender.getConnections().flatMap(({ streams }) => streams).some(({ protocol, writableNeedsDrain }) => protocol.startsWith('/meshsub/') && writableNeedsDrain)
    let published = 0

    while (!isFull()) {
      await publish(sender, 1, 60 * 1024)
      published++
      expect(published).to.be.below(1_000)
    }

    await heartbeats(receiver, 2)
    expect(underWay).to.have.lengthOf(4)

    await pWaitFor(() => {
      underWay.forEach(({ resolve }) => { resolve('accept') })

      return underWay.length === published && !isFull()
    }, { timeout: 10_000 })
  })

  it('forwards a message once it is accepted, and no other', async () => {
    const [sender, receiver] = await pair()
    const next = await add()
    const heard: number[] = []

    next.services.pubsub.addEventListener('message', ({ detail }) => { heard.push(detail.data[0]) })
    await connect(next, receiver)
    await publish(sender, 3, 10)
    await begun(3)
    underWay[1].resolve('ignore')
    underWay[2].resolve('reject')
    await heartbeats(receiver, 2)
    expect(heard).to.deep.equal([])
    underWay[0].resolve('accept')
    await pWaitFor(() => heard.length > 0, { timeout: 10_000 })
    expect(heard).to.deep.equal([1])
    expect(late).to.deep.equal([])
  })

  it('tells of a verdict that comes when gossipsub has deleted the message', async () => {
    const [sender, receiver] = await pair({ ...OPTIONS, mcacheLength: 5 })

    await publish(sender, 3, 10)
    await begun(3)
    underWay[0].resolve('reject')
    await heartbeats(receiver, 5)
    expect(late).to.deep.equal([])
    underWay[1].resolve('reject')
    underWay[2].resolve('accept')
    await pWaitFor(() => late.length === 2, { timeout: 10_000 })
    expect(late).to.deep.equal([{ peer: `${sender.peerId}`, verdict: 'reject' }, { peer: `${sender.peerId}`, verdict: 'accept' }])
  })

  it('ignores what waits when the scope is left, and goes on after a validation that fails', async () => {
    const peer = await newPeer()
    const message = { topic: TOPIC, data: new Uint8Array(PEER_LIMITS.bytes) }

    expect(await validation.enter(scope, peer, message)).to.equal('accept')

    const [second, third] = [validation.enter(scope, peer, message), validation.enter(scope, peer, message)]

    underWay[0].reject(new Error('out of memory'))
    expect(await second).to.equal('accept')
    exit.abort()
    expect(await third).to.equal('ignore')
    expect(await validation.enter(scope, peer, message)).to.equal('ignore')
    expect(underWay).to.have.lengthOf(2)
  })
})
