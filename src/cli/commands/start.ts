import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { defaultLockDirectory, explain } from '../../node/host/running-node.ts'
import { inTime } from '../../util/in-time.ts'
import { addCommand, parseWholeNumber } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import type { VotingNode } from '../../node/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

/** Settings are undefined where the command line does not say them */
interface StartOptions extends CommonOptions {
  config?: string
  printConfig?: boolean
  qr?: boolean
  quiet?: boolean
  newKey?: boolean
  newNetwork?: boolean
  [setting: string]: unknown
}

/** More than there are since 1970 */
const MAX_DAYS = 1_000_000

const MAX_PORT = 65_535

/** Milliseconds a stop may take before the process ends all the same */
const STOP_LIMIT = 4_500

const HELP = `
Each setting is taken from the command line, else from the environment (LIBP2P_VOTING_LISTEN for --listen, and so on; lists
with spaces or commas), else from the configuration file, YAML or JSON, else it is the default. --print-config shows what holds.
The file is config.yaml in the data directory unless another is given; docs/config.schema.json describes it.`

export function startCommand (program: Command): void {
  addCommand(program, 'start', 'Run a node in the foreground, until Ctrl-C', [
    'start',
    'start --listen /ip4/0.0.0.0/tcp/4001 --qr',
    'start --bootstrap /ip4/192.0.2.1/tcp/4001/p2p/12D3KooW…',
    'start --config node.yaml --print-config',
    'start --json >> node.log'
  ])
    .option('--config <file>', 'configuration file; also LIBP2P_VOTING_CONFIG (default: config.yaml in the data directory, if there is one)', path => resolve(path))
    .option('--print-config', 'print the configuration that holds, with where each value comes from, and start nothing')
    .option('--listen <multiaddr...>', 'TCP addresses to listen on (default: any free port on all interfaces)')
    .option('--bootstrap <multiaddr...>', 'peers to join by and to stay connected with, with their peer ids')
    .option('--allow-unreachable', 'start although no bootstrap peer answers, and go on trying')
    .option('--lock-dir <path>', `where it is kept what the keys of this user have voted; also LIBP2P_VOTING_LOCK_DIR (default: ${JSON.stringify(defaultLockDirectory())})`, path => resolve(path))
    .option('--new-key', 'the voter key in the data directory was replaced on purpose')
    .option('--new-network', 'the swarm key or the gossip signing was changed on purpose')
    .option('--mdns', 'find nodes on the local network')
    .option('--local', 'all nodes are on this machine: listen on loopback, allow many peers with one address')
    .addOption(new Option('--gossip-signing <policy>', 'whether gossip messages are signed besides the votes in them; all members must have the same (default: "StrictSign")').choices(['StrictSign', 'StrictNoSign']))
    .option('--sync-past-days <days>', 'how many days back from today expired proposals are asked of other members; all by default', parseWholeNumber(0, MAX_DAYS))
    .option('--swarm-key <file>', 'a swarm key: only peers that have it can connect')
    .option('--api-port <port>', 'port of the control API, 0 for any that is free (default: 0)', parseWholeNumber(0, MAX_PORT))
    .option('--api-host <address>', 'IP address that the control API listens on; with another than the default whoever reaches it needs only the token to vote (default: 127.0.0.1)')
    .option('--api-allowed-hosts <name...>', 'names that the control API answers to besides, for proxies and containers')
    .option('--open-metrics', 'give /metrics to anybody who asks, without the token')
    .option('--qr', 'show the address that others join by as a QR code, too')
    .option('--quiet', 'print nothing but warnings and errors')
    .addHelpText('after', HELP)
    .action(start)
}

async function start (options: StartOptions, command: Command): Promise<void> {
  const stop = stopSignal()
  const { dataDir, config: configFile, printConfig: onlyPrint, json = false, quiet = false, qr = false, newKey, newNetwork } = options
  // here, as the node below, since they take time that the other commands need not wait
  const { effectiveConfig } = await import('../config/effective.ts')
  const config = await effectiveConfig({ options, config: configFile, dataDirectory: command.getOptionValueSource('dataDir') === 'cli' ? dataDir : undefined })

  if (onlyPrint === true) {
    const { printConfig } = await import('../config/print.ts')

    printConfig(config, json)

    return
  }

  const { settings: { swarmKey, ...settings }, unknownVariables } = config
  const key = swarmKey == null ? undefined : await readSwarmKey(swarmKey)
  const { StartOutput } = await import('../start/output.ts')
  const output = await StartOutput.open({ json, quiet, qr, local: settings.local === true })

  unknownVariables.forEach(name => { output.warn(`The variable ${name} means nothing here: it may be misspelt. "libp2p-voting start --help" says which there are`) })

  const { createNode } = await import('../../node/index.ts')
  const node = await createNode({
    ...settings,
    newKey,
    newNetwork,
    swarmKey: key,
    signal: stop,
    onProgress: step => { output.step(step) },
    onLog: line => { output.log(line) }
  }).catch((err: Error) => {
    output.close()

    if (!stop.aborted) {
      throw err
    }
  })

  if (node == null) {
    return
  }

  try {
    await output.started(node)
    await aborted(stop)
  } finally {
    output.close()
    await stopWithin(node)
  }

  output.stopped()
}

async function readSwarmKey (file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (err) {
    throw new CliError(`The swarm key file ${file} cannot be read: ${explain(err)}`, EXIT.usage, { cause: err })
  }
}

/** Aborts at the first signal to end; a second one ends the process at once */
function stopSignal (): AbortSignal {
  const controller = new AbortController()

  for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15]] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        process.exit(128 + number)
      }

      controller.abort()
    })
  }

  return controller.signal
}

async function aborted (signal: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    if (signal.aborted) {
      resolve()
    }

    signal.addEventListener('abort', () => { resolve() })
  })
}

async function stopWithin (node: VotingNode): Promise<void> {
  if (await inTime(node.stop().then(() => true), STOP_LIMIT) == null) {
    throw new CliError(`The node did not stop within ${STOP_LIMIT / 1_000} seconds, so it was ended. Nothing stored is lost`, EXIT.failure)
  }
}
