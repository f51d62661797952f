/**
 * SHA-256 of the system's library, which takes a fraction of the time that JavaScript does: of each vote and record at least one
 * is made. Bundlers for browsers take `sha256.browser.ts` in place of this file.
 */

import { hash } from 'node:crypto'

/** Bytes of a digest */
const LENGTH = 32

/** The digest, 32 bytes */
export function sha256 (bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // as text of a byte a character: asked for a buffer, Node.js takes three times as long
  const text = hash('sha256', bytes, 'binary')
  const digest = new Uint8Array(LENGTH)

  for (let index = 0; index < LENGTH; index++) {
    digest[index] = text.charCodeAt(index)
  }

  return digest
}
