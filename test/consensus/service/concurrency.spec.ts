import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { MemoryStorage } from '../../../src/consensus/index.ts'
import { hashScheme, hashSigner } from '../fixtures/schemes.ts'
import { cast, foreignProposal, SCOPE, START, TestService, votedProposal } from '../fixtures/service.ts'
import type { AppendVoteOptions, ConsensusSession, ConsensusSigner, Vote } from '../../../src/consensus/index.ts'

const [alice, bob, carol] = [1, 2, 3].map(hashSigner)

/** A storage in which every call takes a few turns of the queue, so that calls overlap */
class SlowStorage extends MemoryStorage {
  async getSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    await turns()
    const session = await super.getSession(scope, proposalId)
    await turns()
    return session
  }

  async appendVote (scope: string, session: ConsensusSession): Promise<void> {
    await turns()
    await super.appendVote(scope, session)
    await turns()
  }

  async saveSession (scope: string, session: ConsensusSession): Promise<void> {
    await turns()
    await super.saveSession(scope, session)
    await turns()
  }

  async updateSession (scope: string, proposalId: number, update: (session: ConsensusSession) => ConsensusSession): Promise<ConsensusSession> {
    await turns()
    return super.updateSession(scope, proposalId, update)
  }

  async removeSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    await turns()
    return super.removeSession(scope, proposalId)
  }
}

/** A storage that stores no vote until it is let go, or told to fail */
class HoldingStorage extends MemoryStorage {
  readonly appended: Array<AppendVoteOptions | undefined> = []
  readonly held = pDefer()

  async appendVote (scope: string, session: ConsensusSession, options?: AppendVoteOptions): Promise<void> {
    this.appended.push(options)
    await this.held.promise
    await super.appendVote(scope, session)
  }
}

async function turns (): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await Promise.resolve()
  }
}

function slowService (init = {}): TestService {
  return new TestService({ storage: new SlowStorage(), ...init })
}

/** Errors' names, `ok` for what resolved */
async function outcomes (calls: Array<Promise<unknown>>): Promise<string[]> {
  return (await Promise.allSettled(calls)).map(result => result.status === 'fulfilled' ? 'ok' : result.reason.name).sort()
}

describe('service: calls at the same time', () => {
  it('lets one of two opposite votes of one signer through', async () => {
    const service = slowService()
    const { proposalId } = await service.propose()

    expect(await outcomes([
      service.castVote(SCOPE, proposalId, true, alice),
      service.castVote(SCOPE, proposalId, false, alice)
    ])).to.deep.equal(['UserAlreadyVotedError', 'ok'])
    expect((await service.session(proposalId)).tally).to.deep.equal({ yes: 1, no: 0 })
  })

  it('lets one of two incoming votes of one voter through', async () => {
    const service = slowService()
    const { proposalId } = await service.propose()
    const votes = await Promise.all([true, false].map(async choice => cast(alice, proposalId, choice)))

    expect(await outcomes(votes.map(async vote => service.processIncomingVote(SCOPE, vote)))).to.deep.equal(['DuplicateVoteError', 'ok'])
    expect((await service.session(proposalId)).voteCount).to.equal(1)
  })

  it('loses none of many votes', async () => {
    const service = slowService()
    const { proposalId } = await service.propose({ expectedVotersCount: 100 })
    const signers = Array.from({ length: 60 }, (_, index) => hashSigner(index + 1))

    await Promise.all(signers.map(async (signer, index) => service.castVote(SCOPE, proposalId, index % 2 === 0, signer)))

    const session = await service.session(proposalId)
    expect(session.tally).to.deep.equal({ yes: 30, no: 30 })
    expect(session.voteCount).to.equal(60)
  })

  it('counts the votes of others, and ends in time, while a signer asks a person', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose({ expectedVotersCount: 3, livenessCriteriaYes: true })
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    const vote = service.castVote(SCOPE, proposalId, true, {
      identity: alice.identity,
      sign: async payload => {
        asked.resolve()
        await answer.promise

        return alice.sign(payload)
      }
    })

    await asked.promise
    await service.castVote(SCOPE, proposalId, false, bob)
    await service.castVote(SCOPE, proposalId, false, carol)
    expect((await service.session(proposalId)).result).to.equal(false)
    answer.resolve()

    expect(await vote).to.have.property('vote', true)
    expect((await service.session(proposalId)).tally).to.deep.equal({ yes: 0, no: 2 })
  })

  it('does not count a vote that was signed too late', async () => {
    let now = 1_700_000_000n
    const service = new TestService({ clock: () => now })
    const { proposalId, expirationTimestamp } = await service.propose({ expectedVotersCount: 3 })

    await expect(service.castVote(SCOPE, proposalId, true, {
      identity: alice.identity,
      sign: payload => {
        now = expirationTimestamp

        return alice.sign(payload)
      }
    })).to.eventually.be.rejected.with.property('name', 'ProposalExpiredError')
    expect((await service.session(proposalId)).voteCount).to.equal(0)
  })

  it('casts a vote that others take where our clock is behind the proposer\'s', async () => {
    let now = 1_700_000_000n
    const service = new TestService({ clock: () => now })
    const { proposalId, timestamp } = await service.propose({ expectedVotersCount: 3 })
    now -= 5n

    const vote = await service.castVote(SCOPE, proposalId, true, alice)
    expect(vote.timestamp).to.equal(timestamp)
  })

  it('publishes one event where the last vote and the timeout come together', async () => {
    for (const voteFirst of [true, false]) {
      const service = slowService()
      const { proposalId } = await service.propose({ expectedVotersCount: 3, livenessCriteriaYes: false })
      await service.castVote(SCOPE, proposalId, true, alice)
      await service.castVote(SCOPE, proposalId, true, bob)
      const vote = async (): Promise<unknown> => service.castVote(SCOPE, proposalId, true, carol)
      const timeout = async (): Promise<unknown> => service.handleConsensusTimeout(SCOPE, proposalId)

      await Promise.all(voteFirst ? [vote(), timeout()] : [timeout(), vote()])

      expect(service.bus.summary).to.deep.equal(['ConsensusReached yes'])
    }
  })

  it('publishes one event where the timeout is called many times at once', async () => {
    const service = slowService()
    const { proposalId } = await service.propose({ expectedVotersCount: 2 })

    expect(await outcomes(Array.from({ length: 5 }, async () => service.handleConsensusTimeout(SCOPE, proposalId))))
      .to.deep.equal(Array(5).fill('InsufficientVotesAtTimeoutError'))
    expect(service.bus.summary).to.deep.equal(['ConsensusFailed'])
  })

  it('stores one of two incoming proposals with one id', async () => {
    const service = slowService()
    const proposals = [await votedProposal([true]), await votedProposal([false, false, false])]

    expect(await outcomes(proposals.map(async proposal => service.processIncomingProposal(SCOPE, proposal)))).to.deep.equal(['ProposalAlreadyExistError', 'ok'])
    expect((await service.session(42)).voteCount).to.equal(1)
    expect(service.bus.events).to.be.empty()
  })

  it('keeps to the limit where many proposals are made at once, and reports each one dropped once', async () => {
    const service = slowService({ maxSessionsPerScope: 3 })

    const proposals = await Promise.all(Array.from({ length: 12 }, async () => service.propose()))

    const kept = (await service.storage.listScopeSessions(SCOPE) ?? []).map(({ proposal }) => proposal.proposalId)
    const dropped = service.bus.events.map(({ proposalId }) => proposalId)
    expect(kept).to.have.lengthOf(3)
    expect([...dropped, ...kept].sort()).to.deep.equal(proposals.map(({ proposalId }) => proposalId).sort())
  })

  it('stores a vote before its proposal is dropped, or refuses it', async () => {
    const service = slowService({ maxSessionsPerScope: 1 })
    const { proposalId } = await service.propose()

    const [vote] = await Promise.allSettled([service.castVote(SCOPE, proposalId, true, alice), service.propose()])

    expect(service.bus.summary).to.deep.equal(['ProposalTrimmed'])
    const [event] = service.bus.events
    expect(event).to.have.nested.property('session.voteCount', vote.status === 'fulfilled' ? 1 : 0)
    expect(await service.storage.getSession(SCOPE, proposalId)).to.equal(undefined)
  })

  it('does not count a vote for a proposal that took the place of its own while the signature was verified', async () => {
    const verifying = pDefer()
    const verified = pDefer()
    const service = new TestService({
      maxSessionsPerScope: 1,
      scheme: {
        async verify (...args) {
          verifying.resolve()
          await verified.promise
          return hashScheme.verify(...args)
        }
      }
    })
    await service.processIncomingProposal(SCOPE, foreignProposal())
    const vote = service.processIncomingVote(SCOPE, await cast(alice, 42, true))

    await verifying.promise
    service.time.now += 1n
    await service.processIncomingProposal(SCOPE, foreignProposal({ proposalId: 43 }))
    service.time.now += 1n
    await service.processIncomingProposal(SCOPE, foreignProposal({ name: 'Another', timestamp: START + 2n }))
    verified.resolve()

    expect(await outcomes([vote])).to.deep.equal(['TimestampOlderThanCreationTimeError'])
    expect((await service.session(42)).voteCount).to.equal(0)
  })

  it('works on other proposals while one waits for its signer', async () => {
    const service = new TestService()
    const first = await service.propose()
    const second = await service.propose()
    const signature = pDefer<Uint8Array>()
    let payload = new Uint8Array(0)
    const patient: ConsensusSigner = {
      identity: alice.identity,
      sign: async bytes => {
        payload = Uint8Array.from(bytes)
        return signature.promise
      }
    }

    const waiting = service.castVote(SCOPE, first.proposalId, true, patient)
    await service.castVote(SCOPE, second.proposalId, true, alice)
    signature.resolve(await alice.sign(payload))

    await waiting
    expect((await service.session(first.proposalId)).voteCount).to.equal(1)
  })

  it('can take a vote again that the storage failed to store', async () => {
    let failures = 1
    const storage = new MemoryStorage()
    const appendVote = storage.appendVote.bind(storage)
    storage.appendVote = async (...args) => {
      if (failures-- > 0) {
        throw new Error('disk full')
      }

      return appendVote(...args)
    }
    const service = new TestService({ storage })
    const { proposalId } = await service.propose({ expectedVotersCount: 1 })
    const vote = await cast(alice, proposalId, true)

    await expect(service.processIncomingVote(SCOPE, vote)).to.eventually.be.rejectedWith('disk full')
    expect((await service.session(proposalId)).voteCount).to.equal(0)
    expect(service.bus.events).to.be.empty('no event for what is not stored')

    await service.processIncomingVote(SCOPE, vote)
    expect((await service.session(proposalId)).votes()).to.deep.equal([vote])
    expect(service.bus.summary).to.deep.equal(['ConsensusReached yes'])
  })

  describe('votes on one proposal', () => {
    /** A service whose storage stores no vote until it is let go, or told to fail, and five votes on a proposal of five */
    async function holding (): Promise<{ service: TestService, proposalId: number, votes: Vote[], storage: HoldingStorage }> {
      const storage = new HoldingStorage()
      const service = new TestService({ storage })
      const { proposalId } = await service.propose({ expectedVotersCount: 5 })
      const votes = await Promise.all([1, 2, 3, 4, 5].map(async voter => cast(hashSigner(voter), proposalId, true)))

      return { service, proposalId, votes, storage }
    }

    it('are stored together when they come while another is stored', async () => {
      const { service, proposalId, votes, storage } = await holding()
      const calls = votes.map(async vote => service.processIncomingVote(SCOPE, vote))

      await pWaitFor(() => storage.appended.length > 0)
      storage.held.resolve()

      expect((await Promise.all(calls)).map(({ voteCount }) => voteCount)).to.deep.equal([1, 2, 3, 4, 4], 'each is given the session with its vote')
      // the fourth decides, and after that none is stored
      expect((await service.session(proposalId)).votes()).to.deep.equal(votes.slice(0, 4), 'in the order they came')
      expect(storage.appended).to.deep.equal([{ count: 1, evidence: [], durable: false }, { count: 3, evidence: [], durable: true }])
    })

    it('are told of one by one, and what they decide in its turn', async () => {
      const told: string[] = []
      const service = new TestService({
        observer: { onVote: (_, { voteOwner }, { voteCount }) => { told.push(`vote ${voteCount} of ${voteOwner[0]}`) } },
        storage: new SlowStorage()
      })
      const { proposalId } = await service.propose({ expectedVotersCount: 5 })
      const signers = [1, 2, 3, 4].map(hashSigner)
      const votes = await Promise.all(signers.map(async signer => cast(signer, proposalId, true)))

      service.bus.onPublish = (_, { type }) => { told.push(type) }
      await Promise.all(votes.map(async vote => service.processIncomingVote(SCOPE, vote)))

      expect(told).to.deep.equal([...signers.map(({ identity }, index) => `vote ${index + 1} of ${identity[0]}`), 'ConsensusReached'])
    })

    it('are refused each for its own reason', async () => {
      const { service, proposalId, votes: [first, second, third], storage } = await holding()
      const calls = [first, second, second, third, { ...third, timestamp: 1n }].map(async vote => service.processIncomingVote(SCOPE, vote, { verified: true }))

      await pWaitFor(() => storage.appended.length > 0)
      storage.held.resolve()

      expect((await Promise.allSettled(calls)).map(result => result.status === 'fulfilled' ? 'ok' : result.reason.name)).to.deep.equal(['ok', 'ok', 'DuplicateVoteError', 'ok', 'TimestampOlderThanCreationTimeError'])
      expect((await service.session(proposalId)).votes()).to.deep.equal([first, second, third])
    })

    it('are all taken for not stored when storing them fails, and can come again', async () => {
      const { service, proposalId, votes: [first, second, third], storage } = await holding()
      const calls = [first, second, second, third].map(async vote => service.processIncomingVote(SCOPE, vote))

      await pWaitFor(() => storage.appended.length > 0)
      storage.held.reject(new Error('disk full'))

      // whoever brings a vote that is there is told so only if it is
      expect((await Promise.allSettled(calls)).map(result => result.status === 'fulfilled' ? 'ok' : result.reason.message)).to.deep.equal(Array(4).fill('disk full'))
      expect((await service.session(proposalId)).voteCount).to.equal(0)

      storage.appendVote = MemoryStorage.prototype.appendVote
      await Promise.all([third, second, first].map(async vote => service.processIncomingVote(SCOPE, vote)))
      expect((await service.session(proposalId)).votes()).to.deep.equal([third, second, first])
    })

    it('are refused where the proposal is dropped while they wait', async () => {
      const { service, proposalId, votes, storage } = await holding()
      const calls = votes.map(async vote => service.processIncomingVote(SCOPE, vote))

      await pWaitFor(() => storage.appended.length > 0)
      await service.storage.removeSession(SCOPE, proposalId)
      storage.held.resolve()

      expect(await outcomes(calls)).to.deep.equal(Array(5).fill('SessionNotFoundError'))
    })
  })
})
