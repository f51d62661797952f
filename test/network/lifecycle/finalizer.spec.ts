import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { SYNC_PROTOCOL } from '../../../src/network/sync/constants.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, scopeOf } from '../../utils/sync.ts'
import { newSigner } from '../quorum/fixture.ts'
import type { Proposal, ScopePolicyInput } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('the end of a proposal under quorum', () => {
  /** The first two are the voters, and only both together are a quorum, unless a test says otherwise */
  const voters = [newSigner(), newSigner(), newSigner()]
  const addresses = voters.map(({ identity }) => identityToAddress(identity))
  let network: TestNetwork
  let time: { ahead: bigint }
  let node: TestNode
  let peer: TestNode

  beforeEach(async () => {
    network = new TestNetwork()
    time = { ahead: 0n }
    node = await add(0)
    peer = await add(1)
  })

  afterEach(async () => {
    await network.stop()
  })

  async function add (voter: number): Promise<TestNode> {
    return network.add({ signer: voters[voter], clock: () => now() + time.ahead, syncWait: 300, clockCheckInterval: 20, sync: { maxRequests: 1000 } })
  }

  async function join (policy: Partial<ScopePolicyInput> = {}): Promise<void> {
    for (const { voting } of network.nodes) {
      await voting.join({ name: 'council', minLifetimeSeconds: 1, clockSkewSeconds: 0, graceSeconds: 0, voters: addresses.slice(0, 2), ...policy })
    }
  }

  async function meet (): Promise<void> {
    await network.connect()
    await pWaitFor(() => network.nodes.every(node => scopeOf(node).members.connected().length === network.nodes.length - 1), { timeout: 10_000 })
  }

  /** Gives a node a proposal as if it had been announced to it, and the votes of these voters for yes */
  async function knows (known: TestNode, proposal: Proposal, ...yes: number[]): Promise<void> {
    const { policy } = scopeOf(known)
    const signature = await voters[0].sign(announcementDigest(policy, proposal))
    const isKnown = await known.voting.get('council', proposal.proposalId).then(() => true, () => false)

    await know(known, isKnown ? [] : [{ proposal, signature }], await Promise.all(yes.map(async voter => boundVote(voters[voter], policy, proposal, true))))
  }

  async function ends (proposalId: number, state: 'failed' | 'reached', { voting } = node): Promise<void> {
    await pWaitFor(async () => (await voting.get('council', proposalId)).state !== 'active', { timeout: 10_000 })
    expect(await voting.get('council', proposalId)).to.include({ state })
  }

  /** Has a node take syncs and say nothing */
  async function mute ({ libp2p }: TestNode): Promise<void> {
    await libp2p.handle(SYNC_PROTOCOL, () => {}, { force: true })
  }

  it('comes without a result where the node is alone, and frees its place', async () => {
    await join()
    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    await node.voting.vote('council', proposalId, true)
    expect(scopeOf(node).activeProposals).to.equal(1)

    await ends(proposalId, 'failed')
    expect(scopeOf(node).activeProposals).to.equal(0)
  })

  it('comes after what the connected members know, also where some of them do not answer', async () => {
    const silent = await add(2)
    await join({ voters: addresses, threshold: 1 })
    await meet()
    await mute(silent)
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 2 })
    await node.voting.vote('council', proposal.proposalId, true)
    await pWaitFor(async () => peer.voting.get('council', proposal.proposalId).then(({ tally }) => tally.yes === 1, () => false), { timeout: 10_000 })
    await knows(peer, proposal, 1, 2)

    await ends(proposal.proposalId, 'reached')
  })

  it('comes in bounded time where no member answers', async () => {
    await join()
    await meet()
    await mute(peer)
    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })

    await ends(proposalId, 'failed')
    expect(scopeOf(node).activeProposals).to.equal(0)
  })

  it('is no end for votes that come late', async () => {
    await join()
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    await node.voting.vote('council', proposal.proposalId, true)
    await ends(proposal.proposalId, 'failed')

    await knows(peer, proposal, 0, 1)
    await network.connect()
    await pWaitFor(async () => (await node.voting.get('council', proposal.proposalId)).state === 'reached', { timeout: 10_000 })
    expect(await node.voting.get('council', proposal.proposalId)).to.include({ result: true })
  })

  it('comes after the grace period', async () => {
    await join({ graceSeconds: 2 })
    const { proposalId, expirationTimestamp } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })

    await ends(proposalId, 'failed')
    expect(now() >= expirationTimestamp + 2n).to.equal(true)
  })

  it('comes at once where there is one voter, who needs to ask nobody', async () => {
    await join({ voters: addresses.slice(0, 1) })
    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })

    await expect(node.voting.decision('council', proposalId)).to.eventually.deep.equal({ scope: 'council', proposalId, state: 'failed' })
  })

  it('is noticed when the clock jumps past it', async () => {
    await join()
    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 2_592_000 })
    // as after the machine was suspended
    time.ahead = 2_592_001n

    await ends(proposalId, 'failed')
  })

  it('comes, where it had passed before the node knew the proposal, after the sync that brings it', async () => {
    await join()
    const { policy } = scopeOf(peer)
    const undecided = quorumProposal(voters[0], policy, { name: 'undecided', timestamp: now() - 100n, expirationTimestamp: now() - 40n })
    const decided = quorumProposal(voters[0], policy, { name: 'decided', timestamp: now() - 100n, expirationTimestamp: now() - 40n })
    await knows(peer, undecided, 0)
    await knows(peer, decided, 0, 1)
    await network.connect()
    await pWaitFor(async () => node.voting.get('council', undecided.proposalId).then(({ tally }) => tally.yes === 1, () => false), { timeout: 10_000 })

    await ends(undecided.proposalId, 'failed')
    await pWaitFor(async () => node.voting.get('council', decided.proposalId).then(({ state }) => state === 'reached', () => false), { timeout: 10_000 })
    expect(scopeOf(node).activeProposals).to.equal(0)
  })

  it('comes when the scope is joined again, if it passed meanwhile', async () => {
    await join()
    const { policy } = scopeOf(node)
    const { proposalId, expirationTimestamp } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    await node.voting.leave('council')
    await pWaitFor(() => now() >= expirationTimestamp, { timeout: 10_000 })
    await node.voting.join(policy)

    await ends(proposalId, 'failed')
  })
})
