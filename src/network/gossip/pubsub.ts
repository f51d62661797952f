/**
 * What the service needs of a gossipsub. Hosts bring their own, of ChainSafe's or of libp2p's package and of any version
 * that has these, so nothing of either is imported.
 */

import type { PeerId } from '@libp2p/interface'

export interface PubSubMessage {
  topic: string
  data: Uint8Array
}

/** The values of gossipsub's TopicValidatorResult */
export type Verdict = 'accept' | 'ignore' | 'reject'

/** What gossipsub tells of a peer */
export interface SubscriptionChange {
  peerId: PeerId
  subscriptions: Array<{ topic: string, subscribe: boolean }>
}

export interface PubSub {
  /** Topic → what says whether a message is delivered and forwarded, dropped, or held against its sender */
  topicValidators: Map<string, (peer: PeerId, message: any) => any>

  /** How messages are signed and checked: gossipsub's StrictSign or StrictNoSign, where it says so */
  globalSignaturePolicy?: string

  subscribe (topic: string): void
  unsubscribe (topic: string): void

  /** The peers that are subscribed to the topic */
  getSubscribers (topic: string): PeerId[]

  /** Resolves with the peers it was sent to */
  publish (topic: string, data: Uint8Array, options?: { allowPublishToZeroTopicPeers?: boolean, ignoreDuplicatePublishError?: boolean }): Promise<{ recipients: PeerId[] }>

  addEventListener (type: 'subscription-change', listener: (event: any) => void): void
  removeEventListener (type: 'subscription-change', listener: (event: any) => void): void
}
