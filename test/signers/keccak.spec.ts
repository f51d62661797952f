import { expect } from 'aegir/chai'
import { toString } from 'uint8arrays/to-string'
import { keccak256 as inJavaScript } from '../../src/signers/keccak.browser.ts'
import { keccak256 } from '../../src/signers/keccak.ts'

describe('keccak256', () => {
  it('is the one of Ethereum, and not SHA-3', () => {
    expect(toString(keccak256(new Uint8Array()), 'base16')).to.equal('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
  })

  it('is the same in browsers, for every length around that of a block', () => {
    for (let length = 0; length < 300; length++) {
      const data = Uint8Array.from({ length }, (_, index) => index * length)

      expect(keccak256(data)).to.deep.equal(inJavaScript(data))
    }
  })

  it('is kept when the next is made', () => {
    const first = keccak256(new Uint8Array(1))
    const kept = first.slice()

    keccak256(new Uint8Array(2))
    expect(first).to.deep.equal(kept)
  })
})
