/**
 * Records end with the beginning of a SHA-256 over their key and value, so that one that was changed, cut or moved to
 * another key is noticed. It is there against faults, not against people, who could make a new one.
 */

import { equals } from 'uint8arrays/equals'
import { sha256 } from './sha256.ts'

/** Bytes */
const LENGTH = 8

const encoder = new TextEncoder()

export function seal (key: string, value: Uint8Array): Uint8Array {
  const { input, begin } = inputOf(key, value, LENGTH)

  input.set(checksum(input.subarray(0, begin + value.byteLength)), begin + value.byteLength)

  return input.subarray(begin)
}

/** The value of a record, undefined if its checksum does not fit */
export function unseal (key: string, record: Uint8Array): Uint8Array | undefined {
  if (record.byteLength < LENGTH) {
    return
  }

  const value = record.subarray(0, record.byteLength - LENGTH)

  return equals(checksum(inputOf(key, value).input), record.subarray(value.byteLength)) ? value : undefined
}

/** What is hashed, and where in it the value begins. No key has a zero byte, so where it ends is part of what is hashed. */
function inputOf (key: string, value: Uint8Array, room = 0): { input: Uint8Array, begin: number } {
  const name = encoder.encode(key)
  const begin = name.byteLength + 1
  const input = new Uint8Array(begin + value.byteLength + room)

  input.set(name)
  input.set(value, begin)

  return { input, begin }
}

function checksum (input: Uint8Array): Uint8Array {
  return sha256(input).subarray(0, LENGTH)
}
