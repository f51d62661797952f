import { expect } from 'aegir/chai'
import { calculateConsensusResult, decideByQuorum, quorumOf, toleranceOf } from '../../../src/consensus/index.ts'
import { thrown } from '../fixtures/quorum.ts'
import type { DecisionTerms, QuorumVerdict, Tally } from '../../../src/consensus/index.ts'

const THRESHOLDS = [2 / 3, 0.6, 0.5, 0.9, 1]
const MAX_VOTERS = 7

type Terms = Omit<DecisionTerms, 'rule'>

function terms (values: Partial<Terms> = {}): Terms {
  return { expectedVoters: 4, threshold: 2 / 3, livenessCriteriaYes: true, atTimeout: false, ...values }
}

function decide (yes: number, no: number, doubles: number, values: Partial<Terms> = {}): QuorumVerdict {
  return decideByQuorum({ yes, no, doubles }, terms(values))
}

/** Who votes what: so many only yes, only no, and both. The others are silent. */
interface Ballot {
  yes: number
  no: number
  doubles: number
}

function * upTo (limit: number): Generator<number> {
  for (let count = 0; count <= limit; count++) {
    yield count
  }
}

/** All ballots of n voters with so many double voters */
function * ballots (n: number, doubles: number): Generator<Ballot> {
  for (const yes of upTo(n - doubles)) {
    for (const no of upTo(n - doubles - yes)) {
      yield { yes, no, doubles }
    }
  }
}

/** What a peer may have got of a ballot: any of the votes, or all of those who vote once and any of the others' */
function * views (ballot: Ballot, honestComplete: boolean): Generator<Tally> {
  for (const yes of honestComplete ? [ballot.yes] : upTo(ballot.yes)) {
    for (const no of honestComplete ? [ballot.no] : upTo(ballot.no)) {
      for (const double of doubleViews(ballot.doubles)) {
        yield { yes: yes + double.yes, no: no + double.no, doubles: double.doubles }
      }
    }
  }
}

/** What a peer may have got of the votes of double voters: of each both, one or none */
function * doubleViews (count: number): Generator<Required<Tally>> {
  for (const doubles of upTo(count)) {
    for (const onlyYes of upTo(count - doubles)) {
      for (const onlyNo of upTo(count - doubles - onlyYes)) {
        yield { yes: doubles + onlyYes, no: doubles + onlyNo, doubles }
      }
    }
  }
}

/** All that peers may decide who have got different parts of a ballot */
function verdicts (ballot: Ballot, of: Partial<Terms>, honestComplete = false): Set<string> {
  const found = new Set<string>()

  for (const view of views(ballot, honestComplete)) {
    const verdict = decideByQuorum(view, terms(of))

    if (verdict != null) {
      found.add(verdict === 'conflict' ? verdict : `${verdict.result ? 'yes' : 'no'} by ${verdict.grade}`)
    }
  }

  return found
}

function isSplit (found: Set<string>): boolean {
  const has = (result: string): boolean => [...found].some(verdict => verdict.startsWith(result))

  return found.has('conflict') || (has('yes') && has('no'))
}

function * cases (): Generator<{ expectedVoters: number, threshold: number, livenessCriteriaYes: boolean }> {
  for (const threshold of THRESHOLDS) {
    for (const expectedVoters of upTo(MAX_VOTERS)) {
      if (expectedVoters > 0) {
        yield { expectedVoters, threshold, livenessCriteriaYes: true }
        yield { expectedVoters, threshold, livenessCriteriaYes: false }
      }
    }
  }
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

  it('never gives two peers opposite quorums, whatever parts of the votes they have, with as many double voters as it tolerates', () => {
    for (const of of cases()) {
      for (const doubles of upTo(toleranceOf(of.expectedVoters, of.threshold))) {
        for (const ballot of ballots(of.expectedVoters, doubles)) {
          expect(isSplit(verdicts(ballot, { ...of, atTimeout: false })), JSON.stringify({ of, ballot })).to.equal(false)
        }
      }
    }
  })

  it('never gives two peers opposite results of any grade who know all votes of those who vote once', () => {
    for (const of of cases()) {
      for (const doubles of upTo(toleranceOf(of.expectedVoters, of.threshold))) {
        for (const ballot of ballots(of.expectedVoters, doubles)) {
          const before = verdicts(ballot, { ...of, atTimeout: false })
          const atTimeout = verdicts(ballot, { ...of, atTimeout: true }, true)

          // also against one who has decided earlier, from any part of the votes
          expect(isSplit(new Set([...before, ...atTimeout])), JSON.stringify({ of, ballot })).to.equal(false)
        }
      }
    }
  })

  it('can be split by one double voter more than it tolerates', () => {
    for (const of of cases()) {
      const doubles = toleranceOf(of.expectedVoters, of.threshold) + 1
      const split = [...ballots(of.expectedVoters, doubles)].find(ballot => {
        const found = verdicts(ballot, { ...of, atTimeout: false })

        return found.has('yes by quorum') && found.has('no by quorum')
      })

      expect(split, JSON.stringify(of)).to.not.equal(undefined)
    }
  })

  it('can give opposite results without any double voter, but only if one rests on silence and votes were missing', () => {
    const found = verdicts({ yes: 0, no: 2, doubles: 0 }, { expectedVoters: 3, atTimeout: true })

    expect(found).to.deep.equal(new Set(['yes by timeout', 'no by quorum']))
    expect(verdicts({ yes: 0, no: 2, doubles: 0 }, { expectedVoters: 3, atTimeout: true, timeoutPolicy: 'fail' })).to.deep.equal(new Set(['no by quorum']))
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
