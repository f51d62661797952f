import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { PEER_LIMITS } from '../../../src/network/gossip/limits.ts'
import { MAX_IGNORED } from '../../../src/network/validation/ignored-budget.ts'
import { ethereumScheme } from '../../../src/signers/ethereum.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf } from '../../utils/sync.ts'
import type { Proposal, Vote } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'
import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'

const FLOOD = 3_000

describe('a flood of valid messages that are ignored', () => {
  let network: TestNetwork
  let node: TestNode
  let flooder: TestNode
  let honest: TestNode
  let proposal: Proposal
  /** Of the flooder: validations that have begun, those under way, and the most that ever were */
  let begun: number
  let pending: number
  let most: number
  let verified: number

  async function start (gossipsub: Partial<GossipsubOpts> = {}): Promise<void> {
    const scheme = ethereumScheme()
    const verify: typeof scheme.verify = (...args) => {
      verified++

      return scheme.verify(...args)
    }

    network = new TestNetwork()
    begun = pending = most = verified = 0
    node = await network.add({ gossipsub, scheme: { verify }, sync: { interval: 1e6 } })
    flooder = await network.add({ sync: { interval: 1e6 } })
    honest = await network.add({ sync: { interval: 1e6 } })
    // the others do not hear of each other
    await network.connect([node, flooder])
    await network.connect([node, honest])
    await Promise.all(network.nodes.map(async ({ voting }) => voting.join(policyOf(network.nodes, { decisionRule: 'quorum' }))))
    await pWaitFor(() => scopeOf(node).peers.length === 2 && [flooder, honest].every(other => scopeOf(other).peers.length > 0), { timeout: 10_000 })

    const { policy, topic } = scopeOf(node)
    const validators = node.pubsub.topicValidators as Map<string, (...args: any[]) => any>
    const validate = validators.get(topic) ?? expect.fail('there is no validator')

    validators.set(topic, async (peer, message) => {
      if (!peer.equals(flooder.libp2p.peerId)) {
        return validate(peer, message)
      }

      begun++
      most = Math.max(most, ++pending)

      try {
        return await validate(peer, message)
      } finally {
        pending--
      }
    })
    proposal = quorumProposal(honest.signer, policy)
    await know(node, [await makeSigned(honest.signer, policy, proposal)], [await vote(flooder)])
  }

  afterEach(async () => { await network.stop() })

  async function vote ({ signer }: TestNode): Promise<Vote> {
    return boundVote(signer, scopeOf(node).policy, proposal, true)
  }

  /** Publishes a vote that is known again and again: each time it is another message */
  async function flood (): Promise<void> {
    const data = encodeVoteGossip(await vote(flooder))

    for (let index = 0; index < FLOOD; index++) {
      await flooder.pubsub.publish(scopeOf(flooder).topic, data)
    }
  }

  async function hasVotes (count: number): Promise<boolean> {
    return (await node.voting.get('council', proposal.proposalId)).tally.yes === count
  }

  it('is bounded where gossipsub does not wait for verdicts, and others are heard', async () => {
    await start()
    verified = 0
    await flood()
    await honest.pubsub.publish(scopeOf(honest).topic, encodeVoteGossip(await vote(honest)))
    await pWaitFor(async () => hasVotes(2), { timeout: 10_000 })
    await pWaitFor(() => begun >= FLOOD, { timeout: 20_000 })
    // those that wait, and those that are validated just now
    expect(most).to.be.at.most(2 * PEER_LIMITS.items)
    expect(verified).to.be.below(FLOOD / 2)
    // what was ignored unread may be had by sync
    expect((node.voting as any).parts.joined.get('council').flags.size).to.equal(1)
  })

  it('is read more slowly where gossipsub waits for verdicts, and others are heard', async () => {
    await start({ awaitRpcHandler: true, awaitRpcMessageHandler: true })
    await flood()
    await pWaitFor(() => begun > MAX_IGNORED + 1, { timeout: 10_000 })
    await honest.pubsub.publish(scopeOf(honest).topic, encodeVoteGossip(await vote(honest)))
    await pWaitFor(async () => hasVotes(2), { timeout: 10_000 })
    expect(begun).to.be.below(FLOOD)
    expect(most).to.equal(1)
    expect((node.voting as any).parts.joined.get('council').flags.size).to.equal(0)
  })
})
