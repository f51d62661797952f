/**
 * The one entry point of the core: proposals and votes go in, verdicts and events come out.
 *
 * Work on one proposal is done one call after the other, so that no two calls can pass a check that only one may pass;
 * different proposals are worked on side by side. Signatures are verified outside of that order. An event is published
 * after its change is stored, once per change of state.
 */

import { equals } from 'uint8arrays/equals'
import { checkBoolean, checkBytes, checkObject, checkString, checkUint32, checkUint64, isMilliseconds, show } from './check.ts'
import { systemClock } from './clock.ts'
import { resolveConfig, validateConfig } from './config.ts'
import { ConsensusError, MissingSignerError, ProposalAlreadyExistError, UserAlreadyVotedError } from './errors.ts'
import { BroadcastEventBus } from './events.ts'
import { MemoryStorage } from './memory-storage.ts'
import { KeyedMutex } from './mutex.ts'
import { checkNotExpired, checkProposal, createProposal, validateProposal } from './proposal.ts'
import { defaultScopeConfig, ScopeConfigBuilder } from './scope-config.ts'
import { ConsensusSession } from './session.ts'
import { requireSession } from './storage.ts'
import { isVoteLock, MemoryVoteLock } from './vote-lock.ts'
import { buildVote, checkTimes, encodeVote, signedPayload, validateVote } from './vote.ts'
import type { ConsensusConfig } from './config.ts'
import type { ConsensusEvent, ConsensusEventBus } from './events.ts'
import type { CreateProposalRequest, Proposal } from './proposal.ts'
import type { ProposalHead, SessionStep } from './session.ts'
import type { ConsensusSigner, SignatureScheme } from './signing.ts'
import type { ConsensusStorage } from './storage.ts'
import type { VoteLock } from './vote-lock.ts'
import type { Vote } from './vote.ts'

/** Sessions a scope keeps; the ones created first go first */
export const DEFAULT_MAX_SESSIONS_PER_SCOPE = 10

export interface ConsensusServiceInit {
  /** Verifies the signatures of votes */
  scheme: SignatureScheme

  /** Signs votes where a call names no signer */
  signer?: ConsensusSigner

  /** @default MemoryStorage */
  storage?: ConsensusStorage

  /** @default BroadcastEventBus */
  events?: ConsensusEventBus

  /**
   * Keeps signers from ever signing two votes on one proposal
   *
   * @default the storage if it is one, as LevelStorage is, else MemoryVoteLock
   */
  voteLock?: VoteLock

  /** Is told of what is stored, see {@link ConsensusObserver} */
  observer?: ConsensusObserver

  /**
   * Unix seconds
   *
   * @default the system's clock
   */
  clock? (): bigint

  /**
   * How many sessions a scope keeps; Infinity for all
   *
   * @default 10
   */
  maxSessionsPerScope?: number
}

const STATS_FIELD = {
  active: 'activeSessions',
  failed: 'failedSessions',
  reached: 'consensusReached'
} as const

/**
 * Is called right after a proposal or a vote is stored and before the event that may follow from it, once each, at once.
 * For whoever embeds the core and must not miss any; it must neither wait nor throw.
 */
export interface ConsensusObserver {
  onProposal? (scope: string, session: ConsensusSession): void
  onVote? (scope: string, vote: Vote, session: ConsensusSession): void
}

/** How many sessions of a scope are in which state */
export interface ScopeStats {
  totalSessions: number
  activeSessions: number
  failedSessions: number
  consensusReached: number
}

/**
 * @example
 *
 * ```TypeScript
 * import { ConsensusService } from 'libp2p-voting/consensus'
 * import { ethereumScheme, ethereumSigner } from 'libp2p-voting/signers/ethereum'
 * import { generatePrivateKey } from 'viem/accounts'
 *
 * const signer = ethereumSigner(generatePrivateKey())
 * const service = new ConsensusService({ scheme: ethereumScheme(), signer })
 *
 * const proposal = await service.createProposal('council', {
 *   name: 'Upgrade to version 2?',
 *   payload: new Uint8Array(),
 *   proposalOwner: signer.identity,
 *   expectedVotersCount: 1,
 *   expirationTimestamp: 60n,
 *   livenessCriteriaYes: true
 * })
 *
 * await service.castVote('council', proposal.proposalId, true)
 * console.info(await service.handleConsensusTimeout('council', proposal.proposalId)) // true
 * ```
 */
export class ConsensusService {
  readonly storage: ConsensusStorage
  readonly events: ConsensusEventBus
  private readonly scheme: SignatureScheme
  private readonly signer?: ConsensusSigner
  private readonly voteLock: VoteLock
  private readonly observer: ConsensusObserver
  private readonly clock: () => bigint
  private readonly maxSessionsPerScope: number
  private readonly mutex = new KeyedMutex()

  constructor (init: ConsensusServiceInit) {
    if (typeof init?.scheme?.verify !== 'function') {
      throw new TypeError('scheme is required: it verifies the signatures of votes, for instance ethereumScheme() of libp2p-voting/signers/ethereum')
    }

    const maxSessions = init.maxSessionsPerScope ?? DEFAULT_MAX_SESSIONS_PER_SCOPE

    if (!(maxSessions >= 1 && (Number.isInteger(maxSessions) || maxSessions === Infinity))) {
      throw new TypeError(`maxSessionsPerScope must be a whole number of at least 1, or Infinity, got ${show(maxSessions)}`)
    }

    this.scheme = init.scheme
    this.signer = init.signer
    this.storage = init.storage ?? new MemoryStorage()
    this.events = init.events ?? new BroadcastEventBus()
    this.voteLock = init.voteLock ?? (isVoteLock(this.storage) ? this.storage : new MemoryVoteLock())
    this.observer = init.observer ?? {}
    this.clock = init.clock ?? systemClock
    this.maxSessionsPerScope = maxSessions
  }

  /**
   * Makes a proposal, stores its session and trims the scope. Throws InvalidExpectedVotersCountError, InvalidTimeoutError.
   *
   * @param config - decides this proposal in place of the scope's configuration; it keeps its own timeout
   */
  async createProposal (scope: string, request: CreateProposalRequest, config?: ConsensusConfig): Promise<Proposal> {
    checkString('scope', scope)

    if (config != null) {
      validateConfig(config)
    }

    return this.inScope(scope, async () => {
      const now = this.now()
      let proposal = createProposal(request, now)

      while (await this.storage.getSession(scope, proposal.proposalId) != null) {
        proposal = createProposal(request, now)
      }

      const resolved = resolveConfig(proposal, await this.storage.getScopeConfig(scope), config)

      const session = ConsensusSession.create(proposal, resolved, now)

      await this.storage.saveSession(scope, session)
      this.observer.onProposal?.(scope, session)
      await this.trim(scope)

      return proposal
    })
  }

  /**
   * Votes, and resolves with the signed vote, which others are to be given. Throws SessionNotFoundError;
   * ProposalExpiredError at or after the expiration; UserAlreadyVotedError if the signer's vote is stored or the vote lock
   * binds the signer to the other choice; what adding a vote throws, see {@link ConsensusService.processIncomingVote}.
   *
   * After a decision the vote is signed and returned but not stored, and it stays the only one this signer signs.
   */
  async castVote (scope: string, proposalId: number, choice: boolean, signer?: ConsensusSigner): Promise<Vote> {
    return (await this.cast(scope, proposalId, choice, signer)).vote
  }

  /** As {@link ConsensusService.castVote}, resolves with the proposal and all votes it then has */
  async castVoteAndGetProposal (scope: string, proposalId: number, choice: boolean, signer?: ConsensusSigner): Promise<Proposal> {
    return (await this.cast(scope, proposalId, choice, signer)).session.toProposal()
  }

  /**
   * Completes the vote that the service's signer was bound to when the process ended before it was stored. Resolves with the
   * signed vote, or with undefined if there is none to complete. Throws what {@link ConsensusService.castVote} throws.
   */
  async completeVote (scope: string, proposalId: number): Promise<Vote | undefined> {
    const session = await requireSession(this.storage, scope, proposalId)

    if (this.signer == null || session.state !== 'active' || session.hasVoted(this.signer.identity)) {
      return
    }

    const bound = await this.voteLock.find(scope, session.proposal, this.signer.identity)

    return bound == null ? undefined : this.castVote(scope, proposalId, bound.vote)
  }

  /**
   * Takes in a proposal that somebody else made, with the votes in it. The round that was sent is ignored. Throws
   * ProposalAlreadyExistError, what `validateProposal` throws, DuplicateVoteError, MaxRoundsExceededError; nothing is
   * stored then.
   */
  async processIncomingProposal (scope: string, proposal: Proposal): Promise<ConsensusSession> {
    checkString('scope', scope)
    checkProposal(proposal)
    await this.refuseKnown(scope, proposal.proposalId)

    try {
      await validateProposal(proposal, this.now(), this.scheme)
    } catch (err) {
      throw inScope(scope, err)
    }

    return this.inScope(scope, async () => {
      await this.refuseKnown(scope, proposal.proposalId)

      const now = this.now()
      const config = resolveConfig(proposal, await this.storage.getScopeConfig(scope))
      const created = ConsensusSession.create(proposal, config, now)
      const { session, error } = created.addVotes(proposal.votes, now)

      if (error != null) {
        throw error
      }

      await this.bindOwn(scope, session.proposal, proposal.votes)
      await this.storage.saveSession(scope, session)
      this.observer.onProposal?.(scope, session)
      this.publishChange(scope, created, session, now)
      await this.trim(scope)

      return session
    })
  }

  /**
   * Takes in a vote that somebody else cast. Throws SessionNotFoundError, what `validateVote` throws,
   * SessionNotActiveError after a failure, ProposalExpiredError, DuplicateVoteError, and MaxRoundsExceededError, which
   * fails the proposal. After a decision the vote is checked but not stored.
   */
  async processIncomingVote (scope: string, vote: Vote): Promise<ConsensusSession> {
    // once for all: what is verified is what is stored
    const encoded = encodeVote(vote)
    const { proposalId } = vote
    const { proposal } = await requireSession(this.storage, scope, proposalId)

    try {
      await validateVote(vote, proposal, this.now(), this.scheme, encoded)
    } catch (err) {
      throw inScope(scope, err)
    }

    return this.onProposal(scope, proposalId, async session => {
      // the proposal may have been dropped and another have taken its id while the signature was verified
      checkTimes(vote, session.proposal, this.now())
      await this.bindOwn(scope, session.proposal, [vote])

      return this.apply(scope, session, session.addVote(vote, this.now(), encoded), { vote })
    })
  }

  /**
   * Counts the votes at the end of the time: resolves with the result, true for yes. Throws SessionNotFoundError;
   * InsufficientVotesAtTimeoutError if they decide nothing, which fails the proposal.
   *
   * The core has no timers: whoever embeds it calls this when `consensusTimeout` has passed.
   */
  async handleConsensusTimeout (scope: string, proposalId: number): Promise<boolean> {
    const { result } = await this.onProposal(scope, proposalId, async session => this.apply(scope, session, session.timeOut()))

    return result === true
  }

  /** Sets the scope's configuration, starting from what is stored or the defaults */
  async scope (scope: string): Promise<ScopeConfigBuilder> {
    checkString('scope', scope)

    return new ScopeConfigBuilder(await this.storage.getScopeConfig(scope) ?? defaultScopeConfig(), {
      initialize: async config => this.storage.setScopeConfig(scope, config),
      update: async config => { await this.storage.updateScopeConfig(scope, () => config) }
    })
  }

  /** Zeros for an unknown scope */
  async getScopeStats (scope: string): Promise<ScopeStats> {
    checkString('scope', scope)

    const stats: ScopeStats = { totalSessions: 0, activeSessions: 0, failedSessions: 0, consensusReached: 0 }

    for await (const { state } of this.storage.streamScopeSessions(scope)) {
      stats.totalSessions++
      stats[STATS_FIELD[state]]++
    }

    return stats
  }

  private async cast (scope: string, proposalId: number, choice: boolean, given?: ConsensusSigner): Promise<{ vote: Vote, session: ConsensusSession }> {
    checkBoolean('choice', choice)

    const signer = given ?? this.signer

    if (signer == null) {
      throw new MissingSignerError('There is nobody to sign the vote: give castVote a signer or make the service with one')
    }

    checkSigner(signer)

    const about = { scope, proposalId, owner: signer.identity }
    const bound = await this.onProposal(scope, proposalId, async session => {
      const now = this.now()

      checkMayVote(session, now, about)
      // before the identity is bound to a vote that nobody would ever see
      session.checkNotFailed()

      return this.bind(scope, session, choice, signer.identity, now)
    })

    // a signer may ask a person, who takes time, while others vote and deadlines come
    const vote = { ...bound, signature: await signer.sign(signedPayload(bound)) }

    return this.onProposal(scope, proposalId, async session => {
      const now = this.now()

      checkMayVote(session, now, about)
      // a signer that signs for somebody else, or in another form, is found out before anybody sees the vote
      await validateVote(vote, session.proposal, now, this.scheme)

      // our own vote is on disk before anybody sees it
      const updated = await this.apply(scope, session, session.addVote(vote, now), { vote, durable: true })

      if (vote.vote !== choice) {
        throw new UserAlreadyVotedError(`This identity is bound to ${vote.vote ? 'yes' : 'no'} by an earlier vote, which has been completed now`, { ...about, vote })
      }

      return { vote, session: updated }
    })
  }

  /** Binds an identity to a vote, and resolves with the vote it is bound to. Its time lies in the proposal's, whatever our clock says. */
  private async bind (scope: string, { proposal, lastVote }: ConsensusSession, choice: boolean, owner: Uint8Array, now: bigint): Promise<Vote> {
    return this.voteLock.acquire(scope, proposal, buildVote({
      proposalId: proposal.proposalId,
      owner,
      choice,
      timestamp: now < proposal.timestamp ? proposal.timestamp : now,
      votes: lastVote == null ? [] : [lastVote]
    }))
  }

  /** A vote of our own key that somebody else brings, for instance another node of ours, binds us as if we had cast it here */
  private async bindOwn (scope: string, proposal: ProposalHead, votes: readonly Vote[]): Promise<void> {
    for (const vote of votes) {
      if (this.signer != null && equals(vote.voteOwner, this.signer.identity)) {
        await this.voteLock.acquire(scope, proposal, vote)
      }
    }
  }

  /** Stores what a step has made of a session, publishes the change of state, then fails if the step says so */
  private async apply (scope: string, before: ConsensusSession, { session: after, error }: SessionStep, { vote, durable = false }: { vote?: Vote, durable?: boolean } = {}): Promise<ConsensusSession> {
    if (vote != null && after.voteCount > before.voteCount) {
      await this.storage.appendVote(scope, after, { durable: durable || after.state !== before.state })
      this.observer.onVote?.(scope, vote, after)
    } else if (after !== before) {
      await this.storage.updateSession(scope, after.proposal.proposalId, () => after)
    }

    this.publishChange(scope, before, after, this.now())

    if (error != null) {
      throw error
    }

    return after
  }

  private publishChange (scope: string, before: ConsensusSession, after: ConsensusSession, timestamp: bigint): void {
    if (after.state === before.state) {
      return
    }

    const { proposalId } = after.proposal
    const event: ConsensusEvent = after.result == null
      ? { type: 'ConsensusFailed', proposalId, timestamp }
      : { type: 'ConsensusReached', proposalId, result: after.result, timestamp }

    this.events.publish(scope, event)
  }

  /** Drops the sessions beyond the limit: those created first, of equal ones those stored first */
  private async trim (scope: string): Promise<void> {
    if (this.maxSessionsPerScope === Infinity) {
      return
    }

    const sessions = await this.storage.listScopeSessions(scope) ?? []
    const excess = sessions.length - this.maxSessionsPerScope

    if (excess <= 0) {
      return
    }

    // sorting is stable, so sessions of equal age stay in the order they were stored
    const oldest = sessions.sort((a, b) => Number(a.createdAt - b.createdAt)).slice(0, excess)

    for (const { proposal: { proposalId } } of oldest) {
      await this.mutex.run(proposalKey(scope, proposalId), async () => {
        const session = await this.storage.removeSession(scope, proposalId)

        if (session != null) {
          this.events.publish(scope, { type: 'ProposalTrimmed', proposalId, session, timestamp: this.now() })
        }
      })
    }
  }

  private async refuseKnown (scope: string, proposalId: number): Promise<void> {
    if (await this.storage.getSession(scope, proposalId) != null) {
      throw new ProposalAlreadyExistError('A proposal with this id is known already', { scope, proposalId })
    }
  }

  /** One call at a time that adds or drops sessions of a scope */
  private async inScope <T> (scope: string, task: () => Promise<T>): Promise<T> {
    return this.mutex.run(scopeKey(scope), async () => {
      try {
        return await task()
      } catch (err) {
        throw inScope(scope, err)
      }
    })
  }

  /** One call at a time that changes a proposal's session */
  private async onProposal <T> (scope: string, proposalId: number, task: (session: ConsensusSession) => Promise<T>): Promise<T> {
    checkString('scope', scope)
    checkUint32('proposalId', proposalId)

    return this.mutex.run(proposalKey(scope, proposalId), async () => {
      try {
        return await task(await requireSession(this.storage, scope, proposalId))
      } catch (err) {
        throw inScope(scope, err)
      }
    })
  }

  private now (): bigint {
    const now = this.clock()

    checkUint64('clock()', now)

    if (isMilliseconds(now)) {
      throw new TypeError(`clock() must be in seconds, got ${now}n, which is a date in milliseconds`)
    }

    return now
  }
}

/** The error, which names the scope if it is one of the rules', which do not know it */
function inScope (scope: string, err: unknown): unknown {
  return err instanceof ConsensusError ? err.about({ scope }) : err
}

function checkMayVote (session: ConsensusSession, now: bigint, about: { scope: string, proposalId: number, owner: Uint8Array }): void {
  checkNotExpired(session.proposal, now)

  const voted = session.choiceOf(about.owner)

  if (voted != null) {
    throw new UserAlreadyVotedError(`This identity has voted ${voted ? 'yes' : 'no'} already`, about)
  }
}

function checkSigner (signer: ConsensusSigner): void {
  checkObject('signer', signer)
  checkBytes('signer.identity', signer.identity)

  if (typeof signer.sign !== 'function') {
    throw new TypeError(`signer.sign must be a function, got ${show(signer.sign)}`)
  }
}

function scopeKey (scope: string): string {
  return `scope ${scope}`
}

function proposalKey (scope: string, proposalId: number): string {
  return `proposal ${proposalId} ${scope}`
}
