/**
 * Real libp2p nodes over TCP on loopback, built as a host would build them.
 */

import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { isVoteLock } from '../../src/consensus/vote/vote-lock.ts'
import { voting } from '../../src/index.ts'
import { ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import type { RecordedMetrics } from './metrics.ts'
import type { ConsensusSigner, ScopePolicyInput, Voting, VotingInit } from '../../src/index.ts'
import type { GossipSub, GossipsubOpts } from '@chainsafe/libp2p-gossipsub'
import type { Libp2p, PrivateKey } from '@libp2p/interface'

export interface TestNode {
  libp2p: Libp2p<{ pubsub: GossipSub, voting: Voting }>
  pubsub: GossipSub
  voting: Voting
  signer: ConsensusSigner
}

export interface TestNodeInit extends VotingInit {
  /** Of the peer id; by default another one for each node */
  privateKey?: PrivateKey
  /** Leaves the service without a key */
  keyless?: boolean
  /** @default true */
  start?: boolean
  /** The key was not made here, as far as the vote lock knows */
  brought?: boolean
  /** Puts the voting service before gossipsub */
  votingFirst?: boolean
  /** @default gossipsub's own defaults */
  gossipsub?: Partial<GossipsubOpts>
  /** Where the node measures */
  metrics?: RecordedMetrics
}

/** Makes nodes and stops them again */
export class TestNetwork {
  readonly nodes: TestNode[] = []

  async add ({ start = true, votingFirst = false, keyless = false, brought = false, gossipsub: options, metrics, privateKey, ...init }: TestNodeInit = {}): Promise<TestNode> {
    const signer = init.signer ?? ethereumSigner(generatePrivateKey())

    if (!brought) {
      await makeHere(signer, init)
    }

    const service = voting({ ...init, signer: keyless ? undefined : signer })
    const pubsub = gossipsub(options)

    const libp2p: any = await createLibp2p({
      ...privateKey == null ? {} : { privateKey },
      start,
      metrics: metrics?.factory,
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: votingFirst
        ? { voting: service, identify: identify(), pubsub }
        : { identify: identify(), pubsub, voting: service }
    })
    const node = { libp2p, pubsub: libp2p.services.pubsub, voting: libp2p.services.voting, signer }

    this.nodes.push(node)

    return node
  }

  /** Connects every node to every other */
  async connect (nodes = this.nodes): Promise<void> {
    for (const [index, node] of nodes.entries()) {
      for (const other of nodes.slice(index + 1)) {
        await node.libp2p.dial(other.libp2p.getMultiaddrs())
      }
    }
  }

  /** Joins a scope everywhere and waits until everybody knows everybody on it */
  async join (scope: string | ScopePolicyInput, nodes = this.nodes): Promise<void> {
    for (const node of nodes) {
      await node.voting.join(scope)
    }

    await this.meet(typeof scope === 'string' ? scope : scope.name, nodes)
  }

  async meet (scope: string, nodes = this.nodes): Promise<void> {
    await pWaitFor(() => nodes.every(node => peersOf(node, scope) === nodes.length - 1), { timeout: 20_000 })
  }

  async stop (): Promise<void> {
    await Promise.all(this.nodes.splice(0).map(async ({ libp2p }) => libp2p.stop()))
  }
}

/** Has the vote lock know a key as one that was made here */
async function makeHere ({ identity }: ConsensusSigner, { voteLock, storage }: VotingInit): Promise<void> {
  const lock = voteLock ?? (storage != null && isVoteLock(storage) ? storage : undefined)

  if (await lock?.counter?.(identity) == null) {
    await lock?.raise?.(identity)
  }
}

function peersOf ({ voting, pubsub }: TestNode, name: string): number {
  const scope = voting.scopes().find(scope => scope.name === name)

  // known and with an open stream, so that what is published reaches it
  return scope?.peers.filter(peer => (pubsub as any).streamsOutbound.has(peer.toString())).length ?? 0
}

/** A policy whose voters are these nodes */
export function policyOf (nodes: TestNode[], policy: Partial<ScopePolicyInput> = {}): ScopePolicyInput {
  return {
    name: 'council',
    decisionRule: 'reference',
    minLifetimeSeconds: 1,
    voters: nodes.map(({ signer }) => identityToAddress(signer.identity)),
    ...policy
  }
}
