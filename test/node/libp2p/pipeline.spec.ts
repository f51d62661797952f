import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { createGossipPeer } from '../../utils/gossip-peer.ts'
import type { GossipPeer } from '../../utils/gossip-peer.ts'
import type { DeferredPromise } from 'p-defer'

const TOPIC = 'news'

describe('the pipeline of gossip', () => {
  let sender: GossipPeer
  let receiver: GossipPeer
  /** The messages that are being validated, each until its promise is resolved */
  let underWay: Array<DeferredPromise<void>>
  let begun: number

  beforeEach(async () => {
    underWay = []
    begun = 0
    sender = await createGossipPeer()
    receiver = await createGossipPeer()

    for (const { services: { pubsub } } of [sender, receiver]) {
      pubsub.subscribe(TOPIC)
    }

    (receiver.services.pubsub.topicValidators as Map<string, unknown>).set(TOPIC, async () => {
      const deferred = pDefer<void>()

      begun++
      underWay.push(deferred)
      await deferred.promise

      return 'accept'
    })
    await sender.dial(receiver.getMultiaddrs())
    await pWaitFor(() => sender.services.pubsub.getSubscribers(TOPIC).length === 1, { timeout: 10_000 })
  })

  afterEach(async () => {
    underWay.forEach(({ resolve }) => { resolve() })
    await Promise.all([sender.stop(), receiver.stop()])
  })

  async function publish (count: number, size: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      await sender.services.pubsub.publish(TOPIC, new Uint8Array(size).fill(index + 1))
    }
  }

  it('works on 128 frames of a peer side by side, and on the next when one of them is done', async () => {
    await publish(140, 10)
    await pWaitFor(() => begun === 128, { timeout: 10_000 })

    underWay[0].resolve()
    await pWaitFor(() => begun === 129, { timeout: 10_000 })
    underWay.slice(1, 12).forEach(({ resolve }) => { resolve() })
    await pWaitFor(() => begun === 140, { timeout: 10_000 })
  })

  it('works on fewer that are large, and on one that is larger than all may be together', async () => {
    await publish(3, 100 * 1024)
    await pWaitFor(() => begun === 2, { timeout: 10_000 })

    underWay[0].resolve()
    await pWaitFor(() => begun === 3, { timeout: 10_000 })
    underWay.forEach(({ resolve }) => { resolve() })

    await publish(2, 300 * 1024)
    await pWaitFor(() => begun === 4, { timeout: 10_000 })
    underWay[3].resolve()
    await pWaitFor(() => begun === 5, { timeout: 10_000 })
  })

  it('goes on after a message that could not be worked on', async () => {
    const { pubsub } = receiver.services
    const { mcache } = pubsub as unknown as { mcache: { put (...args: unknown[]): unknown } }
    const put = mcache.put.bind(mcache)

    mcache.put = () => {
      mcache.put = put
      throw new Error('out of memory')
    }

    const heard: number[] = []

    pubsub.addEventListener('message', ({ detail }) => { heard.push(detail.data[0]) })
    await publish(2, 10)
    await pWaitFor(() => begun === 2, { timeout: 10_000 })
    underWay.forEach(({ resolve }) => { resolve() })
    await pWaitFor(() => heard.length === 1, { timeout: 10_000 })
    expect(heard).to.deep.equal([2])
  })
})
