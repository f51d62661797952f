import { generatePrivateKey } from 'viem/accounts'
import { ethereumSigner } from '../../../src/signers/ethereum.ts'
import { TRICKS, claim } from '../framer.ts'
import { SCOPE } from '../network.ts'
import { line, neighboursOf } from '../topology.ts'
import { pause } from '../wait.ts'
import { QUICK, SETTLE_TIMEOUT } from './common.ts'
import type { Framing } from '../framer.ts'
import type { Network } from '../network.ts'
import type { NodeProcess } from '../node-process.ts'
import type { Scenario, Stage } from '../stage.ts'

const TIMEOUT_SECONDS = 60

/** How often each trick is played: where two messages meet is a matter of milliseconds */
const ROUNDS = 3

/** Milliseconds from one look at the connections to the next */
const WATCH_INTERVAL = 250

export const framing: Scenario = {
  name: 'framing',
  description: 'a hostile voter, within the tolerance, has honest nodes validate one message differently: none may be blamed for it',
  nodes: { least: 5, usual: 5 },
  run: async stage => {
    const voter = ethereumSigner(generatePrivateKey())
    const topology = line(stage.nodes)
    const network = await stage.network({ topology, policy: QUICK, voters: [voter] })

    await network.start()
    await network.join()
    await network.meshed()

    const [left, right] = [await stage.peer(network), await stage.peer(network)]
    const { nodes, policy } = network

    await Promise.all([left, right].map(async peer => claim(peer, policy)))
    await Promise.all([left.meet(nodes[0], SCOPE), right.meet(nodes[nodes.length - 1], SCOPE)])

    const links = nodes.flatMap((node, index) => neighboursOf(topology, index).map(other => ({ node, other: nodes[other] })))
    const over = new AbortController()
    const watching = watchLinks(links, over.signal, stage.signal)
    const proposals: number[] = []
    // where honest nodes cut one another off nothing gets through, and it is told who did
    const failure = await play(stage, network, { left, right, middle: nodes[nodes.length >> 1], policy, voter }, proposals).catch(async (err: Error) => {
      stage.signal.throwIfAborted()

      return err
    }).finally(() => { over.abort() })
    const lost = await watching
    const comparison = await network.settled(proposals, SETTLE_TIMEOUT)

    // only honest peers are left, whose scores are asked for
    await Promise.all([left.stop(), right.stop()])

    const scores = await Promise.all(nodes.map(async node => lowestScore(node, stage.signal)))
    const wrong = [
      ...failure == null ? [] : [failure.message],
      ...[...lost].map(link => `${link}: the connection was lost`),
      ...scores.flatMap((score, index) => score >= 0 ? [] : [`${nodes[index].name} holds something against an honest peer, whose score is ${score.toFixed(1)}`])
    ]

    return { ...comparison, ok: wrong.length === 0, differences: [...comparison.differences, ...wrong], proposals: proposals.length, lowestScores: scores.map(score => Number(score.toFixed(2))) }
  }
}

/** Plays every trick several times, and decides on what comes of it and on proposals of honest nodes, all of which it adds */
async function play (stage: Stage, network: Network, framing: Framing, proposals: number[]): Promise<undefined> {
  for (const [index, { what, play }] of TRICKS.entries()) {
    for (let round = 0; round < ROUNDS; round++) {
      const made = await play(framing)

      proposals.push(...made.map(({ proposalId }) => proposalId))
    }

    const honest = await network.propose(network.nodes[index % network.nodes.length], `While it sends ${what}`, TIMEOUT_SECONDS)

    proposals.push(honest)
    await decide(stage, network, honest)
    stage.say(`Endured ${ROUNDS} times: ${what}`)
  }

  await Promise.all(proposals.map(async id => decide(stage, network, id)))
}

async function decide ({ signal }: Stage, network: Network, proposalId: number): Promise<void> {
  await Promise.all(network.nodes.map(async node => {
    const { votes } = await network.proposalAt(node, proposalId)

    if (!votes.some(({ voter }) => voter.toLowerCase() === node.info.voter.toLowerCase())) {
      await node.client.vote(SCOPE, proposalId, 'yes', { signal })
    }

    await node.client.decision(SCOPE, proposalId, { signal })
  }))
}

/** Looks at the links between honest nodes until it is over, and resolves with those that were not there once */
async function watchLinks (links: Array<{ node: NodeProcess, other: NodeProcess }>, over: AbortSignal, signal: AbortSignal): Promise<Set<string>> {
  const lost = new Set<string>()

  while (!over.aborted && !signal.aborted) {
    for (const { node, other } of links) {
      const peers = await node.client.peers({ signal }).catch(() => [])

      if (!peers.some(({ peerId }) => peerId === other.info.peerId)) {
        lost.add(`${node.name} to ${other.name}`)
      }
    }

    await pause(WATCH_INTERVAL, signal).catch(() => {})
  }

  return lost
}

/** The lowest score that a node has of the peers that are connected, 0 if there are none */
async function lowestScore ({ client }: NodeProcess, signal: AbortSignal): Promise<number> {
  return Number(/^gossipsub_score_min (\S+)$/m.exec(await client.metrics({ signal }))?.[1] ?? 0)
}
