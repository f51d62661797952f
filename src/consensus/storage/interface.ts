/**
 * What the core asks of a storage, and the queries that work on any.
 */

import { checkString, checkUint32 } from '../encoding/check.ts'
import { ConsensusConflictError, ConsensusFailedError, ConsensusNotReachedError, SessionNotActiveError, SessionNotFoundError } from '../errors.ts'
import { ConsensusSession } from '../session/session.ts'
import { isProven, keptVotes } from '../vote/quorum-votes.ts'
import { sessionVoteSetHash } from '../vote/vote-set.ts'
import type { ConsensusConfig } from '../policy/config.ts'
import type { ScopePolicy } from '../policy/policy.ts'
import type { ScopeConfig } from '../policy/scope-config.ts'
import type { HeldProof } from '../proofs/member-proof.ts'
import type { Proposal } from '../proposal/proposal.ts'
import type { KeptEvidence, ProposalHead, SessionState } from '../session/session.ts'

export interface AppendVoteOptions {
  /**
   * Whether the vote must survive a loss of power once the promise has resolved. Votes of others need not: they can be had
   * again. Our own and those that decide must.
   *
   * @default false
   */
  durable?: boolean

  /**
   * How many votes are new: votes that come at the same time are stored at once
   *
   * @default 1
   */
  count?: number

  /**
   * Evidence of the session that is new. It need not survive a loss of power unless `durable` says so.
   *
   * @default []
   */
  evidence?: readonly KeptEvidence[]
}

/**
 * A session without its votes: what lists show, and what tells members apart
 */
export type SessionSummary = Pick<ConsensusSession, 'proposal' | 'config' | 'createdAt' | 'state' | 'result' | 'contradicted' | 'decidedAt' | 'tally' | 'voteCount' | 'signature'> & {
  /** How many voters there is evidence against, those counted in `tally.doubles` among them */
  doubleVoters: number
  /** Whether its votes are kept no longer. Those that prove something are, all the same: `voteCount` says how many. */
  pruned: boolean
  /** Whether the votes that are there are a quorum for the result, see `makeCertificate` */
  proven: boolean
}

/** A summary with what tells whether others have the same votes, see `voteSetHash`: 32 bytes */
export type SyncSummary = SessionSummary & { voteSetHash: Uint8Array }

export interface SummaryQuery {
  /** Only the sessions after this one in the order they were first stored. Throws SessionNotFoundError if it is not stored. */
  after?: number
  /** Only the sessions in this state */
  state?: SessionState
  /** The other way round: the session that was stored last first. What comes after one was stored before it then. */
  newestFirst?: boolean
}

export interface PruneOptions {
  /**
   * Whether the votes that prove a result are kept forever. In an open scope they prove nothing.
   *
   * @default true
   */
  proof?: boolean
}

/** Seconds */
const DAY = 24n * 60n * 60n

/** The day a proposal belongs to, equal at all members: days from 1970 to its expiration, in UTC */
export function dayOf ({ expirationTimestamp }: Pick<ProposalHead, 'expirationTimestamp'>): number {
  return Number(expirationTimestamp / DAY)
}

/**
 * Keeps sessions and scope configurations. Sessions are values: what is stored or returned is never written to.
 *
 * Each call is atomic: it happens as a whole or, if it throws, not at all, and calls on one session that are under way at
 * the same time have the effect of some order. When a promise resolves the change is stored, and unless it says otherwise
 * below survives a loss of power.
 */
export interface ConsensusStorage {
  /**
   * Whether sessions that have ended are kept for ever, as by storages on disk: a service that keeps so many sessions only
   * drops none of them then, and its limit is about those that are active
   *
   * @default false
   */
  readonly isArchive?: boolean

  /** Stores a session, in place of one with the same proposal id */
  saveSession (scope: string, session: ConsensusSession): Promise<void>

  getSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined>

  /** Removes a session and resolves with it, or with undefined if there was none */
  removeSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined>

  /** All sessions of a scope in the order they were first stored, undefined if the scope has none */
  listScopeSessions (scope: string): Promise<ConsensusSession[] | undefined>

  /** As {@link ConsensusStorage.listScopeSessions}, one at a time */
  streamScopeSessions (scope: string): AsyncIterable<ConsensusSession>

  /**
   * The active ones of {@link ConsensusStorage.streamScopeSessions}. For storages that find them without reading the others,
   * of which there are more the longer a node runs.
   */
  streamActiveSessions? (scope: string): AsyncIterable<ConsensusSession>

  /**
   * The sessions of a scope in the order they were first stored, without their votes. For storages that need not read the
   * votes of ended sessions for it, nor the sessions before `after`.
   */
  streamSummaries? (scope: string, query?: SummaryQuery): AsyncIterable<SessionSummary>

  /** The days that proposals of a scope belong to, ascending. For storages that know them without reading all sessions. */
  listDays? (scope: string): Promise<number[]>

  /** The sessions that belong to a day, by ascending proposal id. For storages that find them without reading the others. */
  streamDay? (scope: string, day: number): AsyncIterable<SyncSummary>

  /**
   * Gives up the votes of a session that has ended, for good, but for those that prove its result and who has voted both ways;
   * all else is kept, evidence included. One that is active, or not stored, stays as it is. Storages without it keep all votes.
   */
  pruneVotes? (scope: string, proposalId: number, options?: PruneOptions): Promise<void>

  /**
   * The sessions with evidence in them, see `evidenceOf`, by ascending proposal id. For storages that find them without reading the
   * others.
   *
   * @param from - only those with this proposal id or a higher one
   */
  streamDoubleVoted? (scope: string, from?: number): AsyncIterable<ConsensusSession>

  /** Stores these sessions and no others for the scope */
  replaceScopeSessions (scope: string, sessions: ConsensusSession[]): Promise<void>

  /** The scopes that have sessions, undefined if there are none */
  listScopes (): Promise<string[] | undefined>

  /**
   * Replaces a session by what `update` makes of it and resolves with that. Throws SessionNotFoundError; what `update`
   * throws is passed on and leaves the session as it was.
   */
  updateSession (scope: string, proposalId: number, update: (session: ConsensusSession) => ConsensusSession): Promise<ConsensusSession>

  /**
   * Stores a session that is the stored one and one more vote, its last, or `count` more, and the `evidence` that is new. Evidence
   * that the session has no longer goes: both votes are among its votes now. This is the path of every vote: it should write one
   * record for each, whatever the number of votes already there, and one more where the session has ended, before or with them. Throws SessionNotFoundError, and SessionNotActiveError if the votes of the session have been pruned.
   */
  appendVote (scope: string, session: ConsensusSession, options?: AppendVoteOptions): Promise<void>

  /** Replaces the sessions of a scope by what `update` makes of them; a scope left without any disappears. */
  updateScopeSessions (scope: string, update: (sessions: ConsensusSession[]) => ConsensusSession[]): Promise<void>

  getScopeConfig (scope: string): Promise<ScopeConfig | undefined>

  /** Stores a configuration. Throws what `validateScopeConfig` throws. */
  setScopeConfig (scope: string, config: ScopeConfig): Promise<void>

  /** Replaces a scope's configuration, or the default one, by what `update` makes of it. Throws what `validateScopeConfig` throws. */
  updateScopeConfig (scope: string, update: (config: ScopeConfig) => ScopeConfig): Promise<ScopeConfig>

  /** Removes sessions and configuration of a scope; an unknown one is fine */
  deleteScope (scope: string): Promise<void>
}

/**
 * Keeps the policies of the scopes a node is a member of, by their names
 */
export interface PolicyStorage {
  /** Stores a policy, in place of one with the same name */
  savePolicy (policy: ScopePolicy): Promise<void>

  /** Removes a policy; an unknown one is fine */
  removePolicy (name: string): Promise<void>

  listPolicies (): Promise<ScopePolicy[]>

  /** Stores what this node does with the scope of this name */
  saveSettings (name: string, settings: ScopeSettings): Promise<void>

  /** Undefined for a scope that has none. They go with the policy. */
  getSettings (name: string): Promise<ScopeSettings | undefined>

  /** Stores a proposal that was refused since another in the scope, by its key, has its id, in place of one with the same id */
  saveRefused (scope: string, refused: RefusedProposal): Promise<void>

  /** The refused proposals of a scope, by its key, by ascending id */
  listRefused (scope: string): Promise<RefusedProposal[]>

  /** Stores the automatic votes that could not be cast in a scope, by its key, the latest last, in place of what was stored */
  saveMissed (scope: string, votes: MissedAutoVote[]): Promise<void>

  /** The automatic votes that could not be cast in a scope, by its key, the latest last */
  listMissed (scope: string): Promise<MissedAutoVote[]>

  /** Stores the id of the counter that an identity's vote locks have, see `VoteLock.counter`, in place of another */
  saveLocksId (identity: Uint8Array, id: Uint8Array): Promise<void>

  /** Undefined for an identity that has not voted with this storage */
  getLocksId (identity: Uint8Array): Promise<Uint8Array | undefined>

  /** Stores what a voter has proven last in a scope, in place of what was stored. It need not survive a loss of power. */
  saveHeldProofs (scope: string, voter: Uint8Array, proofs: HeldProof[]): Promise<void>

  /** What the voters of a scope have proven last, that of a voter in the order in which it was stored */
  listHeldProofs (scope: string): Promise<HeldProof[]>
}

/** A proposal that was refused since another has its id: a member that got it first has refused the other one */
export interface RefusedProposal {
  proposalId: number
  name: string
  /** Identity of the proposer */
  proposer: Uint8Array
  /** The proposal digest, 32 bytes */
  digest: Uint8Array
}

/** An automatic vote that was due and could not be cast */
export interface MissedAutoVote {
  proposalId: number
  /** Of the proposal */
  name: string
  /** In words */
  reason: string
}

/** What a node does with a scope by itself. Not part of the policy: members may differ. */
export interface ScopeSettings {
  /** Seconds after a proposal's expiration at which its votes are given up; null to keep them for ever */
  retainVotesSeconds: number | null
}

/** Throws SessionNotFoundError where there is no such session */
export async function requireSession (storage: ConsensusStorage, scope: string, proposalId: number): Promise<ConsensusSession> {
  checkString('scope', scope)
  checkUint32('proposalId', proposalId)

  const session = await storage.getSession(scope, proposalId)

  if (session == null) {
    throw sessionNotFound(scope, proposalId)
  }

  return session
}

export function sessionNotFound (scope: string, proposalId: number): SessionNotFoundError {
  return new SessionNotFoundError('There is no such proposal', { scope, proposalId })
}

/**
 * The result of a decided proposal, true for yes. Throws SessionNotFoundError, ConsensusFailedError if the proposal ended
 * without a result, ConsensusConflictError if both sides have the votes of a quorum, ConsensusNotReachedError if it is still
 * being voted on.
 */
export async function getConsensusResult (storage: ConsensusStorage, scope: string, proposalId: number): Promise<boolean> {
  const { state, result } = await requireSession(storage, scope, proposalId)

  if (state === 'failed') {
    throw new ConsensusFailedError('The proposal ended without a result', { scope, proposalId })
  }

  if (state === 'conflict') {
    throw new ConsensusConflictError('Both yes and no have the votes of a quorum, so there is no result', { scope, proposalId })
  }

  if (result == null) {
    throw new ConsensusNotReachedError('The proposal is not decided yet', { scope, proposalId })
  }

  return result
}

/** The proposal with its votes. Throws SessionNotFoundError. */
export async function getProposal (storage: ConsensusStorage, scope: string, proposalId: number): Promise<Proposal> {
  return (await requireSession(storage, scope, proposalId)).toProposal()
}

/** The configuration the proposal is decided under. Throws SessionNotFoundError. */
export async function getProposalConfig (storage: ConsensusStorage, scope: string, proposalId: number): Promise<ConsensusConfig> {
  return { ...(await requireSession(storage, scope, proposalId)).config }
}

/** The sessions of a scope that take votes, in the order they were first stored, one at a time */
export async function * streamActiveSessions (storage: ConsensusStorage, scope: string): AsyncGenerator<ConsensusSession> {
  if (storage.streamActiveSessions != null) {
    yield * storage.streamActiveSessions(scope)
    return
  }

  for await (const session of storage.streamScopeSessions(scope)) {
    if (session.state === 'active') {
      yield session
    }
  }
}

/** The proposals of a scope that take votes, with those they have */
export async function getActiveProposals (storage: ConsensusStorage, scope: string): Promise<Proposal[]> {
  const proposals: Proposal[] = []

  for await (const session of streamActiveSessions(storage, scope)) {
    proposals.push(session.toProposal())
  }

  return proposals
}

/** Proposal id → result of the proposals of a scope that are decided */
export async function getReachedProposals (storage: ConsensusStorage, scope: string): Promise<Map<number, boolean>> {
  const results = new Map<number, boolean>()

  for await (const { proposal, result } of storage.streamScopeSessions(scope)) {
    if (result != null) {
      results.set(proposal.proposalId, result)
    }
  }

  return results
}

/** What a summary says of a session */
export function toSummary (session: ConsensusSession): SessionSummary {
  const { proposal, config, createdAt, state, result, contradicted, decidedAt, tally, voteCount, signature } = session

  return {
    proposal,
    config,
    createdAt,
    state,
    result,
    contradicted,
    decidedAt,
    tally,
    voteCount,
    signature,
    doubleVoters: (tally.doubles ?? 0) + session.evidence.length,
    pruned: session.pruned != null,
    proven: isProven(session)
  }
}

function toSyncSummary (session: ConsensusSession): SyncSummary {
  return { ...toSummary(session), voteSetHash: sessionVoteSetHash(session) }
}

/**
 * What is left of a session that has ended once its votes are given up, see `pruneVotes`. One that is active, or pruned already,
 * stays as it is.
 */
export function withoutVotes (session: ConsensusSession, { proof = true }: PruneOptions = {}): ConsensusSession {
  if (session.state === 'active' || session.pruned != null) {
    return session
  }

  return ConsensusSession.fromParts({ ...session, votes: keptVotes(session, proof), pruned: { tally: session.tally, voteSetHash: sessionVoteSetHash(session) } })
}

/** The error of who wants to add a vote where they are kept no longer */
export function votesPruned (scope: string, proposalId: number): SessionNotActiveError {
  return new SessionNotActiveError('The votes of this proposal are kept no longer, so it takes no more', { scope, proposalId })
}

/** The sessions of a scope in the order they were first stored, without their votes */
export async function * streamSummaries (storage: ConsensusStorage, scope: string, query: SummaryQuery = {}): AsyncGenerator<SessionSummary> {
  if (storage.streamSummaries != null) {
    yield * storage.streamSummaries(scope, query)
    return
  }

  const { after, state, newestFirst = false } = query
  let begun = after == null

  for await (const session of newestFirst ? await reversed(storage, scope) : storage.streamScopeSessions(scope)) {
    if (begun && (state == null || session.state === state)) {
      yield toSummary(session)
    }

    begun ||= session.proposal.proposalId === after
  }

  if (!begun) {
    throw sessionNotFound(scope, after as number)
  }
}

async function reversed (storage: ConsensusStorage, scope: string): Promise<ConsensusSession[]> {
  return (await storage.listScopeSessions(scope) ?? []).reverse()
}

/** The days that proposals of a scope belong to, ascending */
export async function listDays (storage: ConsensusStorage, scope: string): Promise<number[]> {
  if (storage.listDays != null) {
    return storage.listDays(scope)
  }

  const days = new Set<number>()

  for await (const { proposal } of storage.streamScopeSessions(scope)) {
    days.add(dayOf(proposal))
  }

  return [...days].sort((a, b) => a - b)
}

/** The sessions that belong to a day, by ascending proposal id, with the hashes of their votes */
export async function * streamDay (storage: ConsensusStorage, scope: string, day: number): AsyncGenerator<SyncSummary> {
  if (storage.streamDay != null) {
    yield * storage.streamDay(scope, day)
    return
  }

  const sessions: ConsensusSession[] = []

  for await (const session of storage.streamScopeSessions(scope)) {
    if (dayOf(session.proposal) === day) {
      sessions.push(session)
    }
  }

  for (const session of sessions.sort((a, b) => a.proposal.proposalId - b.proposal.proposalId)) {
    yield toSyncSummary(session)
  }
}
