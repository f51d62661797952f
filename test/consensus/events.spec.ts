import { expect } from 'aegir/chai'
import { BroadcastEventBus } from '../../src/consensus/index.ts'
import type { ConsensusEvent, ConsensusNotification } from '../../src/consensus/index.ts'

function event (proposalId: number): ConsensusEvent {
  return { type: 'ConsensusFailed', proposalId, timestamp: 1n }
}

async function take (subscription: AsyncIterator<ConsensusNotification>, count: number): Promise<Array<[number, number]>> {
  const taken: Array<[number, number]> = []

  while (taken.length < count) {
    const { value, done } = await subscription.next()

    if (done === true) {
      break
    }

    taken.push([value.event.proposalId, value.missed])
  }

  return taken
}

describe('BroadcastEventBus', () => {
  it('hands each event to every subscriber, in order, with its scope', async () => {
    const bus = new BroadcastEventBus()
    const subscriptions = [bus.subscribe(), bus.subscribe()]

    bus.publish('one', event(1))
    bus.publish('two', event(2))

    for (const subscription of subscriptions) {
      expect((await subscription.next()).value).to.deep.equal({ scope: 'one', event: event(1), missed: 0 })
      expect((await subscription.next()).value).to.deep.equal({ scope: 'two', event: event(2), missed: 0 })
    }
  })

  it('hands over events that are published while a reader waits', async () => {
    const bus = new BroadcastEventBus()
    const subscription = bus.subscribe()
    const waiting = [subscription.next(), subscription.next()]

    bus.publish('scope', event(1))
    bus.publish('scope', event(2))

    expect((await Promise.all(waiting)).map(({ value }) => value.event.proposalId)).to.deep.equal([1, 2])
  })

  it('gives a subscriber only events from then on', async () => {
    const bus = new BroadcastEventBus()
    bus.publish('scope', event(1))
    const subscription = bus.subscribe()
    bus.publish('scope', event(2))

    expect(await take(subscription, 1)).to.deep.equal([[2, 0]])
  })

  it('drops the oldest events of a slow subscriber, and tells how many', async () => {
    const bus = new BroadcastEventBus()
    const slow = bus.subscribe({ bufferSize: 3 })
    const fast = bus.subscribe()

    for (let id = 1; id <= 8; id++) {
      bus.publish('scope', event(id))
    }

    expect(await take(slow, 2)).to.deep.equal([[6, 5], [7, 0]])

    for (let id = 9; id <= 12; id++) {
      bus.publish('scope', event(id))
    }

    expect(await take(slow, 3)).to.deep.equal([[10, 2], [11, 0], [12, 0]])
    expect(await take(fast, 12)).to.have.lengthOf(12)
  })

  it('keeps a thousand events by default', async () => {
    const bus = new BroadcastEventBus()
    const subscription = bus.subscribe()

    for (let id = 1; id <= 1001; id++) {
      bus.publish('scope', event(id))
    }

    expect(await take(subscription, 1)).to.deep.equal([[2, 1]])
    expect(await take(subscription, 999)).to.have.lengthOf(999)
  })

  it('ends a subscription with its signal, after what is unread', async () => {
    const bus = new BroadcastEventBus()
    const controller = new AbortController()
    const subscription = bus.subscribe({ signal: controller.signal })

    bus.publish('scope', event(1))
    controller.abort()
    bus.publish('scope', event(2))

    expect(await take(subscription, 5)).to.deep.equal([[1, 0]])
    expect(await subscription.next()).to.have.property('done', true)
  })

  it('wakes a waiting reader when the signal ends the subscription', async () => {
    const controller = new AbortController()
    const waiting = new BroadcastEventBus().subscribe({ signal: controller.signal }).next()

    controller.abort()

    expect(await waiting).to.have.property('done', true)
  })

  it('ends at once with a signal that is aborted already', async () => {
    const subscription = new BroadcastEventBus().subscribe({ signal: AbortSignal.abort() })

    expect(await subscription.next()).to.have.property('done', true)
  })

  it('ends when the loop over it does, and holds nothing then', async () => {
    const bus = new BroadcastEventBus()
    const controller = new AbortController()
    const seen: number[] = []
    const subscription = bus.subscribe({ signal: controller.signal })
    bus.publish('scope', event(1))
    bus.publish('scope', event(2))
    bus.publish('scope', event(3))

    for await (const { event: { proposalId } } of subscription) {
      seen.push(proposalId)

      if (proposalId === 2) {
        break
      }
    }

    expect(seen).to.deep.equal([1, 2])
    expect(await subscription.next()).to.have.property('done', true)
    expect(bus).to.have.nested.property('subscriptions.size', 0)
  })

  it('lets go of the signal when it ends without it', async () => {
    const { signal } = new AbortController()
    const listeners = new Set<unknown>()
    signal.addEventListener = (_: string, listener: unknown) => { listeners.add(listener) }
    signal.removeEventListener = (_: string, listener: unknown) => { listeners.delete(listener) }

    const subscription = new BroadcastEventBus().subscribe({ signal })
    expect(listeners.size).to.equal(1)

    await subscription.return?.()
    expect(listeners.size).to.equal(0)
  })

  it('refuses a buffer that could hold nothing', () => {
    for (const bufferSize of [0, -1, 1.5, NaN, '10' as any]) {
      expect(() => new BroadcastEventBus().subscribe({ bufferSize })).to.throw(TypeError, 'bufferSize')
    }
  })
})
