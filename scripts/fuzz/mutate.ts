/**
 * Makes bytes that are nearly right.
 */

import { concat } from 'uint8arrays/concat'
import type { Random } from './random.ts'

type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array

/** Varints at the ends of their ranges, over-long ones, ones that do not end, tags of all kinds */
const INTERESTING = [
  [0x00], [0x01], [0x7f], [0x80], [0xff], [0x80, 0x00], [0x80, 0x80, 0x80, 0x80, 0x08], [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x52], [0x5a], [0x72], [0xa0, 0x01], [0xaa, 0x01], [0xe2, 0x01], [0x53], [0x54], [0x55], [0x51], [0x57]
].map(bytes => Uint8Array.from(bytes))

const mutations: readonly Mutation[] = [
  function flipBit (bytes, random) {
    const copy = Uint8Array.from(bytes)

    if (copy.byteLength > 0) {
      copy[random.below(copy.byteLength)] ^= 1 << random.below(8)
    }

    return copy
  },

  function setByte (bytes, random) {
    const copy = Uint8Array.from(bytes)

    if (copy.byteLength > 0) {
      copy[random.below(copy.byteLength)] = random.below(256)
    }

    return copy
  },

  function insert (bytes, random) {
    const at = random.below(bytes.byteLength + 1)
    const inserted = random.chance(0.5) ? random.pick(INTERESTING) : random.bytes(1 + random.below(8))

    return concat([bytes.subarray(0, at), inserted, bytes.subarray(at)])
  },

  function remove (bytes, random) {
    const [from, to] = range(bytes, random)

    return concat([bytes.subarray(0, from), bytes.subarray(to)])
  },

  function repeat (bytes, random) {
    const [from, to] = range(bytes, random)

    return concat([bytes.subarray(0, to), bytes.subarray(from)])
  },

  function cut (bytes, random) {
    return bytes.slice(0, random.below(bytes.byteLength + 1))
  },

  function splice (bytes, random, others) {
    const other = random.pick(others)

    return concat([bytes.subarray(0, random.below(bytes.byteLength + 1)), other.subarray(random.below(other.byteLength + 1))])
  }
]

function range (bytes: Uint8Array, random: Random): [number, number] {
  const from = random.below(bytes.byteLength + 1)

  return [from, Math.min(bytes.byteLength, from + random.below(40))]
}

/** One of the samples after some mutations, or noise now and then */
export function mutated (samples: readonly Uint8Array[], random: Random): Uint8Array {
  if (random.chance(0.1)) {
    return random.bytes(random.below(300))
  }

  let bytes = random.pick(samples)

  for (let left = 1 + random.below(4); left > 0; left--) {
    bytes = random.pick(mutations)(bytes, random, samples)
  }

  return bytes
}
