import { expect } from 'aegir/chai'
import { calculateConsensusResult, decideByQuorum, quorumOf, toleranceOf } from '../../../src/consensus/index.ts'
import { thrown } from '../fixtures/quorum.ts'
import type { DecisionTerms, QuorumVerdict } from '../../../src/consensus/index.ts'

const THRESHOLDS = [2 / 3, 0.6, 0.5, 0.9, 1]

type Terms = Omit<DecisionTerms, 'rule'>

function terms (values: Partial<Terms> = {}): Terms {
  return { expectedVoters: 4, threshold: 2 / 3, livenessCriteriaYes: true, atTimeout: false, ...values }
}

function decide (yes: number, no: number, doubles: number, values: Partial<Terms> = {}): QuorumVerdict {
  return decideByQuorum({ yes, no, doubles }, terms(values))
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

  it('decides by a quorum at any time', () => {
    for (const atTimeout of [false, true]) {
      expect(decide(3, 0, 0, { atTimeout })).to.deep.equal({ result: true, grade: 'quorum' })
      expect(decide(1, 3, 0, { atTimeout })).to.deep.equal({ result: false, grade: 'quorum' })
      expect(decide(3, 3, 2, { atTimeout })).to.equal('conflict')
    }

    expect(decide(2, 0, 0)).to.equal(undefined)
    expect(decide(2, 2, 0)).to.equal(undefined)
  })

  it('decides the liveness side at the timeout where no more than n − q have voted for the other one alone', () => {
    const atTimeout = true

    expect(decide(0, 0, 0, { atTimeout })).to.deep.equal({ result: true, grade: 'timeout' })
    expect(decide(0, 1, 0, { atTimeout })).to.deep.equal({ result: true, grade: 'timeout' })
    expect(decide(0, 2, 0, { atTimeout })).to.equal(undefined)
    expect(decide(1, 2, 1, { atTimeout })).to.deep.equal({ result: true, grade: 'timeout' })
    expect(decide(2, 1, 0, { atTimeout, livenessCriteriaYes: false })).to.equal(undefined)
    expect(decide(1, 2, 0, { atTimeout, livenessCriteriaYes: false })).to.deep.equal({ result: false, grade: 'timeout' })
  })

  it('does not take a tie for anything special', () => {
    expect(decide(2, 2, 0, { atTimeout: true })).to.equal(undefined)
    expect(decide(3, 3, 0, { expectedVoters: 6, atTimeout: true })).to.equal(undefined)
  })

  it('decides nothing by silence where the policy says so, or one or two may vote', () => {
    expect(decide(0, 0, 0, { atTimeout: true, timeoutPolicy: 'fail' })).to.equal(undefined)
    expect(decide(0, 0, 0, { atTimeout: true, timeoutPolicy: 'liveness' })).to.deep.equal({ result: true, grade: 'timeout' })

    for (const expectedVoters of [1, 2]) {
      expect(decide(0, 0, 0, { atTimeout: true, expectedVoters })).to.equal(undefined)
      expect(decide(expectedVoters, 0, 0, { expectedVoters })).to.deep.equal({ result: true, grade: 'quorum' })
      expect(decide(0, expectedVoters, 0, { expectedVoters })).to.deep.equal({ result: false, grade: 'quorum' })
    }

    expect(decide(1, 1, 0, { atTimeout: true, expectedVoters: 2 })).to.equal(undefined)
  })

  it('is among the rules that give a result', () => {
    const result = (yes: number, no: number, values: Partial<Terms> = {}): boolean | undefined => calculateConsensusResult({ yes, no }, { ...terms(values), rule: 'quorum' })

    expect(result(3, 0)).to.equal(true)
    expect(result(0, 1, { atTimeout: true })).to.equal(true)
    expect(result(0, 1)).to.equal(undefined)
    expect(result(2, 2)).to.equal(undefined)
    expect(calculateConsensusResult({ yes: 3, no: 3, doubles: 2 }, { ...terms(), rule: 'quorum' })).to.equal(undefined)
  })

  it('says what is wrong with a tally, a number of voters or a policy that are none', () => {
    expect(() => decide(1, 3, 2)).to.throw(TypeError, 'tally.doubles must be at most')
    expect(() => decide(1, 1, 0.5)).to.throw(TypeError, 'tally.doubles')
    expect(() => quorumOf(-1, 0.5)).to.throw(TypeError, 'expectedVoters')
    expect(thrown(() => quorumOf(3, 1.5))).to.equal('InvalidConsensusThresholdError')
    expect(thrown(() => toleranceOf(3, NaN))).to.equal('InvalidConsensusThresholdError')
    expect(thrown(() => decide(0, 0, 0, { timeoutPolicy: 'yes' as any }))).to.equal('InvalidTimeoutPolicyError')
  })
})
