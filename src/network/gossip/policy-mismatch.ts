/**
 * NoticeBudget peers that are in a scope of the same name under another policy: they are on another topic, so nothing of them is
 * ever heard, and without this it would look as if nobody were there.
 */

import { TOPIC_PREFIX } from './topic.ts'
import type { OtherPolicyPeer } from '../interface.ts'
import type { PeerId } from '@libp2p/interface'

/** Voting topics of a peer that are remembered */
const MAX_TOPICS_PER_PEER = 256

/** Connected peers that are remembered: more than a node has, unless its host wants many */
const MAX_PEERS = 1_000

const TOPIC = new RegExp(`^${TOPIC_PREFIX}/([a-z0-9][a-z0-9._-]{0,63})/([0-9a-f]{64})$`)

export class PolicyMismatches {
  /** Peer id → the peer and its voting topics */
  private readonly peers = new Map<string, { peer: PeerId, topics: Set<string> }>()
  private readonly isConnected: (peer: PeerId) => boolean

  constructor (isConnected: (peer: PeerId) => boolean) {
    this.isConnected = isConnected
  }

  /** Takes note of what a peer has subscribed to, and returns the scopes, with their policies, that are new */
  update (peer: PeerId, subscriptions: ReadonlyArray<{ topic: string, subscribe: boolean }>): Array<{ name: string, digest: string }> {
    const { topics } = this.peers.get(peer.toString()) ?? { topics: new Set<string>() }
    const added: Array<{ name: string, digest: string }> = []

    for (const { topic, subscribe } of subscriptions) {
      const [, name, digest] = TOPIC.exec(topic) ?? []

      if (name == null) {
        continue
      }

      if (!subscribe) {
        topics.delete(topic)
      } else if (topics.size < MAX_TOPICS_PER_PEER && !topics.has(topic)) {
        topics.add(topic)
        added.push({ name, digest })
      }
    }

    this.peers.delete(peer.toString())

    if (topics.size > 0) {
      this.forgetDisconnected()
      this.peers.set(peer.toString(), { peer, topics })
    }

    return added
  }

  /** How many peers are remembered */
  get size (): number {
    return this.peers.size
  }

  /**
   * The connected peers that are in the scope under another policy and not under ours
   *
   * @param topic - ours of the scope
   */
  of (name: string, topic: string): OtherPolicyPeer[] {
    const prefix = `${TOPIC_PREFIX}/${name}/`
    const others: OtherPolicyPeer[] = []

    this.forgetDisconnected()

    for (const { peer, topics } of this.peers.values()) {
      const other = topics.has(topic) ? undefined : [...topics].find(topic => topic.startsWith(prefix))

      if (other != null) {
        others.push({ peer, digest: other.slice(prefix.length) })
      }
    }

    return others
  }

  clear (): void {
    this.peers.clear()
  }

  private forgetDisconnected (): void {
    for (const [key, { peer }] of this.peers) {
      // the first have said the least lately
      if (!this.isConnected(peer) || this.peers.size >= MAX_PEERS) {
        this.peers.delete(key)
      }
    }
  }
}
