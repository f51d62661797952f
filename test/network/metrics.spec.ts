import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { announcementDigest } from '../../src/consensus/policy/policy.ts'
import { encodeVoteGossip } from '../../src/network/gossip/envelope.ts'
import { announce, now } from '../utils/messages.ts'
import { RecordedMetrics } from '../utils/metrics.ts'
import { policyOf, TestNetwork } from '../utils/nodes.ts'
import { boundVote, evidenceMessage, quorumProposal } from '../utils/quorum.ts'
import { know, scopeOf } from '../utils/sync.ts'
import type { TestNode } from '../utils/nodes.ts'

describe('metrics', () => {
  const network = new TestNetwork()
  let metrics: RecordedMetrics
  let node: TestNode
  let other: TestNode
  let third: TestNode

  beforeEach(async () => {
    metrics = new RecordedMetrics()
    node = await network.add({ metrics })
    other = await network.add()
    third = await network.add()
    await node.voting.join(policyOf([node, other, third], { decisionRule: 'quorum' }))
  })

  afterEach(async () => {
    await network.stop()
  })

  function read (name: string): number {
    return metrics.get(`libp2p_voting_${name}`)
  }

  async function deliver (data: Uint8Array): Promise<void> {
    const validator: any = node.pubsub.topicValidators.get(scopeOf(node).topic)

    await validator(other.libp2p.peerId, { topic: scopeOf(node).topic, data })
  }

  it('tell of proposals, votes by verdict, decisions, double voters, and what waits', async () => {
    const { policy } = scopeOf(node)
    const proposal = quorumProposal(other.signer, policy)
    const unknown = quorumProposal(other.signer, policy, { name: 'Unknown' })
    const vote = encodeVoteGossip(await boundVote(other.signer, policy, proposal, true))

    await deliver(await announce(other.signer, policy, proposal))
    expect(read('active_proposals')).to.equal(1)

    await deliver(vote)
    await deliver(vote)
    await deliver(encodeVoteGossip(await boundVote(third.signer, policy, proposal, true, { signature: new Uint8Array(65) })))
    await deliver(encodeVoteGossip(await boundVote(other.signer, policy, unknown, true)))
    await deliver(Uint8Array.of(1))
    expect([read('parked_votes'), read('proposals_total'), read('votes_total')]).to.deep.equal([1, 1, 1])
    expect(['accept', 'ignore', 'reject'].map(verdict => read(`gossip_votes_total{${verdict}}`))).to.deep.equal([2, 1, 1])
    expect(['accept', 'ignore', 'reject'].map(verdict => read(`messages_total{${verdict}}`))).to.deep.equal([3, 1, 2])

    await deliver(await evidenceMessage(third.signer, policy, proposal))
    await node.voting.vote('council', proposal.proposalId, true, { force: true })
    expect([read('double_voters_total'), read('votes_total')]).to.deep.equal([1, 4])
    expect([read('decisions_total{yes}'), read('decision_seconds'), read('active_proposals')]).to.deep.equal([1, 1, 0])
    // nobody is there to send it to
    expect(read('outbox_messages')).to.equal(1)
  })

  it('tell of syncs, their bytes and what they brought', async () => {
    const { policy } = scopeOf(node)

    await other.voting.join(policy)
    const proposal = quorumProposal(other.signer, policy, { timestamp: now() })
    const signature = await other.signer.sign(announcementDigest(policy, proposal))

    await know(other, [{ proposal, signature }], [await boundVote(other.signer, policy, proposal, true)])
    await network.connect([node, other])
    await pWaitFor(() => read('sync_items_total{votes}') === 1 && read('sync_items_total{proposals}') === 1, { timeout: 10_000 })

    expect(read('syncs_total{complete}') + read('syncs_total{served}')).to.be.above(0)
    expect(read('sync_bytes_total{sent}')).to.be.above(50)
    expect(read('sync_bytes_total{received}')).to.be.above(100)
  })

  it('have no name that tells of nothing', () => {
    const names = [...metrics.names].filter(name => name.startsWith('libp2p_voting_')).map(name => name.slice('libp2p_voting_'.length))

    expect(names).to.have.members([
      'active_proposals', 'parked_votes', 'outbox_messages', 'alarms', 'contradictions_total', 'messages_total', 'gossip_votes_total', 'proposals_total', 'votes_total',
      'decisions_total', 'decision_seconds', 'double_voters_total', 'auto_votes_total', 'syncs_total', 'sync_bytes_total', 'sync_items_total'
    ])
  })
})
