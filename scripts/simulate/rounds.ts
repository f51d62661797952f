/**
 * How votes spread in a gossipsub, round by round: in a round each message crosses one connection.
 *
 * A voter's node sends its vote to all peers it is connected with if it floods, else to its mesh. A node that gets a vote for
 * the first time sends it to its mesh in the next round, but not back to where it came from. What the mesh does not reach is
 * made up for at heartbeats: each node tells some peers outside of its mesh what it has, and they ask for what they lack.
 *
 * All votes are followed at once, each a bit in the sets of each node.
 */

import { shuffled } from './mesh.ts'
import type { Graph } from './mesh.ts'
import type { Random } from '../fuzz/random.ts'

export interface SpreadSettings {
  connections: Graph
  mesh: Graph
  /** How many peers outside of the mesh are told at a heartbeat what a node has */
  Dlazy: number
  /** Whether own votes go to all peers at once */
  floodPublish: boolean
  /** Rounds between two heartbeats */
  heartbeat: number
}

export interface Spread {
  /** For each vote, the round in which the last node has got it */
  votes: number[]
  /** For each node, the round in which it has got all votes */
  nodes: number[]
  /** Copies of votes that were sent, all together */
  messages: number
  /** Heartbeats that were waited for, since nothing was under way and votes were missing somewhere */
  heartbeats: number
}

/** No network takes longer; one that does has parts that are not connected */
const MAX_ROUNDS = 1_000

/**
 * Lets each of these nodes cast a vote at once
 *
 * @throws {Error} if not every vote can get to every node
 */
export function spreadVotes (voters: number[], { connections, mesh, Dlazy, floodPublish, heartbeat }: SpreadSettings, random: Random): Spread {
  const nodes = mesh.length
  const words = Math.ceil(voters.length / 32)
  const empty = (): Uint32Array => new Uint32Array(words)
  const seen = mesh.map(empty)
  /** Holders of each vote */
  const holders = new Array<number>(voters.length).fill(0)
  const spread: Spread = { votes: new Array<number>(voters.length).fill(0), nodes: new Array<number>(nodes).fill(-1), messages: 0, heartbeats: 0 }
  let fresh = mesh.map(empty)
  let missing = nodes * voters.length
  let round = 0

  /** What a node has got in this round from a peer; resolves with how many were new */
  const take = (node: number, from: Uint32Array, into: Uint32Array): number => {
    let count = 0

    for (let word = 0; word < words; word++) {
      const news = from[word] & ~seen[node][word]

      if (news !== 0) {
        into[word] |= news
        seen[node][word] |= news
        count += bits(news)
        noteHolders(news, word)
      }
    }

    return count
  }

  const noteHolders = (news: number, word: number): void => {
    for (let rest = news; rest !== 0; rest &= rest - 1) {
      const vote = word * 32 + 31 - Math.clz32(rest & -rest)

      if (++holders[vote] === nodes) {
        spread.votes[vote] = round
      }
    }
  }

  const noteComplete = (): void => {
    for (let node = 0; node < nodes; node++) {
      if (spread.nodes[node] === -1 && bitsOf(seen[node]) === voters.length) {
        spread.nodes[node] = round
      }
    }
  }

  /** One crossing of connections. A node's own votes may go to more peers than its mesh. */
  const cross = (peersOf: Graph): void => {
    const next = mesh.map(empty)

    for (let node = 0; node < nodes; node++) {
      const sent = bitsOf(fresh[node])

      spread.messages += sent * peersOf[node].length
    }

    for (let node = 0; node < nodes; node++) {
      for (const peer of peersOf[node]) {
        const taken = take(node, fresh[peer], next[node])

        missing -= taken

        // it does not go back: that is one copy less of what the node sends in the next round, if the peer is in its mesh
        if (taken > 0 && mesh[node].includes(peer)) {
          spread.messages -= taken
        }
      }
    }

    fresh = next
  }

  voters.forEach((node, vote) => {
    fresh[node][vote >>> 5] |= 1 << (vote & 31)
    seen[node][vote >>> 5] |= 1 << (vote & 31)
    noteHolders(1 << (vote & 31), vote >>> 5)
    missing--
  })
  noteComplete()

  while (missing > 0) {
    if (round >= MAX_ROUNDS) {
      throw new Error(`${missing} votes are missing somewhere after ${MAX_ROUNDS} rounds`)
    }

    if (round > 0 && fresh.every(set => bitsOf(set) === 0)) {
      // nothing is under way: nodes tell each other at the next heartbeat, ask, and are answered
      round = Math.ceil((round + 1) / heartbeat) * heartbeat + 2
      spread.heartbeats++

      const before = seen.map(set => set.slice())
      const next = mesh.map(empty)

      for (let node = 0; node < nodes; node++) {
        for (const peer of shuffled(connections[node].filter(peer => !mesh[node].includes(peer)), random).slice(0, Dlazy)) {
          const taken = take(peer, before[node], next[peer])

          missing -= taken
          spread.messages += taken
        }
      }

      fresh = next
    } else {
      round++
      cross(round === 1 && floodPublish ? connections : mesh)
    }

    noteComplete()
  }

  // what is under way still gets to where it is known
  for (let node = 0; node < nodes; node++) {
    spread.messages += bitsOf(fresh[node]) * mesh[node].length
  }

  return spread
}

function bitsOf (set: Uint32Array): number {
  let count = 0

  for (const word of set) {
    count += bits(word)
  }

  return count
}

/** How many bits of 32 are set */
function bits (word: number): number {
  let count = word - ((word >>> 1) & 0x55555555)

  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333)

  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
