/**
 * A process with nothing but libp2p and gossipsub, with the settings of a full node. It can also be the core alone.
 */

import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { PeerScores } from '../../../src/network/gossip/runtime-members.ts'
import { votingScoreParams } from '../../../src/network/gossip/score.ts'
import { connectionManagerSettings, gossipsubSettings, tcpSettings } from '../../../src/node/libp2p/settings.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { CoreAlone } from './core-alone.ts'
import { Counter } from './counter.ts'
import { dialAll, publishAll, waitForMesh } from './host.ts'
import type { Host } from './host.ts'
import type { ScopePolicy } from '../../../src/index.ts'
import type { GossipSigning } from '../../../src/node/interface.ts'

export class BareMember {
  private host?: Host
  private core?: CoreAlone
  private topic = ''
  private readonly received = new Counter()

  async start (signing: GossipSigning): Promise<string[]> {
    const host = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      connectionManager: connectionManagerSettings(true),
      transports: [tcp(tcpSettings())],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: {
        identify: identify(),
        ping: ping(),
        pubsub: gossipsub(gossipsubSettings({ local: true, signing, asyncValidation: false, scoreOf: () => 0 }))
      }
    })

    this.host = host
    host.services.pubsub.addEventListener('message', () => { this.received.count() })

    return host.getMultiaddrs().map(address => address.toString())
  }

  async join (topic: string): Promise<void> {
    this.topic = topic
    const { pubsub } = this.running.services

    new PeerScores(pubsub).add(topic, votingScoreParams(topic)[topic])
    pubsub.subscribe(topic)
  }

  async connect (addresses: string[]): Promise<void> {
    await dialAll(this.running, addresses)
  }

  async waitForMesh (peers: number): Promise<void> {
    await waitForMesh(this.running, this.topic, peers)
  }

  /** Resolves with the moment before the first was sent */
  async publish (messages: Uint8Array[]): Promise<bigint> {
    return publishAll(this.running, this.topic, messages)
  }

  /** Resolves with the moment when so many messages had come, or undefined if they do not */
  async counted (count: number, timeout?: number): Promise<bigint | undefined> {
    return this.received.reached(count, timeout)
  }

  async prepareCore (policy: ScopePolicy, announcements: Uint8Array[]): Promise<void> {
    this.core = new CoreAlone(policy, announcements)
  }

  /** Seconds that the core takes for votes, in memory */
  async takeIn (messages: Uint8Array[]): Promise<number> {
    return this.core?.takeIn(messages) ?? 0
  }

  /** Seconds that the core takes for votes, on LevelDB */
  async takeInOnDisk (location: string, policy: ScopePolicy, announcements: Uint8Array[], messages: Uint8Array[]): Promise<number> {
    const storage = await LevelStorage.open(location)

    try {
      return await new CoreAlone(policy, announcements, storage).takeIn(messages)
    } finally {
      await storage.close()
    }
  }

  async stop (): Promise<void> {
    await this.host?.stop()
  }

  private get running (): Host {
    if (this.host == null) {
      throw new Error('start comes first')
    }

    return this.host
  }
}
