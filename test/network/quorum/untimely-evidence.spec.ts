/**
 * Evidence with votes that were not cast in the proposal's time, between nodes: it goes as far as any, and its votes count for
 * nothing.
 */

import { expect } from 'aegir/chai'
import all from 'it-all'
import pWaitFor from 'p-wait-for'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { verifyEvidenceProof } from '../../../src/consensus/proofs/evidence-proof.ts'
import { encodeEvidence, encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { voteKeys } from '../../../src/network/sync/delivery.ts'
import { ethereumScheme, identityToAddress } from '../../../src/signers/ethereum.ts'
import { watchEvidence } from '../../utils/evidence-watch.ts'
import { announce, now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, scopeOf } from '../../utils/sync.ts'
import { Fixture, newSigner, START } from './fixture.ts'
import type { Evidence, Proposal, Vote } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('evidence of votes that were not cast in time, between nodes', function () {
  this.timeout(60_000)

  const cheat = newSigner()
  let network: TestNetwork
  let line: TestNode[]
  let proposal: Proposal
  /** Who was told of a double voter, by place in the line */
  let told: number[]
  let published: number[]

  beforeEach(async () => {
    network = new TestNetwork()
    told = []
    published = []
    line = await Promise.all([0, 1, 2].map(async () => network.add()))

    for (const { voting } of line) {
      await voting.join({ name: 'council', minLifetimeSeconds: 1, voters: [...line.map(({ signer }) => signer), cheat].map(({ identity }) => identityToAddress(identity)) })
    }

    line.forEach((node, index) => { watchEvidence(node, index, told, published) })

    const { policy } = scopeOf(line[0])

    proposal = quorumProposal(line[0].signer, policy, { timestamp: now(), expectedVotersCount: 4 })

    for (const node of line) {
      await know(node, [{ proposal, signature: await line[0].signer.sign(announcementDigest(policy, proposal)) }])
    }

    await network.connect(line.slice(0, 2))
    await network.connect(line.slice(1))
    await pWaitFor(() => line.every((node, index) => scopeOf(node).peers.length === (index === 1 ? 2 : 1)), { timeout: 10_000 })
  })

  afterEach(async () => {
    await network.stop()
  })

  async function voteOf (choice: boolean, timestamp: bigint): Promise<Vote> {
    return boundVote(cheat, scopeOf(line[0]).policy, proposal, choice, { timestamp })
  }

  async function untimely (): Promise<Evidence> {
    return { first: await voteOf(true, proposal.timestamp - 1n), second: await voteOf(false, proposal.expirationTimestamp + 1n) }
  }

  /** A peer that is in the line's topic and no member */
  async function addCheat (): Promise<TestNode> {
    const { topic } = scopeOf(line[0])
    const node = await network.add()

    node.pubsub.subscribe(topic)
    await network.connect([line[0], node])
    await pWaitFor(() => node.pubsub.getSubscribers(topic).length === 1 && (node.pubsub as any).streamsOutbound.size === 1, { timeout: 10_000 })

    return node
  }

  it('reaches all, each is told once and shows it, and nobody counts its votes or tells others to have them', async () => {
    const node = await addCheat()
    const { topic, haveSets } = scopeOf(line[0])

    await node.pubsub.publish(topic, encodeEvidence(await untimely()))
    await pWaitFor(() => told.length >= 3, { timeout: 10_000 })
    expect(told.sort()).to.deep.equal([0, 1, 2])
    expect(published).to.be.empty()

    for (const { voting } of line) {
      const state = await voting.get('council', proposal.proposalId)
      const session = await voting.consensus.storage.getSession(scopeOf(line[0]).key, proposal.proposalId)

      expect(state).to.deep.include({ tally: { yes: 0, no: 0 }, doubleVoters: 1, votes: [] })
      expect((await all(voting.list('council'))).map(({ doubleVoters }) => doubleVoters)).to.deep.equal([1])
      expect((await all(voting.evidence('council'))).map(({ owner }) => owner)).to.deep.equal([cheat.identity])
      expect(haveSets.of(voteKeys(session as any)).size).to.equal(0)
    }
  })

  it('is made of an untimely vote whose opposite is known, and made known', async () => {
    const node = await addCheat()
    const { topic } = scopeOf(line[0])

    await node.pubsub.publish(topic, encodeVoteGossip(await voteOf(true, proposal.timestamp)))
    await pWaitFor(async () => (await line[0].voting.get('council', proposal.proposalId)).tally.yes === 1, { timeout: 10_000 })
    await node.pubsub.publish(topic, encodeVoteGossip(await voteOf(false, proposal.timestamp - 1n)))
    await pWaitFor(() => told.length >= 3 && published.length > 0, { timeout: 10_000 })

    expect(told.sort()).to.deep.equal([0, 1, 2])
    expect(await line[2].voting.get('council', proposal.proposalId)).to.deep.include({ tally: { yes: 1, no: 0 }, doubleVoters: 1 })
  })

  it('keeps no timely vote from a node, by gossip or by sync', async () => {
    const [first, second, third] = line
    const { key } = scopeOf(first)

    for (const { voting } of line) {
      await voting.consensus.processEvidence(key, await untimely())
    }

    await know(first, [], [await voteOf(true, proposal.timestamp)])
    await pWaitFor(async () => (await Promise.all([second, third].map(async ({ voting }) => voting.get('council', proposal.proposalId)))).every(({ tally }) => tally.yes === 1), { timeout: 60_000 })
  }).timeout(90_000)

  it('is had as a file that others verify and take in', async () => {
    const [one, other] = line
    const { policy, digest, key } = scopeOf(one)

    one.pubsub.publish = async () => ({ recipients: [] })
    await one.voting.consensus.processEvidence(key, await untimely())

    const file = await one.voting.evidenceProof('council', proposal.proposalId, cheat.identity)

    expect(await verifyEvidenceProof(file, { policyDigest: digest, scheme: ethereumScheme() })).to.deep.include({ owner: cheat.identity, policy })
    expect(await other.voting.importProof(file)).to.include({ kind: 'evidence', isNew: true })
    expect(await other.voting.importProof(file)).to.include({ isNew: false })
    expect(await other.voting.get('council', proposal.proposalId)).to.deep.include({ doubleVoters: 1, tally: { yes: 0, no: 0 } })
  })
})

describe('evidence of votes that were not cast in time, at one node', () => {
  const fixture = new Fixture()

  before(async () => { await fixture.start() })

  after(async () => { await fixture.stop() })

  afterEach(async () => { await fixture.leaveAll() })

  it('is found among votes that waited for their proposal, in whatever order they came', async () => {
    for (const order of [[0, 1], [1, 0]]) {
      const scope = await fixture.join()
      const proposal = quorumProposal(fixture.voter, scope.policy, { timestamp: START, expectedVotersCount: 4 })
      const votes = [await boundVote(fixture.cheat, scope.policy, proposal, true), await boundVote(fixture.cheat, scope.policy, proposal, false, { timestamp: START - 1n })]

      for (const index of order) {
        expect(await fixture.deliver(scope, encodeVoteGossip(votes[index]))).to.equal('accept')
      }

      await fixture.deliver(scope, await announce(fixture.voter, scope.policy, proposal))
      expect(await fixture.node.voting.get(scope.name, proposal.proposalId)).to.deep.include({ tally: { yes: 1, no: 0 }, doubleVoters: 1 })
    }
  })

  it('is kept against ten voters on a proposal in an open scope', async () => {
    const { scope, policy, proposal } = await fixture.joinAndKnow({ voters: null })
    const verdicts: string[] = []

    for (const signer of Array.from({ length: 11 }, newSigner)) {
      verdicts.push(await fixture.deliver(scope, encodeEvidence({
        first: await boundVote(signer, policy, proposal, true, { timestamp: START - 1n }),
        second: await boundVote(signer, policy, proposal, false, { timestamp: START - 1n })
      })))
    }

    // one is known already
    expect(verdicts).to.deep.equal([...Array.from({ length: 9 }, () => 'accept'), 'ignore', 'ignore'])
    expect(await fixture.node.voting.get(scope.name, proposal.proposalId)).to.include({ doubleVoters: 10 })
  })
})
