import { ApiProblemError, NodeUnreachableError } from '../../../src/client/index.ts'
import { Random } from '../../fuzz/random.ts'
import { SCOPE } from '../network.ts'
import { crowd } from '../topology.ts'
import { pause } from '../wait.ts'
import { QUICK, SETTLE_TIMEOUT } from './common.ts'
import type { Network } from '../network.ts'
import type { NodeProcess } from '../node-process.ts'
import type { Scenario, Stage } from '../stage.ts'

/** Milliseconds that nodes come and go */
const DURATION = 15_000

/** Milliseconds between two proposals, and between the end of one restart and the next */
const PROPOSAL_INTERVAL = 700
const CALM = 200

/** Longer than the churn, so that whatever a node has missed still counts when it is back */
const TIMEOUT_SECONDS = 20

/** Milliseconds until all have ended: some do so at their deadlines */
const END_TIMEOUT = TIMEOUT_SECONDS * 1_000 + SETTLE_TIMEOUT

const SIDES = ['yes', 'no'] as const

export const churn: Scenario = {
  name: 'churn',
  description: 'nodes are stopped, killed and started again all the time, while the others propose and vote',
  nodes: { least: 4, usual: 6 },
  run: async stage => {
    const network = await stage.network({ topology: crowd(stage.nodes), policy: QUICK })

    await network.start()
    await network.join()
    await network.meshed()

    const calm = new AbortController()
    const timer = setTimeout(() => { calm.abort() }, DURATION)
    const proposals: number[] = []
    let restarts = 0
    const tasks = [
      ...[0, 1].map(async part => comeAndGo(stage, network.nodes.filter((_, index) => index % 2 === part), network, calm.signal, () => { restarts++ })),
      propose(stage, network, calm.signal, proposals)
    ]

    try {
      await Promise.all(tasks)
    } finally {
      // where one has failed the others end, too, before the nodes are ended
      clearTimeout(timer)
      calm.abort()
      await Promise.allSettled(tasks)
    }

    stage.say(`${restarts} restarts, ${proposals.length} proposals; all nodes run`)
    // some votes were asked of nodes that were not there, and are cast now
    await Promise.all(proposals.map(async (id, index) => voteEverywhere(network, network.nodes, id, index)))

    return { ...await network.settled(proposals, END_TIMEOUT), restarts, proposals: proposals.length }
  }
}

/** Ends one of some nodes after the other and starts it again, with those that run then as its bootstrap peers */
async function comeAndGo (stage: Stage, nodes: NodeProcess[], network: Network, calm: AbortSignal, onRestart: () => void): Promise<void> {
  const random = new Random(network.nodes.indexOf(nodes[0]))

  while (!calm.aborted) {
    const node = random.pick(nodes)

    await network.endNode(node, random.chance(0.5) ? 'kill' : 'stop')
    await pause(random.below(1_000), stage.signal)
    await network.startNode(node, network.up)
    onRestart()
    await pause(CALM, stage.signal)
  }
}

/** Proposes at a node that runs, and lets all that run vote */
async function propose (stage: Stage, network: Network, calm: AbortSignal, proposals: number[]): Promise<void> {
  const random = new Random(network.nodes.length + 1)

  while (!calm.aborted) {
    const { up } = network
    const id = await attempt(async () => (await random.pick(up).client.propose(SCOPE, { name: `Proposal ${proposals.length + 1}`, timeoutSeconds: TIMEOUT_SECONDS }, { signal: stage.signal })).proposalId)

    if (id != null) {
      proposals.push(id)
      await pause(PROPOSAL_INTERVAL, stage.signal)
      await voteEverywhere(network, network.up, id, proposals.length - 1)
    } else {
      await pause(CALM, stage.signal)
    }
  }
}

/** Two of three proposals are decided, one way and the other, one is not */
async function voteEverywhere (network: Network, nodes: NodeProcess[], id: number, index: number): Promise<void> {
  await Promise.all(nodes.map(async node => {
    const side = index % 3 === 2 ? network.nodes.indexOf(node) % 2 : index % 3

    await attempt(async () => node.client.vote(SCOPE, id, SIDES[side]))
  }))
}

/** Nothing where the node is not there, does not know the proposal yet, or has voted on it */
async function attempt <T> (task: () => Promise<T>): Promise<T | undefined> {
  try {
    return await task()
  } catch (err) {
    if (err instanceof NodeUnreachableError || (err instanceof ApiProblemError && EXPECTED.has(err.kind))) {
      return
    }

    throw err
  }
}

const EXPECTED = new Set(['SessionNotFoundError', 'UserAlreadyVotedError', 'NotSyncedError', 'NotStartedError', 'ProposalExpiredError', 'SessionNotActiveError', 'VoteExpiredError'])
