/**
 * One proposal's life: its state, its votes in order of arrival, its tally and its rounds.
 *
 * A session is a value. Adding a vote gives a new session and leaves the old one as it was, at constant cost: the two
 * share one append-only log of encoded votes and differ in how much of it they see.
 */

import { equals } from 'uint8arrays/equals'
import { roundAfter } from '../policy/config.ts'
import { proposalDigest } from '../policy/policy.ts'
import { isLate, quorumRules } from '../rules/quorum.ts'
import { referenceRules } from '../rules/reference.ts'
import { sameOutcome } from '../rules/session-rules.ts'
import { VoteLog } from '../vote/vote-log.ts'
import { checkBound, decodeKnownVote, decodeVote, encodeVote, isTimely } from '../vote/vote.ts'
import type { ConsensusError } from '../errors.ts'
import type { Evidence, KeptEvidence } from '../interface.ts'
import type { ConsensusConfig } from '../policy/config.ts'
import type { Proposal } from '../proposal/proposal.ts'
import type { Tally } from '../rules/decision.ts'
import type { Admission, Outcome, SessionRules, SessionState } from '../rules/session-rules.ts'
import type { EncodedVote, ProposalTimes, Vote } from '../vote/vote.ts'

export type { KeptEvidence } from '../interface.ts'
export type { Outcome, SessionState } from '../rules/session-rules.ts'

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

/** What a step that adds several votes makes of a session */
export interface TogetherStep {
  session: ConsensusSession
  /** For each vote why it was refused, undefined if it was added */
  refused: unknown[]
}

/**
 * The parts a session is stored as
 */
export interface SessionParts extends Outcome {
  proposal: ProposalHead
  config: ConsensusConfig
  /** When this node learned of the proposal, Unix seconds */
  createdAt: bigint
  /** Canonical encodings of the votes in order of arrival; where they are kept no longer, of those that are all the same */
  votes: Uint8Array[]
  /** The owner's signature of the announcement, where the proposal came with one: others ask for it */
  signature?: Uint8Array
  /** Present where the votes of an ended proposal are kept no longer: what is known of all of them */
  pruned?: PrunedVotes
  /** In no order; one an owner, and none against owners both of whose votes are among the votes */
  evidence?: readonly KeptEvidence[]
}

/** What is known of votes of which only those are kept that prove something, if there are any */
export interface PrunedVotes {
  /** Of all votes there were */
  tally: Tally
  /** Of all votes there were, see `voteSetHash`: 32 bytes */
  voteSetHash: Uint8Array
}

/** What stays as it is when votes are added or time is up */
type SessionBase = Pick<ConsensusSession, 'proposal' | 'config' | 'createdAt' | 'signature' | 'pruned' | 'digest'> & Pick<SessionParts, 'evidence'>

/** What changes when votes are added or time is up */
interface Progress {
  voteCount: number
  tally: Readonly<Tally>
  outcome: Readonly<Outcome>
}

const NO_EVIDENCE: readonly KeptEvidence[] = []

export class ConsensusSession implements Outcome {
  /** The proposal without its votes; see {@link ConsensusSession.toProposal} for the whole */
  readonly proposal: ProposalHead
  readonly config: Readonly<ConsensusConfig>
  /** When this node learned of the proposal, Unix seconds */
  readonly createdAt: bigint
  /** Under `quorum` the proposal digest, to which the votes are bound: 32 bytes. Not there under the other rules. */
  readonly digest?: Uint8Array
  readonly state: SessionState
  /** Present if and only if the state is `reached` */
  readonly result?: boolean
  /** True, or else absent: the other side has got the votes of a quorum after the result was reached. Only under `quorum`. */
  readonly contradicted?: boolean
  /** When this node first held the quorum, Unix seconds by its clock. Present if and only if it was reached under `quorum`. */
  readonly decidedAt?: bigint
  /** Votes that are here; fewer than there were, where they are kept no longer */
  readonly voteCount: number
  /** Of all votes there were */
  readonly tally: Readonly<Tally>
  /** The owner's signature of the announcement, where the proposal came with one: others ask for it */
  readonly signature?: Uint8Array
  /** Present where the votes of an ended proposal are kept no longer. Those that prove something are here all the same. */
  readonly pruned?: PrunedVotes
  /** Evidence of which not both votes are among the votes here, in no order; under `quorum` only */
  readonly evidence: readonly KeptEvidence[]
  private readonly log: VoteLog

  private constructor (base: SessionBase, log: VoteLog, { voteCount, tally, outcome }: Progress) {
    this.proposal = base.proposal
    this.config = base.config
    this.createdAt = base.createdAt
    this.signature = base.signature
    this.pruned = base.pruned
    this.evidence = base.evidence ?? NO_EVIDENCE
    this.digest = base.digest
    this.state = outcome.state
    this.result = outcome.result
    this.contradicted = outcome.contradicted
    this.decidedAt = outcome.decidedAt
    this.voteCount = voteCount
    this.tally = tally
    this.log = log
  }

  /**
   * The session of a new proposal, with the owner's signature of the announcement it came with. Votes and round of the
   * proposal are left aside: a session starts at round 1. Under `quorum` the configuration must have a policy digest.
   */
  static create ({ votes, round, ...proposal }: Proposal, config: ConsensusConfig, createdAt: bigint, signature?: Uint8Array): ConsensusSession {
    const head = copyBytes(proposal)

    return new ConsensusSession({ proposal: head, config, createdAt, signature, digest: digestOf(head, config) }, new VoteLog(), {
      voteCount: 0,
      tally: { yes: 0, no: 0 },
      outcome: { state: 'active' }
    })
  }

  /** A session as it was stored. The parts are trusted: they come from this node's own storage. */
  static fromParts (parts: SessionParts): ConsensusSession {
    const log = new VoteLog()
    const tally = { yes: 0, no: 0 }

    for (const encoded of parts.votes) {
      const { voteOwner, vote } = decodeVote(encoded)

      count(tally, vote, log.append(encoded, voteOwner, vote))
    }

    return new ConsensusSession({ ...parts, digest: digestOf(parts.proposal, parts.config) }, log, {
      voteCount: parts.votes.length,
      tally: parts.pruned?.tally ?? tally,
      outcome: parts
    })
  }

  /** Where the voting is: the proposal is round 1. On gossipsub all votes are round 2, point-to-point each vote is one more (RFC 73). */
  get round (): number {
    // those whose votes are kept no longer are not in the proposal that this is the round of
    return roundAfter(this.pruned == null ? this.voterCount : this.voteCount - this.log.doubles(this.voteCount).length, this.config.useGossipsubRounds)
  }

  /** How many have voted, those who have voted both yes and no once */
  get voterCount (): number {
    const { yes, no, doubles = 0 } = this.tally

    return yes + no - doubles
  }

  /** What a vote is checked against, see `validateVote` */
  get voteTerms (): ProposalTimes {
    const { proposal: { timestamp, expirationTimestamp }, digest } = this

    return { timestamp, expirationTimestamp, digest }
  }

  /** Whether a valid vote that is added now, and not known, would be stored: while active, under `quorum` in every state */
  get storesVotes (): boolean {
    return this.rules.storesVotes(this)
  }

  /** Whether it was decided at this node so late that nothing must act on the result unless its operator asks for it */
  get late (): boolean {
    return isLate(this)
  }

  /** Whether this identity's vote is stored */
  hasVoted (owner: Uint8Array): boolean {
    return this.choiceOf(owner) != null
  }

  /** Whether a vote of this identity for this side is stored */
  hasVotedFor (owner: Uint8Array, choice: boolean): boolean {
    const first = this.choiceOf(owner)

    return first === choice || (first != null && this.log.doubleOf(owner, this.voteCount) != null)
  }

  /** What this identity has voted, or voted first; undefined if it has not */
  choiceOf (owner: Uint8Array): boolean | undefined {
    return this.log.choiceOf(owner, this.voteCount)
  }

  /** The two votes of this identity in order of arrival, if it has voted both yes and no; decoded anew at each call */
  doubleVoteOf (owner: Uint8Array): Vote[] | undefined {
    return this.log.doubleOf(owner, this.voteCount)?.map(decodeKnownVote)
  }

  /** As {@link ConsensusSession.doubleVoteOf}, of all who have done so */
  doubleVotes (): Vote[][] {
    return this.log.doubles(this.voteCount).map(votes => votes.map(decodeKnownVote))
  }

  /** Who has voted what, in no order: for each vote the bytes of its owner and one more, 0 for no and 1 for yes, a character each */
  choices (): string[] {
    return this.log.choices(this.voteCount)
  }

  /** Whether there is evidence against this identity, see `evidenceAgainst` */
  hasEvidenceAgainst (owner: Uint8Array): boolean {
    return this.log.doubleOf(owner, this.voteCount) != null || this.evidence.some(evidence => equals(evidence.owner, owner))
  }

  /** Whether there is evidence against somebody, see `evidenceOf` */
  get hasEvidence (): boolean {
    return this.evidence.length > 0 || this.log.hasDoubles(this.voteCount)
  }

  /** The vote of this identity that arrived first */
  firstVoteOf (owner: Uint8Array): Vote | undefined {
    const encoded = this.log.firstOf(owner, this.voteCount)

    return encoded == null ? undefined : decodeKnownVote(encoded)
  }

  /** The vote that arrived last */
  get lastVote (): Vote | undefined {
    return this.voteCount === 0 ? undefined : decodeKnownVote(this.log.encoded[this.voteCount - 1])
  }

  /** Canonical encodings of the votes from the `from`th on, in order of arrival. Shared: not to be written to. */
  encodedVotes (from = 0): Uint8Array[] {
    return this.log.encoded.slice(from, this.voteCount)
  }

  /** Whether two sessions have the very same votes and evidence, for instance one before and after its timeout */
  sharesVotesWith (other: ConsensusSession): boolean {
    return this.log === other.log && this.voteCount === other.voteCount && this.evidence === other.evidence
  }

  /** The votes in order of arrival, decoded anew at each call */
  votes (): Vote[] {
    return this.encodedVotes().map(decodeKnownVote)
  }

  /** The proposal with its round and its votes, copied anew at each call */
  toProposal (): Proposal {
    return { ...copyBytes(this.proposal), round: this.round, votes: this.votes() }
  }

  /**
   * Adds one valid vote. Under the crate's rules a decided session stays as it is, SessionNotActive, ProposalExpired and
   * DuplicateVote are thrown, and exceeding the round limit fails the session. Under `quorum` each state takes votes, and
   * ParentHashMismatch, TooManyVoters and DuplicateVote, for a second vote for the same side, are thrown.
   *
   * @param now - our clock, Unix seconds; under `quorum` only noted, where the vote decides
   * @param encoded - the vote's canonical encoding, where it is there already
   */
  addVote (vote: Vote, now: bigint, encoded: Uint8Array = encodeVote(vote)): SessionStep {
    return this.take(this.rules.admitVote(this, vote, now), [vote], now, [encoded])
  }

  /**
   * Adds the valid votes that came with a proposal, all or none. Throws as {@link ConsensusSession.addVote}; under the crate's
   * rules exceeding the round limit or the number of voters fails the session.
   *
   * @param now - our clock, Unix seconds; under `quorum` only noted, where the votes decide
   */
  addVotes (votes: readonly Vote[], now: bigint): SessionStep {
    return this.take(this.rules.admitVotes(this, votes, now), votes, now)
  }

  /**
   * Adds valid votes that arrived together: refuses each one that `addVote` would refuse, and counts those that are left once.
   * So two quorums that arrive together are a conflict, whatever order the votes are in. Under `quorum` only.
   *
   * @param now - our clock, Unix seconds, only noted where the votes decide
   */
  addTogether (votes: readonly EncodedVote[], now: bigint): TogetherStep {
    let added: ConsensusSession = this
    const refused: TogetherStep['refused'] = votes.map(({ vote, encoded }) => {
      try {
        added = added.addVote(vote, now, encoded).session
      } catch (err) {
        return err
      }

      return undefined
    })

    return { session: added.with(this.rules.outcomeWith(this, added.tally, now)), refused }
  }

  /**
   * Adds valid evidence against a voter against whom there is none. Those of its votes that are timely and not here are added as votes,
   * and counted once. Unless both are votes of the session then, it is kept beside them. Throws ParentHashMismatch, SessionNotActive,
   * TooManyVoters. Under `quorum` only.
   *
   * @param now - our clock, Unix seconds, only noted where the votes decide
   */
  addEvidence (evidence: Evidence, now: bigint): ConsensusSession {
    const { first, second, first: { voteOwner: owner } } = evidence
    const votes = [first, second].map(vote => ({ vote, encoded: encodeVote(vote) }))

    checkBound(first, this.digest)
    checkBound(second, this.digest)
    this.checkTakesVotesOf(owner)

    const { session } = this.addTogether(votes.filter(({ vote }) => isTimely(vote, this.proposal) && !this.hasVotedFor(owner, vote.vote)), now)

    if (session.doubleVoteOf(owner) != null) {
      return session
    }

    const kept = { owner, first: votes[0].encoded, second: votes[1].encoded }

    return new ConsensusSession({ ...session, evidence: [...session.evidence, kept] }, session.log, { ...session, outcome: session })
  }

  /**
   * Adds the votes of a certificate to a session whose votes were pruned. The session takes votes again from then on. Under
   * `quorum` only.
   *
   * @param now - our clock, Unix seconds
   */
  addCertifiedVotes (votes: readonly Vote[], now: bigint): SessionStep {
    const kept = ConsensusSession.fromParts({ ...this, pruned: undefined, votes: this.encodedVotes() })

    return kept.addVotes(votes.filter(({ voteOwner, vote }) => !kept.hasVotedFor(voteOwner, vote)), now)
  }

  /** Throws what adding the vote would throw, and changes nothing */
  checkVote (vote: Vote, now: bigint): void {
    this.rules.admitVote(this, vote, now)
  }

  /** Throws where no vote of this identity can be added, whatever it says */
  checkTakesVotesOf (owner: Uint8Array): void {
    this.rules.checkTakesVotesOf(this, owner)
  }

  /** Counts the votes as they stand at the timeout: the session is decided, or it fails. */
  timeOut (): SessionStep {
    const { outcome = this, error } = this.rules.timeOut(this)

    return { session: this.with(outcome), ...error == null ? {} : { error } }
  }

  private get rules (): SessionRules {
    return this.config.decisionRule === 'quorum' ? quorumRules : referenceRules
  }

  private take (admission: Admission, votes: readonly Vote[], now: bigint, encoded?: readonly Uint8Array[]): SessionStep {
    if (admission === 'store') {
      return { session: this.append(votes, now, encoded ?? votes.map(encodeVote)) }
    }

    return admission === 'ignore' ? { session: this } : { session: this.with({ state: 'failed' }), error: admission }
  }

  private append (votes: readonly Vote[], now: bigint, encoded: readonly Uint8Array[]): ConsensusSession {
    // another session may have appended to the log since this one was made
    const log = this.log.encoded.length === this.voteCount ? this.log : this.log.fork(this.voteCount)
    const tally = { ...this.tally }
    let { evidence } = this

    for (const [index, { voteOwner, vote }] of votes.entries()) {
      const isDouble = log.append(encoded[index], voteOwner, vote)

      count(tally, vote, isDouble)

      if (isDouble && evidence.length > 0) {
        // both of the voter's votes say as much
        evidence = evidence.filter(({ owner }) => !equals(owner, voteOwner))
      }
    }

    return new ConsensusSession(evidence === this.evidence ? this : { ...this, evidence }, log, {
      voteCount: this.voteCount + votes.length,
      tally,
      outcome: this.rules.outcomeWith(this, tally, now)
    })
  }

  private with (outcome: Outcome): ConsensusSession {
    const { log, voteCount, tally } = this

    return sameOutcome(outcome, this) ? this : new ConsensusSession(this, log, { voteCount, tally, outcome })
  }
}

function count (tally: Tally, choice: boolean, isDouble: boolean): void {
  tally[choice ? 'yes' : 'no']++

  if (isDouble) {
    tally.doubles = (tally.doubles ?? 0) + 1
  }
}

function digestOf (proposal: ProposalHead, { decisionRule, policyDigest }: ConsensusConfig): Uint8Array | undefined {
  return decisionRule === 'quorum' ? proposalDigest(policyDigest as Uint8Array, proposal) : undefined
}

/** Whoever has made the proposal, or is given it, may write to the arrays it has; a session is a value */
function copyBytes (proposal: ProposalHead): ProposalHead {
  return {
    ...proposal,
    payload: new Uint8Array(proposal.payload),
    proposalOwner: new Uint8Array(proposal.proposalOwner)
  }
}
