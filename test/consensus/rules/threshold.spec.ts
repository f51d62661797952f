import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { quorumOf, toleranceOf } from '../../../src/consensus/index.ts'
import { checkFraction, parseThreshold, shareOf } from '../../../src/consensus/rules/threshold.ts'
import { thrown } from '../fixtures/quorum.ts'

describe('threshold', () => {
  for (const [value, fraction] of [
    ['2/3', '2/3'],
    ['4/6', '2/3'],
    ['0002/3', '2/3'],
    ['2000000000/3000000000', '2/3'],
    [0.67, '67/100'],
    ['67%', '67/100'],
    [0.6, '3/5'],
    ['60%', '3/5'],
    ['66.6666667%', '666666667/1000000000'],
    [1, '1/1'],
    ['100%', '1/1'],
    ['1', '1/1'],
    ['0.50', '1/2'],
    [1e-9, '1/1000000000'],
    [1e-3, '1/1000'],
    [0.1 + 0.2, undefined]
  ] as const) {
    it(`of ${JSON.stringify(value)} is ${fraction ?? 'refused'}`, () => {
      if (fraction == null) {
        expect(() => parseThreshold(value)).to.throw('has more than 9 decimals')
      } else {
        expect(parseThreshold(value)).to.equal(fraction)
        expect(parseThreshold(fraction)).to.equal(fraction)
      }
    })
  }

  for (const value of [0, -0, -0.5, 1.1, 67, NaN, Infinity, 1e300, 1e-10, 2 / 3, '', '2', '0%', '101%', '3/2', '0/3', '1/0', '1 / 2', '2/3 ', '-1/2', '1/2/3', 'most', '0x1/0x2', '１/２', '1/10000000001', '66.66666667%', '.5', '1.', '5e-1%1']) {
    it(`is not ${JSON.stringify(value) ?? value}`, () => {
      expect(thrown(() => parseThreshold(value))).to.equal('InvalidConsensusThresholdError')
    })
  }

  it('is the same fraction as the decimal that a number shows', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(), (decimals, digits) => {
      const denominator = 10 ** decimals
      const numerator = digits % denominator + 1
      const fraction = parseThreshold(`${numerator}/${denominator}`)

      expect(parseThreshold(numerator / denominator)).to.equal(fraction)
      expect(parseThreshold((numerator / denominator).toFixed(decimals))).to.equal(fraction)
      expect(shareOf(fraction)).to.equal(numerator / denominator)
    }), { numRuns: 2_000 })
  })

  it('makes the smallest quorum that has its share and more than half of the voters', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (n, a, b) => {
      const [numerator, denominator] = [Math.min(a, b), Math.max(a, b)]
      const isQuorum = (votes: number): boolean => BigInt(votes) * BigInt(denominator) >= BigInt(n) * BigInt(numerator) && 2 * votes > n
      const size = quorumOf(n, parseThreshold(`${numerator}/${denominator}`))

      expect(isQuorum(size)).to.equal(true)
      expect(isQuorum(size - 1)).to.equal(false)
    }), { numRuns: 2_000 })
  })

  it('is exact where floating point is not', () => {
    // ceil(100 · 0.07) is 8 in floating point, and more than half is more here
    expect(Math.ceil(100 * 0.55)).to.equal(56)
    expect(quorumOf(100, '11/20')).to.equal(55)
    expect([3, 4, 6, 9].map(n => [quorumOf(n, '2/3'), quorumOf(n, '67/100')])).to.deep.equal([[2, 3], [3, 3], [4, 5], [6, 7]])
    expect(toleranceOf(100, '11/20')).to.equal(9)
  })

  it('is checked to be in its one form', () => {
    checkFraction('threshold', '2/3')

    for (const value of ['4/6', '02/3', 2 / 3, '0.5', '3/2', '', null, undefined]) {
      expect(() => { checkFraction('config.exactThreshold', value) }).to.throw('config.exactThreshold must be a fraction in lowest terms').with.property('name', 'InvalidConsensusThresholdError')
    }
  })
})
