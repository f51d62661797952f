import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { calculateConsensusResult, decideByQuorum, parsePolicy } from '../../../src/consensus/index.ts'
import { shareOf } from '../../../src/consensus/rules/threshold.ts'
import { whyUndecided } from '../../../src/network/views/undecided.ts'
import { END, quorumSession, withVotes } from '../../consensus/fixtures/quorum.ts'
import type { ConsensusConfig, ConsensusSession, SessionState } from '../../../src/consensus/index.ts'
import type { Undecided } from '../../../src/network/interface.ts'

const POLICY = parsePolicy({ name: 'council', graceSeconds: 25 })

function why (session: ConsensusSession, isEnding = false): Undecided | undefined {
  return whyUndecided(POLICY, { ...session, pruned: session.pruned != null }, isEnding)
}

async function timedOut (session: ConsensusSession, ...votes: number[]): Promise<ConsensusSession> {
  return (await withVotes(session, ...votes)).timeOut().session
}

describe('why a proposal is not decided', () => {
  it('is that votes are missing, and how many for each side', async () => {
    const open = await withVotes(quorumSession(4), 1)

    expect(why(open)).to.deep.equal({ reason: 'It is open. 2 more yes or 3 more no would make a quorum of 3 of 4.', missing: { yes: 2, no: 3 }, endsAt: END + 25n })
    expect(why(await withVotes(open, -2, -3))?.reason).to.equal('It is open. 1 more no would make a quorum of 3 of 4.')
    expect(why(await withVotes(open, 2, -3, -4))).to.deep.include({ reason: 'It is open. Neither side can get a quorum of 3 of 4 from the 0 voters left.', missing: { yes: 1, no: 1 } })
    // who votes both ways is on both sides, and leaves as many to vote
    expect(why(await withVotes(open, -1, -2))).to.deep.include({ reason: 'It is open. 2 more yes or 1 more no would make a quorum of 3 of 4.', missing: { yes: 2, no: 1 } })
  })

  it('is that a peer is waited for', async () => {
    expect(why(await withVotes(quorumSession(4), 1), true)).to.deep.equal({
      reason: 'Its time is up, and members are asked for votes that are missing here, for at most 15 seconds. 2 more yes or 3 more no would make a quorum of 3 of 4.',
      missing: { yes: 2, no: 3 },
      endsAt: END + 25n
    })
  })

  it('is, where it has failed, that there was no quorum, and which late votes may still decide it', async () => {
    expect(why(await timedOut(quorumSession(4), -1, -2))).to.deep.equal({
      reason: 'It ended without a result known here: neither side had a quorum. Votes that were cast in time and come late may still decide it. 1 more no would make a quorum of 3 of 4.',
      missing: { yes: 3, no: 1 }
    })
  })

  it('is for ever that there was no result where the votes of one that failed are kept no longer', async () => {
    const failed = await timedOut(quorumSession(4), -1, -2)

    expect(whyUndecided(POLICY, { ...failed, pruned: true }, false)?.reason).to.include('Its votes are kept no longer, so that none that comes late decides it here.')
    expect(whyUndecided(POLICY, { ...failed, pruned: true }, false)).to.not.have.property('missing')
  })

  it('is that both sides have a quorum', async () => {
    const session = quorumSession(2)
    const conflict = { ...session, state: 'conflict' as const, tally: { yes: 2, no: 2, doubles: 2 }, pruned: false }

    expect(whyUndecided(POLICY, conflict, false)).to.deep.equal({ reason: 'Both yes and no have the votes of a quorum, so there is no result, and there will be none.' })
  })

  it('is nothing for one that has a result', async () => {
    expect(why(await withVotes(quorumSession(4), 1, 2, 3))).to.equal(undefined)
  })

  /** Under the crate's rules, whose sessions take other votes */
  function crate (yes: number, no: number, voters: number, { state = 'active', ...config }: Partial<ConsensusConfig> & { state?: SessionState }): Undecided | undefined {
    const session = quorumSession(voters)

    return whyUndecided({ ...POLICY, decisionRule: 'reference' }, { ...session, config: { ...session.config, ...config }, state, tally: { yes, no }, pruned: false }, false)
  }

  it('is said for the crate\'s rules as far as it can be', () => {
    expect(crate(1, 0, 4, { decisionRule: 'reference' })).to.deep.equal({ reason: 'It is open. 2 more yes or 3 more no would make a majority that no other vote can change.', missing: { yes: 2, no: 3 }, endsAt: END })
    expect(crate(1, 0, 2, { decisionRule: 'reference' })).to.deep.equal({ reason: 'It is open. 1 voter has not voted.', endsAt: END })
    expect(crate(1, 0, 4, { decisionRule: 'legacy' })).to.deep.equal({ reason: 'It is open. 3 voters have not voted.', endsAt: END })
    expect(crate(2, 2, 4, { decisionRule: 'reference', state: 'failed' })).to.deep.equal({ reason: 'It ended without a result: there were too few votes for either side.' })
  })

  it('counts exactly the votes that would decide, by every rule it counts for', () => {
    fc.assert(fc.property(fc.constantFrom('quorum' as const, 'reference' as const), fc.integer({ min: 3, max: 12 }), fc.constantFrom('1/2', '3/5', '2/3', '9/10', '1/1'), fc.nat(12), fc.nat(12), fc.boolean(), (decisionRule, expectedVoters, threshold, yes, no, choice) => {
      fc.pre(yes + no <= expectedVoters)

      const result = (more: number): boolean | undefined => {
        const tally = choice ? { yes: yes + more, no } : { yes, no: no + more }

        if (decisionRule === 'reference') {
          return calculateConsensusResult(tally, { rule: decisionRule, expectedVoters, threshold: shareOf(threshold), livenessCriteriaYes: true, atTimeout: false })
        }

        const verdict = decideByQuorum(tally, { expectedVoters, threshold })

        return verdict === 'conflict' ? undefined : verdict
      }

      fc.pre(result(0) == null)

      const missing = crate(yes, no, expectedVoters, { decisionRule, consensusThreshold: shareOf(threshold), exactThreshold: threshold })?.missing?.[choice ? 'yes' : 'no'] as number
      const needed = Array.from({ length: expectedVoters - yes - no }, (_, index) => index + 1).find(more => result(more) === choice)

      expect(needed == null ? missing > expectedVoters - yes - no : needed === missing, JSON.stringify({ missing, needed })).to.equal(true)
    }), { numRuns: 2_000 })
  })
})
