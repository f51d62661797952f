import { expect } from 'aegir/chai'
import { computeVoteHash, MemoryStorage, MemoryVoteLock, signedPayload, validateVote } from '../../../src/consensus/index.ts'
import { hashScheme, hashSigner } from '../fixtures/schemes.ts'
import { cast, rejection, SCOPE, START, TestService, votedProposal } from '../fixtures/service.ts'
import type { ConsensusSession, Vote } from '../../../src/consensus/index.ts'

const [alice, bob, carol, dave] = [1, 2, 3, 4].map(hashSigner)

/** Stops before a vote is stored, as a crash would */
class CrashingStorage extends MemoryStorage {
  crash = false

  async appendVote (scope: string, session: ConsensusSession): Promise<void> {
    if (this.crash) {
      throw new Error('crashed')
    }

    return super.appendVote(scope, session)
  }
}

describe('service: castVote', () => {
  it('signs a vote that is valid, linked to the vote before it, and stored', async () => {
    const service = new TestService()
    const { proposalId, ...proposal } = await service.propose({ expectedVotersCount: 5 })

    service.time.now += 5n
    const first = await service.castVote(SCOPE, proposalId, true, alice)
    const second = await service.castVote(SCOPE, proposalId, false, bob)

    for (const vote of [first, second]) {
      await validateVote(vote, proposal, service.time.now, hashScheme)
      expect(vote.timestamp).to.equal(START + 5n)
    }

    expect(first.receivedHash).to.be.empty()
    expect(second.receivedHash).to.deep.equal(first.voteHash)
    expect(second.parentHash).to.be.empty()
    expect((await service.session(proposalId)).votes()).to.deep.equal([first, second])
    expect((await service.session(proposalId)).tally).to.deep.equal({ yes: 1, no: 1 })
  })

  it('resolves with the proposal and all its votes where that is asked for', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose()

    const first = await service.castVote(SCOPE, proposalId, true, alice)
    const proposal = await service.castVoteAndGetProposal(SCOPE, proposalId, false, bob)

    expect(proposal.round).to.equal(2)
    expect(proposal.votes).to.have.lengthOf(2)
    expect(proposal.votes[0]).to.deep.equal(first)
    expect(proposal).to.deep.equal((await service.session(proposalId)).toProposal())
  })

  it('signs with the service\'s signer where the call names none', async () => {
    const service = new TestService({ signer: carol })
    const { proposalId } = await service.propose()

    expect((await service.castVote(SCOPE, proposalId, true)).voteOwner).to.deep.equal(carol.identity)
    expect((await service.castVote(SCOPE, proposalId, true, alice)).voteOwner).to.deep.equal(alice.identity)
  })

  it('says so where there is nobody to sign', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose()

    await expect(service.castVote(SCOPE, proposalId, true)).to.eventually.be.rejected.with.property('name', 'MissingSignerError')
  })

  it('refuses a proposal that is not known, and says which', async () => {
    const err = await rejection(new TestService().castVote(SCOPE, 7, true, alice))

    expect(err).to.have.property('name', 'SessionNotFoundError')
    expect(err.message).to.include('council').and.to.include('7')
  })

  it('refuses a vote at the second of the expiration, not one before, and binds the signer to none', async () => {
    const bound: Vote[] = []
    const voteLock = new MemoryVoteLock()
    const acquire = voteLock.acquire.bind(voteLock)
    voteLock.acquire = async (scope, proposal, vote) => {
      bound.push(vote)
      return acquire(scope, proposal, vote)
    }
    const service = new TestService({ voteLock })
    const { proposalId, expirationTimestamp } = await service.propose()

    service.time.now = expirationTimestamp - 1n
    await service.castVote(SCOPE, proposalId, true, alice)

    service.time.now = expirationTimestamp
    const err = await rejection(service.castVote(SCOPE, proposalId, true, bob))

    expect(err).to.have.property('name', 'ProposalExpiredError')
    expect(err).to.have.property('scope', SCOPE)
    expect(err.message).to.include('council')
    expect((await service.session(proposalId)).voteCount).to.equal(1)
    expect(bound.map(({ voteOwner }) => voteOwner)).to.deep.equal([alice.identity])
  })

  it('refuses a second vote of one identity, whatever its choice', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose()
    await service.castVote(SCOPE, proposalId, true, alice)

    for (const choice of [true, false]) {
      await expect(service.castVote(SCOPE, proposalId, choice, alice)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
    }

    expect((await service.session(proposalId)).tally).to.deep.equal({ yes: 1, no: 0 })
  })

  it('refuses a vote on a proposal that has failed, and does not bind the signer to it', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose({ expectedVotersCount: 2 })
    await service.handleConsensusTimeout(SCOPE, proposalId).catch(() => {})
    let signed = 0

    await expect(service.castVote(SCOPE, proposalId, true, {
      identity: alice.identity,
      sign: payload => {
        signed++
        return alice.sign(payload)
      }
    })).to.eventually.be.rejected.with.property('name', 'SessionNotActiveError')
    expect(signed).to.equal(0)
  })

  it('does not let out a vote whose signature does not hold', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose()

    await expect(service.castVote(SCOPE, proposalId, true, { identity: alice.identity, sign: payload => bob.sign(payload) }))
      .to.eventually.be.rejected.with.property('name', 'InvalidVoteSignatureError')
    expect((await service.session(proposalId)).voteCount).to.equal(0)
  })

  describe('the vote lock', () => {
    it('gives the same vote again after a decision, which does not store it', async () => {
      const service = new TestService()
      const { proposalId } = await service.propose({ expectedVotersCount: 4 })

      for (const signer of [alice, bob, carol]) {
        await service.castVote(SCOPE, proposalId, true, signer)
      }

      expect((await service.session(proposalId)).result).to.equal(true)

      const late = await service.castVote(SCOPE, proposalId, false, dave)
      service.time.now += 1n
      const again = await service.castVote(SCOPE, proposalId, false, dave)

      expect(again).to.deep.equal(late)
      expect((await service.session(proposalId)).voteCount).to.equal(3)
    })

    it('never signs the opposite after a decision', async () => {
      const service = new TestService()
      const { proposalId } = await service.propose({ expectedVotersCount: 1 })
      await service.castVote(SCOPE, proposalId, true, alice)
      const signedPayloads: Uint8Array[] = []
      const signer = {
        identity: dave.identity,
        sign: (payload: Uint8Array) => {
          signedPayloads.push(payload)
          return dave.sign(payload)
        }
      }

      await service.castVote(SCOPE, proposalId, true, signer)
      const err = await rejection(service.castVote(SCOPE, proposalId, false, signer))

      expect(err).to.have.property('name', 'UserAlreadyVotedError')
      expect(signedPayloads).to.have.lengthOf(2)
      expect(signedPayloads[0]).to.deep.equal(signedPayloads[1])
    })

    it('completes the vote of before a crash when the identity votes again', async () => {
      const storage = new CrashingStorage()
      const voteLock = new MemoryVoteLock()
      const service = new TestService({ storage, voteLock })
      const { proposalId } = await service.propose()

      storage.crash = true
      await expect(service.castVote(SCOPE, proposalId, true, alice)).to.eventually.be.rejectedWith('crashed')
      storage.crash = false

      const restarted = new TestService({ storage, voteLock })
      restarted.time.now += 10n
      const vote = await restarted.castVote(SCOPE, proposalId, true, alice)

      expect(vote.timestamp).to.equal(START, 'the vote that was bound before the crash')
      expect((await restarted.session(proposalId)).votes()).to.deep.equal([vote])
    })

    it('completes the vote of before a crash and says so when the choice is another now', async () => {
      const storage = new CrashingStorage()
      const voteLock = new MemoryVoteLock()
      const service = new TestService({ storage, voteLock })
      const { proposalId } = await service.propose()

      storage.crash = true
      await expect(service.castVote(SCOPE, proposalId, true, alice)).to.eventually.be.rejectedWith('crashed')
      storage.crash = false

      const err = await rejection(new TestService({ storage, voteLock }).castVote(SCOPE, proposalId, false, alice))

      expect(err).to.have.property('name', 'UserAlreadyVotedError')
      expect(err.message).to.include('yes')
      expect((await service.session(proposalId)).tally).to.deep.equal({ yes: 1, no: 0 })
    })

    it('is asked before anything is signed', async () => {
      const order: string[] = []
      const service = new TestService({
        voteLock: {
          async acquire (scope, proposal, vote) {
            order.push('lock')
            expect(vote.signature).to.be.empty()
            expect(vote.voteHash).to.deep.equal(computeVoteHash(vote))
            return vote
          },
          find: async () => undefined
        }
      })
      const { proposalId } = await service.propose()

      const vote = await service.castVote(SCOPE, proposalId, true, {
        identity: alice.identity,
        sign: payload => {
          order.push('sign')
          return alice.sign(payload)
        }
      })

      expect(order).to.deep.equal(['lock', 'sign'])
      expect(vote.signature).to.deep.equal(await alice.sign(signedPayload(vote)))
    })

    it('signs nothing where the lock cannot be had', async () => {
      const service = new TestService({ voteLock: { acquire: async () => { throw new Error('disk full') }, find: async () => undefined } })
      const { proposalId } = await service.propose()
      let signed = false

      await expect(service.castVote(SCOPE, proposalId, true, {
        identity: alice.identity,
        sign: () => {
          signed = true
          return new Uint8Array(32)
        }
      })).to.eventually.be.rejectedWith('disk full')
      expect(signed).to.equal(false)
    })

    it('keeps identities and proposals apart', async () => {
      const service = new TestService()
      const first = await service.propose()
      const second = await service.propose()

      expect((await service.castVote(SCOPE, first.proposalId, true, alice)).vote).to.equal(true)
      expect((await service.castVote(SCOPE, first.proposalId, false, bob)).vote).to.equal(false)
      expect((await service.castVote(SCOPE, second.proposalId, false, alice)).vote).to.equal(false)
    })
  })

  it('takes no vote of its own identity that came from elsewhere twice', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose()

    await service.processIncomingVote(SCOPE, await cast(alice, proposalId, true))

    await expect(service.castVote(SCOPE, proposalId, true, alice)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
  })

  describe('a vote of this service\'s signer that comes from elsewhere', () => {
    it('binds the signer as if it had been cast here, also after the decision', async () => {
      const service = new TestService({ signer: alice })
      const { proposalId } = await service.propose({ expectedVotersCount: 1 })
      await service.castVote(SCOPE, proposalId, true, bob)
      await service.processIncomingVote(SCOPE, await cast(alice, proposalId, false))

      expect((await service.session(proposalId)).voteCount).to.equal(1)
      await expect(service.castVote(SCOPE, proposalId, true)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
    })

    it('binds the signer when it comes in a proposal', async () => {
      const voteLock = new MemoryVoteLock()
      const service = new TestService({ signer: alice, voteLock })
      const proposal = await votedProposal([false])

      await service.processIncomingProposal(SCOPE, proposal)

      expect(await voteLock.find(SCOPE, proposal, alice.identity)).to.deep.include({ voteHash: proposal.votes[0].voteHash })
    })

    it('does not bind others', async () => {
      const voteLock = new MemoryVoteLock()
      const service = new TestService({ signer: alice, voteLock })
      const proposal = await service.propose()

      await service.processIncomingVote(SCOPE, await cast(bob, proposal.proposalId, false))

      expect(await voteLock.find(SCOPE, proposal, bob.identity)).to.equal(undefined)
    })
  })

  describe('completeVote', () => {
    it('signs and stores the vote that was bound before the end of the process', async () => {
      const storage = new CrashingStorage()
      const voteLock = new MemoryVoteLock()
      const service = new TestService({ storage, voteLock, signer: alice })
      const { proposalId } = await service.propose()
      storage.crash = true
      await service.castVote(SCOPE, proposalId, false).catch(() => {})
      storage.crash = false

      const restarted = new TestService({ storage, voteLock, signer: alice })
      restarted.time.now += 5n
      const vote = await restarted.completeVote(SCOPE, proposalId)

      expect(vote).to.include({ vote: false, timestamp: START })
      expect((await restarted.session(proposalId)).votes()).to.deep.equal([vote])
      expect(await restarted.completeVote(SCOPE, proposalId)).to.equal(undefined)
    })

    it('does nothing where nothing was bound, or nobody could sign', async () => {
      const service = new TestService({ signer: alice })
      const { proposalId } = await service.propose()

      expect(await service.completeVote(SCOPE, proposalId)).to.equal(undefined)
      expect(await new TestService({ storage: service.storage }).completeVote(SCOPE, proposalId)).to.equal(undefined)
      expect((await service.session(proposalId)).voteCount).to.equal(0)
      await expect(service.completeVote(SCOPE, 1)).to.eventually.be.rejected.with.property('name', 'SessionNotFoundError')
    })
  })
})
