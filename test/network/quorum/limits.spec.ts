import FakeTimers from '@sinonjs/fake-timers'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { concat } from 'uint8arrays/concat'
import { fingerprintOf } from '../../../src/consensus/proposal/fingerprint.ts'
import { ConsensusSession } from '../../../src/consensus/session/session.ts'
import { encodeEvidence, encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { ActiveProposals } from '../../../src/network/scope/active-proposals.ts'
import { ParkedVotes } from '../../../src/network/validation/parked-votes.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { announce, makeVote } from '../../utils/messages.ts'
import { boundVote, digestOf, evidenceMessage, quorumProposal } from '../../utils/quorum.ts'
import { Fixture, GRACE, newPeer, newSigner, START } from './fixture.ts'
import type { ConsensusSigner, Vote, VotingEvents } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { PeerId } from '@libp2p/interface'

const fixture = new Fixture()
const { voter, other, cheat, stranger } = fixture

async function propose (scope: JoinedScope, owner: ConsensusSigner, name: string, signer = owner): Promise<string> {
  return fixture.deliver(scope, await announce(signer, scope.policy, quorumProposal(owner, scope.policy, { name, timestamp: START })))
}

async function voteOn (scope: JoinedScope, name: string, signer: ConsensusSigner, sender?: PeerId): Promise<string> {
  return fixture.deliver(scope, encodeVoteGossip(await boundVote(signer, scope.policy, quorumProposal(voter, scope.policy, { name, timestamp: START }), true)), sender)
}

describe('topic validator under quorum, limits', () => {
  before(async () => { await fixture.start() })

  after(async () => { await fixture.stop() })

  afterEach(async () => { await fixture.leaveAll() })

  function record <K extends keyof VotingEvents> (type: K): Array<VotingEvents[K]['detail']> {
    const details: Array<VotingEvents[K]['detail']> = []

    fixture.node.voting.addEventListener(type, ({ detail }: any) => { details.push(detail) })

    return details
  }

  describe('of what is active', () => {
    it('lets each of four listed proposers have 100, and none take the room of another', async () => {
      const scope = await fixture.join()

      for (let i = 0; i < 100; i++) {
        expect(await propose(scope, voter, `${i}`)).to.equal('accept')
      }

      expect(await fixture.counting(async () => propose(scope, voter, 'one more'))).to.deep.equal(['ignore', 0])
      expect(await propose(scope, other, 'of another')).to.equal('accept')
    })

    it('lets its own operator have no more than the others take', async () => {
      const { voting, signer } = fixture.node
      const listed = await fixture.join({ proposers: [signer, ...Array.from({ length: 499 }, newSigner)].map(({ identity }) => identityToAddress(identity)) })
      const open = await fixture.join({ voters: null })

      const [first] = await Promise.all([0, 1].map(async index => voting.propose(listed.name, { name: `${index}` })))
      await expect(voting.propose(listed.name, { name: 'one more' })).to.eventually.be.rejectedWith(/^Each proposer of scope "council-\d+" may have 2 active proposals, since it has 500 proposers, and that many are\. Propose again/).with.property('name', 'TooManyProposalsError')

      for (const signer of [voter, other, cheat]) {
        await fixture.deliver(listed, encodeVoteGossip(await boundVote(signer, listed.policy, first, true)))
      }

      await voting.propose(listed.name, { name: 'after one has ended' })

      for (let index = 0; index < 1000; index++) {
        open.active.add(index, signer.identity)
      }

      await expect(voting.propose(open.name, { name: 'one more', expectedVotersCount: 1 })).to.eventually.be.rejectedWith(/^1000 proposals may be active/)
    })

    it('keeps the room of a proposal that could not be signed', async () => {
      const { voting, signer } = fixture.node
      const scope = await fixture.join({ proposers: [signer, ...Array.from({ length: 999 }, newSigner)].map(({ identity }) => identityToAddress(identity)) })
      const { sign } = signer

      signer.sign = async () => { throw new Error('no key') }
      await expect(voting.propose(scope.name, { name: 'a' })).to.eventually.be.rejectedWith('no key')
      signer.sign = sign
      await voting.propose(scope.name, { name: 'a' })
    })

    it('takes another where one has ended', async () => {
      // as many proposers as give each of them one
      const proposers = [voter, other, cheat, fixture.node.signer].map(({ identity }) => identityToAddress(identity))
      const scope = await fixture.join({ proposers: [...proposers, ...Array.from({ length: 600 }, (_, i) => `0x${i.toString(16).padStart(40, '0')}`)] })
      const first = quorumProposal(voter, scope.policy, { timestamp: START })

      expect(await fixture.deliver(scope, await announce(voter, scope.policy, first))).to.equal('accept')
      expect(await propose(scope, voter, 'too early')).to.equal('ignore')

      for (const signer of [voter, other, cheat]) {
        await fixture.deliver(scope, encodeVoteGossip(await boundVote(signer, scope.policy, first, true)))
      }

      expect(await propose(scope, voter, 'in time')).to.equal('accept')
    })

    it('lets nobody take the room of a proposer by forging its proposals', async () => {
      const scope = await fixture.join({ proposers: [voter, ...Array.from({ length: 600 }, () => undefined)].map((signer, i) => signer == null ? `0x${i.toString(16).padStart(40, '0')}` : identityToAddress(signer.identity)) })
      const verdicts = await Promise.all([
        ...Array.from({ length: 20 }, async (_, i) => propose(scope, voter, `forged ${i}`, stranger)),
        propose(scope, voter, 'genuine')
      ])

      expect(verdicts).to.deep.equal([...Array.from({ length: 20 }, () => 'reject'), 'accept'])
    })

    it('keeps half of an open scope for its own', async () => {
      const scope = await fixture.join({ voters: null })

      for (let i = 0; i < 500; i++) {
        expect(await propose(scope, newSigner(), `${i}`)).to.equal('accept')
        expect(await propose(scope, fixture.node.signer, `own ${i}`)).to.equal('accept')
      }

      expect(await propose(scope, stranger, 'one more')).to.equal('ignore')
      expect(await propose(scope, fixture.node.signer, 'one more')).to.equal('ignore')
      expect(scope.active.size).to.equal(1000)
    })

    it('gives allow-listed proposers of an open scope a share each', async () => {
      const scope = await fixture.join({ voters: null, proposers: [voter, other].map(({ identity }) => identityToAddress(identity)) })

      for (let i = 0; i < 100; i++) {
        expect(await propose(scope, voter, `${i}`)).to.equal('accept')
      }

      expect(await propose(scope, voter, 'one more')).to.equal('ignore')
      expect(await propose(scope, other, 'of another')).to.equal('accept')
      expect(await propose(scope, stranger, 'of a stranger')).to.equal('reject')
    })

    it('gives the share that the number of proposers leaves, and never less than one', () => {
      for (const [proposers, share] of [[1, 100], [10, 100], [11, 90], [300, 3], [1000, 1], [1001, 1], [10_000, 1]]) {
        const active = new ActiveProposals(proposers)

        for (let i = 0; i < share; i++) {
          expect(active.hasRoom(voter.identity)).to.equal(true)
          active.add(i, voter.identity)
        }

        expect(active.hasRoom(voter.identity)).to.equal(false)
        expect(active.reserve(share, voter.identity)).to.equal(undefined)
        expect(active.hasRoom(other.identity)).to.equal(true)
      }
    })

    it('counts a proposal once, from when it is on its way until it has ended', () => {
      const active = new ActiveProposals(500)
      const release = active.reserve(1, voter.identity)

      active.add(1, voter.identity)
      expect(active.hasRoom(voter.identity)).to.equal(true)
      release?.()
      active.add(2, voter.identity)
      expect(active.hasRoom(voter.identity)).to.equal(false)
      active.delete(1)
      expect(active.hasRoom(voter.identity)).to.equal(true)

      active.reserve(3, voter.identity)?.()
      expect(active.hasRoom(voter.identity)).to.equal(true)
      expect(active.size).to.equal(1)
    })

    it('ends what is announced in the grace period', async () => {
      const scope = await fixture.join({ clockSkewSeconds: 0, graceSeconds: 2 })
      const proposal = quorumProposal(voter, scope.policy, { timestamp: START })
      fixture.time.now = START + 60n

      expect(await fixture.deliver(scope, await announce(voter, scope.policy, proposal))).to.equal('accept')
      fixture.time.now = START + 62n
      await pWaitFor(async () => (await fixture.node.voting.get(scope.name, proposal.proposalId)).state !== 'active', { timeout: 10_000 })
    })
  })

  describe('of votes that wait', () => {
    it('lets 16 of a voter wait, and as many of another', async () => {
      const scope = await fixture.join()

      for (let i = 0; i < 16; i++) {
        expect(await voteOn(scope, `${i}`, voter)).to.equal('accept')
      }

      expect(await fixture.counting(async () => voteOn(scope, 'one more', voter))).to.deep.equal(['ignore', 0])
      expect(await voteOn(scope, 'one more', other)).to.equal('accept')
    })

    it('lets the oldest of a voter\'s 16 give way to a newer one, and none to an older one', async () => {
      const scope = await fixture.join()
      const proposals = Array.from({ length: 18 }, (_, index) => quorumProposal(voter, scope.policy, { name: `${index}`, timestamp: START }))
      const vote = async (index: number, timestamp: bigint): Promise<string> => fixture.deliver(scope, encodeVoteGossip(await boundVote(voter, scope.policy, proposals[index], true, { timestamp })))
      const isParked = async (index: number): Promise<boolean> => scope.parked.has(await boundVote(voter, scope.policy, proposals[index], true))

      for (let index = 0; index < 16; index++) {
        // the second is the oldest
        expect(await vote(index, START + (index === 1 ? 0n : 1n))).to.equal('accept')
      }

      expect(await vote(16, START)).to.equal('ignore')
      expect(await vote(17, START + 1n)).to.equal('accept')
      expect(await Promise.all([0, 1, 15, 16, 17].map(isParked))).to.deep.equal([true, false, true, false, true])
      expect(scope.parked.size).to.equal(16)
    })

    it('passes on so many votes of a voter that give way to each other, and no more for two minutes', async () => {
      const scope = await fixture.join()
      const verdicts: string[] = []
      const vote = async (signer: ConsensusSigner, index: number): Promise<string> => fixture.deliver(scope, encodeVoteGossip(await boundVote(signer, scope.policy, quorumProposal(voter, scope.policy, { name: `${index}`, timestamp: START }), true, { timestamp: START - 1_000n + BigInt(index) })))

      for (let index = 0; index < 260; index++) {
        verdicts.push(await vote(voter, index))
      }

      expect(verdicts).to.deep.equal([...new Array(256).fill('accept'), ...new Array(4).fill('ignore')])
      expect(await vote(other, 0)).to.equal('accept')

      fixture.time.now += 120n
      expect(await vote(voter, 260)).to.equal('accept')
    })

    it('lets one vote of a voter for each side of a proposal wait', async () => {
      const scope = await fixture.join()
      const proposal = quorumProposal(voter, scope.policy, { timestamp: START })
      const vote = async (choice: boolean, timestamp: bigint, changes: Partial<Vote> = {}): Promise<string> => fixture.deliver(scope, encodeVoteGossip(await boundVote(voter, scope.policy, proposal, choice, { timestamp, ...changes })))

      expect(await vote(true, START)).to.equal('accept')
      expect(await vote(false, START)).to.equal('accept')
      expect(await fixture.counting(async () => vote(true, START + 1n))).to.deep.equal(['ignore', 0])
      // on other content that would have the id
      expect(await vote(true, START, { parentHash: concat([digestOf(scope.policy, proposal).subarray(0, 4), new Uint8Array(28)]) })).to.equal('accept')
      expect(scope.parked.size).to.equal(3)

      await fixture.deliver(scope, await announce(voter, scope.policy, proposal))
      expect(scope.parked.size).to.equal(1)
      expect(await fixture.tally(scope, proposal.proposalId)).to.deep.equal({ yes: 1, no: 1, doubles: 1 })
    })

    it('asks each sender for each proposal once in two minutes', async () => {
      const scope = await fixture.join()
      const { request } = (fixture.node.voting as any).parts.sync
      const asked: unknown[] = []

      ;(fixture.node.voting as any).parts.sync.request = (...args: unknown[]) => { asked.push(args) }

      try {
        for (const name of ['first', 'second']) {
          for (const signer of [voter, other, cheat]) {
            expect(await voteOn(scope, name, signer)).to.equal('accept')
          }
        }

        expect(asked).to.deep.equal([1, 2].map(() => [scope, fixture.node.libp2p.peerId]))
        fixture.time.now += 120n
        expect(await voteOn(scope, 'first', fixture.node.signer)).to.equal('accept')
        expect(asked).to.have.length(3)
      } finally {
        (fixture.node.voting as any).parts.sync.request = request
      }
    })

    it('makes room when the proposal comes, and verifies a vote that has waited once', async () => {
      const scope = await fixture.join()

      for (let i = 0; i < 16; i++) {
        await voteOn(scope, `${i}`, voter)
      }

      expect(await fixture.counting(async () => propose(scope, voter, '3'))).to.deep.equal(['accept', 1])
      expect(await fixture.tally(scope, quorumProposal(voter, scope.policy, { name: '3', timestamp: START }).proposalId)).to.deep.equal({ yes: 1, no: 0 })
      expect(await voteOn(scope, 'one more', voter)).to.equal('accept')
      expect(await voteOn(scope, 'too many', voter)).to.equal('ignore')
    })

    it('does not count a vote that has waited and turns out to be cast out of time', async () => {
      const scope = await fixture.join()
      const proposal = quorumProposal(voter, scope.policy, { timestamp: START })

      expect(await fixture.deliver(scope, encodeVoteGossip(await boundVote(other, scope.policy, proposal, true, { timestamp: START - 1n })))).to.equal('accept')
      await fixture.deliver(scope, await announce(voter, scope.policy, proposal))
      expect(await fixture.tally(scope, proposal.proposalId)).to.deep.equal({ yes: 0, no: 0 })
    })

    it('lets 256 wait in an open scope, of all voters together', async () => {
      const scope = await fixture.join({ voters: null })

      // of several peers, none of which has so many ignored that each is verified
      const senders = await Promise.all([0, 1, 2].map(newPeer))

      for (let i = 0; i < 256; i++) {
        expect(await voteOn(scope, `${i}`, newSigner(), senders[i % 3])).to.equal('ignore')
      }

      expect(scope.parked.size).to.equal(256)
      expect(await fixture.counting(async () => voteOn(scope, 'one more', newSigner()))).to.deep.equal(['ignore', 0])
      expect(scope.parked.size).to.equal(256)
    })

    it('lets a vote wait for two minutes', async () => {
      const clock = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout'] })

      try {
        const pending = new ParkedVotes({ maxPerVoter: 1, maxTotal: 1, bound: false })

        pending.add(await makeVote(voter, { proposalId: 1, timestamp: START }, true))
        clock.tick(2 * 60 * 1000 - 1)
        expect(pending.size).to.equal(1)
        clock.tick(1)
        expect(pending.size).to.equal(0)
      } finally {
        clock.uninstall()
      }
    })

    it('gives a vote up when its time is up', async () => {
      const pending = new ParkedVotes({ maxPerVoter: 1, maxTotal: 1, bound: false, ttl: 50 })
      const [vote, another] = await Promise.all([1, 2].map(async proposalId => makeVote(voter, { proposalId, timestamp: START }, true)))

      pending.add(vote)
      expect(pending.hasRoom(another)).to.equal(false)
      await pWaitFor(() => pending.size === 0)
      expect(pending.hasRoom(another)).to.equal(true)
      expect(pending.take('1')).to.be.empty()
    })
  })

  describe('of double voters', () => {
    it('takes evidence of ten in an open scope, and each known voter\'s first opposite vote up to then', async () => {
      const scope = await fixture.join({ voters: null })
      const proposal = quorumProposal(voter, scope.policy, { timestamp: START, expectedVotersCount: 20 })
      await fixture.deliver(scope, await announce(voter, scope.policy, proposal))
      await fixture.deliver(scope, encodeVoteGossip(await boundVote(other, scope.policy, proposal, true)))

      for (let i = 0; i < 10; i++) {
        expect(await fixture.deliver(scope, await evidenceMessage(newSigner(), scope.policy, proposal))).to.equal('accept')
      }

      const eleventh = await evidenceMessage(newSigner(), scope.policy, proposal)
      const opposite = encodeVoteGossip(await boundVote(other, scope.policy, proposal, false))

      expect(await fixture.counting(async () => fixture.deliver(scope, eleventh))).to.deep.equal(['ignore', 0])
      expect(await fixture.counting(async () => fixture.deliver(scope, opposite))).to.deep.equal(['ignore', 0])
      expect(await fixture.tally(scope, proposal.proposalId)).to.deep.equal({ yes: 11, no: 10, doubles: 10 })
    })

    it('takes evidence of all listed voters', async () => {
      const voters = Array.from({ length: 12 }, newSigner)
      const scope = await fixture.join({ voters: voters.map(({ identity }) => identityToAddress(identity)) })
      const proposal = quorumProposal(voters[0], scope.policy, { timestamp: START })
      await fixture.deliver(scope, await announce(voters[0], scope.policy, proposal))

      for (const signer of voters) {
        expect(await fixture.deliver(scope, await evidenceMessage(signer, scope.policy, proposal))).to.equal('accept')
      }
    })

    it('refuses more voters than were expected where anybody may vote, and verifies nothing', async () => {
      const scope = await fixture.join({ voters: null })
      const proposal = quorumProposal(voter, scope.policy, { timestamp: START, expectedVotersCount: 2 })
      await fixture.deliver(scope, await announce(voter, scope.policy, proposal))

      for (const signer of [voter, other]) {
        await fixture.deliver(scope, encodeVoteGossip(await boundVote(signer, scope.policy, proposal, true)))
      }

      const third = encodeVoteGossip(await boundVote(stranger, scope.policy, proposal, true))
      const evidence = await evidenceMessage(stranger, scope.policy, proposal)

      expect(await fixture.counting(async () => fixture.deliver(scope, third))).to.deep.equal(['ignore', 0])
      expect(await fixture.counting(async () => fixture.deliver(scope, evidence))).to.deep.equal(['ignore', 0])
    })
  })

  it('tells of a newer format once an hour in each scope', async () => {
    const events = record('voting:newer-format')
    const [scope, another] = [await fixture.join(), await fixture.join()]
    const newer = Uint8Array.of(0x2a, 0)

    for (const [on, at] of [[scope, 0n], [scope, 0n], [another, 0n], [scope, 3599n], [scope, 3600n]] as const) {
      fixture.time.now = START + at
      expect(await fixture.deliver(on, newer)).to.equal('ignore')
    }

    expect(events).to.deep.equal([scope, another, scope].map(({ name }) => ({ scope: name, peer: fixture.node.libp2p.peerId, field: 5 })))
  })

  it('stores an opposite vote and tells of the two votes once', async () => {
    const { scope, policy, proposal, vote } = await fixture.joinAndKnow()
    const evidence = record('voting:evidence')
    const opposite = await boundVote(other, policy, proposal, false)

    expect(await fixture.deliver(scope, encodeVoteGossip(opposite))).to.equal('accept')
    expect(await fixture.deliver(scope, encodeVoteGossip(opposite))).to.equal('ignore')
    expect(await fixture.deliver(scope, await evidenceMessage(other, policy, proposal))).to.equal('ignore')
    expect(await fixture.tally(scope, proposal.proposalId)).to.deep.equal({ yes: 2, no: 2, doubles: 2 })
    expect(evidence).to.have.length(1)
    expect(evidence[0]).to.deep.include({ scope: scope.name, proposalId: proposal.proposalId, owner: other.identity })
    expect(evidence[0].first.voteHash).to.equalBytes(vote.voteHash)
    expect(evidence[0].second.voteHash).to.equalBytes(opposite.voteHash)
  })

  it('leaves nothing behind of evidence that is none', async () => {
    const { scope, policy, proposal } = await fixture.joinAndKnow()
    const events = [record('voting:evidence'), record('voting:vote')]
    const first = await boundVote(voter, policy, proposal, true)

    for (const changes of [{}, { timestamp: START + 61n }]) {
      expect(await fixture.deliver(scope, encodeEvidence({ first, second: await boundVote(voter, policy, proposal, false, { ...changes, signature: new Uint8Array(65) }) }))).to.equal('reject')
    }

    expect(events).to.deep.equal([[], []])
    expect(await fixture.tally(scope, proposal.proposalId)).to.deep.equal({ yes: 2, no: 1, doubles: 1 })
  })

  it('stores a vote that comes after the decision, and one that comes after the deadline', async () => {
    const { scope, policy, proposal } = await fixture.joinAndKnow()
    const { name } = scope
    const { proposalId } = proposal

    expect(await fixture.deliver(scope, encodeVoteGossip(await boundVote(voter, policy, proposal, true)))).to.equal('accept')
    await expect(fixture.node.voting.get(name, proposalId)).to.eventually.include({ state: 'reached', result: true })

    fixture.time.now = START + 60n + GRACE + 1000n
    expect(await fixture.deliver(scope, encodeVoteGossip(await boundVote(fixture.node.signer, policy, proposal, true)))).to.equal('accept')
    expect(await fixture.tally(scope, proposalId)).to.deep.equal({ yes: 4, no: 1, doubles: 1 })
  })

  describe('of ids', () => {
    // two proposals with one id take 2^32 tries to find, so the first is put into the storage under an id it does not have
    async function store (scope: JoinedScope, proposalId: number): Promise<void> {
      const known = quorumProposal(voter, scope.policy, { name: 'Known?', timestamp: START })
      await fixture.deliver(scope, await announce(voter, scope.policy, known))
      const { storage } = fixture.node.voting.consensus
      const { config } = await storage.getSession(scope.key, known.proposalId) as ConsensusSession
      const first = { ...quorumProposal(other, scope.policy, { name: 'First', timestamp: START }), proposalId }

      await storage.saveSession(scope.key, ConsensusSession.create(first, config, START))
    }

    it('keeps the first of two proposals with one id, and says so once', async () => {
      const collisions = record('voting:collision')
      const scope = await fixture.join()
      const second = quorumProposal(voter, scope.policy, { name: 'Second', timestamp: START })
      const announcement = await announce(voter, scope.policy, second)
      await store(scope, second.proposalId)

      expect(await fixture.deliver(scope, await announce(other, scope.policy, second))).to.equal('reject')
      expect(collisions).to.be.empty()
      expect(await fixture.counting(async () => fixture.deliver(scope, announcement))).to.deep.equal(['ignore', 1])
      expect(await fixture.counting(async () => fixture.deliver(scope, announcement))).to.deep.equal(['ignore', 0])
      expect(collisions).to.have.length(1)
      expect(collisions[0]).to.deep.include({ scope: scope.name, proposalId: second.proposalId, kind: 'collision', name: 'First', refused: { name: 'Second', proposer: voter.identity, fingerprint: fingerprintOf(digestOf(scope.policy, second)) } })
      await expect(fixture.node.voting.get(scope.name, second.proposalId)).to.eventually.have.property('name', 'First')

      // and the votes that are on the second do not count for the first
      expect(await fixture.deliver(scope, encodeVoteGossip(await boundVote(cheat, scope.policy, second, true)))).to.equal('ignore')
      expect(await fixture.tally(scope, second.proposalId)).to.deep.equal({ yes: 0, no: 0 })
    })

    it('tells the proposer of the second to propose again, which helps', async () => {
      const scope = await fixture.join()
      const { signer, voting } = fixture.node
      const second = quorumProposal(signer, scope.policy, { name: 'Second', timestamp: START })
      await store(scope, second.proposalId)

      await expect(voting.propose(scope.name, { name: 'Second' })).to.eventually.be.rejectedWith(/propose this one again in another second/)
        .with.property('name', 'ProposalIdCollisionError')
      fixture.time.now++
      await expect(voting.propose(scope.name, { name: 'Second' })).to.eventually.have.property('name', 'Second')
    })
  })
})
