/**
 * One proposal's life: its state, its votes in order of arrival, its tally and its rounds.
 *
 * A session is a value. Adding a vote gives a new session and leaves the old one as it was, at constant cost: the two
 * share one append-only log of encoded votes and differ in how much of it they see.
 */

import { MAX_UINT32 } from './check.ts'
import { maxRoundLimit } from './config.ts'
import { calculateConsensusResult } from './decision.ts'
import { DuplicateVoteError, InsufficientVotesAtTimeoutError, MaxRoundsExceededError, SessionNotActiveError } from './errors.ts'
import { checkNotExpired } from './proposal.ts'
import { decodeVote, encodeVote } from './vote.ts'
import type { ConsensusConfig } from './config.ts'
import type { Tally } from './decision.ts'
import type { ConsensusError } from './errors.ts'
import type { Proposal } from './proposal.ts'
import type { Vote } from './vote.ts'

/**
 * - `active`: votes are taken
 * - `reached`: decided; `result` says what
 * - `failed`: ended without a result, though a later timeout may still decide
 */
export type SessionState = 'active' | 'reached' | 'failed'

/** A proposal without its votes, which are kept encoded, and its round, which follows from them */
export type ProposalHead = Readonly<Omit<Proposal, 'votes' | 'round'>>

/**
 * What a step makes of a session. `error` is set where the step changes the session and fails the caller all the same,
 * as exceeding the round limit does.
 */
export interface SessionStep {
  session: ConsensusSession
  error?: ConsensusError
}

/**
 * The parts a session is stored as
 */
export interface SessionParts {
  proposal: ProposalHead
  config: ConsensusConfig
  /** When this node learned of the proposal, Unix seconds */
  createdAt: bigint
  state: SessionState
  /** Present if and only if the state is `reached` */
  result?: boolean
  /** Canonical encodings of the votes in order of arrival */
  votes: Uint8Array[]
  /** The owner's signature of the announcement, where the proposal came with one: others ask for it */
  signature?: Uint8Array
  /** Present where the votes of an ended proposal are kept no longer: what is left of them */
  pruned?: PrunedVotes
}

/** What is known of votes that are kept no longer */
export interface PrunedVotes {
  tally: Tally
  /** See `voteSetHash`, 32 bytes */
  voteSetHash: Uint8Array
}

/** What stays as it is when votes are added or time is up */
type SessionBase = Pick<SessionParts, 'proposal' | 'config' | 'createdAt' | 'signature' | 'pruned'>

/** What changes when votes are added or time is up */
interface Progress {
  voteCount: number
  tally: Readonly<Tally>
  state: SessionState
  result?: boolean
}

/** Votes of one proposal, shared by all sessions that are views of it. Only ever grows. */
class VoteLog {
  readonly encoded: Uint8Array[] = []
  /** {@link ownerKey} → twice the position of the vote, plus 1 for yes */
  private readonly owners = new Map<string, number>()

  append (encoded: Uint8Array, ownerKey: string, choice: boolean): void {
    this.owners.set(ownerKey, this.encoded.length * 2 + (choice ? 1 : 0))
    this.encoded.push(encoded)
  }

  /** The choice of an owner among the first `count` votes */
  choiceOf (ownerKey: string, count: number): boolean | undefined {
    const entry = this.owners.get(ownerKey)

    return entry == null || entry >> 1 >= count ? undefined : (entry & 1) === 1
  }

  /** A log of the first `count` votes, for a view that goes another way than the one that has appended more */
  fork (count: number): VoteLog {
    const log = new VoteLog()

    for (const [key, entry] of this.owners) {
      if (entry >> 1 < count) {
        log.owners.set(key, entry)
      }
    }

    // no spreading: a hundred thousand arguments are too many for a call
    for (const encoded of this.encoded.slice(0, count)) {
      log.encoded.push(encoded)
    }

    return log
  }
}

export class ConsensusSession {
  /** The proposal without its votes; see {@link ConsensusSession.toProposal} for the whole */
  readonly proposal: ProposalHead
  readonly config: Readonly<ConsensusConfig>
  /** When this node learned of the proposal, Unix seconds */
  readonly createdAt: bigint
  readonly state: SessionState
  /** Present if and only if the state is `reached` */
  readonly result?: boolean
  readonly voteCount: number
  readonly tally: Readonly<Tally>
  /** The owner's signature of the announcement, where the proposal came with one: others ask for it */
  readonly signature?: Uint8Array
  /** Present where the votes of an ended proposal are kept no longer */
  readonly pruned?: PrunedVotes
  private readonly log: VoteLog

  private constructor (base: SessionBase, log: VoteLog, progress: Progress) {
    this.proposal = base.proposal
    this.config = base.config
    this.createdAt = base.createdAt
    this.signature = base.signature
    this.pruned = base.pruned
    this.state = progress.state
    this.result = progress.result
    this.voteCount = progress.voteCount
    this.tally = progress.tally
    this.log = log
  }

  /**
   * The session of a new proposal, with the owner's signature of the announcement it came with. Votes and round of the
   * proposal are left aside: a session starts at round 1.
   */
  static create ({ votes, round, ...proposal }: Proposal, config: ConsensusConfig, createdAt: bigint, signature?: Uint8Array): ConsensusSession {
    return new ConsensusSession({ proposal: copyBytes(proposal), config, createdAt, signature }, new VoteLog(), {
      voteCount: 0,
      tally: { yes: 0, no: 0 },
      state: 'active'
    })
  }

  /** A session as it was stored. The parts are trusted: they come from this node's own storage. */
  static fromParts (parts: SessionParts): ConsensusSession {
    const log = new VoteLog()
    const tally = { yes: 0, no: 0 }

    for (const encoded of parts.votes) {
      const { voteOwner, vote } = decodeVote(encoded)

      log.append(encoded, ownerKey(voteOwner), vote)
      tally[vote ? 'yes' : 'no']++
    }

    return new ConsensusSession(parts, log, {
      voteCount: parts.votes.length,
      tally: parts.pruned?.tally ?? tally,
      state: parts.state,
      result: parts.result
    })
  }

  /** Where the voting is: the proposal is round 1. On gossipsub all votes are round 2, point-to-point each vote is one more (RFC 73). */
  get round (): number {
    return roundAfter(this.voteCount, this.config.useGossipsubRounds)
  }

  /** Whether this identity's vote is stored */
  hasVoted (owner: Uint8Array): boolean {
    return this.choiceOf(owner) != null
  }

  /** What this identity has voted, undefined if it has not */
  choiceOf (owner: Uint8Array): boolean | undefined {
    return this.log.choiceOf(ownerKey(owner), this.voteCount)
  }

  /** The vote that arrived last */
  get lastVote (): Vote | undefined {
    return this.voteCount === 0 ? undefined : decodeVote(this.log.encoded[this.voteCount - 1])
  }

  /** Canonical encodings of the votes from the `from`th on, in order of arrival. Shared: not to be written to. */
  encodedVotes (from = 0): Uint8Array[] {
    return this.log.encoded.slice(from, this.voteCount)
  }

  /** Whether two sessions have the very same votes, for instance one before and after its timeout */
  sharesVotesWith (other: ConsensusSession): boolean {
    return this.log === other.log && this.voteCount === other.voteCount
  }

  /** The votes in order of arrival, decoded anew at each call */
  votes (): Vote[] {
    return this.encodedVotes().map(decodeVote)
  }

  /** The proposal with its round and its votes, copied anew at each call */
  toProposal (): Proposal {
    return { ...copyBytes(this.proposal), round: this.round, votes: this.votes() }
  }

  /**
   * Adds one valid vote. A decided session stays as it is. Throws SessionNotActive, ProposalExpired, DuplicateVote;
   * exceeding the round limit fails the session.
   *
   * @param now - our clock, Unix seconds
   * @param encoded - the vote's canonical encoding, where it is there already
   */
  addVote (vote: Vote, now: bigint, encoded: Uint8Array = encodeVote(vote)): SessionStep {
    if (this.state === 'reached') {
      return { session: this }
    }

    this.checkOpen(now)

    if (this.exceedsRoundLimit(1)) {
      return this.roundLimitExceeded()
    }

    if (this.hasVoted(vote.voteOwner)) {
      throw new DuplicateVoteError('This voter\'s vote is stored already', { proposalId: vote.proposalId, owner: vote.voteOwner })
    }

    return { session: this.append([vote], [encoded]) }
  }

  /**
   * Adds the valid votes that came with a proposal, all or none. Throws SessionNotActive, ProposalExpired, DuplicateVote;
   * exceeding the round limit or the number of voters fails the session.
   *
   * @param now - our clock, Unix seconds
   */
  addVotes (votes: readonly Vote[], now: bigint): SessionStep {
    this.checkOpen(now)

    if (votes.length === 0) {
      return { session: this }
    }

    const owners = new Set<string>()

    for (const { voteOwner, proposalId } of votes) {
      const key = ownerKey(voteOwner)

      if (owners.has(key) || this.hasVoted(voteOwner)) {
        throw new DuplicateVoteError('This voter has more than one vote in the proposal', { proposalId, owner: voteOwner })
      }

      owners.add(key)
    }

    if (this.exceedsRoundLimit(votes.length)) {
      return this.roundLimitExceeded()
    }

    return { session: this.append(votes, votes.map(encodeVote)) }
  }

  /** Counts the votes as they stand at the timeout: the session is decided, or it fails. */
  timeOut (): SessionStep {
    if (this.state === 'reached') {
      return { session: this }
    }

    const result = this.decide(this.tally, true)

    if (result == null) {
      const { yes, no } = this.tally

      return {
        session: this.state === 'failed' ? this : this.with({ state: 'failed' }),
        error: new InsufficientVotesAtTimeoutError(`${yes} yes and ${no} no of ${this.proposal.expectedVotersCount} voters decide nothing at the timeout`, this.about())
      }
    }

    return { session: this.with({ state: 'reached', result }) }
  }

  /** Throws SessionNotActive after a failure */
  checkNotFailed (): void {
    if (this.state === 'failed') {
      throw new SessionNotActiveError('The proposal has failed and takes no votes', this.about())
    }
  }

  private checkOpen (now: bigint): void {
    this.checkNotFailed()

    if (this.state === 'reached') {
      throw new SessionNotActiveError('The proposal is decided and takes no votes', this.about())
    }

    checkNotExpired(this.proposal, now)
  }

  /**
   * Whether adding `count` votes goes beyond the number of voters or the highest round. Point-to-point the votes count,
   * which are one less than the round.
   */
  private exceedsRoundLimit (count: number): boolean {
    const voteCount = this.voteCount + count
    const projected = this.config.useGossipsubRounds ? roundAfter(voteCount, true) : voteCount

    return count > this.proposal.expectedVotersCount || projected > maxRoundLimit(this.config, this.proposal.expectedVotersCount)
  }

  private roundLimitExceeded (): SessionStep {
    const limit = maxRoundLimit(this.config, this.proposal.expectedVotersCount)

    return {
      session: this.with({ state: 'failed' }),
      error: new MaxRoundsExceededError(`The votes go beyond round ${limit} or ${this.proposal.expectedVotersCount} expected voters, so the proposal fails`, this.about())
    }
  }

  private append (votes: readonly Vote[], encoded: readonly Uint8Array[]): ConsensusSession {
    // another session may have appended to the log since this one was made
    const log = this.log.encoded.length === this.voteCount ? this.log : this.log.fork(this.voteCount)
    const tally = { ...this.tally }

    for (const [index, vote] of votes.entries()) {
      log.append(encoded[index], ownerKey(vote.voteOwner), vote.vote)
      tally[vote.vote ? 'yes' : 'no']++
    }

    const result = this.decide(tally, false)

    return new ConsensusSession(this, log, {
      voteCount: this.voteCount + votes.length,
      tally,
      state: result == null ? 'active' : 'reached',
      result
    })
  }

  private with (changes: Pick<Progress, 'state' | 'result'>): ConsensusSession {
    return new ConsensusSession(this, this.log, {
      voteCount: this.voteCount,
      tally: this.tally,
      ...changes
    })
  }

  private decide (tally: Tally, atTimeout: boolean): boolean | undefined {
    return calculateConsensusResult(tally, {
      rule: this.config.decisionRule,
      expectedVoters: this.proposal.expectedVotersCount,
      threshold: this.config.consensusThreshold,
      livenessCriteriaYes: this.proposal.livenessCriteriaYes,
      atTimeout
    })
  }

  private about (): { proposalId: number } {
    return { proposalId: this.proposal.proposalId }
  }
}

function roundAfter (voteCount: number, gossipsub: boolean): number {
  if (gossipsub) {
    return voteCount > 0 ? 2 : 1
  }

  return Math.min(1 + voteCount, MAX_UINT32)
}

/** Whoever has made the proposal, or is given it, may write to the arrays it has; a session is a value */
function copyBytes (proposal: ProposalHead): ProposalHead {
  return {
    ...proposal,
    payload: new Uint8Array(proposal.payload),
    proposalOwner: new Uint8Array(proposal.proposalOwner)
  }
}

/** Characters that one call makes: arguments of a call are limited in number */
const KEY_PART = 1024

/**
 * An identity as a key: its bytes, a character each. As hex, the way it is made piece by piece, it takes six times the
 * memory, more than the vote itself.
 */
function ownerKey (owner: Uint8Array): string {
  if (owner.byteLength <= KEY_PART) {
    // `apply` takes any list of numbers, whatever its type says, and is faster than spreading
    return String.fromCharCode.apply(null, owner as unknown as number[])
  }

  return ownerKey(owner.subarray(0, KEY_PART)) + ownerKey(owner.subarray(KEY_PART))
}
