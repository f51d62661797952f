import { expect } from 'aegir/chai'
import { ConsensusSession, isLate } from '../../../src/consensus/index.ts'
import { castBound, END, quorumProposal, quorumService, quorumSession, rejected, withVotes } from '../fixtures/quorum.ts'
import { SCOPE, START } from '../fixtures/service.ts'
import type { Proposal, Vote } from '../../../src/consensus/index.ts'
import type { TestService } from '../fixtures/service.ts'

const DAY = 24n * 60n * 60n

describe('when a result was decided, under `quorum`', () => {
  let service: TestService
  let proposal: Proposal

  beforeEach(async () => {
    service = await quorumService()
    proposal = quorumProposal({ expectedVotersCount: 4 })
    await service.processIncomingProposal(SCOPE, proposal)
  })

  async function votes (...voters: number[]): Promise<Vote[]> {
    return Promise.all(voters.map(async voter => castBound(proposal, Math.abs(voter), voter > 0)))
  }

  async function vote (...voters: number[]): Promise<void> {
    for (const vote of await votes(...voters)) {
      await service.processIncomingVote(SCOPE, vote, { late: true })
    }
  }

  async function session (): Promise<ConsensusSession> {
    return service.session(proposal.proposalId)
  }

  it('is when this node first held the quorum, by its own clock, and never another time', async () => {
    await vote(1, 2)
    expect(await session()).to.include({ decidedAt: undefined, late: false })

    service.time.now = START + 20n
    await vote(3)
    expect(await session()).to.include({ state: 'reached', decidedAt: START + 20n, late: false })

    service.time.now = END + 100n * DAY
    await vote(4, -1, -2, -3)
    expect(await session()).to.include({ contradicted: true, decidedAt: START + 20n, late: false })
  })

  it('is late from a day and a second after the end, which the event says', async () => {
    await vote(1, 2)
    await rejected(service.handleConsensusTimeout(SCOPE, proposal.proposalId))

    service.time.now = END + DAY + 1n
    await vote(3)

    expect(await session()).to.include({ state: 'reached', result: true, decidedAt: END + DAY + 1n, late: true })
    expect(service.bus.events.map(({ timestamp, proposalId, scope, ...event }) => event)).to.deep.equal([
      { type: 'ConsensusFailed' },
      { type: 'ConsensusReached', result: true, late: true }
    ])
  })

  it('is late by the life of the proposal where that is longer than a day', () => {
    for (const [life, limit] of [[1n, DAY], [DAY, DAY], [DAY + 1n, DAY + 1n], [30n * DAY, 30n * DAY]]) {
      const times = { ...quorumSession(4).proposal, timestamp: START, expirationTimestamp: START + life }

      expect(isLate({ proposal: times, decidedAt: START + life + limit })).to.equal(false)
      expect(isLate({ proposal: times, decidedAt: START + life + limit + 1n })).to.equal(true)
    }
  })

  it('is nothing that a conflict, a failure or the crate\'s rules have', async () => {
    const conflict = quorumSession(2).addVotes(await Promise.all([1, 2, -1, -2].map(async voter => castBound(quorumSession(2).proposal, Math.abs(voter), voter > 0))), END).session

    expect(conflict).to.include({ state: 'conflict', decidedAt: undefined, late: false })
    expect((await withVotes(quorumSession(4), 1)).timeOut().session).to.include({ state: 'failed', decidedAt: undefined })
  })

  it('is of a proposal that comes with its votes when it came', async () => {
    const late = quorumProposal({ name: 'Late', expectedVotersCount: 4 })

    late.votes.push(...await Promise.all([1, 2, 3].map(async voter => castBound(late, voter, true))))
    service.time.now = END + 2n * DAY
    await service.processIncomingProposal(SCOPE, late, { late: true })

    expect(await service.session(late.proposalId)).to.include({ state: 'reached', decidedAt: END + 2n * DAY, late: true })
  })

  it('stays when the votes are pruned', async () => {
    await vote(1, 2, 3, -4)
    await service.storage.pruneVotes?.(SCOPE, proposal.proposalId)

    expect(await session()).to.include({ decidedAt: START, voteCount: 3 })
  })

  describe('of a proposal whose votes were pruned', () => {
    it('is when a certificate came, whose votes decide it though it takes none one by one', async () => {
      await vote(1, -2, 2, -4)
      await rejected(service.handleConsensusTimeout(SCOPE, proposal.proposalId))
      await service.storage.pruneVotes?.(SCOPE, proposal.proposalId)
      expect(await rejected(vote(3))).to.equal('SessionNotActiveError')

      service.time.now = END + 3n * DAY
      await service.processCertifiedVotes(SCOPE, proposal.proposalId, await votes(1, 2, 3))

      // both votes of voter 2 were kept
      expect(await session()).to.deep.include({ state: 'reached', result: true, decidedAt: END + 3n * DAY, late: true, tally: { yes: 3, no: 1, doubles: 1 }, pruned: undefined })
      expect(service.bus.summary).to.deep.equal(['ConsensusFailed', 'ConsensusReached yes'])
    })

    it('stays where a certificate contradicts it', async () => {
      await vote(1, 2, 3)
      await service.storage.pruneVotes?.(SCOPE, proposal.proposalId)

      service.time.now = END + 3n * DAY
      await service.processCertifiedVotes(SCOPE, proposal.proposalId, await votes(-1, -2, -4))

      expect(await session()).to.include({ state: 'reached', result: true, contradicted: true, decidedAt: START, late: false })
      expect(service.bus.summary).to.deep.equal(['ConsensusReached yes', 'ConsensusContradicted'])
    })
  })
})
