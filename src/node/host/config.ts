/**
 * What an operator can say about a node, and what of it is accepted.
 */

import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, CODE_TCP, multiaddr } from '@multiformats/multiaddr'
import { toString } from 'uint8arrays/to-string'
import { FileVoteLock } from '../../storage/vote-lock/file-vote-lock.ts'
import { InvalidOptionError } from '../errors.ts'
import { logLine } from './log.ts'
import { defaultDataDirectory, defaultLockDirectory } from './running-node.ts'
import type { GossipSigning } from '../interface.ts'
import type { LogLine } from './log.ts'
import type { VoteLock } from '../../consensus/vote/vote-lock.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const MAX_PORT = 65_535
const LOOPBACK = '127.0.0.1'

/** A page and a few programs send less than a tenth of it */
const DEFAULT_REQUESTS_PER_SECOND = 500

export interface NodeInit {
  /**
   * Where keys, scopes, proposals and votes are kept
   *
   * @default `LIBP2P_VOTING_DATA_DIR`, else `libp2p-voting` in `XDG_STATE_HOME`, else `.libp2p-voting` in the home directory
   */
  dataDirectory?: string

  /**
   * Where it is kept what this machine's keys have voted, the same for all nodes of a user
   *
   * @default `LIBP2P_VOTING_LOCK_DIR`, else `libp2p-voting-locks` in `XDG_STATE_HOME`, else `.libp2p-voting-locks` in the home directory
   */
  lockDirectory?: string

  /**
   * What keeps the node's key from ever signing two votes for one proposal, for a machine where files are not what its
   * nodes share
   *
   * @default a FileVoteLock in `lockDirectory`
   */
  voteLock?: VoteLock

  /**
   * Whether the voter key in the data directory may be another than it was: a store remembers whose votes it holds
   *
   * @default false
   */
  newKey?: boolean

  /**
   * Whether the store in the data directory may have been used in another network: with another swarm key or gossip signing
   *
   * @default false
   */
  newNetwork?: boolean

  /**
   * TCP multiaddrs to listen on; port 0 for any that is free
   *
   * @default ['/ip4/0.0.0.0/tcp/0']
   */
  listen?: string[]

  /**
   * Multiaddrs of peers to join by, with their peer ids: `/ip4/192.0.2.1/tcp/4001/p2p/12D3…`. They are kept connected. Our
   * own is left aside, so that all nodes can have the same list.
   *
   * @default []
   */
  bootstrap?: string[]

  /**
   * Whether the node starts although no bootstrap peer answers, and goes on trying
   *
   * @default false
   */
  allowUnreachable?: boolean

  /**
   * Whether nodes on the local network are looked for, and connected, by multicast DNS
   *
   * @default false
   */
  mdns?: boolean

  /**
   * Whether all peers are on this machine: many peers with one address are no attack then, and the node listens on
   * loopback unless `listen` says otherwise
   *
   * @default false
   */
  local?: boolean

  /**
   * Whether gossip messages are signed by the peers that send them, besides the votes in them: `StrictSign`, as nodes of all
   * languages do unless told otherwise, or `StrictNoSign`, which is several times faster. All members must have the same: the
   * two cannot talk to each other.
   *
   * @default 'StrictSign'
   */
  gossipSigning?: GossipSigning

  /**
   * How many days back from today expired proposals are asked of other members, for a node that joins late and does not want all
   *
   * @default all
   */
  syncPastDays?: number

  /**
   * The content of a swarm key file (`/key/swarm/psk/1.0.0/`), equal at all peers: nobody without it can connect
   */
  swarmKey?: Uint8Array

  /**
   * Port of the control API on 127.0.0.1; 0 for any that is free
   *
   * @default 0
   */
  apiPort?: number

  /**
   * IP address that the control API listens on. With another than loopback, whoever has the token and reaches it can vote with
   * this node's key, and nothing is encrypted: put it behind a proxy that speaks TLS, or into a network of its own.
   *
   * @default '127.0.0.1'
   */
  apiHost?: string

  /**
   * Names besides its address that the control API answers to, as browsers and clients send them in `Host`: `vote.example.org`
   * for any port, or `localhost:8080`. For proxies and containers.
   *
   * @default []
   */
  apiAllowedHosts?: string[]

  /**
   * How many requests a second the control API takes from one address, over time; twice as many at once
   *
   * @default 500
   */
  apiRequestsPerSecond?: number

  /**
   * Whether `/metrics` is given without the token. It holds numbers only, no names and no keys.
   *
   * @default false
   */
  openMetrics?: boolean

  /** Ends the start */
  signal?: AbortSignal

  /** Told what the start has done, step by step */
  onProgress? (step: StartStep): void

  /** Told what happens, an object each, for logs */
  onLog? (line: LogLine): void

  /** Told what does not keep the node from running, but its operator should know: a line each */
  onWarning? (message: string): void
}

/** What a start has done, in this order */
export type StartStep =
  | { step: 'keys', created: boolean }
  | { step: 'store' }
  | { step: 'listening', addresses: string[] }
  | { step: 'scopes', names: string[] }
  | { step: 'peers', connected: number }
  | { step: 'api', url: string }

export interface NodeConfig {
  dataDirectory: string
  voteLock: VoteLock
  /** Absolute; undefined where the vote lock is the caller's */
  lockDirectory?: string
  newKey: boolean
  newNetwork: boolean
  listen: Multiaddr[]
  bootstrap: Multiaddr[]
  allowUnreachable: boolean
  mdns: boolean
  local: boolean
  gossipSigning: GossipSigning
  syncPastDays?: number
  swarmKey?: Uint8Array
  apiPort: number
  apiHost: string
  apiAllowedHosts: string[]
  apiRequestsPerSecond: number
  openMetrics: boolean
  signal?: AbortSignal
  onProgress (step: StartStep): void
  onLog (line: LogLine): void
  onWarning (message: string): void
}

/**
 * Checks all options before anything is done with one.
 *
 * @throws {InvalidOptionError} with the option, its value and what is accepted
 */
export function parseConfig (init: NodeInit): NodeConfig {
  const local = init.local ?? false
  const lockDirectory = init.lockDirectory ?? defaultLockDirectory()
  const listen = init.listen ?? [local ? '/ip4/127.0.0.1/tcp/0' : '/ip4/0.0.0.0/tcp/0']

  if (listen.length === 0) {
    throw new InvalidOptionError('listen must name at least one address')
  }

  return {
    dataDirectory: init.dataDirectory ?? defaultDataDirectory(),
    voteLock: init.voteLock ?? new FileVoteLock(lockDirectory),
    lockDirectory: init.voteLock == null ? resolve(lockDirectory) : undefined,
    newKey: init.newKey ?? false,
    newNetwork: init.newNetwork ?? false,
    listen: listen.map(parseListenAddress),
    bootstrap: (init.bootstrap ?? []).map(parseBootstrapAddress),
    allowUnreachable: init.allowUnreachable ?? false,
    mdns: init.mdns ?? false,
    local,
    gossipSigning: parseSigning(init.gossipSigning ?? 'StrictSign'),
    syncPastDays: parsePastDays(init.syncPastDays),
    swarmKey: init.swarmKey == null ? undefined : parseSwarmKey(init.swarmKey),
    apiPort: parsePort('apiPort', init.apiPort ?? 0),
    apiHost: parseApiHost(init.apiHost ?? LOOPBACK),
    apiAllowedHosts: (init.apiAllowedHosts ?? []).map(parseAllowedHost),
    apiRequestsPerSecond: parseRate(init.apiRequestsPerSecond ?? DEFAULT_REQUESTS_PER_SECOND),
    openMetrics: init.openMetrics ?? false,
    signal: init.signal,
    ...listeners(init)
  }
}

function listeners ({ onProgress, onLog, onWarning }: NodeInit): Pick<NodeConfig, 'onProgress' | 'onLog' | 'onWarning'> {
  return {
    onProgress: onProgress ?? (() => {}),
    onLog: onLog ?? (() => {}),
    onWarning: message => {
      onWarning?.(message)
      onLog?.(logLine('warn', 'warning', message))
    }
  }
}

/** The peer id a multiaddr ends in */
export function peerIdOf (address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
}

/** @throws {InvalidOptionError} */
export function parseListenAddress (text: string): Multiaddr {
  const address = parseAddress('listen', text, '/ip4/0.0.0.0/tcp/4001')

  if (!/^\/ip[46]\/[^/]+\/tcp\/\d+$/.test(address.toString())) {
    throw new InvalidOptionError(`listen must be an IP address and a TCP port, like /ip4/0.0.0.0/tcp/4001, got ${JSON.stringify(text)}`)
  }

  return address
}

/** @throws {InvalidOptionError} */
export function parseBootstrapAddress (text: string): Multiaddr {
  const example = '/ip4/192.0.2.1/tcp/4001/p2p/12D3KooW…'
  const address = parseAddress('bootstrap', text, example)

  const peerId = peerIdOf(address)

  if (peerId == null) {
    throw new InvalidOptionError(`bootstrap must end in /p2p/ and the peer id, like ${example}, got ${JSON.stringify(text)}. "libp2p-voting id" prints it at the other node`)
  }

  try {
    peerIdFromString(peerId)
  } catch (err) {
    throw new InvalidOptionError(`bootstrap must end in /p2p/ and the peer id, like ${example}, got ${JSON.stringify(text)}, where ${JSON.stringify(peerId)} is none`, { cause: err })
  }

  if (!address.getComponents().some(({ code }) => code === CODE_TCP)) {
    throw new InvalidOptionError(`bootstrap must be a TCP address, like ${example}, got ${JSON.stringify(text)}`)
  }

  return address
}

function parseAddress (option: string, text: string, example: string): Multiaddr {
  try {
    const address = multiaddr(text)

    if (address.getComponents().length > 0) {
      return address
    }
  } catch (err) {
    throw new InvalidOptionError(`${option} must be a multiaddr, like ${example}, got ${JSON.stringify(text)}: ${(err as Error).message}`, { cause: err })
  }

  throw new InvalidOptionError(`${option} must be a multiaddr, like ${example}, got ${JSON.stringify(text)}`)
}

function parseSigning (signing: string): GossipSigning {
  if (signing !== 'StrictSign' && signing !== 'StrictNoSign') {
    throw new InvalidOptionError(`gossipSigning must be "StrictSign" or "StrictNoSign", got ${JSON.stringify(signing)}`)
  }

  return signing
}

/** The form of go-libp2p's swarm.key in base16 */
function parseSwarmKey (key: Uint8Array): Uint8Array {
  if (!/^\/key\/swarm\/psk\/1\.0\.0\/\s+\/base16\/\s+[0-9a-fA-F]{64}\s*$/.test(toString(key))) {
    // what it is stays unsaid: it is a secret
    throw new InvalidOptionError('swarmKey must be the content of a swarm key file: the lines /key/swarm/psk/1.0.0/ and /base16/, then 64 hex digits')
  }

  return key
}

function parsePort (option: string, port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
    throw new InvalidOptionError(`${option} must be a port, 0 to ${MAX_PORT}, got ${String(port)}`)
  }

  return port
}

/** @throws {InvalidOptionError} */
export function parseApiHost (host: string): string {
  if (isIP(host) === 0) {
    throw new InvalidOptionError(`apiHost must be an IP address of this machine, like 127.0.0.1 or 0.0.0.0, got ${JSON.stringify(host)}`)
  }

  return host
}

/** @throws {InvalidOptionError} */
export function parseAllowedHost (host: string): string {
  if (!/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.test(host)) {
    throw new InvalidOptionError(`apiAllowedHosts must be names with or without a port, like vote.example.org or localhost:8080, got ${JSON.stringify(host)}`)
  }

  return host.toLowerCase()
}

function parseRate (rate: number): number {
  if (!Number.isFinite(rate) || rate <= 0) {
    throw new InvalidOptionError(`apiRequestsPerSecond must be more than 0, got ${String(rate)}`)
  }

  return rate
}

function parsePastDays (days?: number): number | undefined {
  if (days != null && !(Number.isSafeInteger(days) && days >= 0)) {
    throw new InvalidOptionError(`syncPastDays must be a whole number of days, got ${days}`)
  }

  return days
}
