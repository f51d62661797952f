/**
 * Keccak-256 in WebAssembly, which takes an eighth of the time of JavaScript; Node.js has none of its own. Bundlers for
 * browsers take `keccak.browser.ts` in place of this file.
 */

import { createKeccak } from 'hash-wasm'

const hasher = await createKeccak(256)

/** 32 bytes */
export function keccak256 (data: Uint8Array): Uint8Array {
  return hasher.init().update(data).digest('binary')
}
