import { hexToBytes } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import { proposalIdOf } from '../../../src/consensus/policy/policy.ts'
import { fingerprintOf } from '../../../src/consensus/proposal/fingerprint.ts'

describe('fingerprint of a proposal', () => {
  it('is bytes 4 to 11 of its digest in four groups, after the bytes of the id', () => {
    const digest = hexToBytes(`00000007${'3f9a77c201bed450'}${'ee'.repeat(20)}`)

    expect(proposalIdOf(digest)).to.equal(7)
    expect(fingerprintOf(digest)).to.equal('3f9a-77c2-01be-d450')
  })

  it('is refused of what is no digest', () => {
    expect(() => fingerprintOf(new Uint8Array(31))).to.throw(/digest must be a Uint8Array of 32 bytes, got 31 bytes/)
  })
})
