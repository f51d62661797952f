/**
 * Gathers the frames that yamux writes to a connection in one turn of the event loop, and writes them together.
 *
 * Yamux writes each frame alone, so that each is encrypted and handed to the system alone. For votes, which are short and come by
 * the dozen, that is most of the cost. The bytes stay the same, so peers notice nothing.
 */

import { Uint8ArrayList } from 'uint8arraylist'
import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface'

/** Bytes that wait, at most: noise encrypts about as many in one piece */
const MAX_BYTES = 64 * 1024

/** The highest type of frames that may wait: 0 is data, 1 a window update */
const MAX_TYPE = 1

/** Returns a factory for libp2p of muxers whose writes are gathered */
export function gathering (create: () => StreamMuxerFactory): () => StreamMuxerFactory {
  return () => {
    const yamux = create()

    return {
      protocol: yamux.protocol,
      createStreamMuxer: connection => yamux.createStreamMuxer(gatheringConnection(connection))
    }
  }
}

/** Returns a view of the connection that gathers what is sent on it, and is the connection in all else */
function gatheringConnection (connection: MessageStream): MessageStream {
  const writes = new GatheredWrites(connection)
  const send: MessageStream['send'] = data => writes.send(data)

  return new Proxy(connection, {
    get: (connection, member) => {
      if (member === 'send') {
        return send
      }

      const value = Reflect.get(connection, member)

      // methods need private state that the view lacks. The log is a function with members of its own, so it stays as it is.
      return typeof value === 'function' && !Object.hasOwn(connection, member) ? value.bind(connection) : value
    }
  })
}

class GatheredWrites {
  private readonly connection: MessageStream
  private waiting = new Uint8ArrayList()
  private endOfTurn?: ReturnType<typeof setImmediate>

  constructor (connection: MessageStream) {
    this.connection = connection
  }

  /** Returns whether the connection has room for more */
  send (frame: Uint8Array | Uint8ArrayList): boolean {
    this.waiting.append(frame)

    // the muxer may close the connection after a frame of another type
    if (!mayWait(frame) || this.waiting.byteLength >= MAX_BYTES) {
      return this.write()
    }

    this.endOfTurn ??= setImmediate(() => {
      try {
        this.write()
      } catch (err) {
        // the connection was closed in this turn, so that these frames could not have arrived
        this.connection.log('could not send what was gathered - %e', err)
      }
    })

    return !this.connection.writableNeedsDrain
  }

  private write (): boolean {
    // copied to one piece, since noise encrypts the pieces of a list one by one
    const data = this.waiting.subarray()

    clearImmediate(this.endOfTurn)
    this.endOfTurn = undefined
    this.waiting = new Uint8ArrayList()

    return this.connection.send(data)
  }
}

/** Returns whether a frame is data or a window update, and neither begins nor ends a stream. Each write of yamux is one frame. */
function mayWait (frame: Uint8Array | Uint8ArrayList): boolean {
  const [, type, ...flags] = frame.subarray(0, 4)

  return type <= MAX_TYPE && flags.every(byte => byte === 0)
}
