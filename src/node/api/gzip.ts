/**
 * Streams of the same texts to many, compressed once for all: blocks that refer to nothing before them may follow anything.
 */

import { constants, crc32, deflateRawSync } from 'node:zlib'

/** RFC 1952 section 2.3: deflate, no flags, no time, and a system that is not told */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)

/** RFC 1951 section 3.2.6: a last block, and nothing in it */
const LAST_BLOCK = Uint8Array.of(0b11, 0)

/** Bytes of the checksum and of the length, each */
const WORD = 4

/** A text that goes into many streams */
export class SharedText {
  readonly bytes: Uint8Array
  private compressed?: Uint8Array

  constructor (text: string) {
    this.bytes = Buffer.from(text)
  }

  /** The same as deflate blocks that end with a whole byte */
  get blocks (): Uint8Array {
    this.compressed ??= deflateRawSync(this.bytes, { finishFlush: constants.Z_SYNC_FLUSH })

    return this.compressed
  }
}

/** One stream of them: RFC 1952, one member */
export class Gzip {
  private checksum = 0
  private length = 0

  begin (): Uint8Array {
    return HEADER
  }

  add ({ bytes, blocks }: SharedText): Uint8Array {
    this.checksum = crc32(bytes, this.checksum)
    this.length += bytes.length

    return blocks
  }

  end (): Uint8Array {
    const trailer = Buffer.alloc(2 * WORD)

    trailer.writeUInt32LE(this.checksum)
    trailer.writeUInt32LE(this.length % 2 ** 32, WORD)

    return Buffer.concat([LAST_BLOCK, trailer])
  }
}
