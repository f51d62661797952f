import crypto from 'node:crypto'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { withoutStacks } from '../../../src/node/libp2p/stackless.ts'
import { createGossipPeer } from '../../utils/gossip-peer.ts'

const TOPIC = 'news'

function stackOf (err: Error): string[] {
  return (err.stack ?? '').split('\n').filter(line => line.startsWith('    at '))
}

describe('stacks of errors that nobody sees', () => {
  const limit = Error.stackTraceLimit

  it('are not made, and those of others are', () => {
    expect(stackOf(withoutStacks(() => new Error('not a key')))).to.have.lengthOf(0)
    expect(stackOf(new Error('a fault'))).to.not.have.lengthOf(0)
    expect(() => withoutStacks(() => { throw new Error('a fault') })).to.throw('a fault')
    expect(Error.stackTraceLimit).to.equal(limit)
  })

  it('are not made while a message is verified, and are in what validates it', async () => {
    const [sender, receiver] = await Promise.all([createGossipPeer(), createGossipPeer()])
    const { createPublicKey } = crypto
    const limits: number[] = []
    const validated: number[] = []

    try {
      for (const { services: { pubsub } } of [sender, receiver]) {
        pubsub.subscribe(TOPIC)
      }

      receiver.services.pubsub.topicValidators.set(TOPIC, async () => {
        validated.push(Error.stackTraceLimit)

        return 'accept' as any
      })
      await sender.dial(receiver.getMultiaddrs())
      await pWaitFor(() => sender.services.pubsub.getSubscribers(TOPIC).length === 1, { timeout: 10_000 })

      crypto.createPublicKey = key => {
        limits.push(Error.stackTraceLimit)

        return createPublicKey(key)
      }

      await sender.services.pubsub.publish(TOPIC, new Uint8Array(100))
      await pWaitFor(() => validated.length === 1, { timeout: 10_000 })

      expect(limits).to.deep.equal([0])
      expect(validated).to.deep.equal([limit])
    } finally {
      crypto.createPublicKey = createPublicKey
      await Promise.all([sender.stop(), receiver.stop()])
    }
  })
})
