/**
 * Who dials whom. There is no peer exchange, so these links are all there are.
 */

/** A node dials so many of those that were there before it: more than gossipsub's mesh needs */
const MAX_NEIGHBOURS = 8

/** For each node the positions of those it has as bootstrap peers */
export type Topology = number[][]

/** Everybody dials those before it */
export function crowd (nodes: number): Topology {
  return positions(nodes).map(node => positions(node).slice(-MAX_NEIGHBOURS))
}

/** All others dial the first, and nobody else */
export function star (nodes: number): Topology {
  return positions(nodes).map(node => node === 0 ? [] : [0])
}

/** Everybody is linked with the one before it and the one after it. Every second one dials, so that all start in two waves. */
export function line (nodes: number): Topology {
  return positions(nodes).map(node => node % 2 === 0 ? [] : [node - 1, node + 1].filter(other => other < nodes))
}

/** Those that a node is linked with, whoever dials */
export function neighboursOf (topology: Topology, node: number): number[] {
  return positions(topology.length).filter(other => topology[node].includes(other) || topology[other].includes(node))
}

/**
 * The nodes in the order in which they can start: in each wave those whose bootstrap peers run by then
 *
 * @throws {Error} if two nodes wait for each other
 */
export function startWaves (topology: Topology): number[][] {
  const waves: number[][] = []
  const started = new Set<number>()

  while (started.size < topology.length) {
    const wave = positions(topology.length).filter(node => !started.has(node) && topology[node].every(other => started.has(other)))

    if (wave.length === 0) {
      throw new Error(`Nodes have each other as bootstrap peers: ${JSON.stringify(topology)}`)
    }

    wave.forEach(node => started.add(node))
    waves.push(wave)
  }

  return waves
}

function positions (count: number): number[] {
  return [...new Array(count).keys()]
}
