/**
 * Lets a network vote on one ballot, and sees what every node makes of it.
 */

import { SCOPE } from './network.ts'
import { until } from './wait.ts'
import type { Ballot, Outcome } from './ballot.ts'
import type { Network } from './network.ts'
import type { NodeProcess } from './node-process.ts'
import type { ProposalInfo } from '../../src/client/index.ts'

const MESSAGE_TIMEOUT = 30_000

/** What came of one ballot */
export interface BallotResult {
  id: number
  name: string
  expected: Outcome
  /** Node → result */
  results: Record<string, Outcome>
  /** Whether all nodes have the result that was expected */
  agree: boolean
  /** From the proposal to the last node's decision, in milliseconds */
  ms: number
}

/**
 * Proposes at one node, votes at all that are not silent, and waits for the result at every one.
 *
 * @param first - this node's vote is seen by the proposer before the others vote
 */
export async function runBallot (network: Network, ballot: Ballot, proposer: NodeProcess, first?: NodeProcess): Promise<BallotResult> {
  const { nodes, signal } = network
  const begin = performance.now()
  const proposalId = await network.propose(proposer, ballot.name, ballot.timeoutSeconds)

  if (first != null) {
    await vote(network, ballot, first, proposalId)
    await voteSeen(proposer, proposalId, first, signal)
  }

  const decisions = Promise.all(nodes.map(async node => node.client.decision(SCOPE, proposalId, { signal })))
  const [ended] = await Promise.all([
    decisions,
    ...nodes.filter(node => node !== first).map(async node => vote(network, ballot, node, proposalId))
  ])
  const ms = Math.round(performance.now() - begin)
  const results = Object.fromEntries(ended.map((proposal, index) => [nodes[index].name, outcomeOf(proposal)]))

  return { id: proposalId, name: ballot.name, expected: ballot.expected, results, agree: Object.values(results).every(result => result === ballot.expected), ms }
}

/**
 * Kills a node, starts it again and checks that it is who it was and knows what it knew.
 *
 * @throws {Error} with what it has forgotten
 */
export async function restart (network: Network, node: NodeProcess, known: BallotResult[]): Promise<void> {
  const before = node.info

  await network.endNode(node, 'kill')
  await network.startNode(node)

  if (node.info.peerId !== before.peerId || node.info.voter !== before.voter) {
    throw new Error(`${node.name} was ${before.peerId} voting as ${before.voter}, and is ${node.info.peerId} voting as ${node.info.voter} after its restart`)
  }

  for (const { id, name, results } of known) {
    const outcome = outcomeOf(await node.client.proposal(SCOPE, id, { signal: network.signal }))

    if (outcome !== results[node.name]) {
      throw new Error(`${node.name} knew "${name}" as ${results[node.name]}, and says ${outcome} after its restart`)
    }
  }

  await network.meshed()
}

async function vote ({ nodes, signal }: Network, ballot: Ballot, node: NodeProcess, proposalId: number): Promise<void> {
  const choice = ballot.choices[nodes.indexOf(node)]

  if (choice != null) {
    await node.client.vote(SCOPE, proposalId, choice, { signal })
  }
}

async function voteSeen (node: NodeProcess, proposalId: number, voter: NodeProcess, signal: AbortSignal): Promise<void> {
  await until(`the vote of ${voter.name} arriving at ${node.name}`, MESSAGE_TIMEOUT, signal, async () => {
    const { votes } = await node.client.proposal(SCOPE, proposalId, { signal })

    return votes.find(vote => vote.voter === voter.info.voter)
  })
}

function outcomeOf ({ state, result }: ProposalInfo): Outcome {
  if (state === 'active') {
    throw new Error('The proposal has not ended')
  }

  return result ?? 'failed'
}
