/**
 * What the service needs of a gossipsub, over the simulated network: each message is validated by the topic's validator once,
 * and passed on if that accepts it.
 */

import { TypedEventEmitter } from 'main-event'
import { peerIdOf } from './peer-ids.ts'
import type { GossipMessage, Network } from './network.ts'
import type { PubSub, SubscriptionChange, Verdict } from '../../src/network/gossip/pubsub.ts'
import type { PeerId } from '@libp2p/interface'

export interface SimulatedPubSubInit {
  number: number
  network: Network
  /** gossipsub's signature policy: under StrictSign equal data sent twice is two messages, else it is one */
  signing: 'StrictSign' | 'StrictNoSign'
  isRunning (): boolean
  /** A message of another was rejected, which costs that one score */
  onReject (from: number): void
}

interface PubSubEvents {
  'subscription-change': CustomEvent<SubscriptionChange>
}

/** Messages made so far in the whole simulation: tells those of one sender apart over its restarts */
let messages = 0

export class SimulatedPubSub extends TypedEventEmitter<PubSubEvents> implements PubSub {
  readonly topicValidators = new Map<string, (peer: PeerId, message: any) => Promise<Verdict>>()
  readonly globalSignaturePolicy: string
  private readonly init: SimulatedPubSubInit
  private readonly subscriptions = new Set<string>()
  private readonly connected = new Set<number>()
  /** Topic → who is subscribed */
  private readonly subscribers = new Map<string, Set<number>>()
  private readonly seen = new Set<string>()

  constructor (init: SimulatedPubSubInit) {
    super()
    this.init = init
    this.globalSignaturePolicy = init.signing
  }

  subscribe (topic: string): void {
    this.subscriptions.add(topic)
    this.connected.forEach(other => { this.tell(other, [topic], true) })
  }

  unsubscribe (topic: string): void {
    this.subscriptions.delete(topic)
    this.connected.forEach(other => { this.tell(other, [topic], false) })
  }

  getSubscribers (topic: string): PeerId[] {
    return [...this.subscribers.get(topic) ?? []].map(peerIdOf)
  }

  async publish (topic: string, data: Uint8Array): Promise<{ recipients: PeerId[] }> {
    const { number, signing } = this.init
    const id = signing === 'StrictSign' ? `${number}#${messages++}` : contentId(data)

    if (!this.init.isRunning() || this.seen.has(id)) {
      return { recipients: [] }
    }

    this.seen.add(id)

    return { recipients: this.forward({ id, topic, data }).map(peerIdOf) }
  }

  onConnected (other: number): void {
    this.connected.add(other)

    if (this.subscriptions.size > 0) {
      this.tell(other, [...this.subscriptions], true)
    }
  }

  onDisconnected (other: number): void {
    this.connected.delete(other)
    this.subscribers.forEach(numbers => { numbers.delete(other) })
  }

  onSubscriptions (from: number, topics: string[], subscribe: boolean): void {
    for (const topic of topics) {
      const numbers = this.subscribers.get(topic) ?? new Set()

      this.subscribers.set(topic, numbers)

      if (subscribe) {
        numbers.add(from)
      } else {
        numbers.delete(from)
      }
    }

    this.safeDispatchEvent('subscription-change', {
      detail: { peerId: peerIdOf(from), subscriptions: topics.map(topic => ({ topic, subscribe })) }
    })
  }

  async onMessage (from: number, message: GossipMessage, isRepeated: boolean): Promise<void> {
    const { topic, data } = message
    const validate = this.topicValidators.get(topic)

    if (validate == null || (!isRepeated && this.seen.has(message.id))) {
      return
    }

    // seen before it is validated, as in gossipsub
    this.seen.add(message.id)

    const verdict = await validate(peerIdOf(from), { topic, data })

    if (verdict === 'reject') {
      this.init.onReject(from)
    }

    if (verdict === 'accept' && this.init.isRunning()) {
      this.forward(message, from)
    }
  }

  private forward (message: GossipMessage, except?: number): number[] {
    const { number, network } = this.init
    const receivers = [...this.subscribers.get(message.topic) ?? []].filter(other => other !== except)

    for (const other of receivers) {
      network.send(number, other, isRepeated => { network.endpoint(other)?.onMessage(number, message, isRepeated) })
    }

    return receivers
  }

  private tell (other: number, topics: string[], subscribe: boolean): void {
    const { number, network } = this.init

    network.sendInOrder(number, other, () => { network.endpoint(other)?.onSubscriptions(number, topics, subscribe) })
  }
}

export function contentId (data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
}
