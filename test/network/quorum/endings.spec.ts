import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { announcementDigest } from '../../../src/consensus/policy.ts'
import { SYNC_PROTOCOL } from '../../../src/network/sync/constants.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, scopeOf } from '../../utils/sync.ts'
import { newSigner } from './fixture.ts'
import type { Proposal, ProposalState, ScopePolicyInput, VotingEvents } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('endings under quorum', () => {
  const voters = [newSigner(), newSigner(), newSigner()]
  let network: TestNetwork
  let node: TestNode
  let peer: TestNode

  beforeEach(async () => {
    network = new TestNetwork()
    node = await network.add({ signer: voters[0], syncWait: 300, sync: { maxRequests: 1000 } })
    peer = await network.add({ signer: voters[1], syncWait: 300, sync: { maxRequests: 1000 } })
  })

  afterEach(async () => {
    await network.stop()
  })

  async function join (policy: Partial<ScopePolicyInput> = {}): Promise<void> {
    for (const { voting } of [node, peer]) {
      await voting.join({ name: 'council', minLifetimeSeconds: 1, clockSkewSeconds: 0, graceSeconds: 0, voters: voters.map(({ identity }) => identityToAddress(identity)), ...policy })
    }
  }

  function record <K extends keyof VotingEvents> (type: K, { voting } = node): Array<VotingEvents[K]['detail']> {
    const details: Array<VotingEvents[K]['detail']> = []

    voting.addEventListener(type, ({ detail }: any) => { details.push(detail) })

    return details
  }

  async function get (proposalId: number): Promise<ProposalState> {
    return node.voting.get('council', proposalId)
  }

  async function waits ({ proposalId }: Proposal): Promise<void> {
    await pWaitFor(async () => (await get(proposalId)).waitingForPeer, { timeout: 10_000 })
    expect(await get(proposalId)).to.include({ state: 'active', waitingForPeer: true })

    for await (const { waitingForPeer } of node.voting.list('council')) {
      expect(waitingForPeer).to.equal(true)
    }
  }

  /** Gives a node a proposal as if it had been announced, and votes of these voters, minus for no */
  async function knows (known: TestNode, proposal: Proposal, ...votes: number[]): Promise<void> {
    const { policy } = scopeOf(known)
    const signature = await voters[0].sign(announcementDigest(policy, proposal))
    const isKnown = await known.voting.get('council', proposal.proposalId).then(() => true, () => false)

    await know(known, isKnown ? [] : [{ proposal, signature }], await Promise.all(votes.map(async vote => boundVote(voters[Math.abs(vote) - 1], policy, proposal, vote > 0))))
  }

  it('waits alone at the deadline, and ends by silence when a peer has come that knows no more', async () => {
    await join()
    const decided = record('voting:decided')
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    await node.voting.vote('council', proposal.proposalId, true)

    await waits(proposal)
    // longer than syncs may take, and than a deadline could be tried again
    await pWaitFor(() => now() > proposal.expirationTimestamp + 1n, { timeout: 10_000 })
    expect(decided).to.be.empty()

    await network.connect()
    await expect(node.voting.decision('council', proposal.proposalId)).to.eventually.include({ state: 'reached', result: true, grade: 'timeout' })
    expect((await get(proposal.proposalId)).waitingForPeer).to.equal(false)
    expect(decided).to.have.length(1)
  })

  it('ends with what the peer that comes knows, not with what silence would give', async () => {
    await join()
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    await node.voting.vote('council', proposal.proposalId, true)
    await knows(peer, proposal, -2, -3)
    await waits(proposal)

    await network.connect()
    await expect(node.voting.decision('council', proposal.proposalId)).to.eventually.include({ state: 'reached', result: false, grade: 'quorum' })
  })

  it('asks after the deadline, whatever peers have said before', async () => {
    await join()
    await network.connect()
    await network.meet('council')
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 4 })
    await node.voting.vote('council', proposal.proposalId, true)
    await pWaitFor(() => (node.voting as any).sync.hasCompleted(scopeOf(node)), { timeout: 10_000 })
    await peer.libp2p.stop()
    expect(now() < proposal.expirationTimestamp).to.equal(true)

    await waits(proposal)
    await pWaitFor(() => now() > proposal.expirationTimestamp + 1n, { timeout: 10_000 })
    expect(await get(proposal.proposalId)).to.include({ state: 'active', waitingForPeer: true })
  })

  it('waits a bounded time for the others once one peer has answered', async () => {
    await join()
    const mute = await network.add({ signer: voters[2] })
    await mute.voting.join(scopeOf(node).policy)
    const faults = record('voting:fault')
    await mute.libp2p.handle(SYNC_PROTOCOL, () => {}, { force: true })
    await network.connect()
    await network.meet('council')

    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    await expect(node.voting.decision('council', proposalId)).to.eventually.include({ state: 'reached', grade: 'timeout' })
    // it has not given up on the one that says nothing
    expect(faults).to.be.empty()
  })

  it('waits for a peer that answers, not only for one that is there', async () => {
    await join()
    await peer.libp2p.handle(SYNC_PROTOCOL, () => {}, { force: true })
    await network.connect()
    await network.meet('council')
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })

    await waits(proposal)
    // longer than syncs may take together
    await pWaitFor(() => now() > proposal.expirationTimestamp + 1n, { timeout: 10_000 })
    expect(await get(proposal.proposalId)).to.include({ state: 'active', waitingForPeer: true })
    expect((await get(proposal.proposalId)).undecided?.reason).to.include('it waits for a peer in the scope')
  })

  it('waits for the end of the grace period', async () => {
    await join({ graceSeconds: 2 })
    await network.connect()
    await network.meet('council')
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    await node.voting.decision('council', proposal.proposalId)

    expect(now() >= proposal.expirationTimestamp + 2n).to.equal(true)
  })

  it('waits for nobody where there is one voter', async () => {
    await join({ voters: [identityToAddress(voters[0].identity)] })
    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })

    await expect(node.voting.decision('council', proposalId)).to.eventually.deep.equal({ scope: 'council', proposalId, state: 'failed' })
  })

  it('confirms what silence decided when the missing vote comes', async () => {
    await join()
    await network.connect()
    await network.meet('council')
    const confirmed = record('voting:confirmed')
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    const { proposalId } = proposal
    await node.voting.vote('council', proposalId, true)
    await expect(node.voting.decision('council', proposalId)).to.eventually.include({ result: true, grade: 'timeout' })

    await knows(node, proposal, 3)
    expect(await get(proposalId)).to.include({ state: 'reached', result: true, grade: 'quorum' })
    expect(confirmed).to.deep.equal([{ scope: 'council', proposalId, state: 'reached', result: true, grade: 'quorum' }])
  })

  it('decides nothing by silence where the policy is to fail, and later votes decide all the same', async () => {
    await join({ timeoutPolicy: 'fail' })
    await network.connect()
    await network.meet('council')
    const decided = record('voting:decided')
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    const { proposalId } = proposal
    await node.voting.vote('council', proposalId, true)
    await expect(node.voting.decision('council', proposalId)).to.eventually.have.property('state', 'failed')

    await knows(node, proposal, 3)
    await expect(node.voting.decision('council', proposalId)).to.eventually.include({ state: 'reached', result: true, grade: 'quorum' })
    expect(decided).to.have.length(1)
  })

  it('does not decide by silence what it heard of in the second half of its life', async () => {
    await join()
    await network.connect()
    await network.meet('council')
    const { policy } = scopeOf(node)
    const late = quorumProposal(voters[0], policy, { name: 'late', timestamp: now() - 10n, expirationTimestamp: now() + 2n })
    const early = quorumProposal(voters[0], policy, { name: 'early', timestamp: now(), expirationTimestamp: now() + 2n })
    await knows(node, late, 1)
    await knows(node, early, 1)

    await expect(node.voting.decision('council', early.proposalId)).to.eventually.include({ state: 'reached', result: true, grade: 'timeout' })
    await expect(node.voting.decision('council', late.proposalId)).to.eventually.have.property('state', 'failed')
  })

  it('waits at the deadline while the scope is left, and takes it up again', async () => {
    await join()
    const { policy } = scopeOf(node)
    const proposal = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })
    await waits(proposal)
    await node.voting.leave('council')
    await node.voting.join(policy)

    await waits(proposal)
    await network.connect()
    await expect(node.voting.decision('council', proposal.proposalId)).to.eventually.include({ state: 'reached', grade: 'timeout' })
  })
})
