import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { calculateConsensusResult, ConsensusSession, gossipsubConfig, hasSufficientVotes } from '../../../src/consensus/index.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { cast, foreignProposal, START } from '../fixtures/service.ts'
import type { DecisionTerms, Vote } from '../../../src/consensus/index.ts'

function result (yes: number, no: number, terms: Partial<DecisionTerms> = {}): boolean | undefined {
  return calculateConsensusResult({ yes, no }, {
    rule: 'reference',
    expectedVoters: 9,
    threshold: 2 / 3,
    livenessCriteriaYes: true,
    atTimeout: false,
    ...terms
  })
}

function choiceIn (session: ConsensusSession): (vote: Vote) => boolean | undefined {
  return ({ voteOwner }) => session.choiceOf(voteOwner)
}

const ballots = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 })
const thresholds = fc.constantFrom(0, 1 / 3, 0.5, 0.51, 0.6, 2 / 3, 0.75, 0.9, 1)

describe('the rule `reference`', () => {
  it('decides before the timeout when no missing vote could change it', () => {
    expect(result(5, 0)).to.equal(undefined)
    expect(result(6, 0)).to.equal(true)
    expect(result(0, 6)).to.equal(false)
    expect(result(5, 3, { threshold: 0.5 })).to.equal(true)
    expect(result(4, 3, { threshold: 0.4 })).to.equal(undefined)
  })

  it('lets liveness decide a tie of all voters', () => {
    expect(result(2, 2, { expectedVoters: 4 })).to.equal(true)
    expect(result(2, 2, { expectedVoters: 4, livenessCriteriaYes: false })).to.equal(false)
  })

  it('counts the silent at the timeout', () => {
    expect(result(0, 3, { atTimeout: true })).to.equal(true)
    expect(result(0, 4, { atTimeout: true })).to.equal(undefined)
    expect(result(3, 0, { atTimeout: true, livenessCriteriaYes: false })).to.equal(false)
  })

  it('wants all of one or two voters, and yes from all of them, also at the timeout', () => {
    for (const atTimeout of [false, true]) {
      expect(result(1, 0, { expectedVoters: 2, atTimeout })).to.equal(undefined)
      expect(result(0, 1, { expectedVoters: 2, atTimeout })).to.equal(undefined)
      expect(result(1, 1, { expectedVoters: 2, atTimeout })).to.equal(false)
      expect(result(2, 0, { expectedVoters: 2, atTimeout })).to.equal(true)
      expect(result(1, 0, { expectedVoters: 1, atTimeout })).to.equal(true)
      expect(result(0, 1, { expectedVoters: 1, atTimeout })).to.equal(false)
    }
  })

  it('never decides opposite for two orders of one ballot', async () => {
    await fc.assert(fc.asyncProperty(
      ballots.chain(choices => fc.tuple(
        fc.constant(choices),
        fc.shuffledSubarray([...choices.keys()], { minLength: choices.length }),
        fc.shuffledSubarray([...choices.keys()], { minLength: choices.length }),
        fc.integer({ min: 0, max: 3 })
      )),
      thresholds,
      fc.boolean(),
      async ([choices, first, second, silent], consensusThreshold, livenessCriteriaYes) => {
        const proposal = foreignProposal({ expectedVotersCount: choices.length + silent, livenessCriteriaYes })
        const votes = await Promise.all(choices.map(async (choice, index) => cast(hashSigner(index), 42, choice)))
        const results = [first, second].map(order => {
          let session = ConsensusSession.create(proposal, { ...gossipsubConfig(), consensusThreshold }, START)

          for (const index of order) {
            session = session.addVote(votes[index], START).session
          }

          return session.timeOut().session.result
        })

        expect(results[0]).to.equal(results[1])
      }
    ), { numRuns: 300 })
  })

  it('never decides opposite for two parts of one ballot before the timeout', () => {
    const part = fc.record({ yes: fc.integer({ min: 0, max: 20 }), no: fc.integer({ min: 0, max: 20 }) })

    fc.assert(fc.property(part, part, part, thresholds, fc.boolean(), (all, a, b, threshold, livenessCriteriaYes) => {
      const expectedVoters = all.yes + all.no
      const results = [a, b].map(({ yes, no }) => result(Math.min(yes, all.yes), Math.min(no, all.no), { expectedVoters, threshold, livenessCriteriaYes }))

      expect(results.includes(true) && results.includes(false)).to.equal(false)
    }), { numRuns: 2000 })
  })
})

describe('the rule `legacy`', () => {
  it('counts the silent before the timeout, once there are enough votes', () => {
    expect(result(0, 5, { rule: 'legacy' })).to.equal(undefined)
    expect(result(3, 3, { rule: 'legacy' })).to.equal(true)
    expect(result(3, 3, { rule: 'legacy', livenessCriteriaYes: false })).to.equal(false)
    expect(result(3, 3, { rule: 'reference' })).to.equal(undefined)
  })
})

describe('tallies', () => {
  it('are what a recount of the votes gives, in any order of any votes', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.record({ voter: fc.integer({ min: 0, max: 8 }), choice: fc.boolean() }), { maxLength: 20 }),
      fc.integer({ min: 3, max: 12 }),
      fc.boolean(),
      async (ballots, expectedVotersCount, useGossipsubRounds) => {
        let session = ConsensusSession.create(foreignProposal({ expectedVotersCount }), { ...gossipsubConfig(), useGossipsubRounds }, START)

        for (const { voter, choice } of ballots) {
          try {
            session = session.addVote(await cast(hashSigner(voter), 42, choice), START).session
          } catch (err: any) {
            expect(err.name).to.be.oneOf(['DuplicateVoteError', 'SessionNotActiveError'])
          }

          const votes = session.votes()
          expect(session.tally.yes).to.equal(votes.filter(({ vote }) => vote).length)
          expect(session.tally.no).to.equal(votes.filter(({ vote }) => !vote).length)
          expect(session.voteCount).to.equal(votes.length)
          expect(new Set(votes.map(({ voteOwner }) => voteOwner.join())).size).to.equal(votes.length, 'a vote per owner')
          expect(votes.map(({ vote }) => vote)).to.deep.equal(votes.map(choiceIn(session)))
        }
      }
    ), { numRuns: 200 })
  })
})

describe('hasSufficientVotes', () => {
  it('wants all of up to two voters, else the threshold, rounded up', () => {
    expect(hasSufficientVotes(1, 2, 0.1)).to.equal(false)
    expect(hasSufficientVotes(2, 2, 0.1)).to.equal(true)
    expect(hasSufficientVotes(1, 3, 2 / 3)).to.equal(false)
    expect(hasSufficientVotes(2, 3, 2 / 3)).to.equal(true)
    expect(hasSufficientVotes(3, 5, 0.51)).to.equal(true)
    expect(hasSufficientVotes(2, 5, 0.51)).to.equal(false)
  })

  it('counts two thirds in whole numbers, up to the largest number of voters', () => {
    expect(hasSufficientVotes(2_863_311_530, 4_294_967_295, 2 / 3)).to.equal(true)
    expect(hasSufficientVotes(2_863_311_529, 4_294_967_295, 2 / 3)).to.equal(false)
  })
})
