/**
 * A node for people who operate one: keys, store, libp2p and control API, out of a data directory.
 */

import { existsSync } from 'node:fs'
import { identityToAddress } from '../signers/ethereum.ts'
import { verifierPool } from '../signers/verifier-pool.ts'
import { FileVoteLock } from '../storage/vote-lock/file-vote-lock.ts'
import { inTime } from '../util/in-time.ts'
import { isLoopback } from './api/addresses.ts'
import { ControlApi } from './api/server.ts'
import { BootstrapUnreachableError } from './errors.ts'
import { parseConfig } from './host/config.ts'
import { DataDirectory } from './host/data-directory.ts'
import { loadIdentity } from './host/identity.ts'
import { NodeLog } from './host/log.ts'
import { nodeMetrics } from './host/metrics.ts'
import { describeNetwork } from './host/network-name.ts'
import { readLockDirectory } from './host/running-node.ts'
import { StorageWatch } from './host/storage-watch.ts'
import { Bans } from './libp2p/bans.ts'
import { Bootstrapper } from './libp2p/bootstrap.ts'
import { FloodGuard } from './libp2p/flood-guard.ts'
import { createHost, startHost } from './libp2p/host.ts'
import { OwnPeerId } from './libp2p/own-peer-id.ts'
import { STOP_TIMEOUT, VERIFIER_THREADS } from './libp2p/settings.ts'
import type { Scope, Voting } from '../index.ts'
import type { NodeConfig, NodeInit } from './host/config.ts'
import type { NodeMetrics } from './host/metrics.ts'
import type { VotingLibp2p, VotingNode } from './interface.ts'

/**
 * Starts a node. It runs when the promise resolves; if it rejects nothing is left running or locked.
 *
 * @throws {InvalidOptionError} | {DataDirectoryError} | {DataDirectoryInUseError} | {KeyFileError} | {VoteLockError} | {ListenError} | {BootstrapUnreachableError}
 */
export async function createNode (init: NodeInit = {}): Promise<VotingNode> {
  const config = parseConfig(init)
  const directory = await DataDirectory.open(config.dataDirectory)
  const firstStart = !existsSync(directory.store)

  if (config.voteLock instanceof FileVoteLock) {
    // the node runs without, and signs nothing: it says so when it has started
    await config.voteLock.prepare().catch(() => {})
  }

  const identity = await loadIdentity(directory.keys, firstStart, async identity => {
    // what a key that is made here has signed is known here; where that cannot be stored the node says so when it has started
    await config.voteLock.raise?.(identity).catch(() => {})
  })

  config.onProgress({ step: 'keys', created: firstStart })

  const startedAt = Math.floor(Date.now() / 1_000)
  const storage = await directory.lock(startedAt, {
    owner: identityToAddress(identity.signer.identity),
    newOwner: config.newKey,
    network: describeNetwork(config),
    newNetwork: config.newNetwork
  })

  config.onProgress({ step: 'store' })

  const watch = new StorageWatch(storage, config.onWarning)
  const cleanup: Array<() => Promise<void>> = [
    async () => { await storage.close() },
    async () => { await watch.stop() },
    async () => { await directory.withdraw() }
  ]

  try {
    if (config.lockDirectory != null) {
      const last = await readLockDirectory(directory.path)

      if (last != null && last !== config.lockDirectory) {
        config.onWarning(`This node was last started with the lock directory ${last}, and uses ${config.lockDirectory} now. Was --lock-dir forgotten? Then stop it, and start it with --lock-dir ${last}`)
      }

      await directory.writeLockDirectory(config.lockDirectory)
    }

    const bans = new Bans()
    const guard = new FloodGuard(bans)
    const metrics = nodeMetrics(directory.path)
    const verifier = verifierPool({ workers: VERIFIER_THREADS })

    cleanup.push(async () => { await verifier.close() })

    const ownPeerId = new OwnPeerId(address => { libp2p.services.voting.onOwnPeerId(address) })
    const libp2p = await createHost({ config, identity, storage, scheme: verifier, metrics, bans, guard, ownPeerId })
    const log = new NodeLog(libp2p.services.voting, config.onLog, await storage.listPolicies())

    // before it starts, so that nothing is missed
    log.start()
    warnOfLocks(libp2p.services.voting, config)
    cleanup.push(async () => { log.stop() })

    cleanup.push(async () => { await stopHost(libp2p) })
    // there may be connections as soon as it starts
    bans.start(libp2p)
    cleanup.push(async () => { bans.stop() })
    await startHost(libp2p, config)
    config.onProgress({ step: 'listening', addresses: libp2p.getMultiaddrs().map(address => address.toString()) })
    config.onProgress({ step: 'scopes', names: libp2p.services.voting.scopes().map(({ name }) => name) })
    dialDiscovered(libp2p, config)
    ownPeerId.start(libp2p, config.bootstrap)
    cleanup.push(async () => { ownPeerId.stop() })

    const bootstrap = new Bootstrapper(libp2p, config.bootstrap)

    cleanup.push(async () => { bootstrap.stop() })
    await join(bootstrap, config)
    config.onProgress({ step: 'peers', connected: libp2p.getPeers().length })

    const node = { libp2p, voting: libp2p.services.voting, voter: identityToAddress(identity.signer.identity), dataDirectory: directory.path, firstStart, startedAt, bootstrap, storage: watch }
    const api = new ControlApi({
      node,
      metrics,
      sessionsFile: directory.sessions,
      host: config.apiHost,
      port: config.apiPort,
      allowedHosts: config.apiAllowedHosts,
      requestsPerSecond: config.apiRequestsPerSecond,
      openMetrics: config.openMetrics
    })

    addNodeGauges(metrics, node)
    cleanup.push(async () => { await api.stop() })
    await api.start()
    config.onProgress({ step: 'api', url: api.url })
    warnOfOthers(config)
    config.signal?.throwIfAborted()
    await directory.writeToken(api.token)
    await directory.announce({ pid: process.pid, startedAt, url: api.url })

    let stopping: Promise<void> | undefined

    return {
      ...node,
      api: { url: api.url, token: api.token },
      stop: async () => {
        stopping ??= undo(cleanup)
        await stopping
      }
    }
  } catch (err) {
    // why the start failed is what matters
    await undo(cleanup).catch((cleanupError: Error) => {
      config.onWarning(`What was started could not be stopped: ${cleanupError.message}`)
    })

    throw err
  }
}

/** What the service, which need not have a node like this, cannot measure */
function addNodeGauges ({ addGauge }: NodeMetrics, { libp2p, voting, storage }: Pick<VotingNode, 'libp2p' | 'voting' | 'storage'>): void {
  // none are left when the node stops
  const scopes = (): Scope[] => libp2p.status === 'started' ? voting.scopes() : []

  addGauge('libp2p_voting_scopes', 'Scopes that the node is in now', () => scopes().length)
  addGauge('libp2p_voting_members', 'Other voters whose node is connected now, once for each scope; in open scopes all peers', () => scopes().reduce((sum, scope) => sum + askedPeers(scope), 0))
  addGauge('libp2p_voting_scope_peers', 'Peers that are in a scope of the node now, members and strangers, once for each scope', () => scopes().reduce((sum, { peers }) => sum + peers.length, 0))
  addGauge('libp2p_voting_other_policy_peers', 'Peers that are in a scope of the node under another policy now', () => scopes().reduce((sum, { otherPolicies }) => sum + otherPolicies.length, 0))
  addGauge('libp2p_voting_storage_writable', 'Whether votes and proposals can be stored now: 1, or 0', () => storage.readOnly == null ? 1 : 0)
}

/** How many peers of a scope can be asked where an answer counts */
function askedPeers ({ open, peers, members }: Scope): number {
  return open ? peers.length : members.connected().length
}

function warnOfOthers ({ apiHost, onWarning }: NodeConfig): void {
  if (!isLoopback(apiHost)) {
    onWarning(`The control API listens on ${apiHost}, where other machines reach it. Whoever has the token or a session can vote with this node's key, and nothing is encrypted: put it behind a proxy that speaks TLS, or into a network of its own`)
  }
}

/** Whoever reads no log is to know what keeps the node from voting */
function warnOfLocks (voting: Voting, { onWarning }: NodeConfig): void {
  voting.addEventListener('voting:locks', ({ detail: { problem } }) => {
    onWarning(problem == null ? 'The vote locks can be used again, and the node votes again' : `The node runs, and signs nothing: ${problem}`)
  })
}

async function join (bootstrap: Bootstrapper, { allowUnreachable, onWarning, signal }: NodeConfig): Promise<void> {
  try {
    await bootstrap.join(signal)
  } catch (err) {
    if (!allowUnreachable || !(err instanceof BootstrapUnreachableError)) {
      throw err
    }

    onWarning(`${err.problem} This node goes on trying.`)
  }

  bootstrap.keepConnected()
}

/** libp2p remembers the peers that mdns finds, but leaves it to its host to dial them */
function dialDiscovered (libp2p: VotingLibp2p, { mdns }: NodeConfig): void {
  if (!mdns) {
    return
  }

  libp2p.addEventListener('peer:discovery', ({ detail: { id } }) => {
    if (libp2p.getConnections(id).length === 0) {
      libp2p.dial(id).catch(err => {
        libp2p.logger.forComponent('libp2p:voting:mdns').error('could not dial %p - %e', id, err)
      })
    }
  })
}

/** Peers that do not close their side must not keep us from ending */
async function stopHost (libp2p: VotingLibp2p): Promise<void> {
  const stopping = Promise.resolve(libp2p.stop())

  await inTime(stopping, STOP_TIMEOUT)
  libp2p.getConnections().forEach(connection => { connection.abort(new Error('The node is stopping')) })
  await stopping
}

/** Last first, all of it even if something fails; then the first failure is thrown */
async function undo (steps: Array<() => Promise<void>>): Promise<void> {
  const errors: unknown[] = []

  for (const step of steps.splice(0).reverse()) {
    await step().catch(err => errors.push(err))
  }

  if (errors.length > 0) {
    throw errors[0]
  }
}
