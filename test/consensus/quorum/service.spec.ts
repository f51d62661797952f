import { expect } from 'aegir/chai'
import { evidenceOf, getConsensusResult, MemoryStorage, MemoryVoteLock, proposalIdOf, validateVote } from '../../../src/consensus/index.ts'
import { castBound, digestOf, END, quorumConfig, quorumProposal, quorumService, rejected } from '../fixtures/quorum.ts'
import { hashScheme, hashSigner } from '../fixtures/schemes.ts'
import { rejection, request, SCOPE, START, TestService } from '../fixtures/service.ts'
import type { AppendVoteOptions, ConsensusObserver, ConsensusSession, Proposal, SignatureScheme, Vote } from '../../../src/consensus/index.ts'

const [alice, bob, carol, dave] = [1, 2, 3, 4].map(hashSigner)

/** Names of different questions that happen to have one id, found by trying 60,000 of them */
const COLLIDING_REQUESTS = ['Question 13267?', 'Question 61477?']
const COLLIDING_PROPOSALS = ['Question 25925?', 'Question 58788?']

class CountingScheme implements SignatureScheme {
  verified = 0

  verify (identity: Uint8Array, payload: Uint8Array, signature: Uint8Array): boolean | Promise<boolean> {
    this.verified++

    return hashScheme.verify(identity, payload, signature)
  }
}

class RecordingStorage extends MemoryStorage {
  readonly durable: Array<boolean | undefined> = []

  async appendVote (scope: string, session: ConsensusSession, options?: AppendVoteOptions): Promise<void> {
    this.durable.push(options?.durable)

    return super.appendVote(scope, session)
  }
}

/** A service that has a proposal of four voters, made by somebody else */
async function withProposal (init: Parameters<typeof quorumService>[0] = {}, values: Partial<Proposal> = {}): Promise<{ service: TestService, proposal: Proposal, vote (voter: number, values?: Partial<Vote>): Promise<ConsensusSession> }> {
  const service = await quorumService(init)
  const proposal = quorumProposal({ expectedVotersCount: 4, ...values })

  await service.processIncomingProposal(SCOPE, proposal)

  return {
    service,
    proposal,
    /** @param voter - the voter's number, below 0 for no */
    vote: async (voter, values) => service.processIncomingVote(SCOPE, await castBound(proposal, Math.abs(voter), voter > 0, values))
  }
}

function events ({ bus }: TestService): any[] {
  return bus.events.map(({ scope, timestamp, proposalId, ...event }) => event)
}

describe('service under `quorum`: proposals', () => {
  it('have the id that follows from their content, in the scope\'s rules and in ones of their own', async () => {
    const scoped = await (await quorumService()).propose()
    const own = await new TestService().createProposal(SCOPE, request(), quorumConfig())

    expect(scoped.proposalId).to.equal(proposalIdOf(digestOf(scoped)))
    expect(own.proposalId).to.equal(scoped.proposalId)
    expect(await rejected(new TestService().createProposal(SCOPE, request(), quorumConfig({ policyDigest: undefined })))).to.equal('MissingPolicyDigestError')
  })

  it('are one if they are equal and made in one second', async () => {
    const service = await quorumService()
    const { proposalId } = await service.propose()

    expect(await rejected(service.propose())).to.equal('ProposalAlreadyExistError')

    service.time.now++
    expect((await service.propose()).proposalId).to.not.equal(proposalId)
  })

  it('are refused with an id that another one has, and the first stays', async () => {
    const service = await quorumService()
    const [first, second] = COLLIDING_REQUESTS
    const { proposalId } = await service.propose({ name: first })
    const err = await rejection(service.propose({ name: second }))

    expect(err).to.have.property('name', 'ProposalIdCollisionError')
    expect(err).to.include({ scope: SCOPE, proposalId })
    expect(err.message).to.include('propose this one again')
    expect((await service.session(proposalId)).proposal.name).to.equal(first)

    service.time.now++
    expect((await service.propose({ name: second })).proposalId).to.not.equal(proposalId)
  })

  it('that arrive are told apart from one that has their id', async () => {
    const [first, second] = COLLIDING_PROPOSALS.map(name => quorumProposal({ name }))
    const service = await quorumService()

    expect(first.proposalId).to.equal(second.proposalId)

    await service.processIncomingProposal(SCOPE, first)
    expect(await rejected(service.processIncomingProposal(SCOPE, first))).to.equal('ProposalAlreadyExistError')
    expect(await rejected(service.processIncomingProposal(SCOPE, second))).to.equal('ProposalIdCollisionError')
    expect((await service.session(first.proposalId)).proposal.name).to.equal(first.name)
  })

  it('that arrive with another id than their content gives them are refused', async () => {
    const service = await quorumService()
    const { proposalId, ...proposal } = quorumProposal()

    expect(await rejected(service.processIncomingProposal(SCOPE, { ...proposal, proposalId: (proposalId ^ 1) >>> 0 }))).to.equal('ProposalIdMismatchError')
    expect(await service.storage.listScopeSessions(SCOPE)).to.equal(undefined)
  })

  it('are not validated by our clock, and keep the announcement\'s signature', async () => {
    const service = await quorumService()
    const proposal = quorumProposal()

    service.time.now = END + 1000n
    await service.processIncomingProposal(SCOPE, proposal, { signature: Uint8Array.of(1) })

    expect(await service.session(proposal.proposalId)).to.deep.include({ state: 'active', createdAt: END + 1000n, signature: Uint8Array.of(1), digest: digestOf(proposal) })
  })

  it('bring votes that are taken each for itself, in any order and without links', async () => {
    const service = await quorumService()
    const proposal = quorumProposal({ expectedVotersCount: 4 })

    proposal.votes.push(await castBound(proposal, 2, true, { timestamp: END, receivedHash: new Uint8Array(32) }))
    proposal.votes.push(await castBound(proposal, 1, true, { timestamp: START }))
    proposal.votes.push(await castBound(proposal, 3, true))
    service.time.now = END + 1000n

    await service.processIncomingProposal(SCOPE, proposal)

    expect(await service.session(proposal.proposalId)).to.include({ state: 'reached', result: true })
    expect(events(service)).to.deep.equal([{ type: 'ConsensusReached', result: true }])
  })

  it('are not stored with a vote that is not valid', async () => {
    const service = await quorumService()
    const proposal = quorumProposal({ expectedVotersCount: 4 })

    for (const [values, error] of [
      [{ parentHash: new Uint8Array(0) }, 'ParentHashMismatchError'],
      [{ timestamp: START - 1n }, 'TimestampOlderThanCreationTimeError'],
      [{ timestamp: END + 1n }, 'VoteExpiredError'],
      [{ signature: new Uint8Array(32) }, 'InvalidVoteSignatureError'],
      [{ proposalId: 7 }, 'VoteProposalIdMismatchError']
    ] as const) {
      const votes = [await castBound(proposal, 1, true), await castBound(proposal, 2, true, values)]

      expect(await rejected(service.processIncomingProposal(SCOPE, { ...proposal, votes }))).to.equal(error)
    }

    expect(await service.storage.listScopeSessions(SCOPE)).to.equal(undefined)
  })

  it('that bring two quorums are in conflict, and the culprits are named', async () => {
    const evidence: Array<[boolean, boolean]> = []
    const service = await quorumService({ observer: { onEvidence: (_, first, second) => { evidence.push([first.vote, second.vote]) } } })
    const proposal = quorumProposal({ expectedVotersCount: 4 })

    proposal.votes.push(...await Promise.all([1, 2, 3, -4, -3, -2].map(async voter => castBound(proposal, Math.abs(voter), voter > 0))))
    await service.processIncomingProposal(SCOPE, proposal)

    expect(events(service)).to.deep.equal([{ type: 'ConsensusConflict', culprits: [carol.identity, bob.identity] }])
    expect(evidence).to.deep.equal([[true, false], [true, false]])
    expect(await rejected(service.handleConsensusTimeout(SCOPE, proposal.proposalId))).to.equal('ConsensusConflictError')
    expect(await rejected(getConsensusResult(service.storage, SCOPE, proposal.proposalId))).to.equal('ConsensusConflictError')
    expect(await service.getScopeStats(SCOPE)).to.deep.equal({ totalSessions: 1, activeSessions: 0, failedSessions: 1, consensusReached: 0 })
    expect(events(service)).to.have.lengthOf(1)
  })
})

describe('service under `quorum`: votes that arrive', () => {
  it('are timely by their own time, from the proposal\'s to its expiration, both included, whatever our clock says', async () => {
    const { service, vote } = await withProposal()

    service.time.now = END + 1000n
    await vote(1, { timestamp: START })
    await vote(2, { timestamp: END })
    expect(await rejected(vote(3, { timestamp: START - 1n }))).to.equal('TimestampOlderThanCreationTimeError')
    expect(await rejected(vote(3, { timestamp: END + 1n }))).to.equal('VoteExpiredError')

    service.time.now = START - 1000n
    expect((await vote(3, { timestamp: END })).tally).to.deep.equal({ yes: 3, no: 0 })
  })

  it('are stored after a decision and after a failure', async () => {
    const decided = await withProposal()

    for (const voter of [1, 2, 3, -4, 4]) {
      await decided.vote(voter)
    }

    expect((await decided.service.session(decided.proposal.proposalId)).voteCount).to.equal(5)
    expect(decided.service.bus.events).to.have.lengthOf(1)

    const failed = await withProposal()

    await failed.vote(-1)
    await failed.vote(-2)
    expect(await rejected(failed.service.handleConsensusTimeout(SCOPE, failed.proposal.proposalId))).to.equal('InsufficientVotesAtTimeoutError')
    expect(await failed.vote(3)).to.include({ state: 'failed', voteCount: 3 })
  })

  it('are refused if they are known, or about something else, before a signature is looked at', async () => {
    const scheme = new CountingScheme()
    const { service, proposal, vote } = await withProposal({ scheme })

    await vote(1)
    expect(scheme.verified).to.equal(1)

    expect(await rejected(vote(1))).to.equal('DuplicateVoteError')
    expect(await rejected(vote(2, { parentHash: new Uint8Array(32) }))).to.equal('ParentHashMismatchError')
    expect(await rejected(service.processIncomingVote(SCOPE, await castBound(proposal, 2, true, { proposalId: 7 })))).to.equal('SessionNotFoundError')
    expect(scheme.verified).to.equal(1)

    await vote(-1)
    expect(scheme.verified).to.equal(2)
  })

  it('are stored once where they come twice at one time', async () => {
    const { service, proposal } = await withProposal()
    const vote = await castBound(proposal, 1, true)
    const results = await Promise.allSettled([1, 2, 3].map(async () => service.processIncomingVote(SCOPE, vote)))

    expect(results.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected', 'rejected'])
    expect((await service.session(proposal.proposalId)).voteCount).to.equal(1)
  })

  it('are refused beyond the number of voters, in open scopes', async () => {
    const { vote } = await withProposal()

    for (const voter of [1, 2, -3, -4]) {
      await vote(voter)
    }

    expect(await rejected(vote(5))).to.equal('TooManyVotersError')
    expect((await vote(-1)).tally).to.deep.equal({ yes: 2, no: 3, doubles: 1 })
  })

  it('are told of as evidence once for each who votes both ways, after the vote and before the result', async () => {
    const told: string[] = []
    const observer: ConsensusObserver = {
      onVote: (_, { vote }) => { told.push(`vote ${vote ? 'yes' : 'no'}`) },
      onEvidence: (scope, first, second, session) => {
        expect(evidenceOf(session)).to.deep.include({ first, second })
        told.push(`evidence in ${scope} against ${first.voteOwner[19]}: ${first.vote}, ${second.vote}`)
      }
    }
    const { service, vote } = await withProposal({ observer })

    service.bus.onPublish = (_, { type }) => { told.push(type) }

    await vote(-1)
    await vote(2)
    await vote(3)
    await vote(1)
    await rejected(vote(-1))

    expect(told).to.deep.equal(['vote no', 'vote yes', 'vote yes', 'vote yes', `evidence in ${SCOPE} against 1: true, false`, 'ConsensusReached'])
  })

  it('decide after a failure', async () => {
    const { service, proposal, vote } = await withProposal()

    await vote(-1)
    await vote(-2)
    await rejected(service.handleConsensusTimeout(SCOPE, proposal.proposalId))
    await rejected(service.handleConsensusTimeout(SCOPE, proposal.proposalId))
    await vote(-3)

    expect(events(service)).to.deep.equal([{ type: 'ConsensusFailed' }, { type: 'ConsensusReached', result: false }])
    expect(await getConsensusResult(service.storage, SCOPE, proposal.proposalId)).to.equal(false)
  })

  it('contradict a result, which stays, and are told of once with the culprits', async () => {
    const { service, proposal, vote } = await withProposal()

    for (const voter of [1, 2, 3, -4, -3, -2, -1, 4]) {
      await vote(voter)
    }

    expect(events(service)).to.deep.equal([
      { type: 'ConsensusReached', result: true },
      { type: 'ConsensusContradicted', result: true, culprits: [carol.identity, bob.identity] }
    ])
    expect(await service.session(proposal.proposalId)).to.include({ state: 'reached', result: true, contradicted: true })
  })

  it('are durable if they change how the proposal stands', async () => {
    const storage = new RecordingStorage()
    const { service, proposal, vote } = await withProposal({ storage })

    await vote(1)
    await rejected(service.handleConsensusTimeout(SCOPE, proposal.proposalId))

    for (const voter of [2, 3, 4, -2, -3, -4]) {
      await vote(voter)
    }

    // the third for it that decides, the third against it that contradicts it
    expect(storage.durable).to.deep.equal([false, false, true, false, false, false, true])
  })

  it('of our own identity bind it, and a second one is evidence that does not', async () => {
    const voteLock = new MemoryVoteLock()
    const { service, proposal, vote } = await withProposal({ signer: alice, voteLock })

    await vote(-1)
    await vote(1)

    expect(await voteLock.find(SCOPE, { ...proposal, digest: digestOf(proposal) }, alice.identity)).to.have.property('vote', false)
    expect(await rejected(service.castVote(SCOPE, proposal.proposalId, true))).to.equal('UserAlreadyVotedError')
  })
})

describe('service under `quorum`: castVote', () => {
  it('signs a vote that is bound to the proposal and linked to nothing', async () => {
    const { service, proposal, vote } = await withProposal()

    await vote(1)
    service.time.now += 5n

    const cast = await service.castVote(SCOPE, proposal.proposalId, false, bob)

    expect(cast).to.deep.include({ parentHash: digestOf(proposal), receivedHash: new Uint8Array(0), timestamp: START + 5n })
    await validateVote(cast, (await service.session(proposal.proposalId)).voteTerms, 0n, hashScheme)
  })

  it('moves the time into the proposal\'s where our clock is behind, and refuses at the expiration', async () => {
    const { service, proposal } = await withProposal()

    service.time.now = START - 5n
    expect(await service.castVote(SCOPE, proposal.proposalId, true, alice)).to.have.property('timestamp', START)

    service.time.now = END - 1n
    expect(await service.castVote(SCOPE, proposal.proposalId, true, bob)).to.have.property('timestamp', END - 1n)

    service.time.now = END
    expect(await rejected(service.castVote(SCOPE, proposal.proposalId, true, carol))).to.equal('ProposalExpiredError')
  })

  it('stores the vote in every state', async () => {
    const { service, proposal, vote } = await withProposal()

    for (const voter of [1, 2, 3]) {
      await vote(voter)
    }

    const late = await service.castVote(SCOPE, proposal.proposalId, false, dave)
    expect((await service.session(proposal.proposalId)).votes().at(-1)).to.deep.equal(late)

    const failed = await withProposal()
    await failed.vote(-2)
    await failed.vote(-3)
    await rejected(failed.service.handleConsensusTimeout(SCOPE, failed.proposal.proposalId))
    await failed.service.castVote(SCOPE, failed.proposal.proposalId, false, alice)
    expect(await failed.service.session(failed.proposal.proposalId)).to.include({ state: 'reached', result: false })
  })

  it('never signs a second vote for an identity', async () => {
    const { service, proposal, vote } = await withProposal()

    await vote(1)

    for (const choice of [true, false]) {
      expect(await rejected(service.castVote(SCOPE, proposal.proposalId, choice, alice))).to.equal('UserAlreadyVotedError')
    }
  })

  it('binds nobody to a vote that nobody would take', async () => {
    const voteLock = new MemoryVoteLock()
    const { service, proposal, vote } = await withProposal({ voteLock }, { expectedVotersCount: 2 })

    await vote(-1)
    await vote(2)

    expect(await rejected(service.castVote(SCOPE, proposal.proposalId, true, carol))).to.equal('TooManyVotersError')
    expect(await voteLock.find(SCOPE, { ...proposal, digest: digestOf(proposal) }, carol.identity)).to.equal(undefined)
  })

  it('does not sign for one content what it has voted on another with the same id, and votes on both', async () => {
    const voteLock = new MemoryVoteLock()
    const [first, second] = COLLIDING_PROPOSALS.map(name => quorumProposal({ name }))
    const service = await quorumService({ voteLock })

    await service.processIncomingProposal(SCOPE, first)

    const onFirst = await service.castVote(SCOPE, first.proposalId, true, alice)

    await service.storage.removeSession(SCOPE, first.proposalId)
    await service.processIncomingProposal(SCOPE, second)

    const onSecond = await service.castVote(SCOPE, second.proposalId, false, alice)

    expect(onSecond.parentHash).to.not.deep.equal(onFirst.parentHash)
    expect(onSecond.vote).to.equal(false)
    expect(await rejected(service.castVote(SCOPE, second.proposalId, true, alice))).to.equal('UserAlreadyVotedError')
  })

  it('completes a vote after a decision, too', async () => {
    const voteLock = new MemoryVoteLock()
    const { service, proposal, vote } = await withProposal({ voteLock, signer: dave })
    const unsigned = { ...await castBound(proposal, 4, false), signature: new Uint8Array(0) }

    await voteLock.acquire(SCOPE, proposal, unsigned)

    for (const voter of [1, 2, 3]) {
      await vote(voter)
    }

    expect(await service.completeVote(SCOPE, proposal.proposalId)).to.have.deep.property('voteHash', unsigned.voteHash)
    expect((await service.session(proposal.proposalId)).tally).to.deep.equal({ yes: 3, no: 1 })
    expect(await service.completeVote(SCOPE, proposal.proposalId)).to.equal(undefined)
  })
})

describe('service under `quorum`: the timeout', () => {
  it('resolves with a result there is', async () => {
    const { service, proposal, vote } = await withProposal()

    for (const voter of [-1, -2, -3]) {
      await vote(voter)
    }

    expect(await service.handleConsensusTimeout(SCOPE, proposal.proposalId)).to.equal(false)
    expect(await service.handleConsensusTimeout(SCOPE, proposal.proposalId)).to.equal(false)
  })

  it('decides nothing by silence, whatever the clock says and the liveness side is', async () => {
    for (const livenessCriteriaYes of [true, false]) {
      const { service, proposal, vote } = await withProposal({}, { livenessCriteriaYes })

      await vote(livenessCriteriaYes ? 1 : -1)
      await vote(livenessCriteriaYes ? 2 : -2)
      service.time.now = START - 10n
      expect(await rejected(service.handleConsensusTimeout(SCOPE, proposal.proposalId))).to.equal('InsufficientVotesAtTimeoutError')
      expect(events(service)).to.deep.equal([{ type: 'ConsensusFailed' }])
      expect(await service.session(proposal.proposalId)).to.include({ state: 'failed', result: undefined })
    }
  })
})
