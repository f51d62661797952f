import { expect } from 'aegir/chai'
import { calculateConsensusResult, decideByQuorum, quorumOf, toleranceOf } from '../../../src/consensus/index.ts'
import { thrown } from '../fixtures/quorum.ts'
import type { QuorumTerms, QuorumVerdict } from '../../../src/consensus/index.ts'

const THRESHOLDS = ['2/3', '3/5', '1/2', '9/10', '1/1']

function decide (yes: number, no: number, doubles: number, values: Partial<QuorumTerms> = {}): QuorumVerdict {
  return decideByQuorum({ yes, no, doubles }, { expectedVoters: 4, threshold: '2/3', ...values })
}

describe('the rule `quorum`', () => {
  it('wants the threshold, and more than half of the voters', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 9, 10].map(n => quorumOf(n, '2/3'))).to.deep.equal([1, 2, 2, 3, 4, 4, 5, 6, 7])
    expect([1, 2, 3, 4, 5, 6, 7].map(n => quorumOf(n, '1/2'))).to.deep.equal([1, 2, 2, 3, 3, 4, 4])
    expect([1, 2, 3, 4].map(n => quorumOf(n, '1/1000000000'))).to.deep.equal([1, 2, 2, 3])
    expect([1, 2, 3, 10].map(n => quorumOf(n, '1/1'))).to.deep.equal([1, 2, 3, 10])
    expect([5, 10].map(n => quorumOf(n, '9/10'))).to.deep.equal([5, 9])
    expect(quorumOf(2 ** 32 - 1, '2/3')).to.equal(2863311530)
  })

  it('tolerates every number of double voters below a third with two thirds, fewer with less', () => {
    expect([1, 3, 4, 5, 6, 7, 9, 10].map(n => toleranceOf(n, '2/3'))).to.deep.equal([0, 0, 1, 2, 1, 2, 2, 3])
    expect([1, 3, 4, 5, 7].map(n => toleranceOf(n, '1/2'))).to.deep.equal([0, 0, 1, 0, 0])

    for (let n = 1; n <= 1000; n++) {
      for (const threshold of THRESHOLDS) {
        expect(toleranceOf(n, threshold)).to.be.at.least(0)
      }

      expect(toleranceOf(n, '2/3')).to.be.at.least(Math.ceil(n / 3) - 1)
    }
  })

  it('decides by a quorum, and by nothing else', () => {
    expect(decide(3, 0, 0)).to.equal(true)
    expect(decide(1, 3, 0)).to.equal(false)
    expect(decide(3, 3, 2)).to.equal('conflict')
    expect(decide(2, 0, 0)).to.equal(undefined)
    expect(decide(0, 2, 0)).to.equal(undefined)
    expect(decide(2, 2, 0)).to.equal(undefined)
    expect(decide(3, 3, 0, { expectedVoters: 6 })).to.equal(undefined)

    for (const expectedVoters of [1, 2]) {
      expect(decide(0, 0, 0, { expectedVoters })).to.equal(undefined)
      expect(decide(expectedVoters, 0, 0, { expectedVoters })).to.equal(true)
      expect(decide(0, expectedVoters, 0, { expectedVoters })).to.equal(false)
    }
  })

  it('is not among the rules of the crate, which count in another way', () => {
    const terms = { rule: 'quorum' as any, expectedVoters: 4, threshold: 2 / 3, livenessCriteriaYes: true, atTimeout: false }

    expect(() => calculateConsensusResult({ yes: 3, no: 0 }, terms)).to.throw('use decideByQuorum').with.property('name', 'InvalidDecisionRuleError')
  })

  it('says what is wrong with a tally or a number of voters', () => {
    expect(() => decide(1, 3, 2)).to.throw(TypeError, 'tally.doubles must be at most')
    expect(() => decide(1, 1, 0.5)).to.throw(TypeError, 'tally.doubles')
    expect(() => quorumOf(-1, '1/2')).to.throw(TypeError, 'expectedVoters')
    expect(thrown(() => quorumOf(3, '3/2'))).to.equal('InvalidConsensusThresholdError')
    expect(thrown(() => toleranceOf(3, 2 / 3 as any))).to.equal('InvalidConsensusThresholdError')
  })
})
