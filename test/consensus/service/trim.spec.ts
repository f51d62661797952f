import { expect } from 'aegir/chai'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { foreignProposal, SCOPE, START, TestService } from '../fixtures/service.ts'

async function idsOf (service: TestService, scope = SCOPE): Promise<number[]> {
  return (await service.storage.listScopeSessions(scope) ?? []).map(({ proposal }) => proposal.proposalId)
}

describe('service: trimming', () => {
  const folder = useTempFolder()

  it('keeps the newest sessions and says what it has dropped, with all that was known of it', async () => {
    const service = new TestService({ maxSessionsPerScope: 2 })
    const first = await service.propose()
    const vote = await service.castVote(SCOPE, first.proposalId, true, hashSigner(1))
    service.time.now += 1n
    const second = await service.propose()
    service.time.now += 1n
    const third = await service.propose()

    expect(await idsOf(service)).to.deep.equal([second.proposalId, third.proposalId])
    expect(service.bus.events).to.have.lengthOf(1)

    const [event] = service.bus.events
    expect(event).to.deep.include({ type: 'ProposalTrimmed', scope: SCOPE, proposalId: first.proposalId, timestamp: START + 2n })
    expect(event).to.have.property('session').that.satisfies((session: any) => {
      expect(session.toProposal()).to.deep.equal({ ...first, round: 2, votes: [vote] })
      return true
    })
  })

  it('keeps the one that came last where several are equally old', async () => {
    const service = new TestService({ maxSessionsPerScope: 2 })

    for (const proposalId of [30, 10, 20]) {
      await service.processIncomingProposal(SCOPE, foreignProposal({ proposalId }))
    }

    expect(await idsOf(service)).to.deep.equal([10, 20])
    expect(service.bus.summary).to.deep.equal(['ProposalTrimmed'])
  })

  it('goes by when this node learned of a proposal, not by what the proposal says', async () => {
    const service = new TestService({ maxSessionsPerScope: 1 })
    await service.processIncomingProposal(SCOPE, foreignProposal({ proposalId: 1, timestamp: START + 30n }))
    service.time.now += 1n
    await service.processIncomingProposal(SCOPE, foreignProposal({ proposalId: 2, timestamp: START - 30n }))

    expect(await idsOf(service)).to.deep.equal([2])
  })

  it('keeps ten by default, per scope', async () => {
    const service = new TestService()

    for (let proposalId = 1; proposalId <= 12; proposalId++) {
      await service.processIncomingProposal('one', foreignProposal({ proposalId }))
      await service.processIncomingProposal('two', foreignProposal({ proposalId }))
    }

    expect(await idsOf(service, 'one')).to.deep.equal([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(await idsOf(service, 'two')).to.have.lengthOf(10)
  })

  it('drops nothing where that is asked for', async () => {
    const service = new TestService({ maxSessionsPerScope: Infinity })

    for (let proposalId = 1; proposalId <= 50; proposalId++) {
      await service.processIncomingProposal(SCOPE, foreignProposal({ proposalId }))
    }

    expect(await idsOf(service)).to.have.lengthOf(50)
    expect(service.bus.events).to.be.empty()
  })

  it('publishes the decision of a proposal before it says that the proposal was dropped', async () => {
    const service = new TestService({ maxSessionsPerScope: 1 })
    await service.processIncomingProposal(SCOPE, foreignProposal({ proposalId: 1, expectedVotersCount: 1 }))
    await service.castVote(SCOPE, 1, true, hashSigner(1))
    await service.processIncomingProposal(SCOPE, foreignProposal({ proposalId: 2 }))

    expect(service.bus.summary).to.deep.equal(['ConsensusReached yes', 'ProposalTrimmed'])
  })

  it('drops nothing that has ended from an archive, and counts what is active only', async () => {
    const storage = await LevelStorage.open(folder.path)

    try {
      const service = new TestService({ storage, maxSessionsPerScope: 2 })
      const ended: number[] = []

      for (let number = 0; number < 4; number++) {
        const { proposalId } = await service.propose({ expectedVotersCount: 1 })
        await service.castVote(SCOPE, proposalId, true, hashSigner(1))
        ended.push(proposalId)
        service.time.now += 1n
      }

      const active: number[] = []

      for (let number = 0; number < 3; number++) {
        active.push((await service.propose()).proposalId)
        service.time.now += 1n
      }

      expect(await idsOf(service)).to.deep.equal([...ended, ...active.slice(1)])
      expect(service.bus.summary.filter(type => type === 'ProposalTrimmed')).to.have.lengthOf(1)
    } finally {
      await storage.close()
    }
  })
})
