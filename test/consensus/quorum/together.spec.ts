/**
 * Votes that arrive together are validated each on its own and counted once.
 */

import { expect } from 'aegir/chai'
import fc from 'fast-check'
import { MemoryStorage } from '../../../src/consensus/index.ts'
import { castBound, quorumProposal, quorumService, rejected } from '../fixtures/quorum.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { cast, SCOPE, TestService } from '../fixtures/service.ts'
import type { ConsensusObserver, ConsensusSession, Proposal, Vote } from '../../../src/consensus/index.ts'

/** Voters by their numbers, below 0 for no: both sides have the 3 votes of a quorum of 4 voters, and 2 and 3 have voted both ways */
const TWO_QUORUMS = [1, 2, 3, -2, -3, -4]

class CountingStorage extends MemoryStorage {
  appends = 0

  async appendVote (scope: string, session: ConsensusSession): Promise<void> {
    this.appends++

    return super.appendVote(scope, session)
  }
}

interface Setting {
  service: TestService
  storage: CountingStorage
  proposal: Proposal
  /** What the observer was told, in order */
  told: string[]
  cast (...voters: number[]): Promise<Vote[]>
  take (votes: Vote[]): Promise<string[]>
}

/** A service with a proposal of four voters */
async function setting (): Promise<Setting> {
  const storage = new CountingStorage()
  const told: string[] = []
  const nameOf = ({ voteOwner }: Vote): string => `${[1, 2, 3, 4].find(voter => hashSigner(voter).identity.join() === voteOwner.join())}`
  const observer: ConsensusObserver = {
    onVote: (_, vote) => told.push(`${nameOf(vote)} ${vote.vote ? 'yes' : 'no'}`),
    onEvidence: (_, first) => told.push(`evidence against ${nameOf(first)}`)
  }
  const service = await quorumService({ storage, observer })
  const proposal = quorumProposal({ expectedVotersCount: 4 })

  await service.processIncomingProposal(SCOPE, proposal)

  return {
    service,
    storage,
    proposal,
    told,
    cast: async (...voters) => Promise.all(voters.map(async voter => castBound(proposal, Math.abs(voter), voter > 0))),
    take: async votes => (await service.processIncomingVotes(SCOPE, proposal.proposalId, votes)).map(result => result.status === 'fulfilled' ? 'stored' : result.reason.name)
  }
}

describe('votes that arrive together', () => {
  it('are a conflict where both sides have a quorum, in whatever order they are', async () => {
    await fc.assert(fc.asyncProperty(fc.shuffledSubarray(TWO_QUORUMS, { minLength: TWO_QUORUMS.length }), async voters => {
      const { service, proposal, cast, take } = await setting()

      expect(await take(await cast(...voters))).to.deep.equal(voters.map(() => 'stored'))
      expect(await service.session(proposal.proposalId)).to.deep.include({ state: 'conflict', result: undefined, tally: { yes: 3, no: 3, doubles: 2 } })
      expect(service.bus.events).to.have.length(1)
      expect(service.bus.events[0]).to.have.property('type', 'ConsensusConflict')
      expect((service.bus.events[0] as any).culprits).to.have.deep.members([hashSigner(2).identity, hashSigner(3).identity])
    }))
  })

  it('do not change a conflict, nor a result that was there before, which is contradicted', async () => {
    const conflict = await setting()

    await conflict.take(await conflict.cast(...TWO_QUORUMS))
    await conflict.take(await conflict.cast(4, -1))
    expect(await conflict.service.session(conflict.proposal.proposalId)).to.include({ state: 'conflict', result: undefined })
    expect(await rejected(conflict.service.handleConsensusTimeout(SCOPE, conflict.proposal.proposalId))).to.equal('ConsensusConflictError')

    const reached = await setting()

    await reached.take(await reached.cast(1, 2, 3))
    await reached.take(await reached.cast(-2, -3, -4))
    expect(await reached.service.session(reached.proposal.proposalId)).to.include({ state: 'reached', result: true, contradicted: true })
    expect(reached.service.bus.summary).to.deep.equal(['ConsensusReached yes', 'ConsensusContradicted'])
  })

  it('are a conflict with those that were there, where neither side had a quorum', async () => {
    const { service, proposal, cast, take } = await setting()

    await take(await cast(1, 2, -3, -4))
    expect(service.bus.events).to.be.empty()
    await take(await cast(3, -2))
    expect(service.bus.summary).to.deep.equal(['ConsensusConflict'])
    expect((await service.session(proposal.proposalId)).state).to.equal('conflict')
  })

  it('are stored in one step, and told of one by one, each double voter once', async () => {
    const { storage, told, cast, take } = await setting()

    await take(await cast(...TWO_QUORUMS))
    expect(storage.appends).to.equal(1)
    expect(told).to.deep.equal(['1 yes', '2 yes', '3 yes', '2 no', '3 no', '4 no', 'evidence against 2', 'evidence against 3'])

    await take(await cast(-1))
    expect(told.slice(8)).to.deep.equal(['1 no', 'evidence against 1'])
  })

  it('are validated each on its own: one that is refused takes none of the others with it', async () => {
    const { service, proposal, cast: votesOf, take } = await setting()
    const [one, two, three] = await votesOf(1, 2, 3)
    const forged = { ...two, signature: new Uint8Array(two.signature.byteLength) }
    const untimely = await castBound(proposal, 4, true, { timestamp: proposal.timestamp - 1n })
    const elsewhere = await cast(hashSigner(4), (proposal.proposalId ^ 1) >>> 0, true, { values: { parentHash: one.parentHash } })
    const unbound = await cast(hashSigner(4), proposal.proposalId, true, { values: { parentHash: new Uint8Array(32) } })

    expect(await take([one, forged, untimely, elsewhere, unbound, one, three])).to.deep.equal([
      'stored', 'InvalidVoteSignatureError', 'TimestampOlderThanCreationTimeError', 'VoteProposalIdMismatchError', 'ParentHashMismatchError', 'DuplicateVoteError', 'stored'
    ])
    expect((await service.session(proposal.proposalId)).tally).to.deep.equal({ yes: 2, no: 0 })
    expect(await take([one, three])).to.deep.equal(['DuplicateVoteError', 'DuplicateVoteError'])
    expect(await take([])).to.deep.equal([])
  })

  it('are looked at for their times where their signatures were verified before', async () => {
    const { service, proposal } = await setting()
    const untimely = await castBound(proposal, 4, true, { timestamp: proposal.expirationTimestamp + 1n })
    const [{ status }] = await service.processIncomingVotes(SCOPE, proposal.proposalId, [untimely], { verified: true })

    expect(status).to.equal('rejected')
    expect((await service.session(proposal.proposalId)).voteCount).to.equal(0)
  })

  it('are taken in one after the other under the other rules', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose({ expectedVotersCount: 3 })
    const votes = await Promise.all([1, 2, 3].map(async voter => cast(hashSigner(voter), proposalId, voter > 1, { values: { parentHash: new Uint8Array() } })))
    const [no, ...yes] = votes
    const results = await service.processIncomingVotes(SCOPE, proposalId, [...yes, no])

    expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled', 'fulfilled'])
    // decided by two, the third is not stored
    expect(await service.session(proposalId)).to.deep.include({ state: 'reached', result: true, voteCount: 2 })
  })

  it('are refused as a whole where the proposal is not known', async () => {
    const { service } = await setting()

    expect(await rejected(service.processIncomingVotes(SCOPE, 7, []))).to.equal('SessionNotFoundError')
  })
})
