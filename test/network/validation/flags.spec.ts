import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { PolicyMismatches } from '../../../src/network/gossip/policy-mismatch.ts'
import { JoinedScope } from '../../../src/network/scope/scope.ts'
import { Flags } from '../../../src/network/validation/flags.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf } from '../../utils/sync.ts'
import { newPeer } from '../quorum/fixture.ts'
import type { Proposal, Vote } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'
import type { PeerId } from '@libp2p/interface'

const START = 1_700_000_000n
const RETRY_SECONDS = 30n

describe('flags for what was ignored', () => {
  const network = new TestNetwork()
  let now: bigint
  let node: TestNode
  let sender: TestNode
  let member: TestNode
  let proposal: Proposal
  let vote: Vote
  /** The peers that the node is connected with since it had ignored the vote and the sender had left */
  let opened: string[]

  beforeEach(async () => {
    now = START
    opened = []
    // nothing but what happens makes them sync
    const init = { clock: () => now, clockCheckInterval: 20, sync: { interval: 1e6 } }

    ;[node, sender, member] = await Promise.all([0, 1, 2].map(async () => network.add(init)))
    const policy = policyOf([node, sender, member], { decisionRule: 'quorum' })

    for (const { voting } of network.nodes) {
      await voting.join(policy)
    }

    const { policy: parsed } = scopeOf(node)

    proposal = quorumProposal(sender.signer, parsed, { timestamp: START })
    vote = await boundVote(sender.signer, parsed, proposal, true)

    for (const known of network.nodes) {
      await know(known, [await makeSigned(sender.signer, parsed, proposal)])
    }
  })

  afterEach(async () => { await network.stop() })

  /** Connects a node, and waits for the syncs with which both begin */
  async function meet (other: TestNode): Promise<void> {
    const before = completed(node)

    await network.connect([node, other])
    await pWaitFor(() => completed(node) > before && completed(other) > 0, { timeout: 10_000 })
  }

  function completed ({ voting }: TestNode): number {
    return (voting as any).parts.sync.stats.completed
  }

  /** Has the node ignore the vote while its disk is full, and the sender leave afterwards */
  async function ignoreAndLose (): Promise<void> {
    const { storage } = node.voting.consensus
    const { appendVote } = storage

    await network.meet('council', [node, sender])
    storage.appendVote = async () => { throw new Error('the disk is full') }
    await sender.pubsub.publish(scopeOf(sender).topic, encodeVoteGossip(vote))
    await pWaitFor(() => flags() === 1, { timeout: 10_000 })
    storage.appendVote = appendVote
    await sender.libp2p.hangUp(node.libp2p.peerId)
    await pWaitFor(() => node.libp2p.getConnections(sender.libp2p.peerId).length === 0, { timeout: 10_000 })
    node.libp2p.addEventListener('connection:open', ({ detail }) => { opened.push(`${detail.remotePeer}`) })
  }

  function flags (): number {
    return (node.voting as any).parts.joined.get('council').flags.size
  }

  async function hasVote (): Promise<boolean> {
    return (await node.voting.get('council', proposal.proposalId)).tally.yes === 1
  }

  it('have the node ask a member where the sender has left, and dial nobody', async () => {
    await meet(sender)
    await ignoreAndLose()
    await meet(member)
    await know(member, [], [vote])
    expect(await hasVote()).to.equal(false)
    opened.length = 0

    now += RETRY_SECONDS
    await pWaitFor(hasVote, { timeout: 10_000 })
    await (node.voting as any).parts.sync.idle(scopeOf(node))
    expect(opened).to.be.empty()
    expect(flags()).to.equal(0)
  })

  it('have the node dial nobody where nobody is connected, and the next peer that comes serves', async () => {
    await meet(sender)
    await ignoreAndLose()
    await know(member, [], [vote])

    now += RETRY_SECONDS
    await pWaitFor(() => flags() === 0, { timeout: 10_000 })
    await (node.voting as any).parts.sync.idle(scopeOf(node))
    expect(opened).to.be.empty()
    expect(await hasVote()).to.equal(false)

    await meet(member)
    await pWaitFor(hasVote, { timeout: 10_000 })
    expect(opened).to.deep.equal([`${member.libp2p.peerId}`])
  })
})

describe('flags', () => {
  const [gone, here] = [0, 1]
  let peers: PeerId[]
  let now = START
  let asked: Array<PeerId | undefined>
  let flags: Flags
  let scope: JoinedScope

  beforeEach(async () => {
    peers = await Promise.all([0, 1, 2, 3].map(newPeer))
    now = START
    asked = []
    scope = new JoinedScope({ pubsub: { getSubscribers: () => [] } as any, otherPolicies: new PolicyMismatches(() => true), clock: () => now, isConnected: () => true }, parsePolicy({ name: 'council' }))
    flags = new Flags(scope.signal, { clock: () => now, clockCheckInterval: 5, isReachable: peer => peer === peers[here], onDue: peer => { asked.push(peer) } })
  })

  afterEach(() => { scope.close(new Error('left')) })

  it('have one sync serve all senders that have left, once in half a minute', async () => {
    flags.raise(peers[gone], START)
    await pWaitFor(() => asked.length === 1, { timeout: 10_000 })

    // as many as come again and leave
    flags.raise(peers[gone], START)
    flags.raise(peers[2], START)
    flags.raise(peers[3], START)
    flags.raise(peers[here], START)
    await pWaitFor(() => asked.length === 2 && flags.size === 1, { timeout: 10_000 })
    expect(asked).to.deep.equal([undefined, peers[here]])

    now += RETRY_SECONDS
    await pWaitFor(() => flags.size === 0, { timeout: 10_000 })
    expect(asked).to.deep.equal([undefined, peers[here], undefined])
  })

  it('wait no longer where the clock was set back', async () => {
    flags.raise(peers[gone], START)
    await pWaitFor(() => asked.length === 1, { timeout: 10_000 })
    now -= 3_600n
    flags.raise(peers[gone], now)
    await pWaitFor(() => asked.length === 2, { timeout: 10_000 })
  })
})
