/**
 * Lets peers that send us gossip know of room for more when half of it is used, as yamux does in other languages.
 *
 * By itself the multiplexer answers each frame with an update of the window, which is encrypted, written, and read by the
 * sender of the vote while it has more to do. Until half is used there is room for more than a sender has under way.
 */

import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { Connection, Stream } from '@libp2p/interface'

/** The part of gossipsub that begins to read what a peer sends */
interface ReceivingPubSub {
  onIncomingStream (stream: Stream, connection: Connection): void
}

/** The part of a yamux stream that lets the other side send more */
interface WindowedStream {
  /** Bytes that the other side may send from one update to the next */
  recvWindow: number
  /** What is left of them */
  recvWindowCapacity: number

  sendWindowUpdate (): void
}

/** Is to be called before gossipsub starts */
export function spareWindowUpdates (gossipsub: GossipSub): void {
  const pubsub = gossipsub as unknown as ReceivingPubSub
  const onIncomingStream = pubsub.onIncomingStream.bind(pubsub)

  pubsub.onIncomingStream = (stream, connection) => {
    if (isWindowed(stream)) {
      updateAtHalf(stream)
    }

    onIncomingStream(stream, connection)
  }
}

/** Other multiplexers have windows of their own, or none */
function isWindowed (stream: object): stream is WindowedStream {
  return 'sendWindowUpdate' in stream && 'recvWindow' in stream && 'recvWindowCapacity' in stream
}

function updateAtHalf (stream: WindowedStream): void {
  const sendWindowUpdate = stream.sendWindowUpdate.bind(stream)

  stream.sendWindowUpdate = () => {
    if (2 * stream.recvWindowCapacity <= stream.recvWindow) {
      sendWindowUpdate()
    }
  }
}
