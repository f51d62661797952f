import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { parsePolicy, policyDigest } from '../../../src/consensus/policy/policy.ts'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { votingScoreParams } from '../../../src/network/gossip/score.ts'
import { topicOf } from '../../../src/network/gossip/topic.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf, synced } from '../../utils/sync.ts'
import { newSigner } from './fixture.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('votes outside their proposal\'s time', () => {
  const network = new TestNetwork()

  afterEach(async () => {
    await network.stop()
  })

  it('cost a member nothing that passes them on since it lacks the proposal', async () => {
    const cheat = newSigner()
    const signers = [cheat, newSigner(), newSigner()]
    const policy = parsePolicy({ name: 'council', minLifetimeSeconds: 1, voters: signers.map(({ identity }) => identityToAddress(identity)) })
    const topic = topicOf(policy.name, policyDigest(policy))
    const [hostile, relayer, knowing] = await Promise.all(signers.map(async signer => network.add({
      signer,
      // nothing but gossip
      sync: { interval: 1e6 },
      gossipsub: { scoreParams: { topics: votingScoreParams(topic) } }
    })))
    const verdicts: string[] = []

    // on the topic and not in the scope, so that nobody can ask it for the proposals
    hostile.pubsub.subscribe(topic)
    await Promise.all([relayer, knowing].map(async ({ voting }) => voting.join(policy)))
    await network.connect([hostile, relayer])
    await network.connect([relayer, knowing])
    await pWaitFor(() => scopeOf(relayer).peers.length === 2, { timeout: 10_000 })

    for (const node of [relayer, knowing]) {
      const { sync } = (node.voting as any).parts

      await synced(node)
      await sync.idle(scopeOf(node))
    }

    const proposals = Array.from({ length: 8 }, (_, index) => quorumProposal(cheat, policy, { name: `${index}`, timestamp: now() }))

    await know(knowing, await Promise.all(proposals.map(async proposal => makeSigned(cheat, policy, proposal))))
    record(knowing, topic, verdicts)

    for (const proposal of proposals) {
      await hostile.pubsub.publish(topic, encodeVoteGossip(await boundVote(cheat, policy, proposal, true, { timestamp: proposal.timestamp - 1n })))
    }

    await pWaitFor(() => verdicts.length === proposals.length, { timeout: 10_000 })

    expect(scopeOf(relayer).parked.size).to.equal(proposals.length)
    expect(verdicts).to.deep.equal(proposals.map(() => 'ignore'))
    expect((knowing.pubsub as any).getScore(`${relayer.libp2p.peerId}`)).to.be.at.least(0)
  })
})

/** The verdicts of a node's validator from now on */
function record ({ pubsub }: TestNode, topic: string, verdicts: string[]): void {
  const validator: any = pubsub.topicValidators.get(topic)

  pubsub.topicValidators.set(topic, async (peer, message) => {
    const verdict = await validator(peer, message)

    verdicts.push(verdict)

    return verdict
  })
}
