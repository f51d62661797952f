/**
 * Lets a network vote on one ballot, and sees what every node makes of it.
 */

import type { Ballot, Outcome } from './ballot.ts'
import type { Network } from './network.ts'
import type { NodeProcess } from './node-process.ts'
import type { ProposalInfo } from '../../src/client/index.ts'

/** What came of one ballot */
export interface BallotResult {
  scope: string
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

/** Proposes at one node, votes at all that run and are not silent, and waits for the result at every one of these */
export async function runBallot (network: Network, ballot: Ballot, proposer: NodeProcess): Promise<BallotResult> {
  const { up, signal } = network
  const { scope, name, expected, timeoutSeconds } = ballot
  const begin = performance.now()
  const proposalId = await network.propose(proposer, name, timeoutSeconds, up, scope)
  const decisions = Promise.all(up.map(async node => node.client.decision(scope, proposalId, { signal })))
  const [ended] = await Promise.all([decisions, ...up.map(async node => vote(network, ballot, node, proposalId))])
  const ms = Math.round(performance.now() - begin)
  const results = Object.fromEntries(ended.map((proposal, index) => [up[index].name, outcomeOf(proposal)]))

  return { scope, id: proposalId, name, expected, results, agree: isRight(expected, results), ms }
}

/** Kills a node, as a power cut would */
export async function kill (network: Network, node: NodeProcess): Promise<void> {
  await network.endNode(node, 'kill')
}

/**
 * Starts a node that was killed and waits until it has the result of every ballot. Returns the ballots with its results.
 *
 * @throws {Error} if it is another than it was, or has forgotten a result
 */
export async function startAgain (network: Network, node: NodeProcess, ballots: BallotResult[]): Promise<BallotResult[]> {
  const before = node.info

  await network.startNode(node)

  if (node.info.peerId !== before.peerId || node.info.voter !== before.voter) {
    throw new Error(`${node.name} was ${before.peerId} voting as ${before.voter}, and is ${node.info.peerId} voting as ${node.info.voter} after its restart`)
  }

  return Promise.all(ballots.map(async ballot => {
    const { scope, id, name, results: known } = ballot
    const proposal = known[node.name] == null
      ? await ended(network, node, ballot)
      : await node.client.proposal(scope, id, { signal: network.signal })
    const outcome = outcomeOf(proposal)

    if (known[node.name] != null && outcome !== known[node.name]) {
      throw new Error(`${node.name} knew "${name}" as ${known[node.name]}, and says ${outcome} after its restart`)
    }

    const results = { ...known, [node.name]: outcome }

    return { ...ballot, results, agree: isRight(ballot.expected, results) }
  }))
}

/** The proposal as a node has it, once it has arrived there and ended */
async function ended (network: Network, node: NodeProcess, { scope, id }: BallotResult): Promise<ProposalInfo> {
  await network.proposalAt(node, id, scope)

  return node.client.decision(scope, id, { signal: network.signal })
}

function isRight (expected: Outcome, results: Record<string, Outcome>): boolean {
  return Object.values(results).every(result => result === expected)
}

async function vote ({ nodes, signal }: Network, { scope, choices }: Ballot, node: NodeProcess, proposalId: number): Promise<void> {
  const choice = choices[nodes.indexOf(node)]

  if (choice != null) {
    await node.client.vote(scope, proposalId, choice, { signal })
  }
}

function outcomeOf ({ state, result }: ProposalInfo): Outcome {
  if (state === 'active') {
    throw new Error('The proposal has not ended')
  }

  return result ?? 'failed'
}
