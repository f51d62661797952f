/**
 * The scenarios there are, and how one is run.
 */

import { INTERRUPTED, causeOf } from '../script.ts'
import { Stage } from '../stage.ts'
import { churn } from './churn.ts'
import { framing } from './framing.ts'
import { hostile } from './hostile.ts'
import { late } from './late.ts'
import { partition } from './partition.ts'
import { reorder } from './reorder.ts'
import { lineScenario, starScenario } from './topologies.ts'
import type { Scenario, ScenarioResult, StageInit } from '../stage.ts'

export const SCENARIOS: Scenario[] = [late, partition, reorder, starScenario, lineScenario, churn, hostile, framing]

export interface ScenarioOptions extends StageInit {
  scenario: string
  json: boolean
}

/**
 * Runs a scenario and reports.
 *
 * @returns whether all is as it should be
 */
export async function playScenario ({ scenario, json, ...init }: ScenarioOptions): Promise<boolean> {
  const { run, name } = SCENARIOS.find(({ name }) => name === scenario) as Scenario
  const begin = performance.now()
  const stage = new Stage(init)
  const report = (result: ScenarioResult): void => {
    const ms = Math.round(performance.now() - begin)

    console.info(json ? JSON.stringify({ scenario: name, nodes: init.nodes, gossipSigning: init.gossipSigning, ...result, ms }) : formatScenario(result, ms))
  }
  let keepLogs = true
  let logs: string | undefined

  try {
    init.say(`Scenario "${name}" with ${init.nodes} nodes, ${init.gossipSigning}`)

    const result = await run(stage)

    keepLogs = !isPassed(result)
    report(result)

    return isPassed(result)
  } catch (err: any) {
    const cause = await causeOf(err, init.stop)

    keepLogs = cause !== INTERRUPTED

    if (keepLogs && json) {
      report({ agree: false, voteSetsEqual: false, differences: [(cause as Error).message] })
    }

    throw cause
  } finally {
    logs = stage.logs
    await stage.end({ keepLogs })

    if (keepLogs && logs != null) {
      console.error(`The logs of the nodes were kept in ${logs}`)
    }
  }
}

export function isPassed ({ agree, voteSetsEqual, ok = true }: ScenarioResult): boolean {
  return agree && voteSetsEqual && ok
}

/** What has come of a scenario, for people */
export function formatScenario (result: ScenarioResult, ms: number): string {
  const { agree, voteSetsEqual, differences, ok, ...figures } = result
  const verdict = isPassed(result) ? 'All nodes agree and have the same votes.' : ['It failed:', ...differences].join('\n  ')
  const lines = Object.entries(figures).map(([name, value]) => `  ${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)

  return ['', ...lines, `${verdict} (${(ms / 1_000).toFixed(1)} s)`].join('\n')
}
