import { expect } from 'aegir/chai'
import { TestNetwork } from '../utils/nodes.ts'
import type { TestNode } from '../utils/nodes.ts'

describe('waiting for the voting service', () => {
  const network = new TestNetwork()
  let node: TestNode
  let proposalId: number
  /** Resolves once the node has got to what is held */
  let reached: PromiseWithResolvers<void>
  let released: PromiseWithResolvers<void>

  beforeEach(async () => {
    node = await network.add()
    await node.voting.join('lobby')
    proposalId = (await node.voting.propose('lobby', { name: 'Go?', expectedVotersCount: 2 })).proposalId
    reached = Promise.withResolvers()
    released = Promise.withResolvers()
  })

  afterEach(async () => {
    released.resolve()
    await network.stop()
  })

  /** Has a method of the storage or the signer wait until it is released */
  function hold (owner: any, method: string): void {
    const original = owner[method].bind(owner)

    owner[method] = async (...args: any[]) => {
      reached.resolve()
      await released.promise

      return original(...args)
    }
  }

  function storage (): any {
    return node.voting.consensus.storage
  }

  const calls: Array<[string, () => void, (signal: AbortSignal) => Promise<unknown>]> = [
    ['join', () => { hold(storage(), 'savePolicy') }, async signal => node.voting.join('senate', { signal })],
    ['configure', () => { hold(storage(), 'saveSettings') }, async signal => node.voting.configure('lobby', { retainVotesSeconds: 60 }, { signal })],
    ['leave', () => { hold(storage(), 'removePolicy') }, async signal => node.voting.leave('lobby', { signal })],
    ['propose', () => { hold(node.signer, 'sign') }, async signal => node.voting.propose('lobby', { name: 'More?', expectedVotersCount: 2 }, { signal })],
    ['vote', () => { hold(node.signer, 'sign') }, async signal => node.voting.vote('lobby', proposalId, true, { signal })],
    ['get', () => { hold(storage(), 'getSession') }, async signal => node.voting.get('lobby', proposalId, { signal })],
    ['decision', () => { reached.resolve() }, async signal => node.voting.decision('lobby', proposalId, { signal })]
  ]

  calls.forEach(([name, holdIt, call]) => {
    it(`ends when the signal of ${name} does, before and while it is under way`, async () => {
      await expect(call(AbortSignal.abort(new Error('too late')))).to.eventually.be.rejectedWith('too late')

      const controller = new AbortController()

      holdIt()
      const called = call(controller.signal)
      await reached.promise
      controller.abort(new Error('enough'))
      await expect(called).to.eventually.be.rejectedWith('enough')
    })
  })

  it('or not, what has begun is done to the end', async () => {
    const controller = new AbortController()

    hold(node.signer, 'sign')
    const voting = node.voting.vote('lobby', proposalId, true, { signal: controller.signal })
    await reached.promise
    controller.abort(new Error('enough'))
    await expect(voting).to.eventually.be.rejectedWith('enough')

    released.resolve()
    await Promise.all((node.voting as any).tasks)
    expect(await node.voting.get('lobby', proposalId)).to.deep.include({ tally: { yes: 1, no: 0 } })
  })
})
