import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { watchEvidence } from '../../utils/evidence-watch.ts'
import { now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, evidenceMessage, quorumProposal } from '../../utils/quorum.ts'
import { know, scopeOf } from '../../utils/sync.ts'
import { newSigner } from './fixture.ts'
import type { Proposal } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('evidence between nodes', () => {
  const cheat = newSigner()
  let network: TestNetwork
  let line: TestNode[]
  let proposal: Proposal
  /** Who was told of a double voter, and who has published it, by place in the line */
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
    proposal = quorumProposal(line[0].signer, policy, { timestamp: now() })

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

  /** A peer that is in the line's topic and no member */
  async function addCheat (): Promise<TestNode> {
    const { topic } = scopeOf(line[0])
    const node = await network.add()
    node.pubsub.subscribe(topic)
    await network.connect([line[0], node])
    await pWaitFor(() => node.pubsub.getSubscribers(topic).length === 1 && (node.pubsub as any).streamsOutbound.size === 1, { timeout: 10_000 })

    return node
  }

  it('reaches all, each is told once, and none makes it known anew', async () => {
    const node = await addCheat()
    const { topic, policy } = scopeOf(line[0])

    await node.pubsub.publish(topic, await evidenceMessage(cheat, policy, proposal))
    await pWaitFor(() => told.length >= 3, { timeout: 10_000 })

    expect(told.sort()).to.deep.equal([0, 1, 2])
    expect(published).to.be.empty()
  })

  it('is made known by whoever has got both votes', async () => {
    const node = await addCheat()
    const { topic, policy } = scopeOf(line[0])

    for (const choice of [true, false]) {
      await node.pubsub.publish(topic, encodeVoteGossip(await boundVote(cheat, policy, proposal, choice)))
    }

    await pWaitFor(() => told.length >= 3 && published.length > 0, { timeout: 10_000 })
    expect(told.sort()).to.deep.equal([0, 1, 2])
    expect(new Set(published).size).to.equal(published.length)
  })
})
