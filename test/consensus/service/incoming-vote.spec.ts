import { expect } from 'aegir/chai'
import { VerifierUnavailableError } from '../../../src/consensus/index.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { cast, rejection, SCOPE, START, TestService } from '../fixtures/service.ts'
import type { Vote } from '../../../src/consensus/index.ts'

const [alice, bob, carol, dave] = [1, 2, 3, 4].map(hashSigner)

async function refused (service: TestService, vote: Vote, error: string): Promise<void> {
  const before = await service.session(vote.proposalId)
  const err = await rejection(service.processIncomingVote(SCOPE, vote))

  expect(err).to.have.property('name', error)
  expect(err).to.have.property('scope', SCOPE)
  expect(err.message).to.include('council')
  expect(await service.session(vote.proposalId)).to.equal(before, 'nothing has changed')
  expect(service.bus.events).to.be.empty()
}

describe('service: processIncomingVote', () => {
  it('stores the vote and resolves with the session that has it', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose()
    const vote = await cast(alice, proposalId, true)

    const session = await service.processIncomingVote(SCOPE, vote)

    expect(session.votes()).to.deep.equal([vote])
    expect(session.round).to.equal(2)
    expect(await service.session(proposalId)).to.equal(session)
  })

  it('decides, stores that, and then publishes it, once', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose({ expectedVotersCount: 4 })
    const states: string[] = []
    service.bus.onPublish = () => { void service.session(proposalId).then(({ state }) => states.push(state)) }

    for (const signer of [alice, bob]) {
      await service.processIncomingVote(SCOPE, await cast(signer, proposalId, true))
    }

    expect(service.bus.events).to.be.empty()

    await service.processIncomingVote(SCOPE, await cast(carol, proposalId, true))
    await service.processIncomingVote(SCOPE, await cast(dave, proposalId, false))
    await service.handleConsensusTimeout(SCOPE, proposalId)
    await service.handleConsensusTimeout(SCOPE, proposalId)

    expect(service.bus.events).to.deep.equal([{ type: 'ConsensusReached', scope: SCOPE, proposalId, result: true, timestamp: START }])
    expect(states).to.deep.equal(['reached'])
  })

  it('takes votes that were built at the same time on the same vote', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose({ expectedVotersCount: 5 })
    const first = await cast(alice, proposalId, true)

    await service.processIncomingVote(SCOPE, await cast(carol, proposalId, true, { votes: [first] }))
    await service.processIncomingVote(SCOPE, await cast(bob, proposalId, false, { votes: [first] }))
    await service.processIncomingVote(SCOPE, first)

    expect((await service.session(proposalId)).tally).to.deep.equal({ yes: 2, no: 1 })
  })

  it('refuses a vote on a proposal that is not known', async () => {
    const service = new TestService()

    expect(await rejection(service.processIncomingVote(SCOPE, await cast(alice, 5, true)))).to.deep.include({ name: 'SessionNotFoundError', scope: SCOPE, proposalId: 5 })
  })

  it('refuses a vote that is not valid', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose()
    const vote = await cast(alice, proposalId, true)

    await refused(service, { ...vote, voteOwner: new Uint8Array(0) }, 'EmptyVoteOwnerError')
    await refused(service, { ...vote, voteHash: new Uint8Array(0) }, 'EmptyVoteHashError')
    await refused(service, { ...vote, signature: new Uint8Array(0) }, 'EmptySignatureError')
    await refused(service, { ...vote, vote: false }, 'InvalidVoteHashError')
    await refused(service, { ...vote, signature: new Uint8Array(31) }, 'SignatureSchemeError')
    await refused(service, { ...vote, signature: new Uint8Array(32) }, 'InvalidVoteSignatureError')
    await refused(service, await cast(alice, proposalId, true, { timestamp: START - 1n }), 'TimestampOlderThanCreationTimeError')
    await refused(service, await cast(alice, proposalId, true, { timestamp: START + 61n }), 'VoteExpiredError')
  })

  it('blames nobody for what a signature scheme of JavaScript takes for true, or fails to check', async () => {
    const verdicts: Array<() => any> = [
      () => 1,
      () => 'valid',
      async () => ({}),
      () => undefined
    ]

    for (const verify of verdicts) {
      const service = new TestService({ scheme: { verify } })
      const { proposalId } = await service.propose()
      await expect(service.processIncomingVote(SCOPE, await cast(alice, proposalId, true))).to.eventually.be.rejectedWith(VerifierUnavailableError, 'must return true or false')
    }

    for (const verify of [() => { throw new Error('no key') }, async () => { throw new Error('no key') }, async () => Promise.reject()]) { // eslint-disable-line prefer-promise-reject-errors
      const service = new TestService({ scheme: { verify } })
      const { proposalId } = await service.propose()
      await expect(service.processIncomingVote(SCOPE, await cast(alice, proposalId, true))).to.eventually.be.rejectedWith(VerifierUnavailableError, 'could not be checked')
    }
  })

  it('does not call a vote invalid that could not be verified now', async () => {
    const service = new TestService({ scheme: { verify: () => { throw new VerifierUnavailableError('closed') } } })
    const { proposalId } = await service.propose()

    await expect(service.processIncomingVote(SCOPE, await cast(alice, proposalId, true))).to.eventually.be.rejectedWith(VerifierUnavailableError, 'closed')
    expect((await service.session(proposalId)).voteCount).to.equal(0)
  })

  it('tells of votes of its own signer that it knew nothing of, and of those only', async () => {
    const told: unknown[] = []
    const service = new TestService({ signer: alice, observer: { onOwnVote: (scope, vote, bound) => told.push([scope, vote.vote, bound?.vote]) } })
    const [cast1, cast2, foreign] = [await service.propose(), await service.propose(), await service.propose()].map(({ proposalId }) => proposalId)

    // it cast this one itself
    await service.processIncomingVote(SCOPE, await cast(bob, cast1, true))
    await service.castVote(SCOPE, cast1, true)
    expect(told).to.deep.equal([])

    // it is bound to another one than comes
    await service.castVote(SCOPE, cast2, true)
    const incoming = service.processIncomingVote(SCOPE, await cast(alice, cast2, false))
    expect(await rejection(incoming)).to.have.property('name', 'DuplicateVoteError')

    const vote = await cast(alice, foreign, true)
    await service.processIncomingVote(SCOPE, vote)
    expect(told).to.deep.equal([[SCOPE, false, true], [SCOPE, true, undefined]])

    expect(await rejection(service.processIncomingVote(SCOPE, vote))).to.have.property('name', 'DuplicateVoteError')
    expect(told).to.have.lengthOf(2)
  })

  it('refuses a second vote of one voter', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose()
    await service.processIncomingVote(SCOPE, await cast(alice, proposalId, true))

    await refused(service, await cast(alice, proposalId, false), 'DuplicateVoteError')
  })

  it('refuses a vote at the expiration and after it, by two different names', async () => {
    const service = new TestService()
    const { proposalId, expirationTimestamp } = await service.propose()
    const vote = await cast(alice, proposalId, true)

    service.time.now = expirationTimestamp
    await refused(service, vote, 'ProposalExpiredError')
    service.time.now = expirationTimestamp + 1n
    await refused(service, vote, 'VoteExpiredError')
  })

  it('checks a vote that comes after the decision, and does not store it', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose({ expectedVotersCount: 1 })
    await service.processIncomingVote(SCOPE, await cast(alice, proposalId, true))
    const decided = await service.session(proposalId)

    expect(await service.processIncomingVote(SCOPE, await cast(bob, proposalId, false))).to.equal(decided)
    await expect(service.processIncomingVote(SCOPE, { ...await cast(bob, proposalId, false), signature: new Uint8Array(32) }))
      .to.eventually.be.rejected.with.property('name', 'InvalidVoteSignatureError')
    expect(await service.session(proposalId)).to.equal(decided)
  })

  it('fails the proposal at the round limit, says so once, and takes no more votes', async () => {
    const service = new TestService()
    await (await service.scope(SCOPE)).p2pPreset().withMaxRounds(1).initialize()
    const { proposalId } = await service.propose({ expectedVotersCount: 5 })
    await service.processIncomingVote(SCOPE, await cast(alice, proposalId, true))

    await expect(service.processIncomingVote(SCOPE, await cast(bob, proposalId, true))).to.eventually.be.rejected.with.property('name', 'MaxRoundsExceededError')

    expect((await service.session(proposalId)).state).to.equal('failed')
    expect((await service.session(proposalId)).voteCount).to.equal(1)
    expect(service.bus.events).to.deep.equal([{ type: 'ConsensusFailed', scope: SCOPE, proposalId, timestamp: START }])

    await expect(service.processIncomingVote(SCOPE, await cast(carol, proposalId, true))).to.eventually.be.rejected.with.property('name', 'SessionNotActiveError')
    expect(service.bus.events).to.have.lengthOf(1)
  })

  it('tells the observer of each proposal and vote once, after it is stored and before the event', async () => {
    const seen: string[] = []
    const service = new TestService({
      observer: {
        onProposal: (scope, { proposal }) => seen.push(`${scope} proposal ${proposal.name}`),
        onVote: (scope, { voteOwner }, { voteCount }) => seen.push(`${scope} vote ${voteOwner.at(-1)} of ${voteCount}`)
      }
    })
    service.bus.onPublish = (scope, { type }) => { seen.push(type) }
    const { proposalId } = await service.propose({ expectedVotersCount: 1 })
    const vote = await cast(alice, proposalId, true)

    await service.processIncomingVote(SCOPE, vote)
    await service.processIncomingVote(SCOPE, vote)

    expect(seen).to.deep.equal(['council proposal Upgrade to version 2?', 'council vote 1 of 1', 'ConsensusReached'])
  })
})
