/**
 * A peer that is no node: it takes part in gossip, and says what it is told to.
 */

import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { equals } from 'uint8arrays/equals'
import { parsePolicy, policyDigest } from '../../src/consensus/policy/policy.ts'
import { topicOf } from '../../src/network/gossip/topic.ts'
import { connectionManagerSettings, gossipsubSettings, tcpSettings } from '../../src/node/libp2p/settings.ts'
import { until } from './wait.ts'
import type { NodeProcess } from './node-process.ts'
import type { ScopePolicyInput } from '../../src/index.ts'
import type { GossipSigning } from '../../src/node/interface.ts'
import type { GossipSub, GossipSubComponents } from '@chainsafe/libp2p-gossipsub'
import type { Libp2p } from '@libp2p/interface'

/** Milliseconds until a node and a peer know each other as members of a scope */
const MEET_TIMEOUT = 20_000

const MESSAGE_TIMEOUT = 20_000

export type PeerHost = Libp2p<{ pubsub: GossipSub }>

/**
 * A libp2p node with gossipsub, set up as the nodes are, and nothing of voting
 *
 * @param listen - multiaddrs
 */
export async function createPeerHost (signing: GossipSigning, listen: string[] = []): Promise<PeerHost> {
  return createLibp2p({
    addresses: { listen },
    // who is cut off says itself whether it comes back
    connectionManager: { ...connectionManagerSettings(true), reconnectRetries: 0 },
    transports: [tcp(tcpSettings())],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: (components: GossipSubComponents) => gossipsub(gossipsubSettings({ local: true, signing, asyncValidation: false, scoreOf: () => 0 }))(components) as GossipSub
    }
  })
}

export class Peer {
  readonly host: PeerHost
  readonly topic: string
  private readonly heard: Uint8Array[] = []
  private readonly signal: AbortSignal

  private constructor (host: PeerHost, topic: string, signal: AbortSignal) {
    this.host = host
    this.topic = topic
    this.signal = signal
    host.services.pubsub.addEventListener('message', ({ detail }) => {
      if (detail.topic === topic) {
        this.heard.push(detail.data)
      }
    })
    host.services.pubsub.subscribe(topic)
  }

  /** Starts one with a peer id of its own, subscribed to the topic of the scope with this policy */
  static async start (input: ScopePolicyInput, signing: GossipSigning, signal: AbortSignal): Promise<Peer> {
    const policy = parsePolicy(input)
    return new Peer(await createPeerHost(signing), topicOf(policy.name, policyDigest(policy)), signal)
  }

  get peerId (): string {
    return this.host.peerId.toString()
  }

  async connect (node: NodeProcess): Promise<void> {
    await this.host.dial(multiaddr(node.info.addresses[0]), { signal: this.signal })
  }

  /** Connects, and waits until each has the other as a member of the scope */
  async meet (node: NodeProcess, scope: string): Promise<void> {
    await this.connect(node)
    await until(`meeting ${node.name}`, MEET_TIMEOUT, this.signal, async () => {
      const { peers } = await node.client.scope(scope, { signal: this.signal })
      const known = this.host.services.pubsub.getSubscribers(this.topic).some(peer => peer.toString() === node.info.peerId)

      return known && peers.includes(this.peerId) ? true : undefined
    })
  }

  /** Sends a message to the nodes it is connected with, after those sent before */
  async say (message: Uint8Array): Promise<void> {
    await this.host.services.pubsub.publish(this.topic, message)
  }

  /** Waits until a node has passed a message on to us, which it does with what it has taken in */
  async hears (message: Uint8Array, what: string): Promise<void> {
    await until(what, MESSAGE_TIMEOUT, this.signal, async () => this.heard.find(other => equals(other, message)))
  }

  async stop (): Promise<void> {
    await this.host.stop()
  }
}
