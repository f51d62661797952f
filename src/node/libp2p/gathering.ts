/**
 * Lets gossipsub write once to a peer what it sends to it in one turn of the event loop and, while it has much to send, in a
 * few milliseconds.
 *
 * By itself it writes each frame, however short: each is framed by the multiplexer, encrypted and written by itself. For
 * frames of a vote that is most of what a vote costs in a mesh, and votes come by the dozen. What is written together is the
 * same bytes on the stream, so peers need not know.
 */

import { Uint8ArrayList } from 'uint8arraylist'
import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { ComponentLogger, Connection, Logger, PeerId, Stream } from '@libp2p/interface'

/** Bytes that wait, at most */
const MAX_BYTES = 64 * 1024

/**
 * Milliseconds from one time to the next, at least, and that anything waits, at most: the peer can begin with what there is.
 * What comes after a pause waits for no more than the end of the turn.
 */
const PACE = 2

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
  /** When something was written last, and since when something waits, in milliseconds */
  let writtenAt = -Infinity
  let waitingSince = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let endOfTurn: ReturnType<typeof setImmediate> | undefined

  const flush = (): void => {
    clearTimeout(timer)
    clearImmediate(endOfTurn)

    if (waiting.byteLength === 0) {
      return
    }

    // in one piece: pieces of a list are encrypted and written one by one
    const data = waiting.subarray()

    waiting = new Uint8ArrayList()
    writtenAt = performance.now()

    try {
      send(data)
    } catch (err) {
      // the stream was closed meanwhile: what had been written would not have got there either
      log('could not send %d bytes - %e', data.byteLength, err)
    }
  }

  stream.send = data => {
    const now = performance.now()

    if (waiting.byteLength === 0) {
      waitingSince = now

      if (now - writtenAt < PACE) {
        timer = setTimeout(flush, PACE)
      } else {
        endOfTurn = setImmediate(flush)
      }
    }

    waiting.append(data)

    // who sends much in one go lets no timer run meanwhile
    if (waiting.byteLength >= MAX_BYTES || now - waitingSince >= PACE) {
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
