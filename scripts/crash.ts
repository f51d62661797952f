/**
 * Nodes that are killed while they vote: none of them may ever sign two votes on one proposal, or forget a decision.
 *
 * `npm run crash -- --help` says what can be chosen.
 */

import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { parseWholeNumber } from '../src/cli/command.ts'
import { Swarm } from './crash/swarm.ts'
import { RunFolder } from './network/run-folder.ts'
import { INTERRUPTED, causeOf, runScript } from './network/script.ts'

interface Options {
  kills: number
  seed: number
  json?: boolean
  /** False with --no-vote-lock */
  voteLock: boolean
}

const MAX_KILLS = 100_000
const MAX_SEED = 2 ** 32 - 1

/** How often it is said how far the run is */
const KILLS_A_LINE = 10

/** So many findings are printed */
const MAX_FINDINGS = 20

const FORGETFUL_NODE = fileURLToPath(new URL('./crash/forgetful-node.js', import.meta.url))

function parseOptions (): Options {
  const command = new Command('npm run crash --')
    .description('Kills nodes on this machine while they vote, starts them again, and checks that no key has signed two votes on a proposal and that no decision is lost.')
    .option('--kills <number>', 'how many kills', parseWholeNumber(1, MAX_KILLS), 20)
    .option('--seed <number>', 'decides who is killed when, as far as the machine lets it (default: random)', parseWholeNumber(0, MAX_SEED), Math.floor(Math.random() * MAX_SEED))
    .option('--no-vote-lock', 'run nodes without a vote lock, to see the check fail')
    .option('--json', 'print the result as JSON, in the last line')
    .addHelpText('after', `
Five nodes are members of two scopes, which decide by the rules quorum and reference; two of them have the same voter key. A
node is killed with SIGKILL at a random moment,
often in the middle of a vote, and sometimes again while it starts. After its restart it is asked to vote against everything
its key may have voted. Seen is what nodes answer, what their event streams tell, what a peer hears that records the
gossip, and in the end what their stores and the vote locks hold. Exits with 1 if a key has signed two votes on a proposal, or a decision that a node had shown is gone or another.

Example:
  $ npm run crash -- --kills 200 --json`)
    .exitOverride()

  try {
    return command.parse().opts<Options>()
  } catch (err) {
    // it has been said already
    process.exit(err instanceof CommanderError && err.exitCode === 0 ? 0 : 2)
  }
}

async function main (options: Options, stop: AbortController): Promise<boolean> {
  const folder = await RunFolder.create('crash')
  const swarm = new Swarm({
    seed: options.seed,
    folder,
    stop,
    program: options.voteLock ? undefined : FORGETFUL_NODE,
    onError: err => {
      void causeOf(err, stop).then(cause => { stop.abort(cause) })
    }
  })
  let keepLogs = true

  try {
    await run(swarm, options)
    stop.signal.throwIfAborted()

    const right = report(swarm, options)

    keepLogs = !right

    return right
  } catch (err) {
    const cause = await causeOf(err, stop)

    keepLogs = cause !== INTERRUPTED
    throw cause
  } finally {
    await swarm.stop()
    await folder.remove({ keepLogs })

    if (keepLogs) {
      console.error(`The logs of the nodes were kept in ${folder.logs}`)
    }
  }
}

async function run (swarm: Swarm, { kills, seed }: Options): Promise<void> {
  const begin = performance.now()
  const say = (line: string): void => { console.info(`${((performance.now() - begin) / 1_000).toFixed(1).padStart(5)} s  ${line}`) }
  const progress = ({ kills, observations: { votes, decisions }, refused }: Swarm): void => { say(`${kills} kills, ${votes} votes, ${decisions} decisions shown, ${refused} second votes refused`) }
  let line = KILLS_A_LINE

  say(`Starting ${swarm.members.length} nodes, seed ${seed}`)
  await swarm.start()
  swarm.members.forEach(({ node }) => { say(`${node.name} runs as process ${node.pid}, voter ${node.info.voter}`) })

  await swarm.crash(kills, () => {
    if (swarm.kills >= line && swarm.kills < kills) {
      line += KILLS_A_LINE
      progress(swarm)
    }
  })
  await swarm.seen()
  progress(swarm)
  say('Stopping all, starting them again and asking for every decision')
  await swarm.finish()
  say('Done')
}

/** JSON comes last, for those who read the last line */
function report ({ kills, observations }: Swarm, { json }: Options): boolean {
  const { votes, selfEquivocations, lostDecisions } = observations
  const findings = [...selfEquivocations, ...lostDecisions]

  for (const finding of findings.slice(0, MAX_FINDINGS)) {
    console.error(finding)
  }

  if (findings.length > MAX_FINDINGS) {
    console.error(`… and ${findings.length - MAX_FINDINGS} more`)
  }

  if (json === true) {
    console.info(JSON.stringify({ kills, votes, selfEquivocations: selfEquivocations.length, lostDecisions: lostDecisions.length }))
  } else {
    console.info(`\n${kills} kills, ${votes} votes: ${selfEquivocations.length} times two votes of a key on a proposal, ${lostDecisions.length} decisions lost.`)
  }

  return findings.length === 0
}

const options = parseOptions()

await runScript(async stop => main(options, stop))
