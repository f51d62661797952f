import { makeBallots } from '../ballot.ts'
import { runBallot } from '../run-ballot.ts'
import { line, star } from '../topology.ts'
import { QUICK, SETTLE_TIMEOUT } from './common.ts'
import type { Scenario } from '../stage.ts'
import type { Topology } from '../topology.ts'

const PROPOSALS = 3

function scenario (name: string, description: string, topologyOf: (nodes: number) => Topology): Scenario {
  return {
    name,
    description,
    nodes: { least: 3, usual: 15 },
    run: async stage => {
      const network = await stage.network({ topology: topologyOf(stage.nodes), policy: QUICK })

      await network.start()
      await network.join()
      await network.meshed()
      stage.say('All know their neighbours')

      const results = []

      for (const [index, ballot] of makeBallots(stage.nodes, PROPOSALS, 1).entries()) {
        // from an end, from the middle, from the hub
        const result = await runBallot(network, ballot, network.nodes[[stage.nodes - 1, Math.floor(stage.nodes / 2), 0][index]])

        results.push(result)
        stage.say(`${ballot.name}: ${[...new Set(Object.values(result.results))].join(' and ')} after ${result.ms} ms`)
      }

      const wrong = results.filter(({ agree }) => !agree).map(({ name, expected }) => `"${name}" is not ${expected} everywhere`)
      const comparison = await network.settled(results.map(({ id }) => id), SETTLE_TIMEOUT)

      return { ...comparison, ok: wrong.length === 0, differences: [...comparison.differences, ...wrong], decidedMs: results.map(({ ms }) => ms) }
    }
  }
}

export const starScenario = scenario('star', 'all nodes know one node in the middle, and nobody else', star)
export const lineScenario = scenario('line', 'each node knows the one before it and the one after it, and nobody else', line)
