/**
 * N nodes on this machine in one scope: started, joined into a mesh, voting, killed and started again.
 */

import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ApiProblemError } from '../../src/client/index.ts'
import { parsePolicy } from '../../src/consensus/policy/policy.ts'
import { DataDirectory } from '../../src/node/host/data-directory.ts'
import { loadIdentity } from '../../src/node/host/identity.ts'
import { identityToAddress } from '../../src/signers/ethereum.ts'
import { FileVoteLock } from '../../src/storage/vote-lock/file-vote-lock.ts'
import { NodeProcess } from './node-process.ts'
import { RunFolder } from './run-folder.ts'
import { neighboursOf, startWaves } from './topology.ts'
import { compareNodes, knownOf } from './vote-sets.ts'
import { pause, until } from './wait.ts'
import type { Topology } from './topology.ts'
import type { Comparison, Known } from './vote-sets.ts'
import type { ProposalInfo } from '../../src/client/index.ts'
import type { ConsensusSigner, ScopePolicy, ScopePolicyInput } from '../../src/index.ts'
import type { GossipSigning } from '../../src/node/interface.ts'

export const SCOPE = 'council'

const second = 1_000
const MESH_TIMEOUT = 60 * second
const MESSAGE_TIMEOUT = 30 * second

/** How often nodes are asked, in milliseconds */
const POLL_INTERVAL = 100

export interface NetworkInit {
  topology: Topology
  /** Aborted when the network is to end: by its user, or since a node has ended by itself */
  stop: AbortController
  gossipSigning: GossipSigning
  /** Told of each start of a node */
  onStarted (node: NodeProcess): void
  /** What is not to have its default; the name and the voters are known */
  policy?: Partial<ScopePolicyInput>
  /** Who votes besides the nodes */
  voters?: ConsensusSigner[]
  /** What takes the arguments of the binary in its place */
  program?: string
  /** What the command line of a node has besides what all have */
  options? (node: NodeProcess): string[]
  /** Where a node reaches another, if not where that one listens */
  route? (from: NodeProcess, to: NodeProcess): string
}

export class Network {
  readonly nodes: NodeProcess[]
  /** The keys the nodes vote with */
  readonly signers: Map<NodeProcess, ConsensusSigner>
  readonly policy: ScopePolicyInput
  private readonly init: NetworkInit
  private readonly folder: RunFolder
  readonly signal: AbortSignal
  private readonly running = new Set<NodeProcess>()

  private constructor (init: NetworkInit, folder: RunFolder, signers: Map<NodeProcess, ConsensusSigner>) {
    this.init = init
    this.folder = folder
    this.signal = init.stop.signal
    this.signers = signers
    this.nodes = [...signers.keys()]
    this.policy = {
      minLifetimeSeconds: 1,
      ...init.policy,
      name: SCOPE,
      voters: [...signers.values(), ...init.voters ?? []].map(({ identity }) => identityToAddress(identity))
    }
  }

  /** Makes the folder, and the keys in it, so that it is known who votes before a node runs; starts nothing yet */
  static async create (init: NetworkInit): Promise<Network> {
    const folder = await RunFolder.create('network')
    const voteLock = new FileVoteLock(folder.locks)
    const signers = new Map<NodeProcess, ConsensusSigner>()

    try {
      for (const index of init.topology.keys()) {
        const node = new NodeProcess(index + 1, folder, err => { init.stop.abort(err) }, init.program)
        const { keys } = await DataDirectory.open(node.dataDirectory)

        signers.set(node, (await loadIdentity(keys, true, async identity => { await voteLock.raise(identity) })).signer)
      }
    } catch (err) {
      await folder.remove({ keepLogs: false })
      throw err
    }

    return new Network(init, folder, signers)
  }

  get logs (): string {
    return this.folder.logs
  }

  /** With all fields */
  get parsedPolicy (): ScopePolicy {
    return parsePolicy(this.policy)
  }

  get gossipSigning (): GossipSigning {
    return this.init.gossipSigning
  }

  /** Those that run, in the order of their positions */
  get up (): NodeProcess[] {
    return this.nodes.filter(node => this.running.has(node))
  }

  /** Starts the nodes, each after those it has as bootstrap peers, and as many together as there are cores: a start has a time limit */
  async start (nodes = this.nodes): Promise<void> {
    for (const wave of startWaves(this.init.topology)) {
      const waiting = wave.map(index => this.nodes[index]).filter(node => nodes.includes(node))
      const startAll = async (): Promise<void> => {
        for (let node = waiting.shift(); node != null; node = waiting.shift()) {
          await this.startNode(node)
        }
      }

      await Promise.all(Array.from({ length: availableParallelism() }, startAll))
    }
  }

  /**
   * Starts one node, or starts it again
   *
   * @param peers - those it has as bootstrap peers
   */
  async startNode (node: NodeProcess, peers = this.init.topology[this.nodes.indexOf(node)].map(index => this.nodes[index]).filter(peer => this.running.has(peer))): Promise<void> {
    const { route = (from, to) => to.info.addresses[0], options, gossipSigning } = this.init

    await node.start(peers.map(peer => route(node, peer)), this.signal, ['--gossip-signing', gossipSigning, ...options?.(node) ?? []])
    this.running.add(node)
    this.init.onStarted(node)
  }

  /** Ends a node as its operator would, or as a power cut would */
  async endNode (node: NodeProcess, how: 'stop' | 'kill'): Promise<void> {
    this.running.delete(node)
    await node[how]()
  }

  /** Writes the policy with all voters to a file, and makes every node that runs a member */
  async join (nodes = this.up): Promise<void> {
    await writeFile(join(this.folder.path, `${SCOPE}.json`), `${JSON.stringify(this.policy, null, 2)}\n`)
    await Promise.all(nodes.map(async ({ client }) => client.join({ policy: this.policy }, { signal: this.signal })))
  }

  /** Makes every node that runs a member of one more scope, with the same voters */
  async joinAlso (policy: Omit<ScopePolicyInput, 'voters'>): Promise<void> {
    await Promise.all(this.up.map(async ({ client }) => client.join({ policy: { ...policy, voters: this.policy.voters } }, { signal: this.signal })))
  }

  /** Waits until every node knows its neighbours as members of a scope */
  async meshed (nodes = this.up, scope = SCOPE): Promise<void> {
    await Promise.all(nodes.map(async node => {
      const expected = neighboursOf(this.init.topology, this.nodes.indexOf(node)).map(index => this.nodes[index]).filter(peer => this.running.has(peer)).map(({ info }) => info.peerId)

      await until(`${node.name} meeting the other members of the scope`, MESH_TIMEOUT, this.signal, async () => {
        const { peers } = await node.client.scope(scope, { signal: this.signal })

        return expected.every(peerId => peers.includes(peerId)) && peers.length > 0 ? true : undefined
      })
    }))
  }

  /** What all nodes that run say of proposals, compared */
  async compare (proposals: number[], nodes = this.up): Promise<Comparison> {
    const knowledge = await Promise.all(nodes.map(async (node): Promise<[string, Map<number, Known>]> => {
      const known = await Promise.all(proposals.map(async (id): Promise<Array<[number, Known]>> => {
        const proposal = await this.find(node, id)

        return proposal == null ? [] : [[id, knownOf(proposal)]]
      }))

      return [node.name, new Map(known.flat())]
    }))

    return compareNodes(new Map(knowledge), proposals)
  }

  /**
   * Compares what the nodes say until they say the same, or time is up
   *
   * @param timeout - milliseconds
   */
  async settled (proposals: number[], timeout: number, nodes?: NodeProcess[]): Promise<Comparison & { settledMs: number }> {
    const begin = performance.now()

    for (;;) {
      const comparison = await this.compare(proposals, nodes)
      const settledMs = Math.round(performance.now() - begin)

      if ((comparison.agree && comparison.voteSetsEqual) || settledMs > timeout) {
        return { ...comparison, settledMs }
      }

      await pause(POLL_INTERVAL, this.signal)
    }
  }

  /** Proposes at a node and waits until the others have the proposal */
  async propose (proposer: NodeProcess, name: string, timeoutSeconds: number, nodes = this.up, scope = SCOPE): Promise<number> {
    const { proposalId } = await proposer.client.propose(scope, { name, timeoutSeconds, livenessCriteriaYes: true }, { signal: this.signal })

    await Promise.all(nodes.map(async node => this.proposalAt(node, proposalId, scope)))

    return proposalId
  }

  /** Ends all processes and removes what they wrote */
  async stop ({ keepLogs }: { keepLogs: boolean }): Promise<void> {
    await Promise.all(this.nodes.map(async node => node.stop()))
    await this.folder.remove({ keepLogs })
  }

  /** The proposal as a node has it, once it has arrived there */
  async proposalAt (node: NodeProcess, proposalId: number, scope = SCOPE): Promise<ProposalInfo> {
    return until(`proposal ${proposalId} arriving at ${node.name}`, MESSAGE_TIMEOUT, this.signal, async () => this.find(node, proposalId, scope))
  }

  /** The proposal as a node has it, if it has */
  async find (node: NodeProcess, proposalId: number, scope = SCOPE): Promise<ProposalInfo | undefined> {
    try {
      return await node.client.proposal(scope, proposalId, { signal: this.signal })
    } catch (err) {
      if (err instanceof ApiProblemError && err.kind === 'SessionNotFoundError') {
        return
      }

      throw err
    }
  }
}
