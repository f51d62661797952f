/**
 * Plays schedules: nodes that vote on a simulated clock and network, on which everything goes wrong that may, and that have to
 * agree all the same. Or measures how votes spread among many nodes.
 *
 * `npm run simulate -- --help` says what can be chosen.
 */

import { Command, CommanderError, Option } from 'commander'
import { parseWholeNumber } from '../src/cli/command.ts'
import { DECISION_RULES } from '../src/consensus/rules/decision.ts'
import { runScript } from './network/script.ts'
import { runMany } from './simulate/run.ts'
import { MAX_NODES, MIN_NODES, runSpread } from './simulate/spread.ts'
import { tell } from './simulate/story.ts'
import { FAULTS, isRight } from './simulate/summary.ts'
import type { PlanOptions, Sabotage } from './simulate/plan.ts'
import type { Failure, Summary } from './simulate/summary.ts'
import type { DecisionRule } from '../src/consensus/index.ts'

interface Options {
  schedules: number
  seed: number
  rule: DecisionRule
  replay?: number
  sabotage?: Sabotage
  /** Whether it is measured how votes spread, in place of playing schedules */
  spread?: boolean
  /** Only with spread */
  nodes: number
  json?: boolean
  /** False with --no-faults */
  faults: boolean
}

const MAX_SCHEDULES = 10_000_000
const MAX_SEED = 2 ** 32 - 1

/** The plot that docs/agreement.md shows */
const SPREAD_SVG = 'docs/spread.svg'

/** So many schedules that fail are named */
const MAX_FAILURES = 20

/** How often it is said how far the run is, milliseconds */
const PROGRESS_INTERVAL = 5_000

function parseOptions (): Options {
  const command = new Command('npm run simulate --')
    .description('Plays schedules of nodes that vote on a simulated clock and network, where everything goes wrong that may, and checks that they agree.')
    .option('--schedules <number>', 'how many schedules', parseWholeNumber(1, MAX_SCHEDULES), 10_000)
    .option('--seed <number>', 'decides everything: equal seeds give equal runs (default: random; with --spread 1, so that the plot changes only if the figures do)', parseWholeNumber(0, MAX_SEED))
    .addOption(new Option('--rule <rule>', 'how votes become a result').choices([...DECISION_RULES]).default('quorum'))
    .option('--replay <number>', 'play one schedule again, by the seed that was printed for it, and tell its story', parseWholeNumber(0, MAX_SEED))
    .option('--no-faults', 'nothing is lost or late, nobody cheats or crashes, and all clocks are equal')
    .addOption(new Option('--sabotage <what>', 'let nodes forget their votes (vote-lock) or lose what they have written (sync) in a crash, to see the checks fail').choices(['vote-lock', 'sync']))
    .option('--spread', 'measure how votes and decisions spread among many nodes instead, and plot it to docs/spread.svg')
    .option('--nodes <number>', 'with --spread: among how many nodes at most', parseWholeNumber(MIN_NODES, MAX_NODES), MAX_NODES)
    .option('--json', 'print the result as JSON, in the last line')
    .addHelpText('after', `
In each schedule nodes with 3 to 31 voters decide on one proposal: the real service, with its gossip checks, deadlines and sync,
and a storage that loses in a crash what was not synced. Messages are lost, late, out of order or come twice; partitions
heal or do not; nodes crash, start again, or come late; clocks differ as much as the policy allows; and as many as the rule
tolerates vote both ways, and tell whom they want what they want. In some there is one more of them than that.

Checked is that
  - no two honest nodes end with opposite results
  - what a node has shown as decided stays decided
  - opposite quorums name enough of those who have voted both ways, and nobody else is ever named
  - no honest node signs two votes, is rejected by another, or is said to be at fault
Exits with 1 if one of these does not hold. Each schedule that fails is named by its seed; the story of the first is told.

Examples:
  $ npm run simulate -- --schedules 100000 --seed 1 --json
  $ npm run simulate -- --rule legacy --no-faults
  $ npm run simulate -- --replay 12345
  $ npm run simulate -- --nodes 10000 --spread`)
    .exitOverride()

  try {
    const options = command.parse().opts<Options>()

    return { ...options, seed: options.seed ?? (options.spread === true ? 1 : Math.floor(Math.random() * MAX_SEED)) }
  } catch (err) {
    // it has been said already
    process.exit(err instanceof CommanderError && err.exitCode === 0 ? 0 : 2)
  }
}

async function main (options: Options, stop: AbortController): Promise<boolean> {
  if (options.spread === true) {
    return measureSpread(options)
  }

  if (options.replay != null) {
    const { lines, isRight } = await tell(options.replay, planOptions(options))

    console.info(lines.join('\n'))

    return isRight
  }

  return runSchedules(options, stop)
}

/** Exits with 1 if it takes more rounds than twice the logarithm of the number of nodes */
async function measureSpread ({ nodes, seed, json = false }: Options): Promise<boolean> {
  const { figures, ok } = await runSpread({ nodes, seed, svg: SPREAD_SVG, say: json ? () => {} : console.info })

  if (json) {
    console.info(JSON.stringify({ nodes, seed, figures, ok }))
  }

  return ok
}

async function runSchedules (options: Options, { signal }: AbortController): Promise<boolean> {
  const { schedules, seed, json = false } = options
  const begin = performance.now()
  const seconds = (): number => (performance.now() - begin) / 1_000
  const say = (line: string): void => {
    if (!json) {
      console.info(`${seconds().toFixed(1).padStart(6)} s  ${line}`)
    }
  }
  let nextLine = PROGRESS_INTERVAL

  say(`${schedules} schedules, seed ${seed}`)

  const { summary, failures } = await runMany({
    ...planOptions(options),
    schedules,
    seed,
    signal,
    onProgress: ({ schedules: done, decided }) => {
      if (performance.now() - begin >= nextLine) {
        nextLine = performance.now() - begin + PROGRESS_INTERVAL
        say(`${done} schedules, ${decided} of them decided`)
      }
    }
  })
  const duration = seconds()

  await explain(failures, options)
  report(summary, duration, options)

  return isRight(summary)
}

/** Names the schedules that fail, and tells the story of the first of them */
async function explain (failures: Failure[], options: Options): Promise<void> {
  for (const { seed, text } of failures.slice(0, MAX_FAILURES)) {
    console.error(`schedule ${seed}: ${text}`)
  }

  if (failures.length > MAX_FAILURES) {
    console.error(`… and ${failures.length - MAX_FAILURES} more`)
  }

  if (failures.length > 0) {
    const { lines } = await tell(failures[0].seed, planOptions(options))

    console.error(`\n${lines.join('\n')}\n\nTo see it again: ${replayCommand(failures[0].seed, options)}`)
  }
}

/** JSON comes last, for those who read the last line */
function report (summary: Summary, seconds: number, { json = false, rule, seed }: Options): void {
  if (json) {
    console.info(JSON.stringify({ ...summary, rule, seed, seconds: Math.round(seconds * 10) / 10 }))
    return
  }

  const { schedules, decided, failed, mixed, beyondTolerance, oppositeQuorums } = summary

  console.info(`
${schedules} schedules in ${seconds.toFixed(1)} s: ${decided} with a result, ${failed} without, ${mixed} in which nodes have ended in different ways;
${beyondTolerance} had more double voters than the rule tolerates, and ${oppositeQuorums} of those opposite quorums.
${isRight(summary) ? 'Everything holds.' : FAULTS.filter(key => summary[key] > 0).map(key => `${key}: ${summary[key]}`).join(', ')}`)
}

function planOptions ({ rule, faults, sabotage }: Options): PlanOptions {
  return { rule, faults, sabotage }
}

function replayCommand (seed: number, { rule, faults, sabotage }: Options): string {
  return [
    `npm run simulate -- --replay ${seed}`,
    ...rule === 'quorum' ? [] : [`--rule ${rule}`],
    ...faults ? [] : ['--no-faults'],
    ...sabotage == null ? [] : [`--sabotage ${sabotage}`]
  ].join(' ')
}

const options = parseOptions()

await runScript(async stop => main(options, stop))
