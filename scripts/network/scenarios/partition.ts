import { fileURLToPath } from 'node:url'
import { policyDigest, proposalDigest } from '../../../src/consensus/policy/policy.ts'
import { Gate } from '../gate.ts'
import { makeVote, proposalOf } from '../messages.ts'
import { SCOPE } from '../network.ts'
import { until } from '../wait.ts'
import { QUICK, SETTLE_TIMEOUT } from './common.ts'
import type { Network } from '../network.ts'
import type { NodeProcess } from '../node-process.ts'
import type { Scenario, Stage } from '../stage.ts'

const WALLED_NODE = fileURLToPath(new URL('../walled-node.js', import.meta.url))

const TIMEOUT_SECONDS = 60
const CUT_TIMEOUT = 20_000

/** Milliseconds after the links are back in which all have to have the same votes */
const HEAL_LIMIT = 10_000

export const partition: Scenario = {
  name: 'partition',
  description: 'two halves vote apart, one key votes yes in one and no in the other, and then they can reach each other again',
  nodes: { least: 4, usual: 6 },
  run: async stage => {
    const { signal } = stage
    const { network, left, right, gates } = await startHalves(stage)
    const [cheat, ...honest] = left
    const vote = async (nodes: NodeProcess[], id: number, choice: 'yes' | 'no'): Promise<void> => {
      await Promise.all(nodes.map(async node => node.client.vote(SCOPE, id, choice, { signal })))
    }
    const apart = await network.propose(left[0], 'All vote yes, half of them here', TIMEOUT_SECONDS)
    const twice = await network.propose(right[0], 'All vote no, and one votes yes, too', TIMEOUT_SECONDS)

    gates.forEach(gate => { gate.cut() })
    await Promise.all([separated(network, left, right, signal), separated(network, right, left, signal)])
    stage.say('The halves are cut off from each other')

    // peers of the script do not go through the gates: this one is in one half only
    const peer = await stage.peer(network)

    await peer.meet(right[0], SCOPE)

    const unknown = [
      await network.propose(left[0], 'Proposed while apart, in one half', TIMEOUT_SECONDS, left),
      await network.propose(right[0], 'Proposed while apart, in the other half', TIMEOUT_SECONDS, right)
    ]

    await Promise.all([
      vote(network.nodes, apart, 'yes'),
      vote([cheat], twice, 'yes'),
      vote([...honest, ...right], twice, 'no'),
      vote(left, unknown[0], 'yes'),
      vote(right, unknown[1], 'yes')
    ])
    await peer.say(await secondVote(network, cheat, twice))

    const counts = new Map([[apart, stage.nodes], [twice, stage.nodes + 1], [unknown[0], left.length], [unknown[1], right.length]])

    await Promise.all([
      has(network, left, new Map([[apart, left.length], [twice, left.length], [unknown[0], left.length]]), signal, CUT_TIMEOUT),
      has(network, right, new Map([[apart, right.length], [twice, right.length + 1], [unknown[1], right.length]]), signal, CUT_TIMEOUT)
    ])

    if (await network.find(right[0], unknown[0]) != null) {
      throw new Error('The halves were not apart: a proposal has come through')
    }

    stage.say(`Each half has its own votes, and ${cheat.name}'s key has voted yes in one and no in the other`)

    const begin = performance.now()

    gates.forEach(gate => { gate.heal() })
    await has(network, network.nodes, counts, signal, HEAL_LIMIT)

    const equal = await network.compare([...counts.keys()])
    const healedMs = Math.round(performance.now() - begin)

    stage.say(`All have all votes ${healedMs} ms after the links are back`)
    await vote(right, unknown[0], 'yes')
    await vote(left, unknown[1], 'yes')

    const settled = await network.settled([...counts.keys()], SETTLE_TIMEOUT)

    return { ...settled, voteSetsEqual: equal.voteSetsEqual && settled.voteSetsEqual, ok: healedMs <= HEAL_LIMIT, healedMs }
  }
}

interface Halves {
  network: Network
  left: NodeProcess[]
  right: NodeProcess[]
  /** All links between the halves go through these */
  gates: Gate[]
}

/** In each half all dial the first; those of the left dial all of the right, through gates */
async function startHalves (stage: Stage): Promise<Halves> {
  const half = Math.floor(stage.nodes / 2)
  const isLeft = (index: number): boolean => index < half
  const gates = new Map<NodeProcess, Gate>()
  const network: Network = await stage.network({
    topology: Array.from({ length: stage.nodes }, (_, index) => [
      ...index === 0 || index === half ? [] : [isLeft(index) ? 0 : half],
      ...isLeft(index) ? Array.from({ length: stage.nodes - half }, (_, other) => half + other) : []
    ]),
    policy: QUICK,
    program: WALLED_NODE,
    // those of the right start before the left has ports: they need none but the first of theirs
    options: node => left.includes(node) ? ['--wall', right.map(portOf).join(',')] : ['--door', node === right[0] ? '0' : `${portOf(right[0])}`],
    route: (from, to) => left.includes(from) && right.includes(to)
      ? to.info.addresses[0].replace(`/tcp/${portOf(to)}/`, `/tcp/${gates.get(to)?.port}/`)
      : to.info.addresses[0]
  })
  const left = network.nodes.slice(0, half)
  const right = network.nodes.slice(half)

  stage.atEnd(async () => { await Promise.all([...gates.values()].map(async gate => gate.close())) })
  await network.start(right)

  for (const node of right) {
    gates.set(node, await Gate.open(portOf(node)))
  }

  await network.start(left)
  await network.join()
  await network.meshed()

  return { network, left, right, gates: [...gates.values()] }
}

/** Waits until nodes are connected with none of the others, and know none of them as members */
async function separated (network: Network, nodes: NodeProcess[], others: NodeProcess[], signal: AbortSignal): Promise<void> {
  const strangers = new Set(others.map(({ info }) => info.peerId))

  await Promise.all(nodes.map(async node => until(`${node.name} losing the other half`, CUT_TIMEOUT, signal, async () => {
    const peers = await node.client.peers({ signal })
    const { peers: members } = await node.client.scope(SCOPE, { signal })

    return [...peers.map(({ peerId }) => peerId), ...members].some(peerId => strangers.has(peerId)) ? undefined : true
  })))
}

/** The cheat's key votes against what its node has voted */
async function secondVote (network: Network, cheat: NodeProcess, proposalId: number): Promise<Uint8Array> {
  const signer = network.signers.get(cheat)

  if (signer == null) {
    throw new Error(`${cheat.name} has no key`)
  }

  const info = await network.proposalAt(cheat, proposalId)
  const proposal = proposalOf(info)

  return makeVote(signer, { ...proposal, digest: proposalDigest(policyDigest(network.parsedPolicy), proposal) }, false)
}

/** Waits until nodes have so many votes on each proposal */
async function has (network: Network, nodes: NodeProcess[], counts: Map<number, number>, signal: AbortSignal, timeout: number): Promise<void> {
  await Promise.all(nodes.flatMap(node => [...counts].map(async ([id, count]) => until(`${node.name} having ${count} votes on proposal ${id}`, timeout, signal, async () => {
    const proposal = await network.find(node, id)

    return proposal?.votes.length === count ? proposal : undefined
  }))))
}

function portOf ({ info }: NodeProcess): number {
  return Number(/\/tcp\/(\d+)\//.exec(info.addresses[0])?.[1])
}
