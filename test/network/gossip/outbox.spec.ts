import { sha256 } from '@noble/hashes/sha2.js'
import FakeTimers from '@sinonjs/fake-timers'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { Outbox } from '../../../src/network/gossip/outbox.ts'
import { now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import type { OutgoingMessage } from '../../../src/network/gossip/outbox.ts'
import type { TestNode } from '../../utils/nodes.ts'

const TOPIC = 'votes'

function message (text: string, values: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { key: text, topic: TOPIC, data: fromString(text), expiration: now() + 60n, ...values }
}

describe('outbox', () => {
  const network = new TestNetwork()
  let sender: TestNode
  let receiver: TestNode
  let received: string[]
  let outbox: Outbox

  beforeEach(async () => {
    // messages are told apart by their content, so that the same ones are the same
    const gossipsub = { msgIdFn: ({ data }: { data: Uint8Array }) => sha256(data), emitSelf: true }

    sender = await network.add({ gossipsub })
    receiver = await network.add({ gossipsub })
    received = []
    receiver.pubsub.addEventListener('gossipsub:message', ({ detail }) => { received.push(toString(detail.msg.data)) })
    sender.pubsub.subscribe(TOPIC)
    outbox = new Outbox({ pubsub: sender.pubsub, peerId: sender.libp2p.peerId }, now, sender.libp2p.logger.forComponent('test'))
  })

  afterEach(async () => {
    outbox.clear()
    await network.stop()
  })

  async function meet (): Promise<void> {
    receiver.pubsub.subscribe(TOPIC)
    await network.connect()
    await pWaitFor(() => sender.pubsub.getSubscribers(TOPIC).length === 1 && (sender.pubsub as any).streamsOutbound.size === 1, { timeout: 10_000 })
  }

  it('has sent what a peer has got, ourselves not counted', async () => {
    expect(await outbox.send(message('alone'))).to.equal(0)
    expect(outbox.size).to.equal(1)

    await meet()
    expect(await outbox.send(message('together'))).to.equal(1)
    expect(outbox.size).to.equal(1)

    await outbox.flush(TOPIC)
    expect(outbox.size).to.equal(0)
    await pWaitFor(() => received.length === 2, { timeout: 10_000 })
    expect(received).to.have.members(['alone', 'together'])
  })

  it('has not sent what gossipsub has seen before, and nobody gets it twice', async () => {
    await meet()
    expect(await outbox.send(message('once'))).to.equal(1)
    expect(await outbox.send(message('once'))).to.equal(0)
    expect(outbox.size).to.equal(1)

    // what comes after it is there, so it would be, too
    await outbox.send(message('the end'))
    await pWaitFor(() => received.includes('the end'), { timeout: 10_000 })
    expect(received).to.deep.equal(['once', 'the end'])
  })

  it('sends the newer of two messages with one key', async () => {
    await outbox.send(message('old', { key: 'vote' }))
    await outbox.send(message('new', { key: 'vote' }))
    await meet()
    await outbox.flush()
    await outbox.send(message('the end'))

    await pWaitFor(() => received.includes('the end'), { timeout: 10_000 })
    expect(received).to.deep.equal(['new', 'the end'])
  })

  it('forgets what nobody wants any more', async () => {
    await outbox.send(message('early', { expiration: now() + 1n }))
    expect(outbox.size).to.equal(1)
    expect(await outbox.send(message('late', { expiration: now() }))).to.equal(0)
    expect(outbox.size).to.equal(1)

    await pWaitFor(async () => outbox.flush().then(() => outbox.size === 0), { timeout: 10_000 })
  })

  it('tries again by itself where a peer is there that cannot be written to yet', async () => {
    await meet()
    const { publish } = sender.pubsub
    sender.pubsub.publish = async () => {
      sender.pubsub.publish = publish
      throw new Error('PublishError.NoPeersSubscribedToTopic')
    }

    expect(await outbox.send(message('again'))).to.equal(0)
    await pWaitFor(() => received.includes('again'), { timeout: 10_000 })
    await pWaitFor(() => outbox.size === 0)
  })

  it('publishes a message once where a peer comes while it is sent', async () => {
    await meet()
    const { publish } = sender.pubsub
    let published = 0

    sender.pubsub.publish = async (...args) => {
      published++

      return publish.apply(sender.pubsub, args)
    }
    expect(await Promise.all([outbox.send(message('once')), outbox.flush(TOPIC)])).to.deep.equal([1, undefined])
    expect(published).to.equal(1)
  })

  it('tries less and less often what gossipsub does not send, until there is something else', async () => {
    await meet()
    expect(await outbox.send(message('once'))).to.equal(1)

    for (let tries = 0; tries < 10; tries++) {
      await outbox.send(message('once'))
      outbox.clear()
    }

    const clock = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] })

    try {
      let tries = 0
      const { publish } = sender.pubsub

      sender.pubsub.publish = async (...args) => {
        tries++

        return publish.apply(sender.pubsub, args)
      }
      await outbox.send(message('once'))
      await clock.tickAsync(30_000)
      // after 1, 3, 7 and 15 seconds
      expect(tries).to.equal(5)

      await outbox.send(message('once', { key: 'another' }))
      tries = 0
      await clock.tickAsync(40_000)
      expect(tries).to.be.above(0)
    } finally {
      clock.uninstall()
    }
  })

  it('forgets what waits for a topic, and leaves no timer behind', async () => {
    await outbox.send(message('here'))
    await outbox.send(message('there', { topic: 'elsewhere' }))
    outbox.clear('elsewhere')
    expect(outbox.size).to.equal(1)
    outbox.clear()
    expect(outbox.size).to.equal(0)
    expect((outbox as any).retry).to.equal(undefined)
  })
})
