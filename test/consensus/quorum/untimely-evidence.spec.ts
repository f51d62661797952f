/**
 * Evidence with a vote that was not cast in the proposal's time: it proves as much, and the vote counts for nothing.
 */

import { expect } from 'aegir/chai'
import all from 'it-all'
import { evidenceAgainst, evidenceOf, makeEvidence, sessionVoteSetHash, streamEvidence, verifyEvidence } from '../../../src/consensus/index.ts'
import { castBound, quorumProposal, quorumService, rejected } from '../fixtures/quorum.ts'
import { hashScheme, hashSigner } from '../fixtures/schemes.ts'
import { SCOPE, START, TestService } from '../fixtures/service.ts'
import type { Evidence, Proposal, Vote } from '../../../src/consensus/index.ts'

const EARLY = START - 1n

interface Setting {
  service: TestService
  proposal: Proposal
  /** Voters whom the observer was told of */
  told: string[]
  vote (voter: number, timestamp?: bigint): Promise<Vote>
  /** Evidence against a voter, with these times of its votes for yes and no */
  evidence (voter: number, yes: bigint, no: bigint): Promise<Evidence>
}

/** A service with a proposal of four voters */
async function setting (): Promise<Setting> {
  const told: string[] = []
  const service = await quorumService({ observer: { onEvidence: (_, { voteOwner }) => told.push(voteOwner.join()) } })
  const proposal = quorumProposal({ expectedVotersCount: 4 })
  const vote = async (voter: number, timestamp = START): Promise<Vote> => castBound(proposal, Math.abs(voter), voter > 0, { timestamp })

  await service.processIncomingProposal(SCOPE, proposal)

  return { service, proposal, told, vote, evidence: async (voter, yes, no) => makeEvidence(await vote(voter, yes), await vote(-voter, no)) }
}

function nameOf (voter: number): string {
  return hashSigner(voter).identity.join()
}

describe('evidence with a vote that is not timely', () => {
  it('is kept, told of and found, and counts for no side', async () => {
    const { service, proposal, told, evidence } = await setting()
    const before = await service.session(proposal.proposalId)
    const both = await evidence(1, EARLY, proposal.expirationTimestamp + 1n)

    expect(await service.processEvidence(SCOPE, both)).to.equal(true)

    const session = await service.session(proposal.proposalId)

    expect(told).to.deep.equal([nameOf(1)])
    expect(evidenceOf(session)).to.deep.equal([both])
    expect(evidenceAgainst(session, hashSigner(1).identity)).to.deep.equal(both)
    expect(evidenceAgainst(session, hashSigner(2).identity)).to.equal(undefined)
    expect((await all(streamEvidence(service.storage, SCOPE))).map(({ evidence }) => evidence)).to.deep.equal([both])
    await verifyEvidence(both, hashScheme, session)

    // as if it was not there
    expect(session).to.deep.include({ tally: { yes: 0, no: 0 }, voteCount: 0, voterCount: 0, round: before.round, state: 'active' })
    expect(session.hasVoted(hashSigner(1).identity)).to.equal(false)
    expect(sessionVoteSetHash(session)).to.deep.equal(sessionVoteSetHash(before))
    expect(service.bus.events).to.be.empty()
  })

  it('brings its timely vote, which counts', async () => {
    const { service, proposal, evidence, vote, told } = await setting()

    await service.processIncomingVotes(SCOPE, proposal.proposalId, [await vote(2), await vote(3)])
    expect(await service.processEvidence(SCOPE, await evidence(1, START, EARLY))).to.equal(true)
    expect(await service.session(proposal.proposalId)).to.deep.include({ state: 'reached', result: true, tally: { yes: 3, no: 0 } })
    expect(told).to.deep.equal([nameOf(1)])
  })

  it('is one a voter, whatever its votes are', async () => {
    const { service, proposal, told, evidence, vote } = await setting()
    const first = await evidence(1, EARLY, EARLY)

    expect(await service.processEvidence(SCOPE, first)).to.equal(true)
    expect(await service.processEvidence(SCOPE, first)).to.equal(false)
    expect(await service.processEvidence(SCOPE, await evidence(1, START, EARLY - 1n))).to.equal(false)
    expect(evidenceOf(await service.session(proposal.proposalId))).to.deep.equal([first])

    await service.processIncomingVotes(SCOPE, proposal.proposalId, [await vote(2), await vote(-2)])
    expect(await service.processEvidence(SCOPE, await evidence(2, START, EARLY))).to.equal(false)
    expect(told).to.deep.equal([nameOf(1), nameOf(2)])
  })

  it('does not keep the timely votes of its voter out, whose double vote then stands for it', async () => {
    const { service, proposal, told, evidence, vote } = await setting()

    await service.processEvidence(SCOPE, await evidence(1, EARLY, EARLY))
    await service.processIncomingVote(SCOPE, await vote(1))
    expect((await service.session(proposal.proposalId)).evidence).to.have.length(1)

    const no = await vote(-1)

    await service.processIncomingVotes(SCOPE, proposal.proposalId, [no])

    const session = await service.session(proposal.proposalId)

    expect(session).to.deep.include({ tally: { yes: 1, no: 1, doubles: 1 }, evidence: [] })
    expect(evidenceOf(session).map(({ second }) => second)).to.deep.equal([no])
    // once for the voter
    expect(told).to.deep.equal([nameOf(1)])
  })

  it('stays when the proposal ends and the votes are pruned, and is refused from then on', async () => {
    const { service, proposal, evidence } = await setting()
    const { storage } = service

    await service.processEvidence(SCOPE, await evidence(1, EARLY, EARLY))
    expect(await rejected(service.handleConsensusTimeout(SCOPE, proposal.proposalId))).to.equal('InsufficientVotesAtTimeoutError')
    expect(await service.processEvidence(SCOPE, await evidence(2, EARLY, EARLY))).to.equal(true)
    await storage.pruneVotes?.(SCOPE, proposal.proposalId)
    expect(evidenceOf(await service.session(proposal.proposalId))).to.have.length(2)
    expect(await rejected(service.processEvidence(SCOPE, await evidence(3, EARLY, EARLY)))).to.equal('SessionNotActiveError')
  })

  it('is refused where it proves nothing about the proposal', async () => {
    const { service, proposal, evidence, told } = await setting()
    const { first, second } = await evidence(1, START, EARLY)
    const other = quorumProposal({ expectedVotersCount: 4, name: 'Another?' })
    const about = { first: await castBound(other, 1, true), second: await castBound(other, 1, false) }

    expect(await rejected(service.processEvidence(SCOPE, { first: second, second: first }))).to.equal('InvalidEvidenceError')
    expect(await rejected(service.processEvidence(SCOPE, { first, second: { ...second, signature: new Uint8Array(second.signature.byteLength) } }))).to.equal('InvalidVoteSignatureError')
    expect(await rejected(service.processEvidence(SCOPE, about))).to.equal('SessionNotFoundError')

    const { proposalId } = await new TestService().propose()

    expect(await rejected(service.processEvidence(SCOPE, { first: { ...first, proposalId }, second: { ...second, proposalId } }))).to.equal('InvalidEvidenceError')
    expect((await service.session(proposal.proposalId)).hasEvidence).to.equal(false)
    expect(told).to.be.empty()
  })

  it('that completes both quorums at once with timely votes is a conflict', async () => {
    const { service, proposal, evidence, vote } = await setting()

    await service.processIncomingVotes(SCOPE, proposal.proposalId, await Promise.all([vote(2), vote(-2), vote(3), vote(-4)]))
    await service.processEvidence(SCOPE, await evidence(1, START, START))
    expect(await service.session(proposal.proposalId)).to.deep.include({ state: 'conflict', tally: { yes: 3, no: 3, doubles: 2 } })
  })
})
