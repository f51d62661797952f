/**
 * The one entry point of the core: proposals and votes go in, verdicts and events come out.
 *
 * Work on one proposal is done one call after the other, so that no two calls can pass a check that only one may pass;
 * different proposals are worked on side by side. Signatures are verified outside of that order. An event is published
 * after its change is stored, once per change of state.
 */

import { systemClock } from './clock.ts'
import { checkString, show } from './encoding/check.ts'
import { ProposalIdMismatchError, VoteProposalIdMismatchError } from './errors.ts'
import { BroadcastEventBus } from './events.ts'
import { validateConfig } from './policy/config.ts'
import { proposalDigest, proposalIdOf } from './policy/policy.ts'
import { resolveConfig } from './policy/resolve-config.ts'
import { defaultScopeConfig, ScopeConfigBuilder } from './policy/scope-config.ts'
import { checkEvidence, checkEvidenceOn, verifyEvidence } from './proofs/evidence.ts'
import { generateId } from './proposal/id.ts'
import { checkProposal, createProposal, validateProposal } from './proposal/proposal.ts'
import { DEFAULT_MAX_SESSIONS_PER_SCOPE } from './service-init.ts'
import { namingScope, SessionKeeper } from './session/session-keeper.ts'
import { ConsensusSession } from './session/session.ts'
import { requireSession } from './storage/interface.ts'
import { MemoryStorage } from './storage/memory.ts'
import { checkSigner, VoteCaster } from './vote/vote-caster.ts'
import { isVoteLock, MemoryVoteLock } from './vote/vote-lock.ts'
import { checkTimes, encodeVote, validateVote } from './vote/vote.ts'
import type { ConsensusEventBus } from './events.ts'
import type { ConsensusConfig } from './policy/config.ts'
import type { Evidence } from './proofs/evidence.ts'
import type { CreateProposalRequest, Proposal } from './proposal/proposal.ts'
import type { ConsensusServiceInit, IncomingProposalOptions, IncomingVoteOptions, ScopeStats } from './service-init.ts'
import type { ConsensusSigner, SignatureScheme } from './signing.ts'
import type { ConsensusStorage } from './storage/interface.ts'
import type { Vote } from './vote/vote.ts'

const STATS_FIELD = {
  active: 'activeSessions',
  failed: 'failedSessions',
  conflict: 'failedSessions',
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
  private readonly keeper: SessionKeeper
  private readonly caster: VoteCaster

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
    this.storage = init.storage ?? new MemoryStorage()
    this.events = init.events ?? new BroadcastEventBus()
    const observer = init.observer ?? {}

    this.keeper = new SessionKeeper({
      storage: this.storage,
      events: this.events,
      observer,
      clock: init.clock ?? systemClock,
      maxSessionsPerScope: maxSessions
    })
    this.caster = new VoteCaster({
      keeper: this.keeper,
      scheme: this.scheme,
      signer: init.signer,
      voteLock: init.voteLock ?? (isVoteLock(this.storage) ? this.storage : new MemoryVoteLock()),
      observer
    })
  }

  /**
   * Makes a proposal, stores its session and trims the scope. Throws InvalidExpectedVotersCountError, InvalidTimeoutError.
   *
   * Under `quorum` the id follows from the content. An equal proposal of the same second is the same proposal: throws
   * ProposalAlreadyExistError then, and ProposalIdCollisionError if another proposal has the id, in which case proposing again
   * in another second helps.
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
      const proposal = createProposal(request, now)
      const resolved = resolveConfig(proposal, await this.storage.getScopeConfig(scope), config)

      proposal.proposalId = await this.freeId(scope, proposal, resolved)
      await this.keeper.add(scope, ConsensusSession.create(proposal, resolved, now))

      return proposal
    })
  }

  /**
   * Votes, and resolves with the signed vote, which others are to be given. Throws SessionNotFoundError;
   * ProposalExpiredError at or after the expiration; UserAlreadyVotedError if the signer's vote is stored or the vote lock
   * binds the signer to the other choice; what adding a vote throws, see {@link ConsensusService.processIncomingVote}.
   *
   * After a decision the vote is signed and returned but not stored, and it stays the only one this signer signs. Under
   * `quorum` it is stored in every state.
   */
  async castVote (scope: string, proposalId: number, choice: boolean, signer?: ConsensusSigner): Promise<Vote> {
    return (await this.caster.cast(scope, proposalId, choice, signer)).vote
  }

  /** As {@link ConsensusService.castVote}, resolves with the proposal and all votes it then has */
  async castVoteAndGetProposal (scope: string, proposalId: number, choice: boolean, signer?: ConsensusSigner): Promise<Proposal> {
    return (await this.caster.cast(scope, proposalId, choice, signer)).session.toProposal()
  }

  /**
   * Completes the vote that the service's signer was bound to when the process ended before it was stored. Resolves with the
   * signed vote, or with undefined if there is none to complete. Throws what {@link ConsensusService.castVote} throws.
   */
  async completeVote (scope: string, proposalId: number): Promise<Vote | undefined> {
    return this.caster.complete(scope, await requireSession(this.storage, scope, proposalId))
  }

  /** Whether the vote lock binds the service's signer to a vote on the proposal. Throws SessionNotFoundError. */
  async isBound (scope: string, proposalId: number): Promise<boolean> {
    return this.caster.isBound(scope, await requireSession(this.storage, scope, proposalId))
  }

  /**
   * Takes in a proposal that somebody else made, with the votes in it. The round that was sent is ignored. Throws
   * ProposalAlreadyExistError, what `validateProposal` throws, DuplicateVoteError, MaxRoundsExceededError; nothing is
   * stored then.
   *
   * Under `quorum` our clock does not validate it: that is left to the caller, who knows how it arrived. The votes in it are taken
   * each for itself. Throws ProposalIdMismatchError if the id does not follow from the content, ProposalIdCollisionError if
   * another proposal has it, TooManyVotersError in place of MaxRoundsExceededError.
   */
  async processIncomingProposal (scope: string, proposal: Proposal, { signature, late = false }: IncomingProposalOptions = {}): Promise<ConsensusSession> {
    checkString('scope', scope)
    checkProposal(proposal)

    const checkedAt = (): bigint => late ? proposal.timestamp : this.keeper.now()
    const create = async (): Promise<ConsensusSession> => {
      const config = resolveConfig(proposal, await this.storage.getScopeConfig(scope))
      const session = ConsensusSession.create(proposal, config, this.keeper.now(), signature)

      checkIdOf(session)
      await this.keeper.refuseKnown(scope, session.proposal.proposalId, session.digest)

      return session
    }

    try {
      const { digest } = await create()

      await validateProposal(proposal, checkedAt(), this.scheme, digest)
    } catch (err) {
      throw namingScope(scope, err)
    }

    return this.keeper.inScope(scope, async () => {
      // another call may have stored it, or changed the scope's rules, while signatures were verified
      const created = await create()
      const { session, error } = created.addVotes(proposal.votes, created.digest == null ? checkedAt() : this.keeper.now())

      if (error != null) {
        throw error
      }

      await this.caster.bindOwn(scope, session, proposal.votes)
      await this.keeper.add(scope, session)

      return session
    })
  }

  /**
   * Takes in a vote that somebody else cast. Throws SessionNotFoundError, what `validateVote` throws,
   * SessionNotActiveError after a failure, ProposalExpiredError, DuplicateVoteError, and MaxRoundsExceededError, which
   * fails the proposal. After a decision the vote is checked but not stored.
   *
   * Under `quorum` it is stored in every state, and our clock refuses none. Throws ParentHashMismatchError if the vote was cast
   * on other content, DuplicateVoteError for a second vote of a voter for the same side, TooManyVotersError where as many have
   * voted as were expected, SessionNotActiveError only where the votes were pruned. It throws all of these before it verifies
   * the signature.
   */
  async processIncomingVote (scope: string, vote: Vote, { late = false, verified = false, encoded = encodeVote(vote) }: IncomingVoteOptions = {}): Promise<ConsensusSession> {
    // the encoding is made once for all: what is verified is what is stored
    const checkedAt = ({ proposal: { timestamp } }: ConsensusSession): bigint => late ? timestamp : this.keeper.now()

    // what is checked before a signature is verified is checked again when it is the proposal's turn
    if (!verified) {
      const known = await requireSession(this.storage, scope, vote.proposalId)

      await this.validateIncoming(scope, known, vote, checkedAt(known), encoded)
    }

    return this.keeper.addVote(scope, vote, async session => {
      // the proposal may have been dropped and another have taken its id while the signature was verified
      checkTimes(vote, session.voteTerms, checkedAt(session))

      if (this.caster.isOwn(vote)) {
        if (session.digest != null) {
          session.checkVote(vote, checkedAt(session))
        }

        await this.caster.bindOwn(scope, session, [vote])
      }

      return session.addVote(vote, session.digest == null ? checkedAt(session) : this.keeper.now(), encoded)
    })
  }

  /**
   * Takes in votes on one proposal that arrived together, for instance on one page of a sync. Each is validated on its own, as by
   * {@link ConsensusService.processIncomingVote}. Those that are accepted are stored in one step and counted once: two quorums that
   * arrive together are a conflict, whatever order their votes are in. Resolves with the session that has them, or the error, of
   * each vote. Throws SessionNotFoundError.
   *
   * Under the other rules, where the order of votes makes a difference, they are taken in one after the other.
   */
  async processIncomingVotes (scope: string, proposalId: number, votes: readonly Vote[], { late = false, verified = false }: Omit<IncomingVoteOptions, 'encoded'> = {}): Promise<Array<PromiseSettledResult<ConsensusSession>>> {
    const known = await requireSession(this.storage, scope, proposalId)

    if (known.digest == null) {
      return this.takeInTurn(scope, votes, { late, verified })
    }

    const incoming = votes.map(vote => ({ vote, encoded: encodeVote(vote) }))
    const checked = await Promise.allSettled(incoming.map(async ({ vote, encoded }) => {
      checkIsOn(proposalId, vote)
      await (verified ? checkTimes(vote, known.voteTerms, known.proposal.timestamp) : this.validateIncoming(scope, known, vote, known.proposal.timestamp, encoded))
    }))
    const valid = incoming.filter((_, index) => checked[index].status === 'fulfilled')
    const { session, refused } = await this.keeper.addTogether(scope, proposalId, async session => {
      await this.caster.bindOwn(scope, session, valid.map(({ vote }) => vote).filter(vote => this.caster.isOwn(vote) && takes(session, vote)))

      return session.addTogether(valid, this.keeper.now())
    })

    return checked.map(result => {
      const reason = result.status === 'rejected' ? result.reason : refused.shift()

      return reason == null ? { status: 'fulfilled', value: session } : { status: 'rejected', reason: namingScope(scope, reason) }
    })
  }

  /**
   * Takes in evidence that a voter has signed both yes and no, under `quorum`. The times of its votes are not looked at: those that were
   * cast in the proposal's time are taken in as votes, and counted once; the others count for no side. Resolves with whether it is
   * the first against this voter on this proposal; any other changes nothing.
   *
   * Throws SessionNotFoundError, what `verifyEvidence` throws, SessionNotActiveError where the votes were pruned,
   * TooManyVotersError.
   *
   * With `verified` the caller has verified both votes.
   */
  async processEvidence (scope: string, evidence: Evidence, { verified = false }: Pick<IncomingVoteOptions, 'verified'> = {}): Promise<boolean> {
    checkEvidence(evidence)

    const { first, first: { proposalId, voteOwner }, second } = evidence
    const known = await requireSession(this.storage, scope, proposalId)

    try {
      checkEvidenceOn(evidence, known)

      if (!verified) {
        await verifyEvidence(evidence, this.scheme)
      }
    } catch (err) {
      throw namingScope(scope, err)
    }

    let isNew = false

    await this.keeper.addTogether(scope, proposalId, async session => {
      isNew = !session.hasEvidenceAgainst(voteOwner)

      if (!isNew) {
        return { session, refused: [] }
      }

      const updated = session.addEvidence(evidence, this.keeper.now())

      await this.caster.bindOwn(scope, session, [first, second].filter(({ vote }) => updated.hasVotedFor(voteOwner, vote) && !session.hasVotedFor(voteOwner, vote)))

      return { session: updated, refused: [] }
    })

    return isNew
  }

  /**
   * Takes in the votes of a certificate, which the caller has verified, on a proposal whose votes were pruned. They are stored
   * together and counted once, and decide a proposal that ended without a result. Throws SessionNotFoundError.
   */
  async processCertifiedVotes (scope: string, proposalId: number, votes: readonly Vote[]): Promise<ConsensusSession> {
    return this.keeper.onProposal(scope, proposalId, async session => {
      await this.caster.bindOwn(scope, session, votes)

      return this.keeper.replace(scope, session, session.addCertifiedVotes(votes, this.keeper.now()).session)
    })
  }

  /**
   * Counts the votes at the end of the time: resolves with the result, true for yes. Throws SessionNotFoundError;
   * InsufficientVotesAtTimeoutError if they decide nothing, which fails the proposal; under `quorum` ConsensusConflictError
   * if both sides have the votes of a quorum.
   *
   * The core has no timers: the application calls this when `consensusTimeout` has passed. Under `quorum` the call reads no
   * clock: a proposal without the votes of a quorum fails, and later votes still decide it.
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

  /** Checks a vote before its proposal's turn: cheap checks first, then its signature */
  private async validateIncoming (scope: string, session: ConsensusSession, vote: Vote, checkedAt: bigint, encoded: Uint8Array): Promise<void> {
    try {
      if (session.digest != null) {
        session.checkVote(vote, checkedAt)
      }

      await validateVote(vote, session.voteTerms, checkedAt, this.scheme, encoded)
    } catch (err) {
      throw namingScope(scope, err)
    }
  }

  private async takeInTurn (scope: string, votes: readonly Vote[], options: IncomingVoteOptions): Promise<Array<PromiseSettledResult<ConsensusSession>>> {
    const results: Array<PromiseSettledResult<ConsensusSession>> = []

    for (const vote of votes) {
      results.push(...await Promise.allSettled([this.processIncomingVote(scope, vote, options)]))
    }

    return results
  }

  /** An id for a proposal that no other has. Under `quorum` there is just one. */
  private async freeId (scope: string, proposal: Proposal, { decisionRule, policyDigest }: ConsensusConfig): Promise<number> {
    if (decisionRule === 'quorum') {
      const digest = proposalDigest(policyDigest as Uint8Array, proposal)
      const proposalId = proposalIdOf(digest)

      await this.keeper.refuseKnown(scope, proposalId, digest)

      return proposalId
    }

    let { proposalId } = proposal

    while (await this.storage.getSession(scope, proposalId) != null) {
      proposalId = generateId()
    }

    return proposalId
  }
}

function checkIsOn (proposalId: number, vote: Vote): void {
  if (vote.proposalId !== proposalId) {
    throw new VoteProposalIdMismatchError(`The vote is on proposal ${vote.proposalId}, not on ${proposalId}`, { proposalId, owner: vote.voteOwner })
  }
}

/** Whether a session would take a vote now */
function takes (session: ConsensusSession, vote: Vote): boolean {
  try {
    session.checkVote(vote, vote.timestamp)

    return true
  } catch {
    return false
  }
}

function checkIdOf ({ digest, proposal: { proposalId } }: ConsensusSession): void {
  if (digest != null && proposalId !== proposalIdOf(digest)) {
    throw new ProposalIdMismatchError(`The id of the proposal must be ${proposalIdOf(digest)}, the first 4 bytes of its digest, under the rules of this scope`, { proposalId })
  }
}
