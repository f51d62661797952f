import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from 'commander'
import color from 'picocolors'
import { defaultLockDirectory, explain } from '../../node/running.ts'
import { version } from '../../node/version.ts'
import { addCommand, commandLine, parseWholeNumber } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { OPEN, count, printFields, printJson } from '../output.ts'
import type { VotingNode } from '../../node/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

interface StartOptions extends CommonOptions {
  lockDir: string
  newKey?: boolean
  listen?: string[]
  bootstrap?: string[]
  allowUnreachable?: boolean
  mdns?: boolean
  local?: boolean
  gossipSigning: 'StrictSign' | 'StrictNoSign'
  syncPastDays?: number
  swarmKey?: string
  apiPort: number
}

/** More than there are since 1970 */
const MAX_DAYS = 1_000_000

const MAX_PORT = 65_535

/** Milliseconds a stop may take before the process ends all the same */
const STOP_LIMIT = 4_500

export function startCommand (program: Command): void {
  addCommand(program, 'start', 'Run a node in the foreground, until Ctrl-C', [
    'start',
    'start --listen /ip4/0.0.0.0/tcp/4001',
    'start --bootstrap /ip4/192.0.2.1/tcp/4001/p2p/12D3KooW…'
  ])
    .option('--listen <multiaddr...>', 'TCP addresses to listen on (default: any free port on all interfaces)')
    .option('--bootstrap <multiaddr...>', 'peers to join by and to stay connected with, with their peer ids')
    .option('--allow-unreachable', 'start although no bootstrap peer answers, and go on trying')
    .option('--lock-dir <path>', 'where it is kept what the keys of this user have voted; also LIBP2P_VOTING_LOCK_DIR', path => resolve(path), defaultLockDirectory())
    .option('--new-key', 'the voter key in the data directory was replaced on purpose')
    .option('--mdns', 'find nodes on the local network')
    .option('--local', 'all nodes are on this machine: listen on loopback, allow many peers with one address')
    .addOption(new Option('--gossip-signing <policy>', 'whether gossip messages are signed besides the votes in them; all members must have the same').choices(['StrictSign', 'StrictNoSign']).default('StrictSign'))
    .option('--sync-past-days <days>', 'how many days back from today expired proposals are asked of other members; all by default', parseWholeNumber(0, MAX_DAYS))
    .option('--swarm-key <file>', 'a swarm key: only peers that have it can connect')
    .option('--api-port <port>', 'port of the control API on 127.0.0.1, 0 for any that is free', parseWholeNumber(0, MAX_PORT), 0)
    .action(start)
}

async function start ({ dataDir, lockDir, swarmKey, json, ...options }: StartOptions): Promise<void> {
  const stop = stopSignal()
  // here, since it takes half a second that the other commands need not wait
  const { createNode } = await import('../../node/index.ts')
  const node = await createNode({
    ...options,
    dataDirectory: dataDir,
    lockDirectory: lockDir,
    swarmKey: swarmKey == null ? undefined : await readSwarmKey(swarmKey),
    signal: stop,
    onWarning: message => { console.error(color.yellow(`warning: ${message}`)) }
  }).catch((err: Error) => {
    if (!stop.aborted) {
      throw err
    }
  })

  if (node == null) {
    return
  }

  try {
    printStarted(node, options.local === true, json)
    await aborted(stop)
  } finally {
    await stopWithin(node)
  }

  if (json !== true) {
    console.info('Stopped')
  }
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
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((resolve, reject) => {
    timer = setTimeout(() => { reject(new CliError(`The node did not stop within ${STOP_LIMIT / 1_000} seconds, so it was ended. Nothing stored is lost`, EXIT.failure)) }, STOP_LIMIT)
  })

  try {
    await Promise.race([node.stop(), limit])
  } finally {
    clearTimeout(timer)
  }
}

function printStarted (node: VotingNode, local: boolean, json?: boolean): void {
  const { libp2p, voting, voter, dataDirectory, api } = node
  const addresses = libp2p.getMultiaddrs().map(address => address.toString())
  const peerId = libp2p.peerId.toString()
  const scopes = voting.scopes()

  if (json === true) {
    printJson({ version, pid: process.pid, peerId, voter, addresses, api: api.url, dataDirectory, scopes: scopes.map(({ name, open }) => ({ name, open })) })

    return
  }

  console.info(`libp2p-voting ${version}, ${node.firstStart ? 'a new node' : 'a node that has run before'}`)
  printFields([
    ['  peer id', peerId],
    ['  voter', voter],
    ['  data', dataDirectory],
    ...addresses.map((address, index): [string, string] => [index === 0 ? '  listening' : '', address]),
    ['  peers', count(libp2p.getPeers().length, 'peer')],
    ['  scopes', scopes.length === 0 ? 'none yet' : scopes.map(({ name, open, policy }) => `${name} (${open ? OPEN : count(policy.voters?.length ?? 0, 'voter')})`).join(', ')],
    ['  API', api.url]
  ])
  console.info('\nNext, in another terminal:')

  if (scopes.length === 0) {
    console.info(`  ${commandLine(dataDirectory, 'scope', 'add', 'council')}`)
  } else {
    console.info(`  ${commandLine(dataDirectory, 'watch')}`)
    console.info(`  ${commandLine(dataDirectory, 'propose', scopes[0].name, 'Upgrade to version 2?', ...(scopes[0].open ? ['--voters', '2'] : []))}`)
  }

  if (addresses.length > 0) {
    console.info('Others join with:')
    console.info(`  libp2p-voting start ${local ? '--local --data-dir OTHER ' : ''}--bootstrap ${addresses[addresses.length - 1]}`)
  }

  console.info('Ctrl-C stops the node.')
}
