/**
 * The service: lifecycle and wiring. What is valid is said in `rules.ts`, what becomes of messages in `validator.ts`, what
 * votes decide in the consensus core.
 */

import { NotStartedError, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { bytesToHex } from '@noble/hashes/utils.js'
import { TypedEventEmitter } from 'main-event'
import { checkBoolean, checkString, checkUint32 } from '../consensus/check.ts'
import { systemClock } from '../consensus/clock.ts'
import { ConsensusError, InsufficientVotesAtTimeoutError, InvalidPolicyError, ProposalAlreadyExistError, SessionNotFoundError, UserAlreadyVotedError } from '../consensus/errors.ts'
import { MemoryStorage } from '../consensus/memory-storage.ts'
import { parsePolicy } from '../consensus/policy.ts'
import { createProposal } from '../consensus/proposal.ts'
import { ConsensusService } from '../consensus/service.ts'
import { sessionNotFound, streamSummaries } from '../consensus/storage.ts'
import { Deadlines } from './deadlines.ts'
import { InvalidRequestError } from './errors.ts'
import { ServiceEventBus } from './event-bus.ts'
import { Membership } from './membership.ts'
import { VotingMetrics } from './metrics.ts'
import { OtherPolicies } from './other-policies.ts'
import { Publisher } from './publisher.ts'
import { Retention } from './retention.ts'
import { checkSettings, completeRequest, proposalProblem, voterProblem } from './rules.ts'
import { decisionOf, proposalState, proposalSummary } from './state.ts'
import { Validator } from './validator.ts'
import type { PubSubMessage, SubscriptionChange, Verdict } from './pubsub.ts'
import type { JoinedScope } from './scope.ts'
import type { ConsensusEvent } from '../consensus/events.ts'
import type { ScopePolicy, ScopePolicyInput } from '../consensus/policy.ts'
import type { Proposal } from '../consensus/proposal.ts'
import type { ConsensusSession } from '../consensus/session.ts'
import type { SignatureScheme } from '../consensus/signing.ts'
import type { ConsensusStorage, PolicyStorage, ScopeSettings } from '../consensus/storage.ts'
import type { Vote } from '../consensus/vote.ts'
import type { Decision, ListOptions, ProposalRequest, ProposalState, ProposalSummary, Scope, Voting, VotingComponents, VotingEvents, VotingInit } from '../index.ts'
import type { AbortOptions, Logger, PeerId, Startable } from '@libp2p/interface'

/** How long it takes until a deadline that could not be handled, for instance since the disk is full, is tried again */
const DEADLINE_RETRY_SECONDS = 5

export class VotingService extends TypedEventEmitter<VotingEvents> implements Voting, Startable {
  readonly consensus: ConsensusService
  private readonly components: VotingComponents
  private readonly storage: ConsensusStorage & PolicyStorage
  private readonly clock: () => bigint
  private readonly log: Logger
  private readonly deadlines: Deadlines
  private readonly publisher: Publisher
  private readonly validator: Validator
  private readonly membership: Membership
  private readonly otherPolicies: OtherPolicies
  private readonly metrics: VotingMetrics
  private readonly retention: Retention
  /** What is under way and must have ended before the storage is closed */
  private readonly tasks = new Set<Promise<unknown>>()
  private started = false

  constructor (components: VotingComponents, init: VotingInit & { scheme: SignatureScheme }) {
    super()

    const { scheme } = init

    if (init.storage != null && typeof init.storage.listPolicies !== 'function') {
      throw new TypeError('storage must keep the policies of joined scopes, too: savePolicy, removePolicy and listPolicies, as MemoryStorage and LevelStorage do')
    }

    this.components = components
    this.log = components.logger.forComponent('libp2p:voting')
    this.storage = init.storage ?? new MemoryStorage()
    this.clock = init.clock ?? systemClock
    this.consensus = new ConsensusService({
      scheme,
      signer: init.signer,
      storage: this.storage,
      voteLock: init.voteLock,
      clock: this.clock,
      // active sessions are never dropped
      maxSessionsPerScope: Infinity,
      events: new ServiceEventBus((key, event) => { this.onConsensusEvent(key, event) }),
      observer: {
        onProposal: (key, session) => { this.onProposal(key, session) },
        onVote: (key, vote) => { this.onVote(key, vote) }
      }
    })
    this.validator = new Validator({ consensus: this.consensus, scheme, identity: init.signer?.identity, clock: this.clock, log: this.log.newScope('validator') })
    this.publisher = new Publisher(components, init.signer, this.clock, this.log.newScope('outbox'))
    this.otherPolicies = new OtherPolicies(peer => components.connectionManager.getConnections(peer).length > 0)
    this.membership = new Membership({
      components: { get pubsub () { return components.pubsub }, otherPolicies: this.otherPolicies },
      storage: this.storage,
      validate: async (scope, peer, message) => this.track(this.validate(scope, peer, message)),
      onActive: (scope, session) => {
        this.watch(scope, session)
        this.track(this.resume(scope, session))
      },
      onEntered: scope => { this.track(this.retention.apply(scope)) },
      onExit: scope => {
        this.retention.release(scope)
        scope.active.forEach(proposalId => { this.deadlines.disarm(proposalKey(scope.key, proposalId)) })
        this.publisher.outbox.clear(scope.topic)
      }
    })
    this.metrics = new VotingMetrics(components.metrics, {
      active: () => sumOf(this.membership.list(), ({ active }) => active.size),
      parked: () => sumOf(this.membership.list(), ({ pending }) => pending.size),
      outbox: () => this.publisher.outbox.size
    })
    this.retention = new Retention(this.storage, this.clock, this.log.newScope('retention'))
    this.deadlines = new Deadlines(this.clock, key => { this.track(this.onDeadline(key)) })
  }

  readonly [Symbol.toStringTag] = 'libp2p-voting'

  readonly [serviceCapabilities]: string[] = [
    'libp2p-voting'
  ]

  readonly [serviceDependencies]: string[] = [
    '@libp2p/pubsub',
    '@libp2p/identify'
  ]

  isStarted (): boolean {
    return this.started
  }

  start (): void {
    // gossipsub refuses subscriptions before it has started, see afterStart; others may subscribe as soon as it has
    this.components.pubsub.addEventListener('subscription-change', this.onSubscriptionChange)
  }

  async afterStart (): Promise<void> {
    if (this.started) {
      return
    }

    try {
      await this.membership.restore()
    } catch (err: any) {
      this.membership.exitAll(err)
      throw err
    }

    this.started = true
  }

  async beforeStop (): Promise<void> {
    if (!this.started) {
      return
    }

    this.started = false
    this.membership.exitAll(new NotStartedError('The voting service was stopped'))
  }

  /** When this resolves nothing is under way any more, and whoever owns the storage may close it */
  async stop (): Promise<void> {
    await this.beforeStop()
    this.components.pubsub.removeEventListener('subscription-change', this.onSubscriptionChange)
    this.otherPolicies.clear()
    this.deadlines.clear()
    this.publisher.outbox.clear()

    while (this.tasks.size > 0) {
      await Promise.allSettled(this.tasks)
    }

    // what was under way may have left something to send, which is sent at the next start
    this.publisher.outbox.clear()
  }

  scopes (): Scope[] {
    this.checkStarted()

    return this.membership.list()
  }

  async join (scope: string | ScopePolicyInput, options: AbortOptions = {}): Promise<Scope> {
    this.checkStarted(options)

    const policy = parsePolicy(typeof scope === 'string' ? { name: scope, decisionRule: 'reference' } : scope)

    const problem = unsupported(policy)

    if (problem != null) {
      throw new InvalidPolicyError(`The scope policy cannot be used: ${problem}`)
    }

    const joined = await this.track(this.membership.join(policy))

    joined.otherPolicies.forEach(({ peer, digest }) => { this.noticeOtherPolicy(joined.name, peer, digest) })

    return joined
  }

  async configure (name: string, settings: Partial<ScopeSettings>, options: AbortOptions = {}): Promise<Scope> {
    const scope = this.findScope(name, options)
    const changed = { ...scope.settings, ...settings }

    checkSettings(changed)
    await this.track(this.membership.configure(name, changed))
    await this.track(this.retention.apply(scope))

    return scope
  }

  async leave (name: string, options: AbortOptions = {}): Promise<void> {
    this.findScope(name, options)

    await this.track(this.membership.leave(name))
  }

  async propose (name: string, request: ProposalRequest, options: AbortOptions = {}): Promise<Proposal> {
    const scope = this.findScope(name, options)
    const signer = this.publisher.requireSigner('propose')

    return this.run(scope, async () => {
      const complete = completeRequest(scope.policy, request, signer.identity)

      for (;;) {
        const proposal = createProposal(complete, this.clock())
        const problem = proposalProblem(scope, proposal)

        if (problem != null) {
          throw new InvalidRequestError(`The proposal is not valid in scope "${name}": ${problem}`)
        }

        // signed before it is stored, so that no proposal is stored that cannot be sent
        const message = await this.publisher.announcement(scope, proposal)
        options.signal?.throwIfAborted()

        try {
          await this.consensus.processIncomingProposal(scope.key, proposal)
        } catch (err) {
          if (err instanceof ProposalAlreadyExistError) {
            // the random id is taken
            continue
          }

          throw err
        }

        await this.validator.takeInPending(scope, proposal.proposalId)
        await this.publisher.outbox.send(message)

        return proposal
      }
    })
  }

  async vote (name: string, proposalId: number, choice: boolean, options: AbortOptions = {}): Promise<Vote> {
    checkBoolean('choice', choice)

    const scope = this.findScope(name, options)
    const signer = this.publisher.requireSigner('vote')
    const problem = voterProblem(scope, signer.identity)

    if (problem != null) {
      throw new InvalidRequestError(`We may not vote in scope "${name}": ${problem}`)
    }

    return this.run(scope, async () => {
      const session = await this.session(scope, proposalId)

      try {
        const vote = await this.consensus.castVote(scope.key, proposalId, choice)
        await this.publisher.sendVote(scope, session.proposal, vote)

        return vote
      } catch (err) {
        // an earlier vote that was never completed is now, and the others are to have it
        if (err instanceof UserAlreadyVotedError && err.vote != null) {
          await this.publisher.sendVote(scope, session.proposal, err.vote)
        }

        throw err
      }
    })
  }

  async decision (name: string, proposalId: number, options: AbortOptions = {}): Promise<Decision> {
    const scope = this.findScope(name, options)
    const signal = AbortSignal.any([scope.signal, ...options.signal == null ? [] : [options.signal]])
    const ended = Promise.withResolvers<Decision>()

    const onEnded = ({ detail }: CustomEvent<Decision>): void => {
      if (detail.scope === name && detail.proposalId === proposalId) {
        ended.resolve(detail)
      }
    }
    const onAbort = (): void => { ended.reject(signal.reason) }

    // where the session has ended, or is not there, nobody waits any more
    ended.promise.catch(() => {})

    this.addEventListener('voting:decided', onEnded)
    this.addEventListener('voting:failed', onEnded)
    signal.addEventListener('abort', onAbort)

    try {
      return decisionOf(name, await this.session(scope, proposalId)) ?? await ended.promise
    } finally {
      this.removeEventListener('voting:decided', onEnded)
      this.removeEventListener('voting:failed', onEnded)
      signal.removeEventListener('abort', onAbort)
    }
  }

  async get (name: string, proposalId: number, options: AbortOptions = {}): Promise<ProposalState> {
    const scope = this.findScope(name, options)

    return this.run(scope, async () => proposalState(name, await this.session(scope, proposalId)))
  }

  async * list (name: string, { after, state, ...options }: ListOptions = {}): AsyncGenerator<ProposalSummary> {
    const scope = this.findScope(name, options)

    try {
      for await (const session of streamSummaries(this.storage, scope.key, { after, state })) {
        this.checkStarted(options)

        yield proposalSummary(name, session)
      }
    } catch (err) {
      throw err instanceof ConsensusError ? err.renameScope(name) : err
    }
  }

  private watch (scope: JoinedScope, { proposal }: ConsensusSession): void {
    scope.active.add(proposal.proposalId)
    this.deadlines.arm(proposalKey(scope.key, proposal.proposalId), proposal.expirationTimestamp)
  }

  /** Our part in a proposal may have been cut off when the process ended: before it was stored, or before it got out */
  private async resume (scope: JoinedScope, { proposal: { proposalId } }: ConsensusSession): Promise<void> {
    try {
      await this.consensus.completeVote(scope.key, proposalId)
      await this.publisher.resend(scope, await this.session(scope, proposalId))
    } catch (err) {
      this.log.error('could not take up our part in proposal %d in scope %s again - %e', proposalId, scope.name, err)
    }
  }

  private readonly onSubscriptionChange = ({ detail }: CustomEvent<SubscriptionChange>): void => {
    for (const { name, digest } of this.otherPolicies.update(detail.peerId, detail.subscriptions)) {
      this.noticeOtherPolicy(name, detail.peerId, digest)
    }

    for (const { topic, subscribe } of detail.subscriptions) {
      if (subscribe) {
        this.track(this.publisher.outbox.flush(topic))
      }
    }
  }

  /** Says that a peer is in a scope of ours under another policy, if it is */
  private noticeOtherPolicy (name: string, peer: PeerId, digest: string): void {
    const scope = this.membership.list().find(scope => scope.name === name)

    if (scope != null && scope.otherPolicies.some(other => other.peer.equals(peer))) {
      this.log.error('%p is in scope %s under another policy, %s; ours is %s', peer, name, digest, bytesToHex(scope.digest))
      this.safeDispatchEvent('voting:other-policy', { detail: { scope: name, peer, digest } })
    }
  }

  private async onDeadline (key: string): Promise<void> {
    const [scopeKey, proposalId] = splitProposalKey(key)

    try {
      await this.consensus.handleConsensusTimeout(scopeKey, proposalId)
    } catch (err) {
      // failing is one of the two ways a proposal can end, and an event tells of it
      if (err instanceof InsufficientVotesAtTimeoutError || err instanceof SessionNotFoundError) {
        return
      }

      this.log.error('could not end proposal %d at its deadline, it is tried again in %d s - %e', proposalId, DEADLINE_RETRY_SECONDS, err)

      if (this.membership.byKey(scopeKey) != null) {
        this.deadlines.arm(key, this.clock() + BigInt(DEADLINE_RETRY_SECONDS))
      }
    }
  }

  private async validate (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict> {
    const verdict = await this.validator.validate(scope, peer, message)

    this.metrics.onMessage(verdict)

    return verdict
  }

  private onVote (key: string, vote: Vote): void {
    this.metrics.onVote()
    this.dispatch(key, scope => ['voting:vote', { scope: scope.name, vote }])
  }

  private onProposal (key: string, session: ConsensusSession): void {
    const scope = this.membership.byKey(key)

    this.metrics.onProposal()

    if (scope != null) {
      this.watch(scope, session)
      this.dispatch(key, scope => ['voting:proposal', proposalState(scope.name, session)])
    }
  }

  private onConsensusEvent (key: string, event: ConsensusEvent): void {
    const { proposalId } = event
    const scope = this.membership.byKey(key)

    this.deadlines.disarm(proposalKey(key, proposalId))
    scope?.active.delete(proposalId)

    switch (event.type) {
      case 'ConsensusReached':
        this.log('proposal %d in scope %s is decided: %s', proposalId, scope?.name, event.result ? 'yes' : 'no')
        this.dispatch(key, scope => ['voting:decided', { scope: scope.name, proposalId, state: 'reached', result: event.result }])
        break
      case 'ConsensusFailed':
        this.log('proposal %d in scope %s ended without a result', proposalId, scope?.name)
        this.dispatch(key, scope => ['voting:failed', { scope: scope.name, proposalId, state: 'failed' }])
        break
      case 'ProposalTrimmed':
        this.dispatch(key, scope => ['voting:trimmed', { scope: scope.name, proposalId, session: event.session }])
        break
      default:
        this.log('proposal %d in scope %s: %s', proposalId, scope?.name, event.type)
    }
  }

  private dispatch <K extends keyof VotingEvents> (key: string, event: (scope: JoinedScope) => [K, VotingEvents[K]['detail']]): void {
    const scope = this.membership.byKey(key)

    if (scope != null) {
      const [type, detail] = event(scope)

      this.safeDispatchEvent(type, { detail })
    }
  }

  private findScope (name: string, options: AbortOptions): JoinedScope {
    this.checkStarted(options)
    checkString('scope', name)

    return this.membership.get(name)
  }

  private async session (scope: JoinedScope, proposalId: number): Promise<ConsensusSession> {
    checkUint32('proposalId', proposalId)

    const session = await this.storage.getSession(scope.key, proposalId)

    if (session == null) {
      throw sessionNotFound(scope.name, proposalId)
    }

    return session
  }

  private checkStarted (options: AbortOptions = {}): void {
    options.signal?.throwIfAborted()

    if (!this.started) {
      throw new NotStartedError('The voting service is not started')
    }
  }

  /** Does something in a scope, to the end even if the service is stopped meanwhile */
  private async run <T> (scope: JoinedScope, task: () => Promise<T>): Promise<T> {
    try {
      return await this.track(task())
    } catch (err) {
      throw err instanceof ConsensusError ? err.renameScope(scope.name) : err
    }
  }

  /** Keeps a task in mind until it ends. What it throws is for whoever waits for it, or has been logged. */
  private track <T> (task: Promise<T>): Promise<T> {
    const tracked = task.catch(() => {}).finally(() => { this.tasks.delete(tracked) })
    this.tasks.add(tracked)

    return task
  }
}

/** What a policy asks for that this version does not do yet, in words: nobody is to rely on it */
function unsupported ({ decisionRule, timeoutPolicy, onSilence }: ScopePolicy): string | undefined {
  if (decisionRule === 'quorum') {
    return 'decisionRule: this version decides by "reference" or "legacy", got "quorum", which is also what it means to leave it out'
  }

  if (timeoutPolicy !== 'liveness') {
    return `timeoutPolicy: with the decision rule "${decisionRule}" the silent always count at the deadline: it must be "liveness", got "${timeoutPolicy}"`
  }

  if (onSilence !== 'none') {
    return `onSilence: this version never votes by itself: it must be "none", got "${onSilence}"`
  }
}

function sumOf <T> (items: T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0)
}

function proposalKey (scopeKey: string, proposalId: number): string {
  return `${scopeKey}#${proposalId}`
}

function splitProposalKey (key: string): [string, number] {
  const end = key.lastIndexOf('#')

  return [key.slice(0, end), Number(key.slice(end + 1))]
}
