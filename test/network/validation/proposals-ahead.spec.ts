import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { encodeAnnouncement, encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { announce, now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { makeSigned, scopeOf } from '../../utils/sync.ts'
import { Fixture, SKEW, START } from '../quorum/fixture.ts'
import type { Proposal } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { PeerId } from '@libp2p/interface'

/** How far ahead a proposal may be and wait, seconds */
const WINDOW = 60n

describe('proposals from a clock that is ahead', () => {
  const fixture = new Fixture()
  const { voter, other } = fixture
  let scope: JoinedScope
  /** The peers that syncs were asked for with */
  let asked: Array<PeerId | undefined>
  let taught: number

  before(async () => {
    await fixture.start()

    const { sync } = (fixture.node.voting as any).parts

    sync.request = (_: JoinedScope, peer?: PeerId) => { asked.push(peer) }
    sync.taught = () => { taught++ }
  })

  after(async () => { await fixture.stop() })

  beforeEach(async () => {
    scope = await fixture.join()
    asked = []
    taught = 0
  })

  afterEach(async () => { await fixture.leaveAll() })

  const ahead = (seconds: bigint, name = 'Go?', owner = voter): Proposal => quorumProposal(owner, scope.policy, { name, timestamp: START + seconds })
  const announced = async (proposal: Proposal, owner = voter): Promise<string> => fixture.deliver(scope, await announce(owner, scope.policy, proposal))
  const isKnown = async ({ proposalId }: Proposal): Promise<boolean> => await fixture.node.voting.consensus.storage.getSession(scope.key, proposalId) != null

  it('wait, and are taken in and spread by sync when their time comes', async () => {
    const proposal = ahead(WINDOW)

    expect(await fixture.counting(async () => announced(proposal))).to.deep.equal(['ignore', 1])
    expect(await fixture.counting(async () => announced(proposal))).to.deep.equal(['ignore', 0])
    expect(await isKnown(proposal)).to.equal(false)

    fixture.time.now = START + WINDOW - SKEW - 1n
    expect(await fixture.counting(async () => announced(proposal))).to.deep.equal(['ignore', 0])
    fixture.time.now++
    await pWaitFor(async () => isKnown(proposal), { timeout: 10_000 })
    await pWaitFor(() => taught === 1, { timeout: 10_000 })
    expect(asked).to.be.empty()
  })

  it('wait where they come by sync', async () => {
    const proposal = ahead(WINDOW)
    const { intake } = (fixture.node.voting as any).parts.sync.parts

    expect(await intake.proposal(scope, await makeSigned(voter, scope.policy, proposal), { peer: 'peer', votes: [] })).to.equal('later')
    expect(await isKnown(proposal)).to.equal(false)
    fixture.time.now = START + WINDOW
    await pWaitFor(async () => isKnown(proposal), { timeout: 10_000 })
  })

  it('are rejected where they are forged, and wait for nothing then', async () => {
    const proposal = ahead(WINDOW)

    expect(await fixture.deliver(scope, await announce(other, scope.policy, proposal))).to.equal('reject')
    expect(await fixture.deliver(scope, encodeAnnouncement({ proposal, signature: new Uint8Array() }))).to.equal('reject')
    fixture.time.now = START + WINDOW
    expect(await announced(proposal)).to.equal('accept')
  })

  it('do not wait where they are further ahead: a sync with the sender is due when they are valid', async () => {
    const sender = await fixture.connectPeer()
    const proposal = ahead(WINDOW + 1n)

    expect(await fixture.counting(async () => fixture.deliver(scope, await announce(voter, scope.policy, proposal), sender))).to.deep.equal(['ignore', 0])
    fixture.time.now = START + WINDOW - SKEW
    // the clock is looked at again and again
    expect(await announced(ahead(WINDOW + 100n, 'Another?'))).to.equal('ignore')
    expect(asked).to.be.empty()
    fixture.time.now++
    await pWaitFor(() => asked.length > 0, { timeout: 10_000 })
    expect(asked).to.deep.equal([sender])
    expect(await isKnown(proposal)).to.equal(false)
  })

  it('wait two a proposer, the earlier ones', async () => {
    const [first, second, third, latest] = [ahead(40n, '1'), ahead(30n, '2'), ahead(20n, '3'), ahead(50n, '4')]

    for (const proposal of [first, second, third, latest]) {
      expect(await announced(proposal)).to.equal('ignore')
    }

    expect(await announced(ahead(50n, 'of another', other), other)).to.equal('ignore')

    fixture.time.now = START + 50n
    await pWaitFor(async () => await isKnown(second) && await isKnown(third) && isKnown(ahead(50n, 'of another', other)), { timeout: 10_000 })
    expect(await Promise.all([first, latest].map(isKnown))).to.deep.equal([false, false])
  })

  it('are forgotten when the scope is left', async () => {
    const proposal = ahead(WINDOW)
    const { proposals } = (fixture.node.voting as any).parts.validator

    await announced(proposal)
    expect(proposals.ahead.sizeOf(scope)).to.equal(1)
    await fixture.node.voting.leave(scope.name)
    expect(proposals.ahead.sizeOf(scope)).to.equal(0)
  })

  it('have their votes, too: a vote from the future does not wait, and a sync is due', async () => {
    const sender = await fixture.connectPeer()
    const vote = await boundVote(voter, scope.policy, ahead(WINDOW), true)

    expect(await fixture.deliver(scope, encodeVoteGossip(vote), sender)).to.equal('ignore')
    expect(scope.parked.size).to.equal(0)
    fixture.time.now = START + WINDOW - SKEW
    await pWaitFor(() => asked.length > 0, { timeout: 10_000 })
    expect(asked).to.deep.equal([sender])
  })

  it('reach all nodes of a network whose clocks are behind', async () => {
    const network = new TestNetwork()
    let offset = 0n

    try {
      const nodes = await Promise.all([0, 1, 2].map(async index => network.add({ clock: () => now() + (index === 0 ? 30n : offset), clockCheckInterval: 20, sync: { interval: 1e6 } })))
      await network.connect()
      await network.join(policyOf(nodes, { decisionRule: 'quorum', clockSkewSeconds: 1 }))

      const { proposalId } = await nodes[0].voting.propose('council', { name: 'Go?' })
      const isAt = async ({ voting }: typeof nodes[0]): Promise<boolean> => voting.get('council', proposalId).then(() => true, () => false)
      const waits = (node: typeof nodes[0]): boolean => (node.voting as any).parts.validator.proposals.ahead.sizeOf(scopeOf(node)) === 1

      await pWaitFor(() => nodes.slice(1).every(waits), { timeout: 10_000 })
      expect(await Promise.all(nodes.map(isAt))).to.deep.equal([true, false, false])
      offset = 30n
      await pWaitFor(async () => (await Promise.all(nodes.map(isAt))).every(Boolean), { timeout: 10_000 })
    } finally {
      await network.stop()
    }
  })
})
