/**
 * A scope with a proposal in it, the messages that somebody may send about it, and the states that honest members may be in.
 */

import { concat } from 'uint8arrays/concat'
import { announcementDigest, parsePolicy, policyDigest } from '../../../src/consensus/policy/policy.ts'
import { resolveConfig } from '../../../src/consensus/policy/resolve-config.ts'
import { ConsensusSession } from '../../../src/consensus/session/session.ts'
import { encodeAnnouncement, encodeEvidence, encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { scopeConfig } from '../../../src/network/scope/scope.ts'
import { MAX_IGNORED } from '../../../src/network/validation/ignored-budget.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { announce, makeProposal, makeVote } from '../../utils/messages.ts'
import { boundVote, digestOf, quorumProposal } from '../../utils/quorum.ts'
import { newSigner } from '../quorum/fixture.ts'
import type { Member } from './member.ts'
import type { ConsensusSigner, Proposal, ScopePolicy, ScopePolicyInput, Vote } from '../../../src/index.ts'

export const START = 1_700_000_000n
const LIFE = 60n
const SKEW = 10n
const GRACE = 25n
const DAY = 24n * 3600n
const BROKEN = new Uint8Array(65)

export interface Kind {
  what: string
  data: Uint8Array
}

export interface State {
  what: string
  /** What the member's clock shows */
  now: bigint
  /** Whether the node has the key of the voter that the messages are of */
  isVoter?: boolean
  /** Brings the member into the state */
  enter? (member: Member): void | Promise<void>
}

export class World {
  readonly voter: ConsensusSigner
  readonly others = [newSigner(), newSigner(), newSigner()]
  readonly stranger = newSigner()
  readonly input: ScopePolicyInput
  readonly policy: ScopePolicy
  readonly proposal: Proposal
  private readonly isQuorum: boolean
  private readonly isOpen: boolean

  constructor (voter: ConsensusSigner, name: string, policy: Partial<ScopePolicyInput>) {
    this.voter = voter
    this.input = { name, minLifetimeSeconds: 30, voters: [voter, ...this.others].map(({ identity }) => identityToAddress(identity)), ...policy }
    this.policy = parsePolicy(this.input)
    this.isQuorum = this.policy.decisionRule === 'quorum'
    this.isOpen = this.policy.voters == null
    this.proposal = this.propose()
  }

  propose (changes: Partial<Proposal> = {}): Proposal {
    const make = this.isQuorum ? quorumProposal : makeProposal

    return make(this.others[0], this.policy, { timestamp: START, expectedVotersCount: 4, ...changes })
  }

  async vote (choice = true, changes: Partial<Vote> = {}, signer = this.voter, proposal = this.proposal): Promise<Vote> {
    return this.isQuorum ? boundVote(signer, this.policy, proposal, choice, changes) : makeVote(signer, proposal, choice, changes)
  }

  // --- messages

  async kinds (): Promise<Kind[]> {
    return [...await this.announcements(), ...await this.votes(), ...await this.evidence(), ...await this.malformed()]
  }

  private async announcements (): Promise<Kind[]> {
    const { proposal, policy, others: [proposer, other], stranger } = this
    const changed = async (changes: Partial<Proposal>, signer = proposer): Promise<Uint8Array> => announce(signer, policy, this.propose(changes))
    const announced = async (changes: Partial<Proposal>): Promise<Uint8Array> => announce(proposer, policy, { ...proposal, ...changes })

    return all({
      'the proposal': announced({}),
      'the proposal with a vote in it': announced({ votes: [await this.vote()] }),
      'the proposal with an untimely vote in it': announced({ votes: [await this.vote(true, { timestamp: START - 1n })] }),
      'the proposal with two votes of a voter in it': announced({ votes: [await this.vote(true), await this.vote(false)] }),
      'the proposal with a vote on another in it': announced({ votes: [await this.vote(true, { proposalId: 7 })] }),
      'the proposal with a forged vote in it': announced({ votes: [await this.vote(true, { signature: BROKEN })] }),
      'the proposal in round 2': announced({ round: 2 }),
      'the proposal under another id': announced({ proposalId: (proposal.proposalId ^ 1) >>> 0 }),
      'other content under the id': announced({ name: 'Something else?' }),
      'the proposal signed by another': announce(other, policy, proposal),
      'the proposal without a signature': encodeAnnouncement({ proposal, signature: new Uint8Array() }),
      'the proposal signed for another policy': encodeAnnouncement({ proposal, signature: await proposer.sign(announcementDigest({ ...policy, name: 'another' }, proposal)) }),
      'a proposal of a stranger': changed({ name: 'Stranger?', proposalOwner: stranger.identity }, stranger),
      'a proposal of fewer voters': changed({ name: 'Fewer?', expectedVotersCount: 3 }),
      'a proposal of no voters': changed({ name: 'None?', expectedVotersCount: 0 }),
      'a proposal of the other liveness': changed({ name: 'Liveness?', livenessCriteriaYes: false }),
      'a proposal without a name': changed({ name: '' }),
      'a proposal with too long a name': changed({ name: 'a'.repeat(257) }),
      'a proposal with too big a payload': changed({ name: 'Payload?', payload: new Uint8Array(32 * 1024 + 1) }),
      'a proposal that is too short': changed({ name: 'Short?', expirationTimestamp: START + 29n }),
      'a proposal that is too long': changed({ name: 'Long?', expirationTimestamp: START + 31n * DAY }),
      'a proposal that ends before it begins': changed({ name: 'Ends?', expirationTimestamp: START - 1n }),
      'a proposal from a clock that is ahead': changed({ name: 'Ahead?', timestamp: START + 2n * SKEW + 1n }),
      'a proposal from the far future': changed({ name: 'Future?', timestamp: START + DAY })
    })
  }

  private async votes (): Promise<Kind[]> {
    const { voter, others: [other], stranger, proposal, policy } = this
    const vote = async (changes: Partial<Vote> = {}, choice = true, signer = voter): Promise<Uint8Array> => encodeVoteGossip(await this.vote(choice, changes, signer))
    const sameId = concat([digestOf(policy, proposal).subarray(0, 4), new Uint8Array(28)])

    return all({
      'a vote for yes': vote(),
      'a vote for no': vote({}, false),
      'another vote for yes': vote({ timestamp: START + 1n }),
      'a vote cast at the expiration': vote({ timestamp: START + LIFE }),
      'a vote cast too early': vote({ timestamp: START - 1n }),
      'a vote cast too late': vote({ timestamp: START + LIFE + 1n }),
      'a vote cast 31 days early': vote({ timestamp: START - 31n * DAY }),
      'a vote for no, cast too early': vote({ timestamp: START - 1n }, false),
      'a vote for no, cast too late': vote({ timestamp: START + LIFE + 1n }, false),
      'a vote on other content with the id': vote({ parentHash: sameId }),
      'a vote bound to nothing': vote({ parentHash: new Uint8Array() }),
      'a vote with links of another length': vote({ parentHash: new Uint8Array(31) }),
      'a vote that is linked': vote({ receivedHash: new Uint8Array(32).fill(1) }),
      'a vote whose id is another': vote({ proposalId: (proposal.proposalId ^ 1) >>> 0 }),
      'a vote with a wrong hash': vote({ voteHash: new Uint8Array(32) }),
      'a vote without a hash': vote({ voteHash: new Uint8Array() }),
      'a vote without a signature': vote({ signature: new Uint8Array() }),
      'a vote with a broken signature': vote({ signature: BROKEN }),
      'a vote with a short signature': vote({ signature: new Uint8Array(3) }),
      'a vote signed by another': vote({ voteOwner: voter.identity }, true, other),
      'an untimely vote signed by another': vote({ voteOwner: voter.identity, timestamp: START - 1n }, true, other),
      'an untimely vote for no signed by another': vote({ voteOwner: voter.identity, timestamp: START - 1n }, false, other),
      'a vote of nobody': vote({ voteOwner: new Uint8Array() }),
      'a vote of a stranger': vote({}, true, stranger)
    })
  }

  private async evidence (): Promise<Kind[]> {
    const { others: [, other], stranger } = this
    const evidence = async (yes: Partial<Vote> = {}, no: Partial<Vote> = {}, signer = this.voter): Promise<Uint8Array> => encodeEvidence({ first: await this.vote(true, yes, signer), second: await this.vote(false, no, signer) })

    return all({
      evidence: evidence(),
      'evidence with an untimely vote': evidence({}, { timestamp: START - 1n }),
      'evidence with two untimely votes': evidence({ timestamp: START + LIFE + 1n }, { timestamp: START - 1n }),
      'evidence with a forged vote': evidence({}, { signature: BROKEN }),
      'evidence with an untimely forged vote': evidence({}, { signature: BROKEN, timestamp: START - 1n }),
      'evidence with a wrong hash': evidence({ voteHash: new Uint8Array(32) }),
      'evidence of two votes for one side': evidence({}, { vote: true }),
      'evidence in the wrong order': evidence({ vote: false }, { vote: true }),
      'evidence of two voters': evidence({}, { voteOwner: other.identity }),
      'evidence against a stranger': evidence({}, {}, stranger)
    })
  }

  private async malformed (): Promise<Kind[]> {
    const vote = encodeVoteGossip(await this.vote())

    return all({
      nothing: new Uint8Array(),
      garbage: Uint8Array.from({ length: 100 }, (_, index) => index * 37 % 256),
      'a vote that is cut off': vote.subarray(0, 50),
      'a vote with an unknown field': concat([vote, Uint8Array.of(0x78, 1)]),
      'two votes in one message': concat([vote, vote]),
      'a message that is too long': new Uint8Array(64 * 1024 + 1),
      'a newer format': Uint8Array.of(0x22, 2, 1, 2)
    })
  }

  // --- states

  async states (): Promise<State[]> {
    const { others: [first, second, third], voter } = this
    const at = START + 5n
    const end = START + LIFE + (this.isQuorum ? GRACE : 0n)
    const active = this.session()
    const announcement = await announce(first, this.policy, this.proposal)
    const [yes, no, ...quorum] = [
      await this.vote(true), await this.vote(false),
      ...await Promise.all([first, second, third].map(async signer => this.vote(true, {}, signer)))
    ]
    const known = (...votes: Vote[]) => async ({ storage, scope }: Member): Promise<void> => storage.saveSession(scope.key, withVotes(active, votes))
    const parked = (...votes: Vote[]) => ({ scope }: Member): void => { votes.forEach(vote => { scope.parked.add(vote) }) }
    const elsewhere = await Promise.all(Array.from({ length: 16 }, async (_, index) => this.vote(true, { timestamp: START + LIFE }, voter, this.propose({ name: `Elsewhere ${index}?` }))))
    const ended = (...votes: Vote[]) => async ({ storage, scope }: Member): Promise<void> => storage.saveSession(scope.key, withVotes(active, votes).timeOut().session)
    const untimely = [await this.vote(true, { timestamp: START - 1n }), await this.vote(false, { timestamp: START - 1n })]
    const withEvidence = (...votes: Vote[]): ConsensusSession => withVotes(active, votes).addEvidence({ first: untimely[0], second: untimely[1] }, START)
    const proven = (...votes: Vote[]) => async ({ storage, scope }: Member): Promise<void> => storage.saveSession(scope.key, withEvidence(...votes))
    const pruned = async (member: Member): Promise<void> => {
      await ended(...quorum)(member)
      await member.storage.pruneVotes?.(member.scope.key, this.proposal.proposalId)
    }
    const isPast = START + LIFE + 3600n

    const states: State[] = [
      { what: 'unknown', now: at },
      { what: 'unknown, its vote parked', now: at, enter: parked(yes) },
      { what: 'unknown, both of its votes parked', now: at, enter: parked(yes, no) },
      { what: 'unknown, the voter\'s queue full', now: at, enter: parked(...elsewhere) },
      { what: 'unknown, no room for proposals', now: at, enter: ({ scope }) => { for (let id = 0; id < 1_000; id++) { scope.active.add(id, first.identity) } } },
      { what: 'unknown, its verifier is out of order', now: at, enter: member => { member.verifies = false } },
      { what: 'unknown, a clock behind by the skew', now: START - SKEW },
      { what: 'unknown, a clock ahead by the skew', now: START + SKEW },
      { what: 'unknown, a clock far behind', now: START - 40n },
      { what: 'unknown, a clock far behind, the proposal waits', now: START - 40n, enter: async member => { await member.hear(announcement) } },
      { what: 'unknown, the sender\'s budget spent', now: at, enter: member => { member.spendBudget(MAX_IGNORED) } },
      { what: 'unknown, in the grace period', now: end - 1n },
      { what: 'unknown, long after the end', now: isPast },
      { what: 'active', now: at, enter: known() },
      { what: 'active, a clock behind by the skew', now: START - SKEW, enter: known() },
      {
        what: 'active, its verifier is out of order',
        now: at,
        enter: async member => {
          await known()(member)
          member.verifies = false
        }
      },
      {
        what: 'active, the vote for yes known, the sender\'s budget spent',
        now: at,
        enter: async member => {
          await known(yes)(member)
          member.spendBudget(MAX_IGNORED)
        }
      },
      { what: 'active, the vote for yes known', now: at, enter: known(yes) },
      { what: 'active, the vote for no known', now: at, enter: known(no) },
      ...this.isQuorum
        ? [
            { what: 'active, both votes known', now: at, enter: known(yes, no) },
            { what: 'active, evidence with untimely votes known', now: at, enter: proven() },
            { what: 'active, evidence with an untimely vote known, and the vote for yes', now: at, enter: proven(yes) },
            { what: 'ended without a result, evidence with untimely votes known', now: end + 1n, enter: async ({ storage, scope }: Member) => storage.saveSession(scope.key, withEvidence().timeOut().session) },
            { what: 'unknown, the vote for yes and an untimely one for no parked', now: at, enter: parked(yes, untimely[1]) }
          ]
        : [],
      { what: 'decided', now: at, enter: known(...quorum) },
      { what: 'ended without a result', now: end + 1n, enter: ended() },
      { what: 'ended without a result, the vote known', now: end + 1n, enter: ended(yes) },
      { what: 'ended and pruned', now: isPast, enter: pruned },
      { what: 'another proposal has the id', now: at, enter: async ({ storage, scope }) => storage.saveSession(scope.key, this.session({ ...this.propose({ name: 'First?' }), proposalId: this.proposal.proposalId })) },
      { what: 'restored: active, its own votes forgotten', now: at, isVoter: true, enter: known() },
      { what: 'restored: unknown', now: at, isVoter: true },
      {
        what: 'restored: bound to the other side',
        now: at,
        isVoter: true,
        enter: async member => {
          await known()(member)
          const { proposal, digest } = active

          await member.voteLock.acquire(member.scope.key, digest == null ? proposal : { ...proposal, digest }, no)
        }
      }
    ]

    // where anybody may vote no voter has a queue
    return states.filter(({ what }) => !this.isOpen || !what.includes('queue full'))
  }

  private session (proposal = this.proposal): ConsensusSession {
    const config = resolveConfig(proposal, scopeConfig(this.policy, policyDigest(this.policy)))

    return ConsensusSession.create(proposal, config, START, this.signature)
  }

  /** Set before the states are made */
  signature = new Uint8Array()

  async sign (): Promise<void> {
    this.signature = await this.others[0].sign(announcementDigest(this.policy, this.proposal)) as Uint8Array<ArrayBuffer>
  }
}

async function all (kinds: Record<string, Uint8Array | Promise<Uint8Array>>): Promise<Kind[]> {
  return Promise.all(Object.entries(kinds).map(async ([what, data]) => ({ what, data: await data })))
}

function withVotes (session: ConsensusSession, votes: Vote[]): ConsensusSession {
  return votes.reduce((session, vote) => session.addVote(vote, START).session, session)
}
