import { SCOPE } from '../network.ts'
import { crowd } from '../topology.ts'
import { until } from '../wait.ts'
import { QUICK, SETTLE_TIMEOUT } from './common.ts'
import type { Scenario } from '../stage.ts'

const TIMEOUT_SECONDS = 60
const CATCH_UP_TIMEOUT = 20_000

export const late: Scenario = {
  name: 'late',
  description: 'a node joins after half of the votes were cast, and one after the decision',
  nodes: { least: 4, usual: 5 },
  run: async stage => {
    const { signal } = stage
    const network = await stage.network({ topology: crowd(stage.nodes), policy: QUICK })
    const early = network.nodes.slice(0, -2)
    const [late, last] = network.nodes.slice(-2)
    const half = early.slice(0, Math.floor(stage.nodes / 2))

    await network.start(early)
    await network.join()
    await network.meshed()

    const id = await network.propose(early[0], 'Half of the votes were cast before all were there', TIMEOUT_SECONDS)

    await Promise.all(half.map(async node => node.client.vote(SCOPE, id, 'yes', { signal })))
    stage.say(`${half.length} of ${stage.nodes} have voted, ${late.name} joins`)
    await network.startNode(late)
    await network.join([late])

    const begin = performance.now()

    await until(`${late.name} learning of the proposal and its ${half.length} votes`, CATCH_UP_TIMEOUT, signal, async () => {
      const known = await network.find(late, id)

      return known?.votes.length === half.length ? known : undefined
    })

    const caughtUpMs = Math.round(performance.now() - begin)
    const others = [...early.filter(node => !half.includes(node)), late]

    stage.say(`${late.name} has caught up after ${caughtUpMs} ms`)
    await Promise.all(others.map(async node => node.client.vote(SCOPE, id, 'yes', { signal })))
    await Promise.all([...early, late].map(async node => node.client.decision(SCOPE, id, { signal })))
    stage.say(`All but ${last.name} have decided, it joins`)
    await network.startNode(last)
    await network.join([last])

    return { ...await network.settled([id], SETTLE_TIMEOUT), caughtUpMs }
  }
}
