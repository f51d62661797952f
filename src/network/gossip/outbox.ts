/**
 * Sends our own messages. One that reaches nobody, since no peer is on the topic, is kept and sent when one comes.
 */

import type { PubSub } from './pubsub.ts'
import type { Logger, PeerId } from '@libp2p/interface'

/** A message of ours that is to reach at least one peer */
export interface OutgoingMessage {
  /** Tells messages apart; a newer one takes the place of an older one */
  key: string
  topic: string
  data: Uint8Array
  /** Unix seconds: nobody wants the message any more from then on */
  expiration: bigint
}

export interface OutboxComponents {
  pubsub: PubSub
  peerId: PeerId
}

/** Milliseconds until what waits is tried again while a peer is on its topic: a new peer's stream may not be open yet */
const RETRY_INTERVAL = 1000

/** And at most, after some tries: gossipsub sends nothing for ten minutes that it has seen */
const MAX_RETRY_INTERVAL = 60_000

/** What gossipsub says where no peer on the topic can be written to */
const NO_PEERS = 'PublishError.NoPeersSubscribedToTopic'

export class Outbox {
  private readonly components: OutboxComponents
  private readonly clock: () => bigint
  private readonly log: Logger
  private readonly waiting = new Map<string, OutgoingMessage>()
  /** What is being published */
  private readonly underWay = new Map<OutgoingMessage, Promise<number>>()
  private retry?: ReturnType<typeof setTimeout>
  private retryInterval = RETRY_INTERVAL

  constructor (components: OutboxComponents, clock: () => bigint, log: Logger) {
    this.components = components
    this.clock = clock
    this.log = log
  }

  /** How many messages wait for a peer */
  get size (): number {
    return this.waiting.size
  }

  /**
   * Sends a message now, or as soon as there is a peer on its topic. Resolves with the number of peers it was sent to;
   * failing to send is not an error of whoever made the message, which is stored and stays valid.
   */
  async send (message: OutgoingMessage): Promise<number> {
    this.waiting.set(message.key, message)
    this.retryInterval = RETRY_INTERVAL

    return this.attempt(message)
  }

  /** Tries what waits for a peer on this topic, or on any */
  async flush (topic?: string): Promise<void> {
    for (const message of [...this.waiting.values()]) {
      if (topic == null || message.topic === topic) {
        await this.attempt(message)
      }
    }
  }

  /** Forgets what waits for a topic, or everything */
  clear (topic?: string): void {
    for (const message of this.waiting.values()) {
      if (topic == null || message.topic === topic) {
        this.waiting.delete(message.key)
      }
    }

    if (this.waiting.size === 0) {
      clearTimeout(this.retry)
      this.retry = undefined
    }
  }

  private scheduleRetry (): void {
    this.retry ??= setTimeout(() => {
      this.retry = undefined
      this.retryInterval = Math.min(2 * this.retryInterval, MAX_RETRY_INTERVAL)
      // attempts never throw
      void this.flush()
    }, this.retryInterval)
  }

  /** Once at a time: a peer may come while a message is on its way to others */
  private async attempt (message: OutgoingMessage): Promise<number> {
    const attempt = this.underWay.get(message) ?? this.tryOnce(message).finally(() => { this.underWay.delete(message) })

    this.underWay.set(message, attempt)

    return attempt
  }

  private async tryOnce (message: OutgoingMessage): Promise<number> {
    const { key, topic, expiration } = message

    if (this.clock() >= expiration) {
      this.waiting.delete(key)
      return 0
    }

    const sent = await this.publish(message)

    if (this.waiting.get(key) !== message) {
      // forgotten meanwhile, or a newer one is under way
      return sent
    }

    if (sent > 0) {
      this.waiting.delete(key)
    } else if (this.hasPeers(topic)) {
      this.scheduleRetry()
    }

    this.log(sent > 0 ? 'sent %s to %d peers' : 'nobody to send %s to yet', key, sent)

    return sent
  }

  /** To how many peers a message was sent */
  private async publish ({ key, topic, data }: OutgoingMessage): Promise<number> {
    const { pubsub, peerId } = this.components

    // gossipsub may take a message that it sent to nobody for sent, and then it never sends it again
    if (!this.hasPeers(topic)) {
      return 0
    }

    try {
      const { recipients } = await pubsub.publish(topic, data, { allowPublishToZeroTopicPeers: false, ignoreDuplicatePublishError: true })

      // hosts may have gossipsub deliver to themselves, too
      return recipients.filter(peer => !peer.equals(peerId)).length
    } catch (err: any) {
      if (err.message !== NO_PEERS) {
        this.log.error('could not send %s, it stays in the outbox - %e', key, err)
      }

      return 0
    }
  }

  private hasPeers (topic: string): boolean {
    try {
      return this.components.pubsub.getSubscribers(topic).length > 0
    } catch {
      // pubsub has been stopped
      return false
    }
  }
}
