/**
 * SHA-256 of the system's library: every record that is written or read is hashed, and in JavaScript that takes longer.
 */

import { hash } from 'node:crypto'

/** Bytes of a digest */
const LENGTH = 32

/** The digest, 32 bytes */
export function sha256 (bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // as text of a byte a character: asked for a buffer, Node.js takes longer
  const text = hash('sha256', bytes, 'binary')
  const digest = new Uint8Array(LENGTH)

  for (let index = 0; index < LENGTH; index++) {
    digest[index] = text.charCodeAt(index)
  }

  return digest
}
