import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { createGossipPeer } from '../../utils/gossip-peer.ts'
import type { GossipPeer } from '../../utils/gossip-peer.ts'

const TOPIC = 'news'
const KiB = 1024

/** What yamux lets a new stream send */
const WINDOW = 256 * KiB

interface Outbound {
  streamsOutbound: Map<string, { rawStream: { handleWindowUpdate (frame: unknown): void } }>
}

describe('the window of a peer that sends gossip', () => {
  let sender: GossipPeer
  let receiver: GossipPeer
  let heard: number
  let updates: number

  beforeEach(async () => {
    heard = 0
    updates = 0
    sender = await createGossipPeer()
    receiver = await createGossipPeer()

    for (const { services: { pubsub } } of [sender, receiver]) {
      pubsub.subscribe(TOPIC)
    }

    receiver.services.pubsub.addEventListener('message', () => { heard++ })
    await sender.dial(receiver.getMultiaddrs())
    await pWaitFor(() => sender.services.pubsub.getSubscribers(TOPIC).length === 1, { timeout: 10_000 })

    // updates that the start of the stream has caused come before this
    await send(1)

    const { rawStream } = (sender.services.pubsub as unknown as Outbound).streamsOutbound.get(`${receiver.peerId}`) ?? expect.fail('there is no stream')
    const handleWindowUpdate = rawStream.handleWindowUpdate.bind(rawStream)

    rawStream.handleWindowUpdate = frame => {
      updates++
      handleWindowUpdate(frame)
    }
  })

  afterEach(async () => {
    await Promise.all([sender.stop(), receiver.stop()])
  })

  async function send (length: number): Promise<void> {
    const before = heard

    await sender.services.pubsub.publish(TOPIC, new Uint8Array(length))
    await pWaitFor(() => heard > before, { interval: 1, timeout: 10_000 })
  }

  it('is not told of after each vote', async () => {
    for (let index = 0; index < 20; index++) {
      await send(500)
    }

    expect(updates).to.equal(0)
  })

  it('is told of when half is used, so that as much as there is gets through', async () => {
    for (let index = 0; index < 40; index++) {
      await send(60 * KiB)
    }

    expect(updates).to.be.greaterThan(2).and.below(20)
  })

  it('does not stop what is longer than itself', async () => {
    await send(3 * WINDOW)
  })
})
