import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { encodeVoteGossip } from '../../src/network/gossip/envelope.ts'
import { identityToAddress } from '../../src/signers/ethereum.ts'
import { TestNetwork } from '../utils/nodes.ts'
import { boundVote, quorumProposal } from '../utils/quorum.ts'
import { scopeOf } from '../utils/sync.ts'
import type { ScopePolicyInput } from '../../src/index.ts'
import type { JoinedScope } from '../../src/network/scope/scope.ts'
import type { TestNode } from '../utils/nodes.ts'

describe('voting service, life of', () => {
  let network: TestNetwork
  /** Those that were joined, and perhaps left since */
  let scopes: Set<any>

  beforeEach(() => {
    network = new TestNetwork()
    scopes = new Set()
  })

  afterEach(async () => {
    await network.stop()
  })

  function policyOf (nodes: TestNode[]): ScopePolicyInput {
    return { name: 'council', minLifetimeSeconds: 1, clockSkewSeconds: 0, graceSeconds: 0, voters: nodes.map(({ signer }) => identityToAddress(signer.identity)) }
  }

  /** What is kept in memory for scopes, by part */
  function kept ({ voting, pubsub }: TestNode): Record<string, number> {
    const { tasks, parts: { publisher, sync, joined, otherPolicies, otherSigning } } = voting as any
    const entered: any[] = [...joined.joined.values()].filter(({ finalizer }) => finalizer.begun)
    const sum = (sizeOf: (scope: any) => number): number => [...scopes].reduce((sum, scope) => sum + sizeOf(scope), 0)

    entered.forEach(scope => scopes.add(scope))

    return {
      validators: pubsub.topicValidators.size,
      topics: pubsub.getTopics().length,
      scopes: joined.joined.size,
      watched: sum(({ finalizer }) => finalizer.watched.size),
      deadlines: sum(({ finalizer }) => finalizer.deadlines.size),
      entered: entered.length,
      outbox: publisher.outbox.size,
      retries: publisher.outbox.retry == null ? 0 : 1,
      members: sync.driver.members.size,
      jobs: sync.driver.queue.size,
      running: sync.driver.running.size,
      served: sync.served.size,
      digests: sync.index.scopes.size,
      reads: sync.index.underWay.size,
      pruner: sum(({ pruner }) => pruner.timer == null ? 0 : 1),
      flags: sum(({ flags }) => flags.size),
      otherPolicies: otherPolicies.size,
      otherSigning: otherSigning.scopes.size,
      tasks: tasks.size
    }
  }

  /** How often anybody listens to pubsub */
  function listeners ({ pubsub }: TestNode): number {
    return (pubsub as any).listenerCount('subscription-change')
  }

  function isEmpty (parts: Record<string, number>): boolean {
    return Object.values(parts).every(size => size === 0)
  }

  /** A scope with one of everything that is kept for a scope */
  async function fill (node: TestNode, other: TestNode): Promise<JoinedScope> {
    await node.voting.join(policyOf([node, other]))
    await node.voting.configure('council', { retainVotesSeconds: 60 })
    const scope = scopeOf(node)
    const unknown = quorumProposal(other.signer, scope.policy)
    const validator: any = node.pubsub.topicValidators.get(scope.topic)

    await validator(other.libp2p.peerId, { topic: scope.topic, data: encodeVoteGossip(await boundVote(other.signer, scope.policy, unknown, true)) })
    await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 60 })

    expect(kept(node)).to.include({ validators: 1, topics: 1, scopes: 1, watched: 1, deadlines: 1, entered: 1, members: 1, pruner: 1 })
    expect([scope.active.size, scope.parked.size]).to.deep.equal([1, 1])

    return scope
  }

  it('keeps nothing of a scope that it has left', async () => {
    const node = await network.add()
    const other = await network.add({ start: false })
    const scope = await fill(node, other)

    await node.voting.leave('council')
    await pWaitFor(() => isEmpty(kept(node)), { timeout: 10_000 }).catch(() => {})

    expect(kept(node)).to.satisfy(isEmpty)
    expect([scope.active.size, scope.parked.size]).to.deep.equal([0, 0])
    expect(scope.signal.aborted).to.equal(true)
  })

  it('keeps nothing when it has stopped, and takes everything up when it is started', async () => {
    const node = await network.add()
    const other = await network.add({ start: false })
    const scope = await fill(node, other)

    for (let i = 0; i < 2; i++) {
      expect(listeners(node)).to.equal(1)
      await node.libp2p.stop()
      expect(kept(node)).to.satisfy(isEmpty)
      expect(listeners(node)).to.equal(0)
      expect([scope.active.size, scope.parked.size]).to.deep.equal([0, 0])

      await node.libp2p.start()
      expect(scopeOf(node).active.size).to.equal(1)
      expect(kept(node)).to.include({ watched: 1, deadlines: 1, members: 1, pruner: 1 })
    }
  })

  ;[true, false].forEach(votingFirst => {
    it(`may be started and stopped twice in a row, ${votingFirst ? 'before' : 'after'} gossipsub`, async () => {
      const node = await network.add({ votingFirst })
      const voting: any = node.voting
      await voting.join('council')

      await voting.start()
      await voting.afterStart()
      expect(voting.scopes()).to.have.length(1)
      expect(kept(node)).to.include({ validators: 1, members: 1 })

      await voting.stop()
      await voting.stop()
      expect(() => voting.scopes()).to.throw().with.property('name', 'NotStartedError')
      expect(kept(node)).to.satisfy(isEmpty)

      await voting.start()
      await voting.start()
      const { storage } = voting.consensus
      const { listPolicies } = storage
      let entered = 0

      storage.listPolicies = async () => {
        entered++

        return listPolicies.call(storage)
      }
      await Promise.all([voting.afterStart(), voting.afterStart()])
      expect(entered).to.equal(1)
      expect(voting.scopes()).to.have.length(1)
      await voting.beforeStop()
      await voting.beforeStop()
      expect(node.pubsub.topicValidators.size).to.equal(0)
      await voting.stop()
      expect(kept(node)).to.satisfy(isEmpty)
    })
  })

  it('may be stopped before it was ever started', async () => {
    const { voting } = await network.add({ start: false })

    await voting.stop()
    expect((voting as any).isStarted()).to.equal(false)
  })
})
