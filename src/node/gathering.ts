/**
 * Lets gossipsub write once to a peer what it sends to it in one turn of the event loop.
 *
 * By itself it writes each frame, however short: each is framed by the multiplexer, encrypted and written by itself, and
 * answered with an update of the window. For frames of a vote that is most of what a vote costs in a mesh, and votes come by
 * the dozen. What is written together is the same bytes on the stream, so peers need not know.
 */

import { Uint8ArrayList } from 'uint8arraylist'
import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { ComponentLogger, Connection, Logger, PeerId, Stream } from '@libp2p/interface'

/** Bytes that wait for the end of the turn, at most: the peer can begin with them */
const MAX_BYTES = 64 * 1024

/** The part of gossipsub that opens the stream it sends on */
interface SendingPubSub {
  createOutboundStream (peerId: PeerId, connection: Pick<Connection, 'newStream'>): Promise<void>
}

/** Is to be called before gossipsub starts */
export function gatherWrites (gossipsub: GossipSub, logger: ComponentLogger): void {
  const pubsub = gossipsub as unknown as SendingPubSub
  const createOutboundStream = pubsub.createOutboundStream.bind(pubsub)
  const log = logger.forComponent('libp2p:voting:gathering')

  pubsub.createOutboundStream = async (peerId, connection) => createOutboundStream(peerId, {
    newStream: async (protocols, options) => gathering(await connection.newStream(protocols, options), log)
  })
}

function gathering (stream: Stream, log: Logger): Stream {
  const send = stream.send.bind(stream)
  const close = stream.close.bind(stream)
  let waiting = new Uint8ArrayList()

  const flush = (): void => {
    if (waiting.byteLength === 0) {
      return
    }

    // in one piece: pieces of a list are encrypted and written one by one
    const data = waiting.subarray()

    waiting = new Uint8ArrayList()

    try {
      send(data)
    } catch (err) {
      // the stream was closed meanwhile: what had been written would not have got there either
      log('could not send %d bytes - %e', data.byteLength, err)
    }
  }

  stream.send = data => {
    if (waiting.byteLength === 0) {
      setImmediate(flush)
    }

    waiting.append(data)

    if (waiting.byteLength >= MAX_BYTES) {
      flush()
    }

    return true
  }

  stream.close = async options => {
    flush()
    await close(options)
  }

  return stream
}
