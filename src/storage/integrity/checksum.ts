/**
 * Records end with the beginning of a SHA-256 over their key and value, so that one that was changed, cut or moved to
 * another key is noticed. It is there against faults, not against people, who could make a new one.
 */

import { sha256 } from '../../consensus/encoding/sha256.ts'

/** Bytes */
const LENGTH = 8

const encoder = new TextEncoder()

/** Where what is hashed is put together, since most records are small */
const scratch = new Uint8Array(4096)

export function withChecksum (key: string, value: Uint8Array): Uint8Array {
  const record = new Uint8Array(value.byteLength + LENGTH)

  record.set(value)
  record.set(checksum(key, value).subarray(0, LENGTH), value.byteLength)

  return record
}

/** The value of a record, undefined if its checksum does not fit */
export function checkedBytes (key: string, record: Uint8Array): Uint8Array | undefined {
  if (record.byteLength < LENGTH) {
    return
  }

  const value = record.subarray(0, record.byteLength - LENGTH)
  const expected = checksum(key, value)

  // comparing them as arrays takes longer than hashing
  for (let index = 0; index < LENGTH; index++) {
    if (expected[index] !== record[value.byteLength + index]) {
      return
    }
  }

  return value
}

/** What records end with the beginning of. No key has a zero byte, so where it ends is part of what is hashed. */
function checksum (key: string, value: Uint8Array): Uint8Array {
  // a character of a string is up to three bytes
  const room = 3 * key.length + 1 + value.byteLength
  const input = room <= scratch.byteLength ? scratch : new Uint8Array(room)
  const begin = encoder.encodeInto(key, input).written

  input[begin] = 0
  input.set(value, begin + 1)

  return sha256(input.subarray(0, begin + 1 + value.byteLength))
}
