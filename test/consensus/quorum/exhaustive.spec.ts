/**
 * The rule `quorum` against every ballot of 1 to 7 voters, every number of double voters, and every pair of views.
 *
 * The rule knows of votes only how many voters are on each side. Views with equal numbers are one view to the rule, and so are
 * ballots whose voters change places. So it is enough to go through the numbers: the first test shows that this leaves nothing
 * out. The rule reads no clock, so a view stands for every cut and every moment at which a peer may look. Two peers with any two
 * views of a ballot may decide any two of the verdicts on all its views, so no pair needs a check of its own.
 */

import { expect } from 'aegir/chai'
import { decideByQuorum, quorumOf, toleranceOf } from '../../../src/consensus/index.ts'
import type { QuorumTerms, Tally } from '../../../src/consensus/index.ts'

const MAX_VOTERS = 7

/** Up to this number of voters each voter is gone through, to see that numbers of them will do */
const MAX_SINGLE_VOTERS = 5

const THRESHOLDS = { '2/3': '2/3', 0.6: '3/5', 0.5: '1/2', 0.9: '9/10', 1: '1/1' }

/** How many vote only yes, only no, and both. The others are silent. */
type Ballot = Required<Tally>

/** What a peer has of a ballot: how many voters are on each side */
type View = Tally

function upTo (limit: number): number[] {
  return Array.from({ length: limit + 1 }, (_, count) => count)
}

/** All ballots of n voters with this number of double voters */
function ballots (n: number, doubles: number): Ballot[] {
  return upTo(n - doubles).flatMap(yes => upTo(n - doubles - yes).map(no => ({ yes, no, doubles })))
}

/** All that a peer may have of a ballot: any part of the votes, those of double voters on either side */
function views ({ yes, no, doubles }: Ballot): View[] {
  return upTo(yes + doubles).flatMap(yes => upTo(no + doubles).map(no => ({ yes, no })))
}

/** What a voter does, and what a peer may have of it */
const SEEN = { silent: [''], yes: ['', 'y'], no: ['', 'n'], both: ['', 'y', 'n', 'yn'] }

type Behavior = keyof typeof SEEN

/** Every list with one of the options at each place */
function combinations <T> (options: T[][]): T[][] {
  return options.reduce<T[][]>((lists, next) => lists.flatMap(list => next.map(option => [...list, option])), [[]])
}

function keyOf ({ yes, no }: View): string {
  return `${yes} yes and ${no} no`
}

/** All that peers may decide who have different parts of a ballot, with the first view that makes them */
function verdicts (ballot: Ballot, terms: QuorumTerms): Map<string, View> {
  const found = new Map<string, View>()

  for (const view of views(ballot)) {
    const verdict = decideByQuorum(view, terms)

    if (verdict != null && !found.has(`${verdict}`)) {
      found.set(`${verdict}`, view)
    }
  }

  return found
}

/** A ballot with as few double voters as can be of which two peers have views that decide opposite results */
function counterexample (terms: QuorumTerms): { ballot: Ballot, yes: View, no: View } | undefined {
  for (const doubles of upTo(terms.expectedVoters)) {
    for (const ballot of ballots(terms.expectedVoters, doubles)) {
      const found = verdicts(ballot, terms)
      const [yes, no] = [found.get('true'), found.get('false')]

      if (yes != null && no != null) {
        return { ballot, yes, no }
      }
    }
  }
}

describe('the rule `quorum`, exhaustively', () => {
  it('is given every view of every ballot, though voters are not told apart', () => {
    for (const n of upTo(MAX_SINGLE_VOTERS)) {
      for (const voters of combinations<Behavior>(Array.from({ length: n }, () => ['silent', 'yes', 'no', 'both']))) {
        const [yes, no, doubles] = ['yes', 'no', 'both'].map(behavior => voters.filter(voter => voter === behavior).length)
        const single = combinations(voters.map(voter => SEEN[voter])).map(seen => seen.join('')).map(seen => ({ yes: seen.split('y').length - 1, no: seen.split('n').length - 1 }))

        expect(ballots(n, doubles)).to.deep.include({ yes, no, doubles })
        expect(new Set(views({ yes, no, doubles }).map(keyOf)), voters.join()).to.deep.equal(new Set(single.map(keyOf)))
      }
    }
  })

  it('never decides opposite results at two peers, whatever parts of the votes they have, with up to 2q − n − 1 double voters', () => {
    let checked = 0

    for (const threshold of Object.values(THRESHOLDS)) {
      for (const expectedVoters of upTo(MAX_VOTERS).slice(1)) {
        for (const doubles of upTo(toleranceOf(expectedVoters, threshold))) {
          for (const ballot of ballots(expectedVoters, doubles)) {
            expect(verdicts(ballot, { expectedVoters, threshold }).size, JSON.stringify({ ballot, threshold })).to.be.at.most(1)
            checked++
          }
        }
      }
    }

    expect(checked).to.be.above(1_000)
  })

  for (const [name, threshold] of Object.entries(THRESHOLDS)) {
    describe(`with one double voter more than it tolerates, of a threshold of ${name}`, () => {
      for (const n of upTo(MAX_VOTERS).slice(1)) {
        const found = counterexample({ expectedVoters: n, threshold })
        const tolerance = toleranceOf(n, threshold)
        const story = found == null
          ? 'nothing is found'
          : `${found.ballot.yes} vote yes, ${found.ballot.no} no and ${found.ballot.doubles} both; a peer with ${keyOf(found.yes)} decides yes, a peer with ${keyOf(found.no)} decides no`

        it(`is split: n = ${n}, quorum ${quorumOf(n, threshold)}, tolerates ${tolerance}: ${story}`, () => {
          expect(found?.ballot.doubles).to.equal(tolerance + 1)
        })
      }
    })
  }
})
