/**
 * Encodes messages. protons' runtime, up to 8.0.1 at least, writes 64-bit numbers from 2^31 to 2^32 − 1 wrong: one byte of
 * the number and four that happen to be in memory. Unix time is such a number from January 2038 on. All messages are
 * therefore encoded here and never by the `encode` of their own that protons generates.
 */

import { writer } from 'protons-runtime'
import type { Codec, Writer } from 'protons-runtime'

const broken = writer().uint64

/** As varints, numbers of up to 32 bits are the same bytes whichever way they are written */
function uint64 (this: Writer, value: bigint): Writer {
  return value >> 31n === 1n ? this.uint32(Number(value)) : broken.call(this, value)
}

/** A message as it is given to be encoded: protons reads bytes of any buffer, but its types allow one kind only */
export type Encodable<T> = T extends Uint8Array ? Uint8Array
  : T extends Array<infer Item> ? Array<Encodable<Item>>
    : T extends object ? { [key in keyof T]: Encodable<T[key]> } : T

/** The encoding of a message with its fields in the order of the .proto file, and default values left out */
export function encodeMessage <T> (codec: Codec<T>, message: Encodable<Partial<T>>): Uint8Array<ArrayBuffer> {
  const w = writer()

  w.uint64 = uint64
  codec.encode(message as Partial<T>, w, { lengthDelimited: false })

  return w.finish() as Uint8Array<ArrayBuffer>
}
