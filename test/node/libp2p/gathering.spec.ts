import { stop } from '@libp2p/interface'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { createGossipPeer } from '../../utils/gossip-peer.ts'
import type { GossipPeer } from '../../utils/gossip-peer.ts'
import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { Stream } from '@libp2p/interface'

const TOPIC = 'news'

describe('what gossipsub writes to a peer', () => {
  let sender: GossipPeer
  let receiver: GossipPeer
  /** Bytes of what has come of the sender since the last message, piece by piece as it was written */
  let pieces: number[]
  let heard: number[]

  beforeEach(async () => {
    pieces = []
    heard = []
    sender = await createGossipPeer('StrictNoSign')
    receiver = await createGossipPeer('StrictNoSign')

    const pubsub = receiver.services.pubsub as GossipSub & { onIncomingStream (stream: Stream, ...rest: unknown[]): void }
    const onIncomingStream = pubsub.onIncomingStream.bind(pubsub)

    await receiver.unhandle(pubsub.protocols)
    await receiver.handle(pubsub.protocols, (stream, connection) => {
      stream.addEventListener('message', ({ data }) => { pieces.push(data.byteLength) })
      onIncomingStream(stream, connection)
    })

    for (const { services: { pubsub } } of [sender, receiver]) {
      pubsub.subscribe(TOPIC)
    }

    pubsub.addEventListener('message', ({ detail }) => { heard.push(detail.data[0]) })
    await sender.dial(receiver.getMultiaddrs())
    await pWaitFor(() => sender.services.pubsub.getSubscribers(TOPIC).length === 1, { timeout: 10_000 })
    await sender.services.pubsub.publish(TOPIC, Uint8Array.of(0))
    await pWaitFor(() => heard.length === 1, { timeout: 10_000 })
    pieces.length = 0
  })

  afterEach(async () => {
    await Promise.all([sender.stop(), receiver.stop()])
  })

  it('is written at once where it is sent in one turn of the event loop', async () => {
    await Promise.all(Array.from({ length: 20 }, async (_, index) => sender.services.pubsub.publish(TOPIC, Uint8Array.of(index + 1))))
    await pWaitFor(() => heard.length === 21, { timeout: 10_000 })

    expect(heard).to.deep.equal(Array.from({ length: 21 }, (_, index) => index))
    // what a heartbeat sends meanwhile comes by itself
    expect(pieces.length).to.be.within(1, 2)
  })

  it('does not wait for the end of the turn where there is much of it', async () => {
    await Promise.all([1, 2, 3, 4].map(async index => sender.services.pubsub.publish(TOPIC, new Uint8Array(30 * 1024).fill(index))))
    await pWaitFor(() => heard.length === 5, { timeout: 10_000 })

    expect(heard).to.deep.equal([0, 1, 2, 3, 4])
    expect(pieces.length).to.be.greaterThan(1)
  })

  it('is written before the stream is closed', async () => {
    const { pubsub } = sender.services

    await pubsub.publish(TOPIC, Uint8Array.of(1))
    await stop(pubsub)
    await pWaitFor(() => heard.length === 2, { timeout: 10_000 })
  })

  it('is lost where the stream was reset meanwhile, and nothing else', async () => {
    const [connection] = sender.getConnections()

    await sender.services.pubsub.publish(TOPIC, Uint8Array.of(1))
    connection.abort(new Error('the line is cut'))
    await pWaitFor(() => receiver.getConnections().length === 0, { timeout: 10_000 })

    await sender.dial(receiver.getMultiaddrs())
    await pWaitFor(() => sender.services.pubsub.getSubscribers(TOPIC).length === 1, { timeout: 10_000 })
    await sender.services.pubsub.publish(TOPIC, Uint8Array.of(2))
    await pWaitFor(() => heard.length === 2, { timeout: 10_000 })
    expect(heard).to.deep.equal([0, 2])
  })
})
