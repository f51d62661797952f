/**
 * A voting network on this machine: real nodes, each a process of its own, that vote over libp2p and have to agree.
 *
 * `npm run network -- --help` says what can be chosen.
 */

import { relative } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { parseWholeNumber } from '../src/cli/command.ts'
import { POLICIES, makeBallots } from './network/ballot.ts'
import { Network, SCOPE } from './network/network.ts'
import { CLI, startOf } from './network/node-process.ts'
import { formatResults, formatVerdict } from './network/report.ts'
import { kill, runBallot, startAgain } from './network/run-ballot.ts'
import { SCENARIOS, playScenario } from './network/scenarios/index.ts'
import { INTERRUPTED, aborted, causeOf, runScript } from './network/script.ts'
import { crowd } from './network/topology.ts'
import type { Ballot } from './network/ballot.ts'
import type { BallotResult } from './network/run-ballot.ts'
import type { GossipSigning } from '../src/node/interface.ts'

interface Options {
  nodes?: number
  proposals: number
  silent: number
  keep?: boolean
  json?: boolean
  scenario?: string
  gossipSigning: GossipSigning
}

/** Those that vote as plain runs do */
interface VoteOptions extends Options {
  nodes: number
}

const MAX_NODES = 50
const DEFAULT_NODES = 5
const DEFAULT_PROPOSALS = 5
const MAX_PROPOSALS = 1_000

/** Proposals that are voted on at the same time */
const SIDE_BY_SIDE = 40

function parseOptions (): VoteOptions {
  const command = new Command('npm run network --')
    .description('Starts nodes on this machine, lets them vote, and checks that all come to the same results.')
    .option('--nodes <number>', `how many nodes (default: ${DEFAULT_NODES}, or what the scenario needs)`, parseWholeNumber(2, MAX_NODES))
    .option('--proposals <number>', 'how many proposals', parseWholeNumber(1, MAX_PROPOSALS), DEFAULT_PROPOSALS)
    .option('--silent <number>', 'how many voters say nothing where their nodes vote automatically', parseWholeNumber(1, MAX_NODES), 1)
    .option('--keep', 'leave the nodes running until Ctrl-C, and say how to talk to them')
    .option('--json', 'print the results as JSON, in the last line')
    .addOption(new Option('--scenario <name>', 'what else to do with the nodes, see below').choices(SCENARIOS.map(({ name }) => name)))
    .addOption(new Option('--gossip-signing <policy>', 'how the nodes sign gossip messages').choices(['StrictSign', 'StrictNoSign']).default('StrictSign'))
    .addHelpText('after', `
The proposals are, in turn: one that passes, one that is rejected, one that ends without a result, one with silent voters whose
nodes vote automatically, and one in a scope of the crate's rule, by which a voter whose node is off counts at the timeout. For
the last one a node is killed and started again: it has to know every result. Exits with 1 if two nodes differ or a result is
not the one expected.

Scenarios decide by quorum, with clocks and waits of seconds. Each exits with 1 unless all nodes end with the same results and
the same votes; with --json its last line says {"scenario", "agree", "voteSetsEqual", "ms", …}:
${SCENARIOS.map(({ name, description, nodes }) => `  ${name.padEnd(10)} ${description} (${nodes.usual} nodes)`).join('\n')}

Examples:
  $ npm run network -- --nodes 7 --proposals 10 --json
  $ npm run network -- --scenario partition --gossip-signing StrictNoSign`)
    .exitOverride()

  try {
    const { nodes, ...given } = command.parse().opts<Options>()
    const scenario = SCENARIOS.find(({ name }) => name === given.scenario)
    const options = { ...given, nodes: nodes ?? scenario?.nodes.usual ?? DEFAULT_NODES }

    if (scenario != null && options.nodes < scenario.nodes.least) {
      command.error(`error: --scenario ${scenario.name} needs at least ${scenario.nodes.least} nodes, got --nodes ${options.nodes}`)
    }

    if (scenario != null && options.keep === true) {
      command.error('error: --keep is for runs without --scenario')
    }

    if (options.silent >= options.nodes) {
      command.error(`error: --silent must be less than --nodes, ${options.nodes}: somebody has to vote, got ${options.silent}`)
    }

    return options
  } catch (err) {
    // it has been said already
    process.exit(err instanceof CommanderError && err.exitCode === 0 ? 0 : 2)
  }
}

async function main (options: VoteOptions, stop: AbortController): Promise<boolean> {
  const begin = performance.now()
  const say = (line: string): void => { console.info(`${((performance.now() - begin) / 1_000).toFixed(1).padStart(5)} s  ${line}`) }
  const { nodes, gossipSigning, scenario, json = false } = options

  return scenario == null
    ? runBallots(options, stop, say)
    : playScenario({ scenario, nodes, gossipSigning, json, stop, say })
}

async function runBallots (options: VoteOptions, stop: AbortController, say: (line: string) => void): Promise<boolean> {
  const { nodes, gossipSigning } = options
  const network = await Network.create({ topology: crowd(nodes), stop, gossipSigning, policy: POLICIES[0], onStarted: node => { say(startOf(node)) } })
  let keepLogs = true

  try {
    const results = await vote(network, options, say)
    const agree = results.every(({ agree }) => agree)

    keepLogs = !agree
    report(network, options, results)

    if (options.keep === true) {
      await kept(stop.signal)
    }

    return agree
  } catch (err) {
    const cause = await causeOf(err, stop)

    keepLogs = cause !== INTERRUPTED
    throw cause
  } finally {
    await network.stop({ keepLogs })

    if (keepLogs) {
      console.error(`The logs of the nodes were kept in ${network.logs}`)
    }
  }
}

async function vote (network: Network, { nodes, proposals, silent }: VoteOptions, say: (line: string) => void): Promise<BallotResult[]> {
  const ballots = makeBallots(nodes, proposals, silent)
  const last = network.nodes[nodes - 1]

  say(`Starting ${nodes} nodes`)
  await network.start()
  await enterScopes(network)
  say(`All are in ${POLICIES.map(({ name }) => `"${name}"`).join(', ')} and know each other`)

  const run = async (ballots: Ballot[]): Promise<BallotResult[]> => sideBySide(ballots, async (ballot, index) => {
    const result = await runBallot(network, ballot, network.up[index % network.up.length])

    say(`${result.name}: ${[...new Set(Object.values(result.results))].join(' and ')} after ${result.ms} ms`)

    return result
  })

  const results = await run(ballots.filter(({ isLastOff }) => isLastOff !== true))
  const whileOff = ballots.filter(({ isLastOff }) => isLastOff)

  if (whileOff.length === 0) {
    return results
  }

  say(`Killing ${last.name}`)
  await kill(network, last)
  results.push(...await run(whileOff))
  say(`Starting ${last.name} again`)

  const known = await startAgain(network, last, results)

  say(`${last.name} is back and knows all ${known.length} results`)

  return known
}

async function enterScopes (network: Network): Promise<void> {
  const [, ...others] = POLICIES

  await network.join()
  await Promise.all(others.map(async policy => network.joinAlso(policy)))
  await Promise.all(POLICIES.map(async ({ name }) => network.meshed(network.up, name)))
}

/** Does something with each item, a bounded number at a time */
async function sideBySide <T, R> (items: T[], task: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []

  for (let index = 0; index < items.length; index += SIDE_BY_SIDE) {
    results.push(...await Promise.all(items.slice(index, index + SIDE_BY_SIDE).map(async (item, place) => task(item, index + place))))
  }

  return results
}

/** JSON comes last, for those who read the last line */
function report (network: Network, { nodes, json, keep }: VoteOptions, results: BallotResult[]): void {
  if (json !== true) {
    console.info(`\n${formatResults(network.nodes.map(({ name }) => name), results)}\n\n${formatVerdict(nodes, results)}`)
  }

  if (keep === true) {
    console.info('\nThe nodes are running. Ctrl-C stops them and removes what they wrote. In another terminal:')

    for (const { dataDirectory } of network.nodes) {
      console.info(`  ${relative(process.cwd(), process.execPath)} ${relative(process.cwd(), CLI)} list ${SCOPE} --all --data-dir ${dataDirectory}`)
    }
  }

  if (json === true) {
    console.info(JSON.stringify({ nodes, proposals: results, agree: results.every(({ agree }) => agree) }))
  }
}

/** Until Ctrl-C, which is how it is meant to end */
async function kept (signal: AbortSignal): Promise<void> {
  await aborted(signal)

  if (signal.reason !== INTERRUPTED) {
    throw signal.reason
  }
}

const options = parseOptions()

await runScript(async stop => main(options, stop))
