import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { ConsensusSession, evidenceOf, p2pConfig, proposalIdOf, quorumOf, sessionVoteSetHash, voteSetHash } from '../../../src/consensus/index.ts'
import { castBound, digestOf, END, quorumProposal, quorumSession, thrown, withVotes } from '../fixtures/quorum.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { foreignProposal, START } from '../fixtures/service.ts'
import type { Outcome, Vote } from '../../../src/consensus/index.ts'

function outcome ({ state, result, contradicted }: Outcome): string {
  const side = result === true ? 'yes' : 'no'

  return [state, result == null ? '' : side, contradicted === true ? 'contradicted' : ''].filter(word => word !== '').join(' ')
}

function restore (session: ConsensusSession): ConsensusSession {
  const { proposal, config, createdAt, state, result, contradicted, decidedAt } = session

  return ConsensusSession.fromParts({ proposal, config, createdAt, state, result, contradicted, decidedAt, votes: session.encodedVotes() })
}

describe('a session under `quorum`', () => {
  it('knows the digest that its votes are bound to, which the crate\'s rules have not', () => {
    const session = quorumSession(4)

    expect(session.digest).to.deep.equal(digestOf(session.proposal))
    expect(session.proposal.proposalId).to.equal(proposalIdOf(digestOf(session.proposal)))
    expect(session.timeOut().session.digest).to.equal(session.digest)
    expect(session.voteTerms).to.deep.equal({ timestamp: START, expirationTimestamp: END, digest: session.digest })
    expect(ConsensusSession.create(foreignProposal(), p2pConfig(), START).digest).to.equal(undefined)
  })

  it('is decided by a quorum, for good', async () => {
    const yes = await withVotes(quorumSession(4), 1, 2, 3)
    const no = await withVotes(quorumSession(4), -1, 2, -3, -4)

    expect(outcome(await withVotes(quorumSession(4), 1, 2, -3))).to.equal('active')
    expect(outcome(yes)).to.equal('reached yes')
    expect(outcome(no)).to.equal('reached no')
    expect(yes.timeOut()).to.deep.equal({ session: yes })
  })

  it('takes votes whatever our clock says', async () => {
    const session = quorumSession(4)
    const vote = await castBound(session.proposal, 1, true)

    for (const now of [0n, START - 1000n, END, END + 1000n]) {
      expect(session.addVote(vote, now).session.voteCount).to.equal(1)
    }
  })

  it('takes votes in every state', async () => {
    const sessions = {
      active: quorumSession(4),
      reached: await withVotes(quorumSession(4), 1, 2, 3),
      failed: quorumSession(4).timeOut().session,
      conflict: await conflict()
    }

    for (const [state, session] of Object.entries(sessions)) {
      expect(session.state).to.equal(state)
      expect(session.storesVotes).to.equal(true)

      const { session: after } = session.addVote(await castBound(session.proposal, 4, true), END)

      expect(after.voteCount).to.equal(session.voteCount + 1)
      expect(after.hasVotedFor(hashSigner(4).identity, true)).to.equal(true)
    }
  })

  it('keeps both votes of a voter and counts them on both sides, but none of them twice', async () => {
    const session = await withVotes(quorumSession(5), 1, -1, -2)
    const { identity } = hashSigner(1)

    expect(session.tally).to.deep.equal({ yes: 1, no: 2, doubles: 1 })
    expect(session).to.include({ voteCount: 3, voterCount: 2 })
    expect(session.choiceOf(identity)).to.equal(true)
    expect([true, false].map(choice => session.hasVotedFor(identity, choice))).to.deep.equal([true, true])
    expect([true, false].map(choice => session.hasVotedFor(hashSigner(2).identity, choice))).to.deep.equal([false, true])
    expect(session.hasVotedFor(hashSigner(3).identity, true)).to.equal(false)

    for (const choice of [true, false]) {
      const again = await castBound(session.proposal, 1, choice, { voteId: 99 })

      expect(thrown(() => session.addVote(again, START))).to.equal('DuplicateVoteError')
    }
  })

  it('finds the two votes of those who have voted both, in each view of shared votes', async () => {
    const one = await withVotes(quorumSession(5), 1, 2)
    const two = await withVotes(one, -2)
    const other = await withVotes(one, -1)
    const both = await withVotes(two, -1)
    const another = await withVotes(two, 3)

    expect(one.doubleVotes()).to.deep.equal([])
    expect(two.doubleVotes().map(votes => votes.map(({ voteOwner, vote }) => [voteOwner[19], vote]))).to.deep.equal([[[2, true], [2, false]]])
    expect(other.doubleVotes().map(([{ voteOwner }]) => voteOwner[19])).to.deep.equal([1])
    expect(both.doubleVotes().map(([{ voteOwner }]) => voteOwner[19])).to.deep.equal([2, 1])
    expect(another.doubleVotes()).to.deep.equal(two.doubleVotes())
    expect(both.doubleVoteOf(hashSigner(1).identity)).to.deep.equal(both.doubleVotes()[1])
    expect(two.doubleVoteOf(hashSigner(1).identity)).to.equal(undefined)
    expect(evidenceOf(one)).to.deep.equal([])
    expect(one.hasVotedFor(hashSigner(2).identity, false)).to.equal(false)
    expect(other.tally).to.deep.equal({ yes: 2, no: 1, doubles: 1 })
  })

  it('takes no vote that was cast on something else', async () => {
    const session = quorumSession(4)
    const same = { proposalId: session.proposal.proposalId }

    for (const parentHash of [new Uint8Array(0), new Uint8Array(32), digestOf({ ...session.proposal, name: 'Another question' })]) {
      const vote = await castBound(session.proposal, 1, true, { ...same, parentHash })

      expect(thrown(() => session.addVote(vote, START))).to.equal('ParentHashMismatchError')
      expect(thrown(() => session.addVotes([vote], START))).to.equal('ParentHashMismatchError')
      expect(thrown(() => session.checkVote(vote, START))).to.equal('ParentHashMismatchError')
    }
  })

  it('counts voters in rounds, and is never failed by them', async () => {
    const gossipsub = await withVotes(quorumSession(6, { config: { maxRounds: 1 } }), 1, -1, -2)
    const p2p = await withVotes(quorumSession(6, { config: { useGossipsubRounds: false, maxRounds: 1 } }), 1, -1, -2, 3, -4)

    expect(outcome(gossipsub)).to.equal('active')
    expect(gossipsub.round).to.equal(2)
    expect(outcome(p2p)).to.equal('active')
    expect(p2p.round).to.equal(5)
    expect(quorumSession(6).round).to.equal(1)
  })

  it('takes no more voters than were expected, but the opposite votes of those it has', async () => {
    const session = await withVotes(quorumSession(4), 1, 2, -3, -4)

    const fifth = await castBound(session.proposal, 5, true)
    expect(thrown(() => session.addVote(fifth, START))).to.equal('TooManyVotersError')
    expect(thrown(() => session.addVotes([fifth], START))).to.equal('TooManyVotersError')
    expect(thrown(() => { session.checkTakesVotesOf(hashSigner(5).identity) })).to.equal('TooManyVotersError')
    expect(session.state).to.equal('active')
    expect((await withVotes(session, -1)).tally).to.deep.equal({ yes: 2, no: 3, doubles: 1 })
  })

  it('takes the votes of a proposal all or none, and sees two quorums among them', async () => {
    const session = quorumSession(4)
    const { proposal } = session
    const list = await Promise.all([1, 2, 3, -2, -3].map(async vote => castBound(proposal, Math.abs(vote), vote > 0)))

    expect(outcome(session.addVotes(list.slice(0, 4), START).session)).to.equal('reached yes')
    expect(session.addVotes([], START).session).to.equal(session)
    expect(thrown(() => session.addVotes([...list, list[1]], START))).to.equal('DuplicateVoteError')
    expect(thrown(() => session.addVotes([...list, list[4]], START))).to.equal('DuplicateVoteError')
    expect(session.voteCount).to.equal(0)

    const five = await Promise.all([1, 2, 3, 4, 5].map(async voter => castBound(proposal, voter, voter > 2)))
    expect(thrown(() => session.addVotes(five, START))).to.equal('TooManyVotersError')
  })

  it('is in conflict for good with two quorums before a decision', async () => {
    const session = await conflict()

    expect(outcome(session)).to.equal('conflict')
    expect(session.result).to.equal(undefined)
    expect(session.doubleVotes().map(([{ voteOwner }]) => voteOwner[19])).to.deep.equal([2, 3])
    expect(outcome(await withVotes(session, 4))).to.equal('conflict')

    const { session: after, error } = session.timeOut()
    expect(error).to.have.property('name', 'ConsensusConflictError')
    expect(after).to.equal(session)
  })

  it('keeps its result and is contradicted by an opposite quorum after a decision', async () => {
    const session = await withVotes(quorumSession(4), 1, 2, 3, -4, -3)
    expect(outcome(session)).to.equal('reached yes')

    const contradicted = await withVotes(session, -2)
    expect(outcome(contradicted)).to.equal('reached yes contradicted')
    expect(outcome(await withVotes(contradicted, 4))).to.equal('reached yes contradicted')
    expect(contradicted.timeOut().session).to.equal(contradicted)
  })

  it('reads no clock at the timeout, and nothing but a quorum of votes decides: silence counts for no side', async () => {
    for (const livenessCriteriaYes of [true, false]) {
      for (const createdAt of [START - 5n, START, START + 31n, END + 1000n]) {
        const open = quorumSession(4, { proposal: { livenessCriteriaYes }, createdAt })

        for (const session of [open, await withVotes(open, 1), await withVotes(open, 1, 2), await withVotes(open, -1, -2), await withVotes(open, 1, 2, -3, -4), await withVotes(open, -2, -3, 3)]) {
          const { session: failed, error } = session.timeOut()

          expect(outcome(failed)).to.equal('failed')
          expect(error).to.have.property('name', 'InsufficientVotesAtTimeoutError')
        }
      }
    }

    for (const session of [await withVotes(quorumSession(2), 1), quorumSession(1)]) {
      expect(outcome(session.timeOut().session)).to.equal('failed')
    }
  })

  it('is decided by a quorum of votes that come after the timeout', async () => {
    const failed = (await withVotes(quorumSession(4), -1, -2)).timeOut().session

    expect(failed.timeOut().session).to.equal(failed)
    expect(outcome(await withVotes(failed, 2))).to.equal('failed')
    expect(outcome(await withVotes(failed, -3))).to.equal('reached no')
  })

  it('is the same after it was taken apart for the storage', async () => {
    const contradicted = await withVotes(quorumSession(4), 1, 2, 3, -4, -3, -2)

    for (const session of [quorumSession(4), await withVotes(quorumSession(4), 1, -1), contradicted, quorumSession(4).timeOut().session, await conflict()]) {
      const restored = restore(session)

      expect(restored).to.deep.equal(session)
      expect(restored.doubleVotes()).to.deep.equal(session.doubleVotes())
      expect(sessionVoteSetHash(restored)).to.deep.equal(sessionVoteSetHash(session))
    }
  })

  it('has the hash of its votes, of those it had before another was added, too', async () => {
    const first = await withVotes(quorumSession(200), ...Array.from({ length: 150 }, (_, index) => index % 3 === 0 ? -(index + 1) : index + 1))
    const second = await withVotes(first, 160, -160, 1, -2)
    const other = await withVotes(first, -161)

    for (const session of [quorumSession(4), first, second, other, first]) {
      expect(sessionVoteSetHash(session)).to.deep.equal(voteSetHash(session.votes()))
    }

    expect(sessionVoteSetHash(second)).to.not.deep.equal(sessionVoteSetHash(first))
  })

  it('takes no votes where those it had are kept no longer', async () => {
    const session = await withVotes(quorumSession(4), 1, 2, 3, -3)
    const pruned = ConsensusSession.fromParts({ ...session, votes: [], pruned: { tally: { ...session.tally }, voteSetHash: sessionVoteSetHash(session) } })
    const vote = await castBound(session.proposal, 1, true)

    expect(thrown(() => pruned.addVote(vote, START))).to.equal('SessionNotActiveError')
    expect(thrown(() => pruned.addVotes([vote], START))).to.equal('SessionNotActiveError')
    expect(thrown(() => { pruned.checkTakesVotesOf(vote.voteOwner) })).to.equal('SessionNotActiveError')
    expect(pruned.storesVotes).to.equal(false)
    expect(pruned.voterCount).to.equal(3)
    expect(outcome(pruned.timeOut().session)).to.equal('reached yes')
  })

  it('ends equally for peers who have got the same votes in another order, whoever votes both ways', async () => {
    const { proposal } = quorumSession(4)
    const votes = await Promise.all([1, 2, 3, 4, -1, -2, -3, -4].map(async vote => castBound(proposal, Math.abs(vote), vote > 0)))
    const allOf = (list: Vote[]): ConsensusSession => list.reduce((session, vote) => session.addVote(vote, START).session, quorumSession(4)).timeOut().session

    fc.assert(fc.property(
      fc.subarray(votes).chain(some => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }))),
      ([some, shuffled]) => {
        const [one, other] = [some, shuffled].map(allOf)

        expect(one.tally).to.deep.equal(other.tally)
        expect(sessionVoteSetHash(one)).to.deep.equal(sessionVoteSetHash(other))

        // one double voter is tolerated with four; beyond that the result may differ, and is known to
        if ((one.tally.doubles ?? 0) <= 1) {
          expect(outcome(one)).to.equal(outcome(other))
        } else {
          expect(one.result === other.result || (one.contradicted === true && other.contradicted === true)).to.equal(true)
        }
      }
    ), { numRuns: 2000 })
  })

  it('never takes back what it has said, and names only those who have voted both ways, whatever comes in whatever order', async () => {
    const { proposal } = quorumSession(5)
    const votes = await Promise.all([1, 2, 3, 4, 5, -1, -2, -3, -4, -5].map(async vote => castBound(proposal, Math.abs(vote), vote > 0)))
    const steps = fc.array(fc.oneof({ weight: 6, arbitrary: fc.nat(votes.length - 1) }, { weight: 1, arbitrary: fc.constant('timeout' as const) }), { maxLength: 20 })
    const quorum = quorumOf(5, '2/3')

    fc.assert(fc.property(steps, steps => {
      let session = quorumSession(5)

      for (const step of steps) {
        const before = session

        if (step === 'timeout') {
          session = session.timeOut().session
        } else if (!session.hasVotedFor(votes[step].voteOwner, votes[step].vote)) {
          session = session.addVote(votes[step], START).session
        }

        const { tally: { yes, no }, state, result, contradicted } = session
        const doubles = session.doubleVotes()

        // a result, a failure that is not followed by one, a mark
        expect(before.result == null || result === before.result).to.equal(true)
        expect(before.state === 'active' || state !== 'active').to.equal(true)
        expect(before.state !== 'reached' || state === 'reached').to.equal(true)
        expect(before.contradicted !== true || contradicted === true).to.equal(true)
        // what quorums there are is said at once
        expect(result != null).to.equal(state !== 'conflict' && (yes >= quorum || no >= quorum))
        expect(result == null || (result ? yes : no) >= quorum).to.equal(true)
        expect(contradicted === true).to.equal(result != null && (result ? no : yes) >= quorum)
        // two opposite quorums have at least 2q − n in common, and nobody else is to blame
        expect(yes >= quorum && no >= quorum && doubles.length < 2 * quorum - 5).to.equal(false)
        expect(doubles.every(([one, other]) => one.vote !== other.vote && one.voteOwner.join() === other.voteOwner.join())).to.equal(true)
      }
    }), { numRuns: 1_000 })
  })

  it('has the id that follows from its content and nothing else', () => {
    const { proposalId, ...content } = quorumProposal()

    expect(quorumProposal({ ...content, round: 7, votes: [] }).proposalId).to.equal(proposalId)
    expect(quorumProposal({ ...content, timestamp: START + 1n }).proposalId).to.not.equal(proposalId)
  })
})

/** Two quorums that came at once */
async function conflict (): Promise<ConsensusSession> {
  const session = quorumSession(4)
  const votes = await Promise.all([1, 2, 3, -2, -3, -4].map(async vote => castBound(session.proposal, Math.abs(vote), vote > 0)))

  return session.addVotes(votes, START).session
}
