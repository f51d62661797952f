/**
 * Keccak-256 in JavaScript: in browsers, where a page may be allowed no WebAssembly.
 */

import { keccak_256 as keccak } from '@noble/hashes/sha3.js'

/** 32 bytes */
export function keccak256 (data: Uint8Array): Uint8Array {
  return keccak(data)
}
