import { randomBytes } from '@noble/hashes/utils.js'

/**
 * A fresh identifier for a proposal or a vote: the 128 bits of a random UUID v4 folded into 32 by XOR of its four
 * big-endian words, as the crate makes them.
 */
export function generateId (): number {
  const uuid = randomBytes(16)
  uuid[6] = (uuid[6] & 0x0f) | 0x40
  uuid[8] = (uuid[8] & 0x3f) | 0x80

  const view = new DataView(uuid.buffer, uuid.byteOffset, uuid.byteLength)

  return (view.getUint32(0) ^ view.getUint32(4) ^ view.getUint32(8) ^ view.getUint32(12)) >>> 0
}
