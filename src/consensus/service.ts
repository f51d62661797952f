/**
 * The one entry point of the core: proposals and votes go in, verdicts and events come out.
 *
 * Work on one proposal is done one call after the other, so that no two calls can pass a check that only one may pass;
 * different proposals are worked on side by side. Signatures are verified outside of that order. An event is published
 * after its change is stored, once per change of state.
 */

import { equals } from 'uint8arrays/equals'
import { checkBoolean, checkBytes, checkObject, checkString, show } from './check.ts'
import { systemClock } from './clock.ts'
import { resolveConfig, validateConfig } from './config.ts'
import { MissingSignerError, UserAlreadyVotedError } from './errors.ts'
import { BroadcastEventBus } from './events.ts'
import { MemoryStorage } from './memory-storage.ts'
import { checkNotExpired, checkProposal, createProposal, validateProposal } from './proposal.ts'
import { defaultScopeConfig, ScopeConfigBuilder } from './scope-config.ts'
import { DEFAULT_MAX_SESSIONS_PER_SCOPE } from './service-init.ts'
import { namingScope, SessionKeeper } from './session-keeper.ts'
import { ConsensusSession } from './session.ts'
import { requireSession } from './storage.ts'
import { isVoteLock, MemoryVoteLock } from './vote-lock.ts'
import { buildVote, checkTimes, encodeVote, signedPayload, validateVote } from './vote.ts'
import type { ConsensusConfig } from './config.ts'
import type { ConsensusEventBus } from './events.ts'
import type { CreateProposalRequest, Proposal } from './proposal.ts'
import type { ConsensusServiceInit, IncomingOptions, IncomingProposalOptions, ScopeStats } from './service-init.ts'
import type { ProposalHead } from './session.ts'
import type { ConsensusSigner, SignatureScheme } from './signing.ts'
import type { ConsensusStorage } from './storage.ts'
import type { VoteLock } from './vote-lock.ts'
import type { Vote } from './vote.ts'

const STATS_FIELD = {
  active: 'activeSessions',
  failed: 'failedSessions',
  reached: 'consensusReached'
} as const

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
  private readonly keeper: SessionKeeper

  constructor (init: ConsensusServiceInit) {
    if (typeof init?.scheme?.verify !== 'function') {
      throw new TypeError('scheme is required: it verifies the signatures of votes, for instance ethereumScheme() of libp2p-voting/signers/ethereum')
    }

    if (init.signer != null) {
      checkSigner(init.signer)
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
    this.keeper = new SessionKeeper({
      storage: this.storage,
      events: this.events,
      observer: init.observer ?? {},
      clock: init.clock ?? systemClock,
      maxSessionsPerScope: maxSessions
    })
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

    return this.keeper.inScope(scope, async () => {
      const now = this.keeper.now()
      let proposal = createProposal(request, now)

      while (await this.storage.getSession(scope, proposal.proposalId) != null) {
        proposal = createProposal(request, now)
      }

      const resolved = resolveConfig(proposal, await this.storage.getScopeConfig(scope), config)

      await this.keeper.add(scope, ConsensusSession.create(proposal, resolved, now))

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
  async processIncomingProposal (scope: string, proposal: Proposal, { signature, late = false }: IncomingProposalOptions = {}): Promise<ConsensusSession> {
    checkString('scope', scope)
    checkProposal(proposal)
    await this.keeper.refuseKnown(scope, proposal.proposalId)

    const judgedAt = (): bigint => late ? proposal.timestamp : this.keeper.now()

    try {
      await validateProposal(proposal, judgedAt(), this.scheme)
    } catch (err) {
      throw namingScope(scope, err)
    }

    return this.keeper.inScope(scope, async () => {
      await this.keeper.refuseKnown(scope, proposal.proposalId)

      const config = resolveConfig(proposal, await this.storage.getScopeConfig(scope))
      const { session, error } = ConsensusSession.create(proposal, config, this.keeper.now(), signature).addVotes(proposal.votes, judgedAt())

      if (error != null) {
        throw error
      }

      await this.bindOwn(scope, session.proposal, proposal.votes)
      await this.keeper.add(scope, session)

      return session
    })
  }

  /**
   * Takes in a vote that somebody else cast. Throws SessionNotFoundError, what `validateVote` throws,
   * SessionNotActiveError after a failure, ProposalExpiredError, DuplicateVoteError, and MaxRoundsExceededError, which
   * fails the proposal. After a decision the vote is checked but not stored.
   */
  async processIncomingVote (scope: string, vote: Vote, { late = false }: IncomingOptions = {}): Promise<ConsensusSession> {
    // once for all: what is verified is what is stored
    const encoded = encodeVote(vote)
    const { proposalId } = vote
    const { proposal } = await requireSession(this.storage, scope, proposalId)
    const judgedAt = ({ timestamp }: ProposalHead): bigint => late ? timestamp : this.keeper.now()

    try {
      await validateVote(vote, proposal, judgedAt(proposal), this.scheme, encoded)
    } catch (err) {
      throw namingScope(scope, err)
    }

    return this.keeper.onProposal(scope, proposalId, async session => {
      // the proposal may have been dropped and another have taken its id while the signature was verified
      checkTimes(vote, session.proposal, judgedAt(session.proposal))
      await this.bindOwn(scope, session.proposal, [vote])

      return this.keeper.apply(scope, session, session.addVote(vote, judgedAt(session.proposal), encoded), { vote })
    })
  }

  /**
   * Counts the votes at the end of the time: resolves with the result, true for yes. Throws SessionNotFoundError;
   * InsufficientVotesAtTimeoutError if they decide nothing, which fails the proposal.
   *
   * The core has no timers: whoever embeds it calls this when `consensusTimeout` has passed.
   */
  async handleConsensusTimeout (scope: string, proposalId: number): Promise<boolean> {
    const { result } = await this.keeper.onProposal(scope, proposalId, async session => this.keeper.apply(scope, session, session.timeOut()))

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
    const bound = await this.keeper.onProposal(scope, proposalId, async session => {
      const now = this.keeper.now()

      checkMayVote(session, now, about)
      // before the identity is bound to a vote that nobody would ever see
      session.checkNotFailed()

      return this.bind(scope, session, choice, signer.identity, now)
    })

    // a signer may ask a person, who takes time, while others vote and deadlines come
    const vote = { ...bound, signature: await signer.sign(signedPayload(bound)) }

    return this.keeper.onProposal(scope, proposalId, async session => {
      const now = this.keeper.now()

      checkMayVote(session, now, about)
      // a signer that signs for somebody else, or in another form, is found out before anybody sees the vote
      await validateVote(vote, session.proposal, now, this.scheme)

      // our own vote is on disk before anybody sees it
      const updated = await this.keeper.apply(scope, session, session.addVote(vote, now), { vote, durable: true })

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
