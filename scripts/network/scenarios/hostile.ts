import { generatePrivateKey } from 'viem/accounts'
import { MAX_IGNORED_READ } from '../../../src/network/validation/ignored-budget.ts'
import { FLOOD_WINDOW_SECONDS } from '../../../src/node/libp2p/settings.ts'
import { ethereumSigner } from '../../../src/signers/ethereum.ts'
import { FLOODS } from '../floods.ts'
import { inMiB, residentSet } from '../memory.ts'
import { SCOPE } from '../network.ts'
import { crowd } from '../topology.ts'
import { pause } from '../wait.ts'
import { QUICK, SETTLE_TIMEOUT } from './common.ts'
import type { Flood, Flooding } from '../floods.ts'
import type { Network } from '../network.ts'
import type { NodeProcess } from '../node-process.ts'
import type { Peer } from '../peer.ts'
import type { Scenario, Stage } from '../stage.ts'

const TIMEOUT_SECONDS = 60

/** Milliseconds in which a flooder is to be gone, and which it goes on for at most */
const CUT_OFF_LIMIT = 5_000
const FLOOD_TIME = 7_000

/** A flooder that has not been seen for so long, and has tried to come back all the time, is out */
const GONE_TIME = 1_500
const TRY_AGAIN = 100

/** Proposals that are decided before memory is measured: a node that has just started has not yet taken what it works with */
const WARM_UP = 10

/** How much more memory a node may have than in quiet times */
const MEMORY_LIMIT = 150 * 1_024 * 1_024

/**
 * Messages that a node may have ignored beyond the limit of a window: those of the flooder that it validated side by side, before it
 * knew that the messages ahead of them are ignored, and a few late messages of honest peers
 */
const IGNORED_SLACK = 100

/** What has come of one kind of flood */
export interface FloodReport {
  kind: string
  /** From the first message until the flooder was out for good, in milliseconds; null if it was slowed down only */
  cutOffMs: number | null
  /** Until all nodes had decided on a proposal that was made meanwhile */
  decidedMs: number
  /** The most memory that a node had, against the quiet time, in MiB */
  memoryMiB: number
  /** How long it went on, in milliseconds */
  floodMs: number
  /** Messages that the flooded node has validated meanwhile and ignored, from all peers */
  ignored: number
}

export const hostile: Scenario = {
  name: 'hostile',
  description: 'one flooder after the other: forged votes, frames too long or broken, proposals, subscriptions, sync requests, long hellos, syncs without end',
  nodes: { least: 3, usual: 3 },
  run: async stage => {
    const listed = ethereumSigner(generatePrivateKey())
    const network = await stage.network({ topology: crowd(stage.nodes), policy: QUICK, voters: [listed] })

    await network.start()
    await network.join()
    await network.meshed()

    const proposals: number[] = []

    for (let count = 1; count <= WARM_UP; count++) {
      proposals.push(await decide(stage, network, `In quiet times, ${count}`))
    }

    const quiet = await memory(network)
    const reports: FloodReport[] = []

    for (const flood of FLOODS) {
      const report = await endure(stage, network, flood, listed, quiet, proposals)

      reports.push(report)
      stage.say(`${report.kind}: ${report.cutOffMs == null ? 'slowed down' : `cut off after ${report.cutOffMs} ms`}, decided after ${report.decidedMs} ms, ${report.memoryMiB} MiB more, ${report.ignored} messages ignored in ${report.floodMs} ms`)
    }

    const wrong = reports.flatMap(report => problemsOf(report, FLOODS.find(({ kind }) => kind === report.kind)?.looksHonest === true))
    const comparison = await network.settled(proposals, SETTLE_TIMEOUT)

    return { ...comparison, ok: wrong.length === 0, differences: [...comparison.differences, ...wrong], floods: reports }
  }
}

/** What is wrong with how a flood was endured, in words */
export function problemsOf ({ kind, cutOffMs, memoryMiB, floodMs, ignored }: FloodReport, looksHonest: boolean): string[] {
  const most = mostIgnored(floodMs)

  return [
    ...looksHonest && ignored > most ? [`${kind}: the node has ignored ${ignored} messages in ${floodMs} ms, when it should not have read more than ${most}`] : [],
    ...cutOffMs == null && !looksHonest ? [`${kind}: the flooder was not cut off`] : [],
    ...cutOffMs != null && cutOffMs > CUT_OFF_LIMIT ? [`${kind}: the flooder was cut off after ${cutOffMs} ms only, not within ${CUT_OFF_LIMIT} ms`] : [],
    ...memoryMiB > inMiB(MEMORY_LIMIT) ? [`${kind}: a node took ${memoryMiB} MiB more than in quiet times, ${inMiB(MEMORY_LIMIT)} are allowed`] : []
  ]
}

/**
 * How many messages of no use a node takes of one peer in so many milliseconds: a window begins with the first of them, so
 * that one more may begin than fit in
 */
export function mostIgnored (ms: number): number {
  return (Math.floor(ms / (FLOOD_WINDOW_SECONDS * 1_000)) + 1) * (MAX_IGNORED_READ + IGNORED_SLACK)
}

async function endure (stage: Stage, network: Network, flood: Flood, listed: Flooding['listed'], quiet: Map<string, number>, proposals: number[]): Promise<FloodReport> {
  const over = new AbortController()
  const target = network.nodes[0]
  const peer = await stage.peer(network)

  await peer.meet(target, SCOPE)

  const ignoredBefore = await ignoredBy(target, stage.signal)
  const begin = performance.now()
  const flooding = flow(flood, { peer, target, policy: network.policy, listed }, over.signal, stage.signal)
  const growth = watchMemory(network, quiet, over.signal, stage.signal)
  const deciding = decide(stage, network, `While flooded with ${flood.kind}`).then(id => {
    proposals.push(id)

    return Math.round(performance.now() - begin)
  })

  try {
    const lastSeen = await lastSight(network, peer, begin, stage.signal)
    const decidedMs = await deciding

    over.abort()
    await flooding

    const floodMs = Math.round(performance.now() - begin)
    const ignored = await ignoredBy(target, stage.signal) - ignoredBefore

    return { kind: flood.kind, cutOffMs: lastSeen == null ? null : Math.round(lastSeen - begin), decidedMs, memoryMiB: inMiB(await growth), floodMs, ignored }
  } finally {
    over.abort()
    await Promise.allSettled([flooding, growth, deciding])
    await peer.stop()
  }
}

/** How many messages a node has ignored since its start */
async function ignoredBy ({ client }: NodeProcess, signal: AbortSignal): Promise<number> {
  return Number(/^libp2p_voting_messages_total\{verdict="ignore"\} (\d+)$/m.exec(await client.metrics({ signal }))?.[1] ?? 0)
}

/** When a peer was connected with the first node for the last time; undefined if it is not cut off in the time there is */
async function lastSight (network: Network, peer: Peer, begin: number, signal: AbortSignal): Promise<number | undefined> {
  let lastSeen = begin

  while (performance.now() - lastSeen < GONE_TIME && performance.now() - begin < FLOOD_TIME + GONE_TIME) {
    const peers = await network.nodes[0].client.peers({ signal })

    if (peers.some(({ peerId }) => peerId === peer.peerId)) {
      lastSeen = performance.now()
    }

    await pause(TRY_AGAIN / 2, signal)
  }

  return performance.now() - lastSeen >= GONE_TIME ? lastSeen : undefined
}

/** Sends and sends, and comes back when it is cut off */
async function flow (flood: Flood, flooding: Flooding, over: AbortSignal, signal: AbortSignal): Promise<void> {
  const { peer, target } = flooding

  while (!over.aborted) {
    try {
      if (peer.host.getConnections().length === 0) {
        await peer.connect(target)
      }

      await flood.burst(flooding)
      // let the answers in
      await pause(1, signal)
    } catch {
      // cut off, or not let in, or not subscribed yet
      signal.throwIfAborted()
      await pause(TRY_AGAIN, signal)
    }
  }
}

async function decide (stage: Stage, network: Network, name: string): Promise<number> {
  const [proposer, ...others] = network.nodes.slice(1)
  const id = await network.propose(proposer, name, TIMEOUT_SECONDS)

  await Promise.all([...network.nodes.slice(0, 1), proposer, ...others].map(async node => node.client.vote(SCOPE, id, 'yes', { signal: stage.signal })))
  await Promise.all(network.nodes.map(async node => node.client.decision(SCOPE, id, { signal: stage.signal })))

  return id
}

async function memory (network: Network): Promise<Map<string, number>> {
  return new Map(await Promise.all(network.nodes.map(async ({ name, pid }): Promise<[string, number]> => [name, await residentSet(pid ?? 0)])))
}

/** The most that any node has had more than in quiet times, in bytes */
async function watchMemory (network: Network, quiet: Map<string, number>, over: AbortSignal, signal: AbortSignal): Promise<number> {
  let most = 0

  do {
    for (const [name, bytes] of await memory(network)) {
      most = Math.max(most, bytes - (quiet.get(name) ?? 0))
    }

    await pause(TRY_AGAIN, signal)
  } while (!over.aborted)

  return most
}
