import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf } from '../../utils/sync.ts'

describe('a vote that comes before its proposal', () => {
  const network = new TestNetwork()

  afterEach(async () => {
    await network.stop()
  })

  it('has the proposal fetched from who sent it, and counts then', async () => {
    // nothing but the vote makes them sync again
    const [sender, receiver] = await Promise.all([0, 1].map(async () => network.add({ sync: { interval: 1e6 } })))

    await network.connect()
    await network.join(policyOf([sender, receiver], { decisionRule: 'quorum' }))
    await Promise.all([sender, receiver].map(async node => {
      await (node.voting as any).parts.sync.requestAll(scopeOf(node), scopeOf(node).peers)
    }))

    const { policy, topic } = scopeOf(sender)
    const proposal = quorumProposal(sender.signer, policy)
    const { proposalId } = proposal

    // announced to nobody
    await know(sender, [await makeSigned(sender.signer, policy, proposal)])
    await sender.pubsub.publish(topic, encodeVoteGossip(await boundVote(sender.signer, policy, proposal, true)))

    await pWaitFor(async () => receiver.voting.get('council', proposalId).then(({ tally }) => tally.yes === 1, () => false), { timeout: 10_000 })
    expect(scopeOf(receiver).parked.size).to.equal(0)
    expect((receiver.voting as any).parts.sync.stats).to.include({ proposals: 1 })
  })
})
