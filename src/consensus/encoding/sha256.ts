/**
 * SHA-256 of the system's library where there is one, which takes a third of the time that JavaScript does: each vote, proposal
 * and record is hashed several times. Nothing of Node.js is imported, since browsers use the core as well.
 */

import { sha256 as noble } from '@noble/hashes/sha2.js'

/** The part of Node.js that is used */
interface Runtime {
  getBuiltinModule? (id: 'crypto'): undefined | { hash? (algorithm: 'sha256', bytes: Uint8Array, encoding: 'binary'): string }
}

/** Bytes of a digest */
const LENGTH = 32

const { process: runtime } = globalThis as { process?: Runtime }
const hash = runtime?.getBuiltinModule?.('crypto')?.hash

/** The digest, 32 bytes */
export const sha256: (bytes: Uint8Array) => Uint8Array<ArrayBuffer> = hash == null
  ? noble
  : bytes => {
    // as text of a byte a character: asked for a buffer, Node.js takes longer
    const text = hash('sha256', bytes, 'binary')
    const digest = new Uint8Array(LENGTH)

    for (let index = 0; index < LENGTH; index++) {
      digest[index] = text.charCodeAt(index)
    }

    return digest
  }
