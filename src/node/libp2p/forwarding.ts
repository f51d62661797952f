/**
 * Keeps gossipsub from sending a message back to peers that have sent it.
 *
 * By itself it spares the peer that a message came from. While a vote is verified and stored, others send it as well, and they
 * have no use for it either: in a mesh where everybody is everybody's neighbour that is half of what would be sent.
 */

import type { GossipSub } from '@chainsafe/libp2p-gossipsub'

/** The part of gossipsub that passes a message on once it has been found valid, and what its scores know of who sent it */
interface ForwardingPubSub {
  score: { deliveryRecords: { getRecord (messageId: string): { peers: Set<string> } | undefined } }

  forwardMessage (messageId: string, message: unknown, source?: string, excluded?: Set<string>): void
}

/** Is to be called before gossipsub starts */
export function spareSenders (gossipsub: GossipSub): void {
  const pubsub = gossipsub as unknown as ForwardingPubSub
  const forwardMessage = pubsub.forwardMessage.bind(pubsub)

  pubsub.forwardMessage = (messageId, message, source, excluded) => {
    forwardMessage(messageId, message, source, excluded ?? pubsub.score.deliveryRecords.getRecord(messageId)?.peers)
  }
}
