import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { createGossipPeer } from '../../utils/gossip-peer.ts'
import type { GossipPeer } from '../../utils/gossip-peer.ts'
import type { PeerId } from '@libp2p/interface'

const TOPIC = 'news'

interface Watched {
  handleReceivedRpc (from: PeerId, rpc: { messages: Array<{ data: Uint8Array }> }): Promise<void>
}

describe('what gossipsub passes on', () => {
  const peers: GossipPeer[] = []

  afterEach(async () => {
    await Promise.all(peers.splice(0).map(async peer => peer.stop()))
  })

  async function createPeer (...others: GossipPeer[]): Promise<GossipPeer> {
    const peer = await createGossipPeer()

    peers.push(peer)
    peer.services.pubsub.subscribe(TOPIC)

    for (const other of others) {
      await peer.dial(other.getMultiaddrs())
    }

    const isSubscribed = ({ services: { pubsub } }: GossipPeer, other: GossipPeer): boolean => pubsub.getSubscribers(TOPIC).some(id => id.equals(other.peerId))

    await pWaitFor(() => others.every(other => isSubscribed(peer, other) && isSubscribed(other, peer)), { timeout: 10_000 })

    return peer
  }

  /** The first bytes of the messages that come to a peer from another */
  function watch (peer: GossipPeer, other: GossipPeer): number[] {
    const pubsub = peer.services.pubsub as unknown as Watched
    const handleReceivedRpc = pubsub.handleReceivedRpc.bind(pubsub)
    const heard: number[] = []

    pubsub.handleReceivedRpc = async (from, rpc) => {
      if (from.equals(other.peerId)) {
        heard.push(...rpc.messages.map(({ data }) => data[0]))
      }

      return handleReceivedRpc(from, rpc)
    }

    return heard
  }

  it('is not sent to those who have sent it while it was validated', async () => {
    const author = await createPeer()
    const quick = await createPeer(author)
    const slow = await createPeer(author, quick)
    const validated = pDefer<void>()
    const quickHeard = watch(quick, slow)
    const slowHeard = watch(slow, quick);

    (slow.services.pubsub.topicValidators as Map<string, unknown>).set(TOPIC, async () => {
      await validated.promise

      return 'accept'
    })

    await author.services.pubsub.publish(TOPIC, Uint8Array.of(1))
    await pWaitFor(() => slowHeard.includes(1), { timeout: 10_000 })
    validated.resolve()

    // what is sent later comes later
    await slow.services.pubsub.publish(TOPIC, Uint8Array.of(2))
    await pWaitFor(() => quickHeard.includes(2), { timeout: 10_000 })
    expect(quickHeard).to.deep.equal([2])
  })

  it('is sent to those who have not', async () => {
    const middle = await createPeer()
    const author = await createPeer(middle)
    const last = await createPeer(middle)
    const heard = watch(last, middle)

    await author.services.pubsub.publish(TOPIC, Uint8Array.of(1))
    await pWaitFor(() => heard.includes(1), { timeout: 10_000 })
  })
})
