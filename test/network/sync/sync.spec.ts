import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { encodeVote } from '../../../src/consensus/vote/vote.ts'
import { ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { agree, everyVote, know, knowledge, makeProposals, scopeOf, synced } from '../../utils/sync.ts'
import type { ConsensusSigner } from '../../../src/index.ts'
import type { Sync } from '../../../src/network/sync/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

function signers (count: number): ConsensusSigner[] {
  return Array.from({ length: count }, () => ethereumSigner(generatePrivateKey()))
}

function syncOf (node: TestNode): Sync {
  return (node.voting as any).parts.sync
}

describe('sync of scopes', function () {
  this.timeout(120_000)

  let network: TestNetwork

  beforeEach(() => {
    network = new TestNetwork()
  })

  afterEach(async () => {
    await network.stop()
  })

  async function nodes (count: number): Promise<TestNode[]> {
    return Promise.all(Array.from({ length: count }, async () => network.add({ sync: { maxRequests: 1000 } })))
  }

  it('gives one who joins late what is active, with all votes, and what has ended', async () => {
    const [early, late] = await nodes(2)
    const voters = signers(5)
    const policy = policyOf([early, late], { voters: voters.map(voter => identityToAddress(voter.identity)) })
    const scope = await early.voting.join(policy)
    const active = await makeProposals(3, voters[0], scope)
    const ended = await makeProposals(3, voters[0], scope, { timestamp: now() - 3n * 24n * 3600n })
    const split = await makeProposals(1, voters[0], scope, { timestamp: now() - 1000n })
    const decided = await makeProposals(2, voters[0], scope)

    await know(early, [...active, ...ended, ...decided, ...split], [
      ...await everyVote(active, voters.slice(0, 3), voter => voter === 0),
      ...await everyVote(ended, voters, () => false),
      ...await everyVote(decided, voters, () => true),
      // with nothing but silence it would be yes
      ...await everyVote(split, voters.slice(0, 3), () => false)
    ])
    await expect(early.voting.consensus.handleConsensusTimeout(scopeOf(early).key, split[0].proposal.proposalId)).to.eventually.be.rejected.with.property('name', 'InsufficientVotesAtTimeoutError')

    await late.voting.join(policy)
    await network.connect()
    await agree([early, late], 9)

    for (const { proposal } of active) {
      expect(await late.voting.get('council', proposal.proposalId)).to.deep.include({ state: 'active', tally: { yes: 1, no: 2 } })
    }

    await expect(late.voting.decision('council', split[0].proposal.proposalId)).to.eventually.include({ state: 'failed' })
    await expect(late.voting.decision('council', decided[0].proposal.proposalId)).to.eventually.include({ result: true })
    await expect(late.voting.decision('council', ended[0].proposal.proposalId)).to.eventually.include({ result: false })
  })

  it('gives one who joins late no older proposals than it asks for, whoever begins', async () => {
    const early = await network.add({ sync: { maxRequests: 1000 } })
    const late = await network.add({ sync: { maxRequests: 1000, pastDays: 2 } })
    const voters = signers(2)
    const policy = policyOf([early, late], { voters: voters.map(voter => identityToAddress(voter.identity)) })
    const scope = await early.voting.join(policy)
    const day = 24n * 3600n
    const [old] = await makeProposals(1, voters[0], scope, { timestamp: now() - 4n * day })
    const [recent] = await makeProposals(1, voters[0], scope, { timestamp: now() - day })
    const [active] = await makeProposals(1, voters[0], scope)

    await know(early, [old, recent, active], await everyVote([old, recent], voters, () => true))
    await late.voting.join(policy)
    await network.connect()
    await Promise.all([early, late].map(synced))
    await pWaitFor(async () => Object.keys(await knowledge(late)).length === 2, { timeout: 10_000 })
    // once more, when nothing else is left to be given
    await syncOf(early).requestAll(scopeOf(early), [late.libp2p.peerId])

    expect(Object.keys(await knowledge(late))).to.have.members([recent, active].map(({ proposal }) => `${proposal.proposalId}`))
    expect([early, late].map(node => syncOf(node).stats.faults)).to.deep.equal([0, 0])
  })

  it('makes two halves with different votes equal, in scopes with voters and in open ones', async () => {
    const [a, b] = await nodes(2)
    const voters = signers(20)

    for (const policy of [policyOf([a, b], { voters: voters.map(voter => identityToAddress(voter.identity)) }), { name: 'open', decisionRule: 'reference' as const, minLifetimeSeconds: 1 }]) {
      const scope = await a.voting.join(policy)
      await b.voting.join(policy)
      const { name } = scope
      const common = await makeProposals(4, voters[0], scope, { expectedVotersCount: 20 })
      const [onlyA, onlyB] = [await makeProposals(3, voters[1], scope, { expectedVotersCount: 20 }), await makeProposals(2, voters[2], scope, { expectedVotersCount: 20 })]
      const all = [...common, ...onlyA, ...onlyB]
      const undecided = (voter: number): boolean => voter % 2 === 0

      await know(a, [...common, ...onlyA], await everyVote([...common, ...onlyA], voters.slice(0, 6), undecided), name)
      await know(b, [...common, ...onlyB], await everyVote([...common, ...onlyB], voters.slice(4, 12), undecided), name)

      if (name === 'council') {
        await network.connect()
      }

      await agree([a, b], all.length, 30_000, name)
      expect(await a.voting.get(name, common[0].proposal.proposalId)).to.deep.include({ state: 'active', tally: { yes: 6, no: 6 } })
    }
  })

  it('brings what one end of a line of 15 knows to the other, neighbour by neighbour', async () => {
    // gossip would spread nothing of it: it is in the cores only
    const line = await nodes(15)
    const voters = signers(3)
    const policy = policyOf(line, { voters: voters.map(voter => identityToAddress(voter.identity)) })

    for (const [index, node] of line.entries()) {
      await node.voting.join(policy)

      if (index > 0) {
        await line[index - 1].libp2p.dial(node.libp2p.getMultiaddrs())
      }
    }

    await pWaitFor(() => line.every((node, index) => scopeOf(node).peers.length === (index === 0 || index === 14 ? 1 : 2) && syncOf(node).stats.completed > 0), { timeout: 30_000 })

    const proposals = await makeProposals(5, voters[0], scopeOf(line[0]))
    await know(line[0], proposals, await everyVote(proposals, voters.slice(0, 1), () => true))
    await know(line[14], [], [])
    syncOf(line[0]).taught(scopeOf(line[0]))

    await agree(line, 5, 40_000)
  })

  it('costs two small frames where all is equal, however much there is', async () => {
    const [a, b] = await nodes(2)
    const [voter] = signers(1)
    const policy = policyOf([a, b], { voters: [identityToAddress(voter.identity)] })
    const scope = await a.voting.join(policy)
    await b.voting.join(policy)
    const proposals = await makeProposals(300, voter, scope)
    const votes = await everyVote(proposals, [voter], () => true)

    await know(a, proposals, votes)
    await know(b, proposals, votes)
    await network.connect()
    await Promise.all([a, b].map(synced))

    const { begun, served, bytesIn, bytesOut, proposals: taught } = syncOf(a).stats

    expect(taught).to.equal(0)
    expect((bytesIn + bytesOut) / (begun + served)).to.be.below(512)
  })

  it('takes no more than a fifth over the votes that are missing', async () => {
    const [a, b] = await nodes(2)
    const voters = signers(100)
    const policy = policyOf([a, b], { voters: voters.map(voter => identityToAddress(voter.identity)) })
    const scope = await a.voting.join(policy)
    await b.voting.join(policy)
    const proposals = await makeProposals(10, voters[0], scope)
    const votes = await everyVote(proposals, voters, voter => voter % 2 === 0)
    const bytes = votes.reduce((sum, vote) => sum + encodeVote(vote).byteLength, 0)

    await know(a, proposals, votes)
    await know(b, proposals)
    await network.connect()
    await agree([a, b], 10)
    await synced(b)

    const { bytesIn, bytesOut } = syncOf(b).stats
    expect((bytesIn + bytesOut) / bytes).to.be.below(1.2)
  })

  it('brings a scope of 2,000 proposals, more than may be active, in bounded pages', async () => {
    const [a, b] = await nodes(2)
    const [voter] = signers(1)
    const policy = policyOf([a, b], { voters: [identityToAddress(voter.identity)] })
    const scope = await a.voting.join(policy)
    await b.voting.join(policy)
    const proposals = await makeProposals(2000, voter, scope)

    await know(a, proposals, await everyVote(proposals, [voter], () => true))
    await network.connect()
    await agree([a, b], 2000, 60_000)
    expect(Object.values(await knowledge(b)).every(known => known.startsWith('reached true'))).to.equal(true)
  })

  it('leaves nothing behind when it stops', async () => {
    const [a, b] = await nodes(2)
    const policy = policyOf([a, b])
    await a.voting.join(policy)
    await b.voting.join(policy)
    await network.connect()
    await Promise.all([a, b].map(async node => syncOf(node).completed(scopeOf(node))))

    const waiting = syncOf(a).completed(scopeOf(a), now() + 1000n)
    const scope = scopeOf(a)

    const [stopped] = await Promise.allSettled([waiting, a.libp2p.stop()])

    expect(stopped).to.have.nested.property('reason.name', 'NotStartedError')
    expect((syncOf(a) as any).driver.members.size).to.equal(0)
    expect((syncOf(a) as any).driver.running.size).to.equal(0)
    expect((syncOf(a) as any).driver.queue.size).to.equal(0)
    expect((syncOf(a) as any).served.size).to.equal(0)
    expect(syncOf(a).hasCompleted(scope)).to.equal(false)
    expect((a.libp2p as any).components.registrar.getProtocols()).to.not.include('/voting/sync/1.0.0')

    await a.libp2p.start()
    await pWaitFor(() => a.voting.scopes().length === 1)
    // the old connection would serve for the dial, and syncs dial nobody
    await pWaitFor(() => b.libp2p.getConnections(a.libp2p.peerId).length === 0, { timeout: 10_000 })
    await b.libp2p.dial(a.libp2p.getMultiaddrs())
    await syncOf(a).completed(scopeOf(a))
  })
})
