/**
 * N nodes on this machine in one scope: started, joined into a mesh, voting, killed and started again.
 */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiProblemError } from '../../src/client/index.ts'
import { NodeProcess } from './node-process.ts'
import { RunFolder } from './run-folder.ts'
import { until } from './wait.ts'
import type { Ballot, Outcome } from './ballot.ts'
import type { ProposalInfo } from '../../src/client/index.ts'
import type { ScopePolicyInput } from '../../src/index.ts'

export const SCOPE = 'council'

/** A node dials so many of those that were there before it: more than gossipsub's mesh needs */
const MAX_NEIGHBOURS = 8

const second = 1_000
const MESH_TIMEOUT = 60 * second
const MESSAGE_TIMEOUT = 30 * second

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

export class Network {
  readonly nodes: NodeProcess[]
  private readonly folder: RunFolder
  /** Aborted when the network is to end: by its user, or since a node has ended by itself */
  private readonly signal: AbortSignal
  private readonly neighbours = new Map<NodeProcess, NodeProcess[]>()

  private constructor (folder: RunFolder, size: number, stop: AbortController) {
    this.folder = folder
    this.signal = stop.signal
    this.nodes = Array.from({ length: size }, (_, index) => new NodeProcess(index + 1, folder, err => { stop.abort(err) }))
  }

  /** Makes the folder; starts nothing yet */
  static async create (size: number, stop: AbortController): Promise<Network> {
    return new Network(await RunFolder.create('network'), size, stop)
  }

  get logs (): string {
    return this.folder.logs
  }

  get policyFile (): string {
    return join(this.folder.path, `${SCOPE}.json`)
  }

  /** Starts the nodes, each with those before it as bootstrap peers */
  async start (onStarted: (node: NodeProcess) => void): Promise<void> {
    for (const [index, node] of this.nodes.entries()) {
      this.neighbours.set(node, this.nodes.slice(Math.max(0, index - MAX_NEIGHBOURS), index))
      await this.startNode(node)
      onStarted(node)
    }
  }

  /** Writes the policy with all voters to a file, and makes every node a member */
  async join (): Promise<void> {
    const policy: ScopePolicyInput = {
      name: SCOPE,
      decisionRule: 'reference',
      threshold: '2/3',
      voters: this.nodes.map(({ info }) => info.voter),
      minLifetimeSeconds: 1
    }

    await writeFile(this.policyFile, `${JSON.stringify(policy, null, 2)}\n`)
    await Promise.all(this.nodes.map(async ({ client }) => client.join({ policy }, { signal: this.signal })))
  }

  /** Waits until every node knows its neighbours as members of the scope */
  async meshed (): Promise<void> {
    await Promise.all(this.nodes.map(async node => {
      const expected = (this.neighbours.get(node) ?? []).map(({ info }) => info.peerId)

      await until(`${node.name} meeting the other members of the scope`, MESH_TIMEOUT, this.signal, async () => {
        const { peers } = await node.client.scope(SCOPE, { signal: this.signal })

        return expected.every(peerId => peers.includes(peerId)) && peers.length > 0 ? true : undefined
      })
    }))
  }

  /**
   * Proposes at one node, votes at all that are not silent, and waits for the result at every one.
   *
   * @param first - this node's vote is seen by the proposer before the others vote
   */
  async run (ballot: Ballot, proposer: NodeProcess, first?: NodeProcess): Promise<BallotResult> {
    const begin = performance.now()
    const { proposalId } = await proposer.client.propose(SCOPE, { name: ballot.name, timeoutSeconds: ballot.timeoutSeconds, livenessCriteriaYes: true }, { signal: this.signal })

    await Promise.all(this.nodes.map(async node => this.proposalAt(node, proposalId)))

    if (first != null) {
      await this.vote(ballot, first, proposalId)
      await this.voteSeen(proposer, proposalId, first)
    }

    const decisions = Promise.all(this.nodes.map(async node => node.client.decision(SCOPE, proposalId, { signal: this.signal })))
    const [ended] = await Promise.all([
      decisions,
      ...this.nodes.filter(node => node !== first).map(async node => this.vote(ballot, node, proposalId))
    ])
    const ms = Math.round(performance.now() - begin)
    const results = Object.fromEntries(ended.map((proposal, index) => [this.nodes[index].name, outcomeOf(proposal)]))

    return { id: proposalId, name: ballot.name, expected: ballot.expected, results, agree: Object.values(results).every(result => result === ballot.expected), ms }
  }

  /**
   * Kills a node, starts it again and checks that it is who it was and knows what it knew.
   *
   * @throws {Error} with what it has forgotten
   */
  async restart (node: NodeProcess, known: BallotResult[]): Promise<void> {
    const before = node.info

    await node.kill()
    await this.startNode(node)

    if (node.info.peerId !== before.peerId || node.info.voter !== before.voter) {
      throw new Error(`${node.name} was ${before.peerId} voting as ${before.voter}, and is ${node.info.peerId} voting as ${node.info.voter} after its restart`)
    }

    for (const { id, name, results } of known) {
      const outcome = outcomeOf(await node.client.proposal(SCOPE, id, { signal: this.signal }))

      if (outcome !== results[node.name]) {
        throw new Error(`${node.name} knew "${name}" as ${results[node.name]}, and says ${outcome} after its restart`)
      }
    }

    await this.meshed()
  }

  /** Ends all processes and removes what they wrote */
  async stop ({ keepLogs }: { keepLogs: boolean }): Promise<void> {
    await Promise.all(this.nodes.map(async node => node.stop()))
    await this.folder.remove({ keepLogs })
  }

  private async startNode (node: NodeProcess): Promise<void> {
    await node.start((this.neighbours.get(node) ?? []).map(({ info }) => info.addresses[0]), this.signal)
  }

  private async vote (ballot: Ballot, node: NodeProcess, proposalId: number): Promise<void> {
    const choice = ballot.choices[this.nodes.indexOf(node)]

    if (choice != null) {
      await node.client.vote(SCOPE, proposalId, choice, { signal: this.signal })
    }
  }

  /** The proposal as a node has it, once it has arrived there */
  private async proposalAt (node: NodeProcess, proposalId: number): Promise<ProposalInfo> {
    return until(`proposal ${proposalId} arriving at ${node.name}`, MESSAGE_TIMEOUT, this.signal, async () => {
      try {
        return await node.client.proposal(SCOPE, proposalId, { signal: this.signal })
      } catch (err) {
        if (err instanceof ApiProblemError && err.kind === 'SessionNotFoundError') {
          return
        }

        throw err
      }
    })
  }

  private async voteSeen (node: NodeProcess, proposalId: number, voter: NodeProcess): Promise<void> {
    await until(`the vote of ${voter.name} arriving at ${node.name}`, MESSAGE_TIMEOUT, this.signal, async () => {
      const { votes } = await node.client.proposal(SCOPE, proposalId, { signal: this.signal })

      return votes.find(vote => vote.voter === voter.info.voter)
    })
  }
}

function outcomeOf ({ state, result }: ProposalInfo): Outcome {
  if (state === 'active') {
    throw new Error('The proposal has not ended')
  }

  return result ?? 'failed'
}
