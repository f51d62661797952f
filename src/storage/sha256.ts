/**
 * SHA-256 of the system's library: every record that is written or read is hashed, and in JavaScript that takes twice the time.
 */

import { hash } from 'node:crypto'

export function sha256 (bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}
