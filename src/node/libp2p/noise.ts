/**
 * Noise without what errors cost that nobody sees.
 *
 * By itself it looks for the length of another frame after the last, and is told that there is none by an error, whose stack
 * takes longer to note down than a short frame to decrypt. Here that is one and the same error. Those that Node.js makes while
 * it encrypts and decrypts have no stacks.
 */

import { noise } from '@chainsafe/libp2p-noise'
import { withoutStacks } from './stackless.ts'
import type { NoiseComponents, NoiseExtensions, NoiseInit } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Bytes of the length before a frame */
const PREFIX_LENGTH = 2

/** Says that what there is does not hold a whole length yet. The decoder goes by its kind. */
const INCOMPLETE = new RangeError('The length of a frame is not there yet')

/** The part of an encrypted connection that works on bytes */
interface EncryptedStream {
  /** Finds frames in what has come */
  decoder: {
    lengthDecoder (data: Uint8Array | Uint8ArrayList): number
  }

  encrypt (chunk: unknown): unknown
  decrypt (chunk: unknown): unknown
}

export function nodeNoise (init?: NoiseInit): (components: NoiseComponents) => ConnectionEncrypter<NoiseExtensions> {
  const create = noise(init)

  return components => {
    const encrypter = create(components)

    for (const method of ['secureInbound', 'secureOutbound'] as const) {
      const secure = encrypter[method].bind(encrypter)

      encrypter[method] = async (connection, options) => {
        const secured = await secure(connection, options)

        if (isEncrypted(secured.connection)) {
          spareErrors(secured.connection)
        }

        return secured
      }
    }

    return encrypter
  }
}

function isEncrypted (stream: object): stream is EncryptedStream {
  return 'decoder' in stream && 'encrypt' in stream && 'decrypt' in stream
}

function spareErrors (stream: EncryptedStream): void {
  const { decoder } = stream
  const lengthDecoder = decoder.lengthDecoder.bind(decoder)
  const encrypt = stream.encrypt.bind(stream)
  const decrypt = stream.decrypt.bind(stream)

  decoder.lengthDecoder = data => {
    if (data.byteLength < PREFIX_LENGTH) {
      throw INCOMPLETE
    }

    return lengthDecoder(data)
  }
  stream.encrypt = chunk => withoutStacks(() => encrypt(chunk))
  stream.decrypt = chunk => withoutStacks(() => decrypt(chunk))
}
