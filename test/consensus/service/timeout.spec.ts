import { expect } from 'aegir/chai'
import { gossipsubConfig } from '../../../src/consensus/index.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { rejection, request, SCOPE, TestService } from '../fixtures/service.ts'

const [alice, bob] = [1, 2].map(hashSigner)

describe('service: handleConsensusTimeout', () => {
  it('refuses a proposal that is not known', async () => {
    expect(await rejection(new TestService().handleConsensusTimeout(SCOPE, 3))).to.have.property('name', 'SessionNotFoundError')
  })

  it('counts the silent for the liveness side', async () => {
    for (const livenessCriteriaYes of [true, false]) {
      const service = new TestService()
      const { proposalId } = await service.propose({ livenessCriteriaYes })

      expect(await service.handleConsensusTimeout(SCOPE, proposalId)).to.equal(livenessCriteriaYes)
      expect(service.bus.summary).to.deep.equal([livenessCriteriaYes ? 'ConsensusReached yes' : 'ConsensusReached no'])
    }
  })

  it('gives the result again where there is one, without a second event', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose({ expectedVotersCount: 1 })
    await service.castVote(SCOPE, proposalId, false, alice)

    expect(await service.handleConsensusTimeout(SCOPE, proposalId)).to.equal(false)
    expect(await service.handleConsensusTimeout(SCOPE, proposalId)).to.equal(false)
    expect(service.bus.summary).to.deep.equal(['ConsensusReached no'])
  })

  it('fails the proposal that the votes do not decide, each time it is called, with one event', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose({ expectedVotersCount: 2 })
    await service.castVote(SCOPE, proposalId, true, alice)

    for (let i = 0; i < 3; i++) {
      const err = await rejection(service.handleConsensusTimeout(SCOPE, proposalId))

      expect(err).to.deep.include({ name: 'InsufficientVotesAtTimeoutError', scope: SCOPE, proposalId })
      expect(err.message).to.include('1 yes and 0 no of 2 voters')
    }

    expect((await service.session(proposalId)).state).to.equal('failed')
    expect(service.bus.summary).to.deep.equal(['ConsensusFailed'])
  })

  it('can still decide a proposal that the round limit has failed', async () => {
    const service = new TestService()
    const { proposalId } = await service.createProposal(SCOPE, request({ expectedVotersCount: 5 }), { ...gossipsubConfig(), maxRounds: 1, useGossipsubRounds: false })
    await service.castVote(SCOPE, proposalId, true, alice)
    await expect(service.castVote(SCOPE, proposalId, true, bob)).to.eventually.be.rejected.with.property('name', 'MaxRoundsExceededError')

    expect(await service.handleConsensusTimeout(SCOPE, proposalId)).to.equal(true)
    expect(service.bus.summary).to.deep.equal(['ConsensusFailed', 'ConsensusReached yes'])
    expect((await service.session(proposalId)).result).to.equal(true)
  })
})
