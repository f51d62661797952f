import { expect } from 'aegir/chai'
import { concat } from 'uint8arrays/concat'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { encodeAnnouncement, encodeEvidence, encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { announce } from '../../utils/messages.ts'
import { boundVote, digestOf, evidenceMessage, quorumProposal } from '../../utils/quorum.ts'
import { Fixture, GRACE, SKEW, START } from '../quorum/fixture.ts'
import type { ConsensusSigner, Proposal, ScopePolicyInput, Vote } from '../../../src/index.ts'
import type { Setting } from '../quorum/fixture.ts'

const fixture = new Fixture()
const { voter, other, cheat, stranger } = fixture

const DAY = 24n * 3600n

/** What is the same at every member, and what is not held against anybody */
interface Case {
  what: string
  verdict: 'accept' | 'ignore' | 'reject'
  /** How many signatures are verified for it */
  verified: number
  /** When it arrives, Unix seconds */
  at?: bigint
  policy?: Partial<ScopePolicyInput>
  message (setting: Setting): Uint8Array | Promise<Uint8Array>
}

const proposed = (changes: Partial<Proposal> = {}, owner = voter, signer = owner) => async ({ policy }: Setting): Promise<Uint8Array> =>
  announce(signer, policy, quorumProposal(owner, policy, { name: 'Another?', timestamp: START, expectedVotersCount: 4, ...changes }))

const voted = (changes: Partial<Vote> = {}, signer: ConsensusSigner = voter, choice = true) => async ({ policy, proposal }: Setting): Promise<Uint8Array> =>
  encodeVoteGossip(await boundVote(signer, policy, proposal, choice, changes))

const votedOn = (changes: Partial<Proposal>, signer: ConsensusSigner = voter, voteChanges: Partial<Vote> = {}) => async ({ policy }: Setting): Promise<Uint8Array> =>
  encodeVoteGossip(await boundVote(signer, policy, quorumProposal(voter, policy, { timestamp: START, name: 'Unknown?', ...changes }), true, voteChanges))

const provenBy = (first: Partial<Vote>, second: Partial<Vote> = {}, signer: ConsensusSigner = voter) => async ({ policy, proposal }: Setting): Promise<Uint8Array> =>
  encodeEvidence({ first: await boundVote(signer, policy, proposal, true, first), second: await boundVote(signer, policy, proposal, false, second) })

const BROKEN = new Uint8Array(65)

const CASES: Case[] = [
  // what is no message
  { what: 'random bytes', verdict: 'reject', verified: 0, message: () => crypto.getRandomValues(new Uint8Array(100)) },
  { what: 'a vote with an unknown field', verdict: 'reject', verified: 0, message: async setting => concat([await voted()(setting), Uint8Array.of(0x78, 1)]) },
  { what: 'a message over 64 KiB', verdict: 'reject', verified: 0, message: () => new Uint8Array(64 * 1024 + 1) },
  { what: 'a message of a newer format', verdict: 'ignore', verified: 0, message: () => Uint8Array.of(0x22, 2, 1, 2) },
  { what: 'a message of a newer format that is cut off', verdict: 'reject', verified: 0, message: () => Uint8Array.of(0x22, 2, 1) },
  { what: 'a field of a newer format beside a vote', verdict: 'reject', verified: 0, message: async setting => concat([await voted()(setting), Uint8Array.of(0x22, 0)]) },
  { what: 'field 0', verdict: 'reject', verified: 0, message: () => Uint8Array.of(0x02, 0) },

  // announcements
  { what: 'the first announcement of a proposal', verdict: 'accept', verified: 1, message: proposed() },
  { what: 'a known proposal', verdict: 'ignore', verified: 0, message: async ({ policy, proposal }) => announce(voter, policy, proposal) },
  { what: 'a proposal with a vote in it', verdict: 'reject', verified: 0, message: async setting => proposed({ votes: [setting.vote] })(setting) },
  { what: 'a proposal in round 0', verdict: 'reject', verified: 0, message: proposed({ round: 0 }) },
  { what: 'a proposal in round 2', verdict: 'reject', verified: 0, message: proposed({ round: 2 }) },
  { what: 'a proposal whose id does not follow from its content', verdict: 'reject', verified: 0, message: proposed({ proposalId: 7 }) },
  { what: 'other content under the id of a known proposal', verdict: 'reject', verified: 0, message: async setting => proposed({ proposalId: setting.proposal.proposalId })(setting) },
  { what: 'a proposal of a stranger', verdict: 'reject', verified: 0, message: proposed({}, stranger) },
  { what: 'a proposal of a voter where others are to propose', policy: { proposers: [identityToAddress(voter.identity)] }, verdict: 'reject', verified: 0, message: proposed({}, other) },
  { what: 'a proposal signed by another voter', verdict: 'reject', verified: 1, message: proposed({}, voter, other) },
  { what: 'an unsigned proposal', verdict: 'reject', verified: 0, message: ({ policy }) => encodeAnnouncement({ proposal: quorumProposal(voter, policy, { name: 'Another?', timestamp: START }), signature: new Uint8Array() }) },
  { what: 'an unsigned proposal in an open scope', policy: { voters: null }, verdict: 'reject', verified: 0, message: ({ policy }) => encodeAnnouncement({ proposal: quorumProposal(voter, policy, { name: 'Another?', timestamp: START }), signature: new Uint8Array() }) },
  { what: 'a proposal made for another policy', verdict: 'reject', verified: 0, message: async ({ policy }) => announce(voter, policy, quorumProposal(voter, { ...policy, threshold: '9/10' }, { timestamp: START })) },
  {
    what: 'a proposal signed for another policy',
    verdict: 'reject',
    verified: 1,
    message: async ({ policy }) => {
      const proposal = quorumProposal(voter, policy, { name: 'Another?', timestamp: START })

      return encodeAnnouncement({ proposal, signature: await voter.sign(announcementDigest({ ...policy, threshold: '9/10' }, proposal)) })
    }
  },
  { what: 'a name of 256 bytes', verdict: 'accept', verified: 1, message: proposed({ name: 'ü'.repeat(128) }) },
  { what: 'a name of 257 bytes', verdict: 'reject', verified: 0, message: proposed({ name: `${'ü'.repeat(128)}a` }) },
  { what: 'no name', verdict: 'reject', verified: 0, message: proposed({ name: '' }) },
  { what: 'a payload of 32 KiB', verdict: 'accept', verified: 1, message: proposed({ payload: new Uint8Array(32 * 1024) }) },
  { what: 'a payload over 32 KiB', verdict: 'reject', verified: 0, message: proposed({ payload: new Uint8Array(32 * 1024 + 1) }) },
  { what: 'a proposal of another number of voters than are listed', verdict: 'reject', verified: 0, message: proposed({ expectedVotersCount: 5 }) },
  { what: 'a proposal of 10,000 voters', policy: { voters: null }, verdict: 'accept', verified: 1, message: proposed({ expectedVotersCount: 10_000 }) },
  { what: 'a proposal of 10,001 voters', policy: { voters: null }, verdict: 'reject', verified: 0, message: proposed({ expectedVotersCount: 10_001 }) },
  { what: 'a proposal of no voters', policy: { voters: null }, verdict: 'reject', verified: 0, message: proposed({ expectedVotersCount: 0 }) },
  { what: 'a proposal of the policy\'s shortest time', policy: { minLifetimeSeconds: 30 }, verdict: 'accept', verified: 1, message: proposed({ expirationTimestamp: START + 30n }) },
  { what: 'a proposal of less than the policy\'s shortest time', policy: { minLifetimeSeconds: 30 }, verdict: 'reject', verified: 0, message: proposed({ expirationTimestamp: START + 29n }) },
  { what: 'a proposal of 30 days', verdict: 'accept', verified: 1, message: proposed({ expirationTimestamp: START + 30n * DAY }) },
  { what: 'a proposal of more than 30 days', verdict: 'reject', verified: 0, message: proposed({ expirationTimestamp: START + 30n * DAY + 1n }) },
  { what: 'a proposal that ends before it begins', verdict: 'reject', verified: 0, message: proposed({ expirationTimestamp: START - 1n }) },
  { what: 'a proposal of the other liveness side than the policy says', policy: { livenessCriteriaYes: true }, verdict: 'reject', verified: 0, message: proposed({ livenessCriteriaYes: false }) },
  { what: 'a proposal within the clock skew', verdict: 'accept', verified: 1, message: proposed({ timestamp: START + SKEW, expirationTimestamp: START + 60n }) },
  { what: 'a proposal beyond the clock skew, which waits', verdict: 'ignore', verified: 1, message: proposed({ timestamp: START + SKEW + 1n, expirationTimestamp: START + 90n }) },
  { what: 'a proposal a minute ahead, which waits', verdict: 'ignore', verified: 1, message: proposed({ timestamp: START + 60n, expirationTimestamp: START + 90n }) },
  { what: 'a proposal more than a minute ahead', verdict: 'ignore', verified: 0, message: proposed({ timestamp: START + 61n, expirationTimestamp: START + 120n }) },
  { what: 'a forged proposal beyond the clock skew', verdict: 'reject', verified: 1, message: proposed({ timestamp: START + SKEW + 1n, expirationTimestamp: START + 90n }, voter, other) },
  { what: 'a proposal that has expired, in the grace period', at: START + 60n + GRACE - 1n, verdict: 'accept', verified: 1, message: proposed() },
  { what: 'a proposal after the grace period', at: START + 60n + GRACE, verdict: 'ignore', verified: 0, message: proposed() },

  // votes
  { what: 'a first vote', verdict: 'accept', verified: 1, message: voted() },
  { what: 'a known vote', verdict: 'ignore', verified: 0, message: ({ vote }) => encodeVoteGossip(vote) },
  { what: 'a second vote of the same value', verdict: 'ignore', verified: 0, message: voted({}, other, true) },
  { what: 'an opposite vote', verdict: 'accept', verified: 1, message: voted({}, other, false) },
  { what: 'a third vote for yes', verdict: 'ignore', verified: 0, message: voted({}, cheat, true) },
  { what: 'a third vote for no', verdict: 'ignore', verified: 0, message: voted({}, cheat, false) },
  { what: 'a vote of a stranger', verdict: 'reject', verified: 0, message: voted({}, stranger) },
  { what: 'a vote of a stranger in an open scope', policy: { voters: null }, verdict: 'accept', verified: 1, message: voted({}, stranger) },
  { what: 'a vote that is bound to no proposal', verdict: 'reject', verified: 0, message: voted({ parentHash: new Uint8Array() }) },
  { what: 'a vote bound to a hash of another length', verdict: 'reject', verified: 0, message: voted({ parentHash: new Uint8Array(31) }) },
  { what: 'a vote whose id is not that of what it is bound to', verdict: 'reject', verified: 0, message: voted({ parentHash: new Uint8Array(32).fill(7) }) },
  { what: 'a vote that is linked to another', verdict: 'reject', verified: 0, message: voted({ receivedHash: new Uint8Array(32) }) },
  {
    what: 'a vote on other content that would have the id',
    verdict: 'ignore',
    verified: 0,
    message: async setting => voted({ parentHash: concat([digestOf(setting.policy, setting.proposal).subarray(0, 4), new Uint8Array(28)]) })(setting)
  },
  { what: 'a vote cast when the proposal was made', verdict: 'accept', verified: 1, message: voted({ timestamp: START }) },
  { what: 'a vote older than its proposal', verdict: 'ignore', verified: 0, message: voted({ timestamp: START - 1n }) },
  { what: 'a vote cast at the expiration', verdict: 'accept', verified: 1, message: voted({ timestamp: START + 60n }) },
  { what: 'a vote cast after the expiration', verdict: 'ignore', verified: 0, message: voted({ timestamp: START + 61n }) },
  { what: 'the opposite vote of a voter, out of time', verdict: 'accept', verified: 1, message: voted({ timestamp: START - 1n }, other, false) },
  { what: 'the opposite vote of a voter, out of time and forged', verdict: 'reject', verified: 1, message: voted({ timestamp: START - 1n, signature: BROKEN }, other, false) },
  { what: 'another vote for the side of a voter, out of time', verdict: 'ignore', verified: 0, message: voted({ timestamp: START - 1n }, other) },
  { what: 'a vote out of time of a voter who has voted both ways', verdict: 'ignore', verified: 0, message: voted({ timestamp: START - 1n }, cheat) },
  { what: 'a timely vote that comes after the expiration', at: START + 61n, verdict: 'accept', verified: 1, message: voted() },
  { what: 'a timely vote that comes years later', at: START + 1000n * DAY, verdict: 'accept', verified: 1, message: voted() },
  { what: 'a vote with a wrong hash', verdict: 'reject', verified: 0, message: voted({ voteHash: new Uint8Array(32) }) },
  { what: 'a vote older than its proposal, with a wrong hash', verdict: 'reject', verified: 0, message: voted({ timestamp: START - 1n, voteHash: new Uint8Array(32) }) },
  { what: 'a known vote with a wrong hash', verdict: 'reject', verified: 0, message: ({ vote }) => encodeVoteGossip({ ...vote, voteHash: new Uint8Array(32) }) },
  { what: 'a vote without a signature', verdict: 'reject', verified: 0, message: voted({ signature: new Uint8Array() }) },
  { what: 'a vote with a broken signature', verdict: 'reject', verified: 1, message: voted({ signature: BROKEN }) },
  { what: 'a vote signed by another voter', verdict: 'reject', verified: 1, message: async setting => voted({ voteOwner: voter.identity }, other)(setting) },
  { what: 'a voter\'s vote before its proposal', verdict: 'accept', verified: 1, message: votedOn({}) },
  { what: 'a forged vote before its proposal', verdict: 'reject', verified: 1, message: votedOn({}, voter, { signature: BROKEN }) },
  { what: 'a stranger\'s vote before its proposal', verdict: 'reject', verified: 0, message: votedOn({}, stranger) },
  { what: 'a vote before its proposal that can be on none', verdict: 'reject', verified: 0, message: votedOn({ proposalId: 7 }) },
  { what: 'a linked vote before its proposal', verdict: 'reject', verified: 0, message: votedOn({}, voter, { receivedHash: new Uint8Array(32) }) },
  { what: 'a vote before its proposal, from within the clock skew', verdict: 'accept', verified: 1, message: votedOn({}, voter, { timestamp: START + SKEW }) },
  { what: 'a vote before its proposal, from beyond the clock skew', verdict: 'ignore', verified: 0, message: votedOn({}, voter, { timestamp: START + SKEW + 1n }) },
  { what: 'a vote before its proposal, of 30 days ago', verdict: 'accept', verified: 1, message: votedOn({}, voter, { timestamp: START - 30n * DAY }) },
  { what: 'a vote before its proposal, of more than 30 days ago', verdict: 'ignore', verified: 0, message: votedOn({}, voter, { timestamp: START - 30n * DAY - 1n }) },
  { what: 'a vote before its proposal in an open scope', policy: { voters: null }, verdict: 'ignore', verified: 1, message: votedOn({}) },

  // evidence
  { what: 'evidence against a voter whose votes are not known', verdict: 'accept', verified: 2, message: provenBy({}) },
  {
    what: 'evidence against a voter of whom one of the votes is known',
    verdict: 'accept',
    verified: 1,
    message: async ({ policy, proposal, vote }) => encodeEvidence({ first: vote, second: await boundVote(other, policy, proposal, false) })
  },
  { what: 'evidence with another vote for the side that is known', verdict: 'accept', verified: 2, message: provenBy({}, {}, other) },
  { what: 'evidence with a forged vote for the side that is known', verdict: 'reject', verified: 1, message: provenBy({ signature: BROKEN }, {}, other) },
  { what: 'evidence that is known', verdict: 'ignore', verified: 0, message: async ({ policy, proposal }) => evidenceMessage(cheat, policy, proposal) },
  { what: 'evidence about an unknown proposal', verdict: 'ignore', verified: 0, message: async ({ policy }) => evidenceMessage(voter, policy, quorumProposal(voter, policy, { name: 'Unknown?' })) },
  {
    what: 'evidence about other content that would have the id',
    verdict: 'ignore',
    verified: 0,
    message: async setting => {
      const parentHash = concat([digestOf(setting.policy, setting.proposal).subarray(0, 4), new Uint8Array(28)])

      return provenBy({ parentHash }, { parentHash })(setting)
    }
  },
  { what: 'evidence against a stranger', verdict: 'reject', verified: 0, message: provenBy({}, {}, stranger) },
  { what: 'evidence of two votes for one side', verdict: 'reject', verified: 0, message: provenBy({}, { vote: true }) },
  { what: 'evidence of two voters', verdict: 'reject', verified: 0, message: provenBy({}, { voteOwner: other.identity }) },
  { what: 'evidence of votes on two proposals', verdict: 'reject', verified: 0, message: provenBy({}, { parentHash: new Uint8Array(32).fill(7) }) },
  { what: 'evidence of votes that are not bound', verdict: 'reject', verified: 0, message: provenBy({ parentHash: new Uint8Array() }, { parentHash: new Uint8Array() }) },
  { what: 'evidence in the wrong order', verdict: 'reject', verified: 0, message: provenBy({ vote: false }, { vote: true }) },
  { what: 'evidence with a vote cast too early', verdict: 'accept', verified: 2, message: provenBy({ timestamp: START - 1n }) },
  { what: 'evidence with a vote cast too late', verdict: 'accept', verified: 2, message: provenBy({}, { timestamp: START + 61n }) },
  { what: 'evidence with two votes out of time', verdict: 'accept', verified: 2, message: provenBy({ timestamp: START - 1n }, { timestamp: START + 61n }) },
  { what: 'evidence with a forged vote out of time', verdict: 'reject', verified: 2, message: provenBy({}, { timestamp: START - 1n, signature: BROKEN }) },
  { what: 'evidence with a vote out of time against a voter who is known to have voted both ways', verdict: 'ignore', verified: 0, message: provenBy({}, { timestamp: START - 1n }, cheat) },
  { what: 'evidence with a vote out of time about an unknown proposal', verdict: 'ignore', verified: 0, message: async ({ policy }) => provenBy({}, { timestamp: START - 1n })({ policy, proposal: quorumProposal(voter, policy, { name: 'Unknown?', timestamp: START }) } as any) },
  { what: 'evidence with a forged vote', verdict: 'reject', verified: 2, message: provenBy({}, { signature: BROKEN }) },
  { what: 'evidence with a wrong hash', verdict: 'reject', verified: 0, message: provenBy({ voteHash: new Uint8Array(32) }) },
  { what: 'evidence with a linked vote', verdict: 'reject', verified: 0, message: provenBy({ receivedHash: new Uint8Array(32) }) },
  { what: 'evidence that is known, with a wrong hash', verdict: 'reject', verified: 0, message: provenBy({ voteHash: new Uint8Array(32) }, {}, cheat) }
]

describe('topic validator under quorum', () => {
  before(async () => { await fixture.start() })

  after(async () => { await fixture.stop() })

  afterEach(async () => { await fixture.leaveAll() })

  for (const { what, verdict, verified, at = START, policy, message } of CASES) {
    it(`${verdict}s ${what}${verified === 0 ? ', and verifies nothing' : ''}`, async () => {
      const setting = await fixture.joinAndKnow(policy)
      const data = await message(setting)
      const before = await fixture.tally(setting.scope, setting.proposal.proposalId)
      fixture.time.now = at

      expect(await fixture.counting(async () => fixture.deliver(setting.scope, data))).to.deep.equal([verdict, verified])

      if (verdict === 'reject') {
        expect(await fixture.tally(setting.scope, setting.proposal.proposalId)).to.deep.equal(before)
        expect(setting.scope.parked.size).to.equal(0)
      }

      // whatever it was, it is not news the second time, and nothing that is known is verified again
      const [second, again] = await fixture.counting(async () => fixture.deliver(setting.scope, data))

      expect(second).to.equal(verdict === 'accept' ? 'ignore' : verdict)
      expect(again).to.equal(verdict === 'reject' ? verified : 0)
    })
  }

  it('reads the session of a vote to validate it, and once more when it is the proposal\'s turn', async () => {
    const setting = await fixture.joinAndKnow()
    const { storage } = fixture.node.voting.consensus
    const getSession = storage.getSession.bind(storage)
    let reads = 0

    storage.getSession = async (...args) => {
      reads++

      return getSession(...args)
    }

    expect(await fixture.deliver(setting.scope, await voted()(setting))).to.equal('accept')
    storage.getSession = getSession
    expect(reads).to.equal(2)
  })
})
