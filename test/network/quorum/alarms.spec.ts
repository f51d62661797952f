import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { VotingMetrics } from '../../../src/network/metrics.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { now } from '../../utils/messages.ts'
import { RecordedMetrics } from '../../utils/metrics.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, scopeOf } from '../../utils/sync.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { newSigner } from './fixture.ts'
import type { Proposal, VotingEvents } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'
import type { Metrics } from '@libp2p/interface'

describe('alarms', () => {
  const folder = useTempFolder()
  const signers = [newSigner(), newSigner(), newSigner(), newSigner()]
  const addresses = signers.map(({ identity }) => identityToAddress(identity))
  let network: TestNetwork
  let storage: LevelStorage
  let metrics: RecordedMetrics
  let node: TestNode
  let conflicts: Array<VotingEvents['voting:conflict']['detail']>

  async function start (): Promise<void> {
    storage = await LevelStorage.open(join(folder.path, 'store'))
    metrics = new RecordedMetrics()
    node = await network.add({ storage, signer: signers[0], metrics })
    conflicts = []
    node.voting.addEventListener('voting:conflict', ({ detail }) => { conflicts.push(detail) })
  }

  async function stop (): Promise<void> {
    await network.stop()
    await storage.close()
  }

  beforeEach(async () => {
    network = new TestNetwork()
    await start()
    await node.voting.join({ name: 'council', voters: addresses })
  })

  afterEach(async () => {
    await stop()
  })

  /** A proposal that the node knows, by its name */
  async function propose (name: string): Promise<Proposal> {
    const { policy } = scopeOf(node)
    const proposal = quorumProposal(signers[1], policy, { name, timestamp: now() })

    await know(node, [{ proposal, signature: await signers[1].sign(announcementDigest(policy, proposal)) }])

    return proposal
  }

  /** Votes of these voters, from 1, minus for no */
  async function vote (proposal: Proposal, ...votes: number[]): Promise<void> {
    const { policy } = scopeOf(node)

    await know(node, [], await Promise.all(votes.map(async vote => boundVote(signers[Math.abs(vote) - 1], policy, proposal, vote > 0))))
  }

  async function alarms (): Promise<unknown[]> {
    return (await node.voting.alarms('council')).map(({ culprits, fingerprint, proposer, ...alarm }) => ({ ...alarm, culprits: culprits.map(culprit => identityToAddress(culprit)) }))
  }

  it('are raised by a quorum against a result, told as an event, and still there after a restart, with who is to blame', async () => {
    const byQuorum = await propose('by quorum')
    const fine = await propose('fine')
    const contradicted = { scope: 'council', kind: 'contradicted' }
    const expected = [
      { ...contradicted, proposalId: byQuorum.proposalId, name: 'by quorum', reason: 'it was decided yes, and no has got the votes of a quorum, too: other members may have the opposite result', culprits: [addresses[2], addresses[1]] }
    ]

    await vote(fine, 1, 2, 3, -4)
    await vote(byQuorum, 1, 2, 3, -4, -3)
    expect(await alarms()).to.be.empty()
    await vote(byQuorum, -2)

    expect(await alarms()).to.deep.equal(expected)
    expect(conflicts.map(({ proposalId, state, result, contradicted }) => ({ proposalId, state, result, contradicted }))).to.deep.equal([
      { proposalId: byQuorum.proposalId, state: 'reached', result: true, contradicted: true }
    ])

    await stop()
    await start()
    expect(await alarms()).to.have.deep.members(expected)
    expect(conflicts).to.be.empty()
    // who turns out to have voted both ways afterwards is named, too
    await vote(byQuorum, -1)
    expect(await alarms()).to.have.deep.members([{ ...expected[0], culprits: [addresses[2], addresses[1], addresses[0]] }])
  })

  it('are raised by two quorums at once', async () => {
    const { policy, key } = scopeOf(node)
    const proposal = quorumProposal(signers[1], policy, { timestamp: now() })

    // as no message can bring it, but a store may have it
    proposal.votes.push(...await Promise.all([1, 2, 3, -3, -4, -2].map(async vote => boundVote(signers[Math.abs(vote) - 1], policy, proposal, vote > 0))))
    await node.voting.consensus.processIncomingProposal(key, proposal, { late: true })

    expect(await alarms()).to.deep.equal([
      { scope: 'council', proposalId: proposal.proposalId, name: 'Go?', kind: 'conflict', reason: 'both yes and no have the votes of a quorum, so there is no result', culprits: [addresses[2], addresses[1]] }
    ])
    expect(await node.voting.get('council', proposal.proposalId)).to.have.nested.property('undecided.reason').that.includes('Both yes and no')
    await expect(node.voting.decision('council', proposal.proposalId)).to.eventually.have.property('state', 'conflict')
  })

  it('are those of the scopes that are joined, and the latest twenty', async () => {
    const proposals: Proposal[] = []

    for (let i = 0; i < 21; i++) {
      proposals.push(await propose(`${i}`))
      await vote(proposals[i], 1, 2, 3, -1, -2, -3)
    }

    expect((await node.voting.alarms('council')).map(({ name }) => name)).to.deep.equal(proposals.slice(1).map(({ name }) => name))
    expect(metrics.get('libp2p_voting_alarms')).to.equal(21)

    const { policy } = scopeOf(node)
    await node.voting.leave('council')
    await expect(node.voting.alarms('council')).to.eventually.be.rejected.with.property('name', 'ScopeNotJoinedError')
    expect(metrics.get('libp2p_voting_alarms')).to.equal(0)
    await node.voting.join(policy)
    await pWaitFor(async () => (await node.voting.alarms('council')).length === 20)
  })

  it('are measured: how many there are, and how many were raised', () => {
    const measured: Record<string, () => number> = {}
    const counted: Record<string, number> = {}
    const counter = (name: string): any => ({ increment: () => { counted[name] = (counted[name] ?? 0) + 1 } })
    const host: Partial<Metrics> = {
      registerMetric: ((name: string, { calculate }: { calculate (): number }) => { measured[name] = calculate }) as any,
      registerCounter: counter,
      registerCounterGroup: counter,
      registerHistogram: (() => ({ observe: () => {} })) as any
    }
    const metrics = new VotingMetrics(host as Metrics, { active: () => 0, parked: () => 0, outbox: () => 0, alarms: () => 3 })

    metrics.onEvent({ type: 'ConsensusContradicted', proposalId: 1, result: true, culprits: [], timestamp: 0n })
    metrics.onEvent({ type: 'ConsensusConflict', proposalId: 2, culprits: [], timestamp: 0n })

    expect(measured.libp2p_voting_alarms()).to.equal(3)
    expect(counted).to.deep.equal({ libp2p_voting_contradictions_total: 1, libp2p_voting_decisions_total: 1 })
  })
})
