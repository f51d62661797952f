/**
 * Networks as gossipsub makes them: who is connected with whom, and whom each node has in its mesh for a topic.
 */

import type { Random } from '../fuzz/random.ts'

/** The numbers of mesh peers that a gossipsub is set to */
export interface MeshSettings {
  /** Wanted */
  D: number
  /** Below, more are grafted */
  Dlo: number
  /** Above, some are pruned */
  Dhi: number
}

/** The peers of each node, by their numbers. Who has a peer is a peer of it. */
export type Graph = number[][]

/** So many heartbeats are enough for a mesh to settle; one that does not is none that can be measured */
const MAX_HEARTBEATS = 100

/**
 * Connects nodes at random, each with about so many others, and all with each other on some way: a new node is let in by
 * one that is there.
 */
export function connectNodes (count: number, connections: number, random: Random): Graph {
  const peers = Array.from({ length: count }, () => new Set<number>())
  const connect = (one: number, other: number): void => {
    peers[one].add(other)
    peers[other].add(one)
  }

  if (connections >= count - 1) {
    return peers.map((_, node) => peers.map((_, other) => other).filter(other => other !== node))
  }

  for (let node = 1; node < count; node++) {
    connect(node, random.below(node))
  }

  for (let edges = count - 1; edges < count * connections / 2;) {
    const [one, other] = [random.below(count), random.below(count)]

    if (one !== other && !peers[one].has(other)) {
      connect(one, other)
      edges++
    }
  }

  return peers.map(others => [...others])
}

/** Has each node graft and prune at its heartbeats, one after the other, until nobody has anything to do */
export function growMesh (connections: Graph, { D, Dlo, Dhi }: MeshSettings, random: Random): Graph {
  const mesh = connections.map(() => new Set<number>())

  const heartbeat = (node: number): boolean => {
    if (mesh[node].size > Dhi) {
      shuffled([...mesh[node]], random).slice(D).forEach(other => { unlink(mesh, node, other) })

      return true
    }

    if (mesh[node].size >= Dlo) {
      return false
    }

    // who has as many as may be refuses
    const candidates = shuffled(connections[node].filter(other => !mesh[node].has(other) && mesh[other].size < Dhi), random)
    const grafted = candidates.slice(0, D - mesh[node].size)

    grafted.forEach(other => { link(mesh, node, other) })

    return grafted.length > 0
  }

  for (let i = 0; i < MAX_HEARTBEATS; i++) {
    if (!shuffled([...mesh.keys()], random).map(heartbeat).includes(true)) {
      return mesh.map(others => shuffled([...others], random))
    }
  }

  throw new Error(`The mesh has not settled in ${MAX_HEARTBEATS} heartbeats`)
}

export function shuffled <T> (list: T[], random: Random): T[] {
  for (let last = list.length - 1; last > 0; last--) {
    const other = random.below(last + 1)

    ;[list[last], list[other]] = [list[other], list[last]]
  }

  return list
}

function link (mesh: Array<Set<number>>, one: number, other: number): void {
  mesh[one].add(other)
  mesh[other].add(one)
}

function unlink (mesh: Array<Set<number>>, one: number, other: number): void {
  mesh[one].delete(other)
  mesh[other].delete(one)
}
