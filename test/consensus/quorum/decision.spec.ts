import { expect } from 'aegir/chai'
import { calculateConsensusResult, decideByQuorum, quorumOf, toleranceOf } from '../../../src/consensus/index.ts'
import { thrown } from '../fixtures/quorum.ts'
import type { QuorumTerms, QuorumVerdict } from '../../../src/consensus/index.ts'

const THRESHOLDS = [2 / 3, 0.6, 0.5, 0.9, 1]

function decide (yes: number, no: number, doubles: number, values: Partial<QuorumTerms> = {}): QuorumVerdict {
  return decideByQuorum({ yes, no, doubles }, { expectedVoters: 4, threshold: 2 / 3, ...values })
}

describe('the rule `quorum`', () => {
  it('wants the threshold, and more than half of the voters', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 9, 10].map(n => quorumOf(n, 2 / 3))).to.deep.equal([1, 2, 2, 3, 4, 4, 5, 6, 7])
    expect([1, 2, 3, 4, 5, 6, 7].map(n => quorumOf(n, 0.5))).to.deep.equal([1, 2, 2, 3, 3, 4, 4])
    expect([1, 2, 3, 4].map(n => quorumOf(n, 0))).to.deep.equal([1, 2, 2, 3])
    expect([1, 2, 3, 10].map(n => quorumOf(n, 1))).to.deep.equal([1, 2, 3, 10])
    expect([5, 10].map(n => quorumOf(n, 0.9))).to.deep.equal([5, 9])
    expect(quorumOf(2 ** 32 - 1, 2 / 3)).to.equal(2863311530)
  })

  it('tolerates every number of double voters below a third with two thirds, fewer with less', () => {
    expect([1, 3, 4, 5, 6, 7, 9, 10].map(n => toleranceOf(n, 2 / 3))).to.deep.equal([0, 0, 1, 2, 1, 2, 2, 3])
    expect([1, 3, 4, 5, 7].map(n => toleranceOf(n, 0.5))).to.deep.equal([0, 0, 1, 0, 0])

    for (let n = 1; n <= 1000; n++) {
      for (const threshold of THRESHOLDS) {
        expect(toleranceOf(n, threshold)).to.be.at.least(0)
      }

      expect(toleranceOf(n, 2 / 3)).to.be.at.least(Math.ceil(n / 3) - 1)
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

  it('is among the rules that give a result, whatever the liveness side is and whether time is up', () => {
    for (const livenessCriteriaYes of [true, false]) {
      for (const atTimeout of [true, false]) {
        const result = (yes: number, no: number, doubles = 0): boolean | undefined =>
          calculateConsensusResult({ yes, no, doubles }, { rule: 'quorum', expectedVoters: 4, threshold: 2 / 3, livenessCriteriaYes, atTimeout })

        expect(result(3, 0)).to.equal(true)
        expect(result(0, 3)).to.equal(false)
        expect(result(0, 0)).to.equal(undefined)
        expect(result(0, 1)).to.equal(undefined)
        expect(result(2, 2)).to.equal(undefined)
        expect(result(3, 3, 2)).to.equal(undefined)
      }
    }
  })

  it('says what is wrong with a tally or a number of voters', () => {
    expect(() => decide(1, 3, 2)).to.throw(TypeError, 'tally.doubles must be at most')
    expect(() => decide(1, 1, 0.5)).to.throw(TypeError, 'tally.doubles')
    expect(() => quorumOf(-1, 0.5)).to.throw(TypeError, 'expectedVoters')
    expect(thrown(() => quorumOf(3, 1.5))).to.equal('InvalidConsensusThresholdError')
    expect(thrown(() => toleranceOf(3, NaN))).to.equal('InvalidConsensusThresholdError')
  })
})
