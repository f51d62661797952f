import { expect } from 'aegir/chai'
import { getActiveProposals, getConsensusResult, getProposal, getProposalConfig, getReachedProposals, MemoryStorage, streamSummaries } from '../../../src/consensus/index.ts'
import { quorumSession, withVotes } from '../fixtures/quorum.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { rejection, SCOPE, TestService } from '../fixtures/service.ts'

describe('queries', () => {
  it('tell active, decided and failed proposals apart', async () => {
    const service = new TestService()
    const { storage } = service
    const active = await service.propose()
    const yes = await service.propose({ expectedVotersCount: 1 })
    const no = await service.propose({ expectedVotersCount: 1 })
    const failed = await service.propose({ expectedVotersCount: 2 })
    const vote = await service.castVote(SCOPE, active.proposalId, true, hashSigner(1))
    await service.castVote(SCOPE, yes.proposalId, true, hashSigner(1))
    await service.castVote(SCOPE, no.proposalId, false, hashSigner(1))
    await service.handleConsensusTimeout(SCOPE, failed.proposalId).catch(() => {})

    expect(await getConsensusResult(storage, SCOPE, yes.proposalId)).to.equal(true)
    expect(await getConsensusResult(storage, SCOPE, no.proposalId)).to.equal(false)
    expect(await rejection(getConsensusResult(storage, SCOPE, failed.proposalId))).to.deep.include({ name: 'ConsensusFailedError', scope: SCOPE, proposalId: failed.proposalId })
    expect(await rejection(getConsensusResult(storage, SCOPE, active.proposalId))).to.have.property('name', 'ConsensusNotReachedError')
    expect(await rejection(getConsensusResult(storage, 'another', yes.proposalId))).to.have.property('name', 'SessionNotFoundError')

    expect(await getActiveProposals(storage, SCOPE)).to.deep.equal([{ ...active, round: 2, votes: [vote] }])
    expect(await getActiveProposals(storage, 'another')).to.deep.equal([])
    expect(await getReachedProposals(storage, SCOPE)).to.deep.equal(new Map([[yes.proposalId, true], [no.proposalId, false]]))
    expect(await getReachedProposals(storage, 'another')).to.deep.equal(new Map())

    expect(await getProposal(storage, SCOPE, active.proposalId)).to.deep.equal({ ...active, round: 2, votes: [vote] })
    expect((await getProposalConfig(storage, SCOPE, active.proposalId)).maxRounds).to.equal(2)
    expect(await rejection(getProposal(storage, SCOPE, 1))).to.have.property('name', 'SessionNotFoundError')
    expect(await rejection(getProposalConfig(storage, SCOPE, 1))).to.have.property('name', 'SessionNotFoundError')
  })

  it('say in summaries whether a result is contradicted', async () => {
    const storage = new MemoryStorage()

    for (const [votes, contradicted] of [[[1, 2, 3], undefined], [[1, 2, 3, -1, -2, -3], true]] as Array<[number[], true | undefined]>) {
      await storage.saveSession(SCOPE, await withVotes(quorumSession(4), ...votes))

      for await (const summary of streamSummaries(storage, SCOPE)) {
        expect(summary).to.include({ result: true, contradicted })
      }
    }
  })
})
