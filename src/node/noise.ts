/**
 * Noise that makes no error for each chunk that it has read to its end.
 *
 * By itself it looks for the length of another frame after the last, and is told that there is none by an error, whose stack
 * takes longer to note down than a short frame to decrypt. It is one and the same error here.
 */

import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Bytes of the length before a frame */
const PREFIX_LENGTH = 2

/** Says that what there is does not hold a whole length yet. The decoder goes by its kind. */
const INCOMPLETE = new RangeError('The length of a frame is not there yet')

/** The part of an encrypted connection that finds frames in what has come */
interface FramedStream {
  decoder: {
    lengthDecoder (data: Uint8Array | Uint8ArrayList): number
  }
}

export function nodeNoise () {
  const create = noise()

  return (components: Parameters<typeof create>[0]): ConnectionEncrypter => {
    const encrypter: ConnectionEncrypter = create(components)

    for (const method of ['secureInbound', 'secureOutbound'] as const) {
      const secure = encrypter[method].bind(encrypter)

      encrypter[method] = async (connection, options) => {
        const secured = await secure(connection, options)

        if (isFramed(secured.connection)) {
          spareErrors(secured.connection)
        }

        return secured
      }
    }

    return encrypter
  }
}

function isFramed (stream: object): stream is FramedStream {
  return 'decoder' in stream
}

function spareErrors ({ decoder }: FramedStream): void {
  const lengthDecoder = decoder.lengthDecoder.bind(decoder)

  decoder.lengthDecoder = data => {
    if (data.byteLength < PREFIX_LENGTH) {
      throw INCOMPLETE
    }

    return lengthDecoder(data)
  }
}
