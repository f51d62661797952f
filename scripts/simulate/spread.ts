/**
 * How far votes and decisions have to go in networks of many nodes, whose gossipsub is set as our node sets it.
 */

import { writeFile } from 'node:fs/promises'
import { quorumOf } from '../../src/consensus/rules/decision.ts'
import { connectionManagerSettings, gossipsubSettings } from '../../src/node/libp2p/settings.ts'
import { Random } from '../fuzz/random.ts'
import { connectNodes, growMesh, shuffled } from './mesh.ts'
import { spreadVotes } from './rounds.ts'
import { drawSpread } from './spread-svg.ts'

export interface SpreadOptions {
  /** Networks of 10 nodes up to so many are measured, 10 to 10,000 */
  nodes: number
  seed: number
  /** A file to draw the figures to, as SVG */
  svg?: string
  say (line: string): void
}

/** What was found for networks of one size. Rounds are hops: in one each message crosses one connection. */
export interface SpreadFigures {
  nodes: number
  /** On average */
  connections: number
  meshPeers: number
  /** Rounds until a vote is everywhere: on average over all votes, and for the slowest */
  meanVoteRounds: number
  voteRounds: number
  /** Copies of a vote that a node receives, and so sends, on average */
  messagesPerVote: number
  /** Votes that decide. So many nodes have voted, all the same, so that each vote is needed: it is never harder. */
  quorum: number
  /** Rounds until half of the nodes, and all of them, have decided */
  medianDecisionRounds: number
  decisionRounds: number
  /** Messages that a node receives for it, on average */
  messagesPerDecision: number
  /** Rounds that a vote may take: 2·log2 n */
  limit: number
}

export interface SpreadResult {
  figures: SpreadFigures[]
  /** Whether no vote took more rounds than it may */
  ok: boolean
}

export const MIN_NODES = 10
export const MAX_NODES = 10_000

const SIZES = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]

/** A tenth of a second to the next node and a heartbeat a second */
const HEARTBEAT_ROUNDS = 10

const THRESHOLD = '2/3'

/** Measures, prints a table, and draws it */
export async function runSpread ({ nodes, seed, svg, say }: SpreadOptions): Promise<SpreadResult> {
  if (!Number.isInteger(nodes) || nodes < MIN_NODES || nodes > MAX_NODES) {
    throw new RangeError(`The number of nodes must be ${MIN_NODES} to ${MAX_NODES}, got ${nodes}`)
  }

  const figures: SpreadFigures[] = []
  const { D, Dlo, Dhi, Dlazy, floodPublish } = meshSettings()

  say(`Gossipsub as our node sets it: D ${D}, Dlo ${Dlo}, Dhi ${Dhi}, Dlazy ${Dlazy}, floodPublish ${floodPublish}; seed ${seed}`)
  say('')
  say(HEADER.map(([name], column) => name.padStart(width(column))).join(''))

  for (const size of [...SIZES.filter(size => size < nodes), nodes]) {
    const found = measure(size, new Random(seed + size))

    figures.push(found)
    say(HEADER.map(([, value], column) => value(found).padStart(width(column))).join(''))
  }

  const ok = figures.every(isWithinLimit)

  say('')
  say(ok
    ? 'Every vote and every decision is everywhere within 2·log2 n rounds.'
    : 'Some votes or decisions took more than 2·log2 n rounds.')

  if (svg != null) {
    await writeFile(svg, drawSpread(figures))
    say(`Drawn to ${svg}`)
  }

  return { figures, ok }
}

export function isWithinLimit ({ voteRounds, decisionRounds, limit }: Pick<SpreadFigures, 'voteRounds' | 'decisionRounds' | 'limit'>): boolean {
  return Math.max(voteRounds, decisionRounds) <= limit
}

const HEADER: Array<[name: string, value: (figures: SpreadFigures) => string]> = [
  ['nodes', ({ nodes }) => grouped(nodes)],
  ['connections', ({ connections }) => connections.toFixed(1)],
  ['mesh peers', ({ meshPeers }) => meshPeers.toFixed(1)],
  ['rounds a vote', ({ meanVoteRounds, voteRounds }) => `${meanVoteRounds.toFixed(2)}, at most ${voteRounds}`],
  ['messages a node', ({ messagesPerVote }) => messagesPerVote.toFixed(2)],
  ['quorum', ({ quorum }) => grouped(quorum)],
  ['rounds a decision', ({ medianDecisionRounds, decisionRounds }) => `half ${medianDecisionRounds}, all ${decisionRounds}`],
  ['messages a node', ({ messagesPerDecision }) => grouped(Math.round(messagesPerDecision))],
  ['2·log2 n', ({ limit }) => limit.toFixed(1)]
]

function width (column: number): number {
  return Math.max(HEADER[column][0].length, column === 3 || column === 6 ? 16 : 7) + (column === 0 ? 0 : 2)
}

function grouped (number: number): string {
  return number.toLocaleString('en')
}

/** What our node tells gossipsub, without what has no meaning here */
function meshSettings (): { D: number, Dlo: number, Dhi: number, Dlazy: number, floodPublish: boolean } {
  const { D, Dlo, Dhi, Dlazy, floodPublish } = gossipsubSettings({ local: false, signing: 'StrictSign', scoreOf: () => 0 })

  if (D == null || Dlo == null || Dhi == null || Dlazy == null || floodPublish == null) {
    throw new Error('Our node leaves a number of mesh peers to gossipsub, so that it is not known here')
  }

  return { D, Dlo, Dhi, Dlazy, floodPublish }
}

export function measure (nodes: number, random: Random): SpreadFigures {
  const settings = meshSettings()
  // a quarter of what it keeps at most: with more it is easier
  const connections = connectNodes(nodes, (connectionManagerSettings(false).maxConnections ?? nodes) / 4, random)
  const mesh = growMesh(connections, settings, random)
  const quorum = quorumOf(nodes, THRESHOLD)
  const voters = shuffled([...mesh.keys()], random).slice(0, quorum)
  const { votes, nodes: decided, messages } = spreadVotes(voters, { ...settings, connections, mesh, heartbeat: HEARTBEAT_ROUNDS }, random)

  return {
    nodes,
    connections: meanSize(connections),
    meshPeers: meanSize(mesh),
    meanVoteRounds: votes.reduce((sum, rounds) => sum + rounds, 0) / votes.length,
    voteRounds: Math.max(...votes),
    messagesPerVote: messages / nodes / quorum,
    quorum,
    medianDecisionRounds: [...decided].sort((a, b) => a - b)[Math.floor(nodes / 2)],
    decisionRounds: Math.max(...decided),
    messagesPerDecision: messages / nodes,
    limit: 2 * Math.log2(nodes)
  }
}

function meanSize (graph: number[][]): number {
  return graph.reduce((sum, { length }) => sum + length, 0) / graph.length
}
