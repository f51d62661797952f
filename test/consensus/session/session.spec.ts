import { expect } from 'aegir/chai'
import { ConsensusSession, decodeVote, encodeVote, gossipsubConfig, p2pConfig } from '../../../src/consensus/index.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { cast, foreignProposal, START } from '../fixtures/service.ts'
import type { ConsensusConfig, Vote } from '../../../src/consensus/index.ts'

function sessionOf (expectedVotersCount: number, config: ConsensusConfig = gossipsubConfig()): ConsensusSession {
  return ConsensusSession.create(foreignProposal({ expectedVotersCount }), config, START)
}

async function votes (count: number, choice = true): Promise<Vote[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => cast(hashSigner(index + 1), 42, choice)))
}

describe('ConsensusSession', () => {
  it('stays as it was when a vote is added to it', async () => {
    const [first, second] = await votes(2)
    const empty = sessionOf(5)
    const one = empty.addVote(first, START).session
    const two = one.addVote(second, START).session

    expect([empty, one, two].map(({ voteCount }) => voteCount)).to.deep.equal([0, 1, 2])
    expect([empty, one, two].map(({ tally }) => tally.yes)).to.deep.equal([0, 1, 2])
    expect([empty, one, two].map(session => session.votes().length)).to.deep.equal([0, 1, 2])
    expect([empty, one, two].map(session => session.hasVoted(second.voteOwner))).to.deep.equal([false, false, true])
    expect([empty, one, two].map(session => session.lastVote)).to.deep.equal([undefined, first, second])
  })

  it('can be continued in different ways from one point', async () => {
    const [first, second, third] = await votes(3)
    const opposite = await cast(hashSigner(2), 42, false)
    const one = sessionOf(5).addVote(first, START).session

    const left = one.addVote(second, START).session
    const right = one.addVote(opposite, START).session
    const leftLonger = left.addVote(third, START).session
    const rightLonger = right.addVote(third, START).session

    expect(left.votes()).to.deep.equal([first, second])
    expect(right.votes()).to.deep.equal([first, opposite])
    expect(leftLonger.votes()).to.deep.equal([first, second, third])
    expect(rightLonger.votes()).to.deep.equal([first, opposite, third])
    expect(left.choiceOf(second.voteOwner)).to.equal(true)
    expect(right.choiceOf(second.voteOwner)).to.equal(false)
    expect(one.choiceOf(second.voteOwner)).to.equal(undefined)
    expect(leftLonger.sharesVotesWith(left)).to.equal(false)
    expect(leftLonger.sharesVotesWith(leftLonger.timeOut().session)).to.equal(true)
    expect(left.sharesVotesWith(right)).to.equal(false)
  })

  it('can be continued again from where an earlier attempt was given up', async () => {
    const [first, second] = await votes(2)
    const empty = sessionOf(5)

    empty.addVote(first, START)
    const session = empty.addVote(second, START).session.addVote(first, START).session

    expect(session.votes()).to.deep.equal([second, first])
  })

  it('can be continued in two ways with more votes than a call takes arguments', async () => {
    const config = p2pConfig()
    const vote = encodeVote(await cast(hashSigner(1), 42, true))
    const [, , third] = await votes(3)
    const { proposal, createdAt } = sessionOf(0xffff_ffff, config)
    const session = ConsensusSession.fromParts({ proposal, config, createdAt, state: 'active', votes: Array(130_000).fill(vote) })

    session.addVote(third, START)

    expect(session.addVote(third, START).session.voteCount).to.equal(130_001)
  })

  it('is the same after it was taken apart for the storage', async () => {
    const session = sessionOf(5).addVotes(await votes(3), START).session
    const { proposal, config, createdAt, state, result } = session

    const restored = ConsensusSession.fromParts({ proposal, config, createdAt, state, result, votes: session.encodedVotes() })

    expect(restored).to.deep.equal(session)
    expect(restored.tally).to.deep.equal({ yes: 3, no: 0 })
    expect(restored.encodedVotes(2).map(decodeVote)).to.deep.equal(session.votes().slice(2))
  })

  it('counts rounds on gossipsub: 1 for the proposal, 2 for all votes', async () => {
    const list = await votes(3)
    let session = sessionOf(9)
    const rounds = [session.round]

    for (const vote of list) {
      session = session.addVote(vote, START).session
      rounds.push(session.round)
    }

    expect(rounds).to.deep.equal([1, 2, 2, 2])
  })

  it('counts rounds point-to-point: one more with each vote', async () => {
    const list = await votes(3)
    let session = sessionOf(9, p2pConfig())
    const rounds = [session.round]

    for (const vote of list) {
      session = session.addVote(vote, START).session
      rounds.push(session.round)
    }

    expect(rounds).to.deep.equal([1, 2, 3, 4])
  })

  it('allows as many votes point-to-point as the threshold needs, where no limit is set', async () => {
    const list = await votes(4, true)
    list.splice(1, 1, await cast(hashSigner(2), 42, false))
    let session = sessionOf(5, p2pConfig())

    for (const vote of list) {
      const step = session.addVote(vote, START)
      expect(step.error).to.equal(undefined)
      session = step.session
    }

    expect(session.state).to.equal('active')

    const { session: failed, error } = session.addVote(await cast(hashSigner(5), 42, true), START)
    expect(error).to.have.property('name', 'MaxRoundsExceededError')
    expect(failed.state).to.equal('failed')
    expect(failed.voteCount).to.equal(4)
    expect(session.state).to.equal('active')
  })

  it('takes a list of votes as a whole or not at all', async () => {
    const list = await votes(3)
    const session = sessionOf(5)

    expect(() => session.addVotes([...list, list[1]], START)).to.throw().with.property('name', 'DuplicateVoteError')
    expect(session.addVotes([], START).session).to.equal(session)
    expect(session.addVotes(list, START).session.voteCount).to.equal(3)
    expect(sessionOf(2).addVotes(list, START)).to.have.nested.property('error.name', 'MaxRoundsExceededError')
    expect(() => session.addVotes(list, START + 60n)).to.throw().with.property('name', 'ProposalExpiredError')
  })

  it('takes no list of votes once it is decided or has failed', async () => {
    const list = await votes(1)
    const decided = sessionOf(1).addVotes(list, START).session
    const failed = sessionOf(2).timeOut().session

    expect(() => decided.addVotes(list, START)).to.throw().with.property('name', 'SessionNotActiveError')
    expect(() => failed.addVotes(list, START)).to.throw().with.property('name', 'SessionNotActiveError')
    expect(() => failed.addVote(list[0], START)).to.throw().with.property('name', 'SessionNotActiveError')
    expect(decided.addVote(list[0], START)).to.deep.equal({ session: decided })
  })

  it('stays as it was when its time is up, and gives the one that is decided or failed', () => {
    const open = sessionOf(3)
    const { session } = open.timeOut()

    expect(open.state).to.equal('active')
    expect(session).to.include({ state: 'reached', result: true })
    expect(session.timeOut()).to.deep.equal({ session })

    const failed = sessionOf(2).timeOut()
    expect(failed.session.state).to.equal('failed')
    expect(failed.session.timeOut().session).to.equal(failed.session)
  })
})
