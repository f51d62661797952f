import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { ProposalState } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('retention', () => {
  const network = new TestNetwork()
  const folder = useTempFolder()
  let storage: LevelStorage
  let time: bigint

  beforeEach(async () => {
    time = now()
    storage = await LevelStorage.open(folder.path)
  })

  afterEach(async () => {
    await network.stop()
    await storage.close()
  })

  async function start (): Promise<TestNode> {
    return network.add({ storage, clock: () => time })
  }

  async function decide ({ voting }: TestNode, name: string, timeoutSeconds: number): Promise<number> {
    const { proposalId } = await voting.propose('council', { name, expectedVotersCount: 1, timeoutSeconds })

    await voting.vote('council', proposalId, true)

    return proposalId
  }

  it('gives up votes in time, of what has ended, and keeps results and tallies, also across starts', async () => {
    const node = await start()
    await node.voting.join({ name: 'council', minLifetimeSeconds: 1 })
    const get = async ({ voting }: TestNode, proposalId: number): Promise<ProposalState> => voting.get('council', proposalId)
    const early = await decide(node, 'Early', 10)
    const late = await decide(node, 'Late', 1_000_000)
    const open = await node.voting.propose('council', { name: 'Open', expectedVotersCount: 2, timeoutSeconds: 10_000 })

    time += 200_000n
    await node.voting.configure('council', { retainVotesSeconds: 86_400 })

    expect(await get(node, early)).to.deep.include({ state: 'reached', result: true, tally: { yes: 1, no: 0 }, votesPruned: true, votes: [] })
    expect((await get(node, late)).votes).to.have.lengthOf(1)
    expect(await get(node, open.proposalId)).to.include({ state: 'active', votesPruned: false })

    await network.stop()
    time += 1_000_000n

    const again = await start()

    expect(again.voting.scopes()[0].settings).to.deep.equal({ retainVotesSeconds: 86_400 })
    await pWaitFor(async () => (await get(again, late)).votesPruned, { timeout: 10_000 })
    expect(await get(again, late)).to.deep.include({ state: 'reached', result: true, tally: { yes: 1, no: 0 }, votes: [] })
    expect(await again.voting.decision('council', early)).to.include({ state: 'reached', result: true })
  })

  it('keeps all votes unless it is told otherwise, and forgets that it was when the scope is left', async () => {
    const node = await start()
    await node.voting.join({ name: 'council', minLifetimeSeconds: 1 })
    const proposalId = await decide(node, 'Go?', 10)

    time += 10_000_000n
    await node.voting.leave('council')
    await node.voting.join({ name: 'council', minLifetimeSeconds: 1 })
    expect((await node.voting.get('council', proposalId)).votes).to.have.lengthOf(1)

    await node.voting.configure('council', { retainVotesSeconds: 0 })
    expect((await node.voting.get('council', proposalId)).votes).to.be.empty()

    await node.voting.leave('council')
    expect((await node.voting.join({ name: 'council', minLifetimeSeconds: 1 })).settings).to.deep.equal({ retainVotesSeconds: null })
  })

  it('keeps the votes of what has no result while late ones may still make one', async () => {
    const node = await start()
    const day = 86_400n
    const failed = async (name: string, life: bigint): Promise<void> => {
      await node.voting.join({ name, minLifetimeSeconds: 1 })
      const { proposalId } = await node.voting.propose(name, { name: 'Go?', expectedVotersCount: 2, timeoutSeconds: Number(life) })
      const { key } = node.voting.scopes().find(scope => scope.name === name) as JoinedScope

      await node.voting.vote(name, proposalId, true)
      await expect(node.voting.consensus.handleConsensusTimeout(key, proposalId)).to.eventually.be.rejected.with.property('name', 'InsufficientVotesAtTimeoutError')
    }
    const begun = time
    const isPruned = async (name: string): Promise<boolean | undefined> => {
      let isPruned: boolean | undefined

      await node.voting.configure(name, { retainVotesSeconds: 0 })

      for await (const { votesPruned } of node.voting.list(name)) {
        isPruned = votesPruned
      }

      return isPruned
    }

    await failed('short', 60n)
    await failed('long', 3n * day)

    time = begun + 60n + day
    expect(await isPruned('short')).to.equal(false)
    time = begun + 61n + day
    expect(await isPruned('short')).to.equal(true)
    time = begun + 6n * day
    expect(await isPruned('long')).to.equal(false)
    time = begun + 6n * day + 1n
    expect(await isPruned('long')).to.equal(true)
  })

  it('gives up nothing any more once the node has stopped', async () => {
    const node = await start()
    const pruning = pDefer()
    const begun = pDefer()
    const pruneVotes = storage.pruneVotes.bind(storage)

    await node.voting.join({ name: 'council', minLifetimeSeconds: 1 })
    await decide(node, 'Go?', 10)
    await node.voting.configure('council', { retainVotesSeconds: 1 })
    storage.pruneVotes = async (...args) => {
      begun.resolve()
      await pruning.promise
      await pruneVotes(...args)
    }
    // the service looks again by itself
    time += 1_000n
    await begun.promise

    let isStopped = false
    const stopped = network.stop().then(() => { isStopped = true })

    // what else there is to stop has stopped
    await pWaitFor(() => !(node.pubsub as any).isStarted(), { timeout: 20_000 })
    await new Promise(resolve => { setImmediate(resolve) })
    expect(isStopped).to.equal(false)
    pruning.resolve()
    await stopped
  })

  it('says what settings must be', async () => {
    const node = await start()
    await node.voting.join('council')

    for (const retainVotesSeconds of [-1, 0.5, Infinity, '1' as any]) {
      await expect(node.voting.configure('council', { retainVotesSeconds })).to.eventually.be.rejectedWith(/retainVotesSeconds must be a whole number/).with.property('name', 'InvalidRequestError')
    }

    await expect(node.voting.configure('nowhere', {})).to.eventually.be.rejected.with.property('name', 'ScopeNotJoinedError')
  })
})
