/**
 * Records end with the beginning of a SHA-256 over their key and value, so that one that was changed, cut or moved to
 * another key is noticed. It is there against faults, not against people, who could make a new one.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'

/** Bytes */
const LENGTH = 8

export function seal (key: string, value: Uint8Array): Uint8Array {
  const record = new Uint8Array(value.byteLength + LENGTH)

  record.set(value)
  record.set(checksum(key, value), value.byteLength)

  return record
}

/** The value of a record, undefined if its checksum does not fit */
export function unseal (key: string, record: Uint8Array): Uint8Array | undefined {
  if (record.byteLength < LENGTH) {
    return
  }

  const value = record.subarray(0, record.byteLength - LENGTH)

  return equals(checksum(key, value), record.subarray(value.byteLength)) ? value : undefined
}

/** No key has a zero byte, so where it ends is part of what is hashed */
function checksum (key: string, value: Uint8Array): Uint8Array {
  const name = fromString(key)
  const input = new Uint8Array(name.byteLength + 1 + value.byteLength)

  input.set(name)
  input.set(value, name.byteLength + 1)

  return sha256(input).subarray(0, LENGTH)
}
