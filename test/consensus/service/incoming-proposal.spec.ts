import { expect } from 'aegir/chai'
import { hashSigner } from '../fixtures/schemes.ts'
import { cast, foreignProposal, rejection, SCOPE, START, TestService, votedProposal } from '../fixtures/service.ts'
import type { Proposal } from '../../../src/consensus/index.ts'

async function refused (proposal: Proposal, error: string, service = new TestService()): Promise<void> {
  const err = await rejection(service.processIncomingProposal(SCOPE, proposal))

  expect(err).to.have.property('name', error)
  expect(err).to.have.property('scope', SCOPE)
  expect(await service.storage.listScopes()).to.equal(undefined, 'nothing is stored')
  expect(service.bus.events).to.be.empty()
}

describe('service: processIncomingProposal', () => {
  it('stores a proposal with its votes and ignores the round that was sent', async () => {
    const service = new TestService()
    const proposal = await votedProposal([true], { round: 77, expectedVotersCount: 5 })

    const session = await service.processIncomingProposal(SCOPE, proposal)

    expect(session.toProposal()).to.deep.equal({ ...proposal, round: 2 })
    expect(await service.session(proposal.proposalId)).to.deep.equal(session)
    expect(session.createdAt).to.equal(START)
    expect(service.bus.events).to.be.empty()
  })

  it('publishes the decision that the votes in it make', async () => {
    const service = new TestService()
    const proposal = await votedProposal([false, false, false])
    service.bus.onPublish = () => { expect(service.storage).to.have.nested.property('sessions.size', 1) }

    await service.processIncomingProposal(SCOPE, proposal)

    expect(service.bus.events).to.deep.equal([{ type: 'ConsensusReached', scope: SCOPE, proposalId: 42, result: false, timestamp: START }])
  })

  it('refuses a proposal that is known', async () => {
    const service = new TestService()
    await service.processIncomingProposal(SCOPE, foreignProposal())

    const err = await rejection(service.processIncomingProposal(SCOPE, foreignProposal({ name: 'Another' })))

    expect(err).to.have.property('name', 'ProposalAlreadyExistError')
    expect(err).to.have.property('proposalId', 42)
    expect((await service.session(42)).proposal.name).to.equal('From elsewhere')
  })

  it('refuses a proposal that is over', async () => {
    await refused(foreignProposal({ timestamp: START - 60n, expirationTimestamp: START }), 'ProposalExpiredError')
  })

  it('refuses a vote for another proposal', async () => {
    await refused(foreignProposal({ votes: [await cast(hashSigner(1), 43, true)] }), 'VoteProposalIdMismatchError')
  })

  it('refuses a vote that is not valid', async () => {
    const vote = await cast(hashSigner(1), 42, true)

    await refused(foreignProposal({ votes: [{ ...vote, voteOwner: new Uint8Array(0) }] }), 'EmptyVoteOwnerError')
    await refused(foreignProposal({ votes: [{ ...vote, voteHash: new Uint8Array(0) }] }), 'EmptyVoteHashError')
    await refused(foreignProposal({ votes: [{ ...vote, signature: new Uint8Array(0) }] }), 'EmptySignatureError')
    await refused(foreignProposal({ votes: [{ ...vote, vote: false }] }), 'InvalidVoteHashError')
    await refused(foreignProposal({ votes: [{ ...vote, signature: new Uint8Array(31) }] }), 'SignatureSchemeError')
    await refused(foreignProposal({ votes: [{ ...vote, signature: new Uint8Array(32) }] }), 'InvalidVoteSignatureError')
    await refused(foreignProposal({ votes: [await cast(hashSigner(1), 42, true, { timestamp: START - 1n })] }), 'TimestampOlderThanCreationTimeError')
    await refused(foreignProposal({ votes: [await cast(hashSigner(1), 42, true, { timestamp: START + 61n })] }), 'VoteExpiredError')
  })

  it('refuses votes that do not hang together', async () => {
    const first = await cast(hashSigner(1), 42, true)
    const hash = new Uint8Array(32).fill(7)

    await refused(foreignProposal({ votes: [first, await cast(hashSigner(2), 42, true, { values: { receivedHash: hash } })] }), 'ReceivedHashMismatchError')
    await refused(foreignProposal({ votes: [first, await cast(hashSigner(2), 42, true, { values: { parentHash: hash } })] }), 'ParentHashMismatchError')
  })

  it('refuses two votes of one owner', async () => {
    const proposal = await votedProposal([true], { expectedVotersCount: 5 })
    proposal.votes.push(await cast(hashSigner(1), 42, true, { votes: proposal.votes }))

    await refused(proposal, 'DuplicateVoteError')
  })

  it('refuses more votes than voters', async () => {
    await refused(await votedProposal([true, true], { expectedVotersCount: 1 }), 'MaxRoundsExceededError')
  })

  it('refuses more votes than the highest round allows', async () => {
    const service = new TestService()
    await (await service.scope(SCOPE)).p2pPreset().withMaxRounds(2).initialize()

    await refused(await votedProposal([true, true, false], { expectedVotersCount: 5 }), 'MaxRoundsExceededError', service)
  })

  it('is not changed by what its caller does to the proposal afterwards', async () => {
    const service = new TestService()
    const proposal = await votedProposal([true])
    const { voteHash } = proposal.votes[0]
    const before = Uint8Array.from(voteHash)

    const session = await service.processIncomingProposal(SCOPE, proposal)
    voteHash.fill(0)
    proposal.payload.fill(0)
    session.votes()[0].signature.fill(0)

    const stored = (await service.session(42)).toProposal()
    expect(stored.votes[0].voteHash).to.deep.equal(before)
    expect(stored.votes[0].signature).to.not.deep.equal(new Uint8Array(32))
    expect(stored.payload).to.deep.equal(Uint8Array.of(4, 5, 6))
  })
})
