import { createHash } from 'node:crypto'
import { sha256 as noble } from '@noble/hashes/sha2.js'
import { expect } from 'aegir/chai'
import { sha256 } from '../../../src/consensus/encoding/sha256.ts'

describe('sha256', () => {
  it('gives the digest of any bytes, those within others too', () => {
    const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => 7 * index)

    for (const length of [0, 1, 55, 56, 64, 65, 999]) {
      const part = bytes.subarray(1, 1 + length)

      expect(sha256(part)).to.equalBytes(createHash('sha256').update(part).digest())
      expect(sha256(part)).to.equalBytes(noble(part))
    }
  })

  it('gives each its own memory', () => {
    const digest = sha256(Uint8Array.of(1))
    const copy = digest.slice()

    sha256(Uint8Array.of(2)).fill(0)

    expect(digest).to.equalBytes(copy)
    expect(digest.buffer.byteLength).to.equal(32)
  })
})
