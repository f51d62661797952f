/**
 * The rule `quorum` against every ballot of 1 to 7 voters, every number of double voters, and every pair of views.
 *
 * The rule knows of votes only how many voters are seen on each side and on both, so views that have these three numbers in
 * common are one and the same to it, and so are ballots whose voters change places. It is enough to go through the numbers:
 * the first test shows that nothing is left out by that. What two peers may decide who have got any two views of a ballot is
 * any two of the verdicts on all views of it: no pair has to be gone through by itself.
 */

import { expect } from 'aegir/chai'
import { decideByQuorum, quorumOf, toleranceOf } from '../../../src/consensus/index.ts'
import type { DecisionTerms, Tally } from '../../../src/consensus/index.ts'

const MAX_VOTERS = 7

/** So many voters are gone through one by one to see that numbers of them will do */
const MAX_SINGLE_VOTERS = 5

const THRESHOLDS = { '2/3': 2 / 3, 0.6: 0.6, 0.5: 0.5, 0.9: 0.9, 1: 1 }

type Terms = Omit<DecisionTerms, 'rule'>

/** Who votes what: so many only yes, only no, and both. The others are silent. */
type Ballot = Required<Tally>

/** What a peer has got of a ballot: how many voters are on each side, and how many of them on both */
type View = Required<Tally>

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
function * views (ballot: Ballot, honestComplete: boolean): Generator<View> {
  for (const yes of honestComplete ? [ballot.yes] : upTo(ballot.yes)) {
    for (const no of honestComplete ? [ballot.no] : upTo(ballot.no)) {
      for (const double of doubleViews(ballot.doubles)) {
        yield { yes: yes + double.yes, no: no + double.no, doubles: double.doubles }
      }
    }
  }
}

/** What a peer may have got of the votes of double voters: of each both, one or none */
function * doubleViews (count: number): Generator<View> {
  for (const doubles of upTo(count)) {
    for (const onlyYes of upTo(count - doubles)) {
      for (const onlyNo of upTo(count - doubles - onlyYes)) {
        yield { yes: doubles + onlyYes, no: doubles + onlyNo, doubles }
      }
    }
  }
}

/** What a voter does, or what a peer sees of it */
type Behaviour = 'silent' | 'yes' | 'no' | 'both'

const BEHAVIOURS: Behaviour[] = ['silent', 'yes', 'no', 'both']

/** What peers may have got of the votes of one voter */
const SEEN: Record<Behaviour, Behaviour[]> = { silent: ['silent'], yes: ['silent', 'yes'], no: ['silent', 'no'], both: BEHAVIOURS }

/** Every list that has one of the options at each place */
function * combinations <T> (options: T[][]): Generator<T[]> {
  if (options.length === 0) {
    yield []
    return
  }

  for (const rest of combinations(options.slice(1))) {
    for (const option of options[0]) {
      yield [option, ...rest]
    }
  }
}

function tallyOf (voters: Behaviour[]): View {
  const count = (...of: Behaviour[]): number => voters.filter(voter => of.includes(voter)).length

  return { yes: count('yes', 'both'), no: count('no', 'both'), doubles: count('both') }
}

function keyOf ({ yes, no, doubles }: View): string {
  return `${yes} yes, ${no} no, ${doubles} both`
}

/** All that peers may decide who have got different parts of a ballot, with the first view that makes them */
function verdicts (ballot: Ballot, terms: Terms, honestComplete = false): Map<string, View> {
  const found = new Map<string, View>()

  for (const view of views(ballot, honestComplete)) {
    const verdict = decideByQuorum(view, terms)

    const name = typeof verdict === 'object' ? `${verdict.result ? 'yes' : 'no'} by ${verdict.grade}` : verdict

    if (name != null && !found.has(name)) {
      found.set(name, view)
    }
  }

  return found
}

/** Whether two of the verdicts are opposite, or a peer sees two quorums by itself */
function isSplit (...found: Array<Map<string, View>>): boolean {
  const all = found.flatMap(verdicts => [...verdicts.keys()])
  const has = (result: string): boolean => all.some(verdict => verdict.startsWith(result))

  return all.includes('conflict') || (has('yes') && has('no'))
}

function * cases (): Generator<Omit<Terms, 'atTimeout'>> {
  for (const threshold of Object.values(THRESHOLDS)) {
    for (const voters of upTo(MAX_VOTERS - 1)) {
      for (const livenessCriteriaYes of [true, false]) {
        for (const timeoutPolicy of ['liveness', 'fail'] as const) {
          yield { expectedVoters: voters + 1, threshold, livenessCriteriaYes, timeoutPolicy }
        }
      }
    }
  }
}

/** Calls it with each ballot that has as many double voters as the rule tolerates, or fewer */
function forTolerated (check: (ballot: Ballot, terms: Omit<Terms, 'atTimeout'>) => void): number {
  let count = 0

  for (const terms of cases()) {
    for (const doubles of upTo(toleranceOf(terms.expectedVoters, terms.threshold))) {
      for (const ballot of ballots(terms.expectedVoters, doubles)) {
        check(ballot, terms)
        count++
      }
    }
  }

  return count
}

/** A ballot with as few double voters as can be of which two peers have got views that decide opposite quorums */
function counterexample (expectedVoters: number, threshold: number): { ballot: Ballot, yes: View, no: View } | undefined {
  for (const doubles of upTo(expectedVoters)) {
    for (const ballot of ballots(expectedVoters, doubles)) {
      const found = verdicts(ballot, { expectedVoters, threshold, livenessCriteriaYes: true, atTimeout: false })
      const [yes, no] = [found.get('yes by quorum'), found.get('no by quorum')]

      if (yes != null && no != null) {
        return { ballot, yes, no }
      }
    }
  }
}

describe('the rule `quorum`, exhaustively', () => {
  it('is given every view of every ballot, though voters are not told apart', () => {
    for (const n of upTo(MAX_SINGLE_VOTERS)) {
      for (const voters of combinations(Array.from({ length: n }, () => BEHAVIOURS))) {
        const { yes, no, doubles } = tallyOf(voters)
        const ballot = { yes: yes - doubles, no: no - doubles, doubles }

        for (const honestComplete of [false, true]) {
          const seen = voters.map(voter => honestComplete && voter !== 'both' ? [voter] : SEEN[voter])
          const single = new Set([...combinations(seen)].map(view => keyOf(tallyOf(view))))

          expect([...ballots(n, doubles)].map(keyOf)).to.include(keyOf(ballot))
          expect(new Set([...views(ballot, honestComplete)].map(keyOf)), voters.join()).to.deep.equal(single)
        }
      }
    }
  })

  it('never decides opposite quorums at two peers, whatever parts of the votes they have, with up to 2q − n − 1 double voters', () => {
    const checked = forTolerated((ballot, terms) => {
      expect(isSplit(verdicts(ballot, { ...terms, atTimeout: false })), JSON.stringify({ ballot, terms })).to.equal(false)
    })

    expect(checked).to.be.above(4_000)
  })

  it('never decides opposite results of any grade at two peers who know all votes of those who vote once at the deadline', () => {
    forTolerated((ballot, terms) => {
      // also against one who has decided earlier, or does later, from any part of the votes
      const byQuorum = verdicts(ballot, { ...terms, atTimeout: false })
      const atTimeout = verdicts(ballot, { ...terms, atTimeout: true }, true)

      expect(isSplit(byQuorum, atTimeout), JSON.stringify({ ballot, terms })).to.equal(false)
    })
  })

  it('never decides opposite results of any grade at two peers where silence decides nothing, whatever they know', () => {
    forTolerated((ballot, terms) => {
      expect(isSplit(verdicts(ballot, { ...terms, timeoutPolicy: 'fail', atTimeout: true })), JSON.stringify({ ballot, terms })).to.equal(false)
    })
  })

  it('can decide opposite results without any double voter, but only if one rests on silence and votes were missing', () => {
    const terms = { expectedVoters: 3, threshold: 2 / 3, livenessCriteriaYes: true, atTimeout: true }

    expect([...verdicts({ yes: 0, no: 2, doubles: 0 }, terms).keys()]).to.have.members(['yes by timeout', 'no by quorum'])
    expect([...verdicts({ yes: 0, no: 2, doubles: 0 }, { ...terms, timeoutPolicy: 'fail' }).keys()]).to.deep.equal(['no by quorum'])
  })

  for (const [name, threshold] of Object.entries(THRESHOLDS)) {
    describe(`with one double voter more than it tolerates, of a threshold of ${name}`, () => {
      for (let n = 1; n <= MAX_VOTERS; n++) {
        const found = counterexample(n, threshold)
        const tolerance = toleranceOf(n, threshold)
        const story = found == null
          ? 'nothing is found'
          : `${found.ballot.yes} vote yes, ${found.ballot.no} no and ${found.ballot.doubles} both; who sees ${keyOf(found.yes)} decides yes, who sees ${keyOf(found.no)} decides no`

        it(`is split: n = ${n}, quorum ${quorumOf(n, threshold)}, tolerates ${tolerance}: ${story}`, () => {
          expect(found?.ballot.doubles).to.equal(tolerance + 1)
        })
      }
    })
  }
})
