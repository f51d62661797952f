/**
 * A node in a process of its own, which decides as many proposals as it is told to.
 */

import { createNode } from '../../../src/node/index.ts'
import { inParallel } from '../turns.ts'
import { SCOPE } from './store.ts'

/** Decisions that are under way at the same time */
const UNDER_WAY = 8

const [dataDirectory, lockDirectory] = process.argv.slice(2)
// the pages are asked for as fast as they come
const node = await createNode({ dataDirectory, lockDirectory, local: true, apiRequestsPerSecond: 100_000 })

process.on('message', ({ decisions }: { decisions: number }) => {
  decide(decisions).then(answer => process.send?.(answer), err => process.send?.({ error: err.message }))
})
process.on('disconnect', () => {
  node.stop().catch(console.error)
})
process.send?.({ url: node.api.url, token: node.api.token })

async function decide (count: number): Promise<{ seconds: number, cpuSeconds: number }> {
  const cpu = process.cpuUsage()
  const begin = performance.now()

  await inParallel(UNDER_WAY, 0, count, async index => {
    const { proposalId } = await node.voting.propose(SCOPE, { name: `Decision ${index}`, expectedVotersCount: 1 })

    await node.voting.vote(SCOPE, proposalId, true)
  })

  const { user, system } = process.cpuUsage(cpu)

  return { seconds: (performance.now() - begin) / 1_000, cpuSeconds: (user + system) / 1_000_000 }
}
