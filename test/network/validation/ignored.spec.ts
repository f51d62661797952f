import FakeTimers from '@sinonjs/fake-timers'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { IgnoredBudget, MAX_IGNORED } from '../../../src/network/validation/ignored-budget.ts'
import { announce } from '../../utils/messages.ts'
import { boundVote, evidenceMessage } from '../../utils/quorum.ts'
import { Fixture, newPeer, START } from '../quorum/fixture.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { PeerId } from '@libp2p/interface'

describe('what is ignored', () => {
  const fixture = new Fixture()
  const { voter, other, cheat } = fixture
  const asked: Array<PeerId | undefined> = []

  before(async () => {
    await fixture.start()
    ;(fixture.node.voting as any).parts.sync.request = (_: JoinedScope, peer?: PeerId) => { asked.push(peer) }
  })

  after(async () => { await fixture.stop() })

  afterEach(async () => { await fixture.leaveAll() })

  it('is verified beyond 100 messages of a peer, and what is forged is rejected then', async () => {
    const { scope, policy, proposal, vote } = await fixture.joinAndKnow()
    const [sender, another] = [await newPeer(), await newPeer()]
    const signature = new Uint8Array(65)
    const untimely = { timestamp: START - 1n }
    const messages = [
      // known, and untimely
      { message: encodeVoteGossip(vote), verified: 1 },
      { message: encodeVoteGossip(await boundVote(voter, policy, proposal, true, untimely)), verified: 1 },
      { message: await announce(voter, policy, proposal), verified: 1 },
      { message: await evidenceMessage(cheat, policy, proposal), verified: 2 },
      { message: Uint8Array.of(0x22, 0), verified: 0 }
    ]
    const forged = [
      encodeVoteGossip({ ...vote, signature }),
      encodeVoteGossip(await boundVote(voter, policy, proposal, true, { ...untimely, signature })),
      await announce(other, policy, proposal)
    ]

    for (let index = 0; index < MAX_IGNORED; index++) {
      expect(await fixture.counting(async () => fixture.deliver(scope, forged[index % 3], sender))).to.deep.equal(['ignore', 0])
    }

    for (const { message, verified } of messages) {
      expect(await fixture.counting(async () => fixture.deliver(scope, message, sender))).to.deep.equal(['ignore', verified])
    }

    for (const message of forged) {
      expect(await fixture.deliver(scope, message, sender)).to.equal('reject')
      expect(await fixture.counting(async () => fixture.deliver(scope, message, another))).to.deep.equal(['ignore', 0])
    }

    // what is not ignored is as good as ever
    expect(await fixture.deliver(scope, encodeVoteGossip(await boundVote(voter, policy, proposal, true)), sender)).to.equal('accept')
  })

  it('is answered more slowly beyond that, which is how gossipsub reads on, and in the next 10 s no more', async () => {
    const clock = FakeTimers.install({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const signal = new AbortController().signal
    const [peer, another] = [await newPeer(), await newPeer()]

    try {
      const budget = new IgnoredBudget()
      const done: number[] = []

      expect(Array.from({ length: MAX_IGNORED }, () => budget.spend(peer))).to.not.include(true)
      expect(Array.from({ length: 3 }, () => budget.spend(peer))).to.not.include(false)
      expect(budget.spend(another)).to.equal(false)

      for (let index = 0; index < 3; index++) {
        void budget.check(peer, 1, async () => undefined, signal).then(() => { done.push(index) })
      }

      await clock.tickAsync(9)
      expect(done).to.deep.equal([])
      await clock.tickAsync(1)
      expect(done).to.deep.equal([0])
      await clock.tickAsync(20)
      expect(done).to.deep.equal([0, 1, 2])

      await clock.tickAsync(10_000)
      expect(budget.spend(peer)).to.equal(false)
    } finally {
      clock.uninstall()
    }
  })

  it('waits for no answer when the scope is left', async () => {
    const { scope, vote } = await fixture.joinAndKnow()
    const sender = await newPeer()
    const message = encodeVoteGossip(vote)
    const verdicts = Promise.all(Array.from({ length: 1_000 }, async () => fixture.deliver(scope, message, sender)))

    await fixture.node.voting.leave(scope.name)
    expect(new Set(await verdicts)).to.deep.equal(new Set(['ignore']))
  })

  it('for a reason of our own has a sync with its sender follow', async () => {
    const { scope, policy, proposal } = await fixture.joinAndKnow()
    const { storage } = fixture.node.voting.consensus
    const { appendVote } = storage
    const [sender, another] = [await fixture.connectPeer(), await fixture.connectPeer()]

    asked.length = 0
    storage.appendVote = async () => { throw new Error('the disk is full') }

    // one flag for all of one sender
    for (const choice of [true, false]) {
      expect(await fixture.deliver(scope, encodeVoteGossip(await boundVote(voter, policy, proposal, choice)), sender)).to.equal('ignore')
    }

    storage.appendVote = appendVote
    // a reason that stays
    expect(await fixture.deliver(scope, encodeVoteGossip(await boundVote(voter, policy, proposal, true, { timestamp: START - 1n })), another)).to.equal('ignore')

    fixture.time.now += 30n
    await pWaitFor(() => asked.length > 0, { timeout: 10_000 })
    expect(asked).to.deep.equal([sender])
  })
})
