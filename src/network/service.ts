/**
 * The service: its life, and what a host can do with it. Its parts are made, and joined to each other, in `parts.ts`; what becomes
 * of messages is said in `validation/validator.ts`, what votes decide in the consensus core.
 */

import { NotStartedError, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { TypedEventEmitter } from 'main-event'
import { raceSignal } from 'race-signal'
import { checkBoolean, checkBytes, checkString, checkUint32 } from '../consensus/encoding/check.ts'
import { ConsensusError } from '../consensus/errors.ts'
import { parsePolicy } from '../consensus/policy/policy.ts'
import { streamEvidence } from '../consensus/proofs/evidence-query.ts'
import { ConsensusService } from '../consensus/service.ts'
import { sessionNotFound, streamSummaries } from '../consensus/storage/interface.ts'
import { checkAsyncValidation } from './gossip/runtime-members.ts'
import { checkSettings } from './participant/request.ts'
import { Parts } from './parts.ts'
import { awaitDecision } from './views/await-decision.ts'
import { decisionOf, proposalState, proposalSummary } from './views/proposal-state.ts'
import type { SubscriptionChange } from './gossip/pubsub.ts'
import type { Alarm, Decision, EvidenceOptions, FoundEvidence, ImportedProof, KeyAlarm, ListOptions, NewerFormat, OwnLocksState, ProposalRequest, ProposalState, ProposalSummary, Scope, VoteOptions, Voting, VotingComponents, VotingEvents, VotingInit } from './interface.ts'
import type { LiveScope } from './scope/live-scope.ts'
import type { JoinedScope } from './scope/scope.ts'
import type { ScopePolicyInput } from '../consensus/policy/policy.ts'
import type { Proposal } from '../consensus/proposal/proposal.ts'
import type { ConsensusSession } from '../consensus/session/session.ts'
import type { SignatureScheme } from '../consensus/signing.ts'
import type { ConsensusStorage, PolicyStorage, ScopeSettings } from '../consensus/storage/interface.ts'
import type { Vote } from '../consensus/vote/vote.ts'
import type { AbortOptions, Startable } from '@libp2p/interface'

export class VotingService extends TypedEventEmitter<VotingEvents> implements Voting, Startable {
  readonly consensus: ConsensusService
  private readonly components: VotingComponents
  private readonly parts: Parts
  private readonly storage: ConsensusStorage & PolicyStorage
  /** What is under way and must have ended before the storage is closed */
  private readonly tasks = new Set<Promise<unknown>>()
  /** Whether others' syncs are answered, and scopes entered; both are so between start and stop */
  private serving = false
  private started = false
  private entering?: Promise<void>

  constructor (components: VotingComponents, init: VotingInit & { scheme: SignatureScheme }) {
    super()

    if (init.storage != null && typeof init.storage.listPolicies !== 'function') {
      throw new TypeError('storage must keep the policies of joined scopes, too: savePolicy, removePolicy and listPolicies, as MemoryStorage and LevelStorage do')
    }

    this.components = components
    this.parts = new Parts(components, {
      ...init,
      track: task => this.track(task),
      dispatch: (type, detail) => { this.safeDispatchEvent(type, { detail }) }
    })
    this.consensus = this.parts.consensus
    this.storage = this.parts.common.storage
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

  /** Throws before any other service has started, so that libp2p has nothing to stop */
  beforeStart (): void {
    checkAsyncValidation(this.components.pubsub, this.parts.asyncValidation != null)
  }

  async start (): Promise<void> {
    if (this.serving) {
      return
    }

    this.parts.asyncValidation?.start(this.components.pubsub)
    this.serving = true
    // gossipsub refuses subscriptions before it has started, see afterStart; others may subscribe as soon as it has
    this.components.pubsub.addEventListener('subscription-change', this.onSubscriptionChange)

    try {
      await this.parts.sync.start()
    } catch (err) {
      await this.stop()
      throw err
    }
  }

  async afterStart (): Promise<void> {
    if (!this.started) {
      this.entering ??= this.enterScopes().finally(() => { this.entering = undefined })
      await this.entering
    }
  }

  private async enterScopes (): Promise<void> {
    this.parts.clocks.start()

    try {
      // before anything is signed
      await this.parts.locks.start()
      await this.parts.joined.restore()
    } catch (err: any) {
      this.parts.joined.exitAll(err)
      throw err
    }

    this.started = true
  }

  async beforeStop (): Promise<void> {
    // the caller of afterStart gets the error
    await this.entering?.catch(() => {})

    if (!this.started) {
      return
    }

    this.started = false
    this.parts.joined.exitAll(new NotStartedError('The voting service was stopped'))
  }

  /** Resolves when nothing is under way: the owner of the storage may close it then */
  async stop (): Promise<void> {
    await this.beforeStop()
    this.serving = false
    this.parts.clocks.stop()
    this.parts.locks.stop()
    this.components.pubsub.removeEventListener('subscription-change', this.onSubscriptionChange)
    this.parts.asyncValidation?.stop()
    await this.parts.sync.stop(new NotStartedError('The voting service was stopped'))
    this.parts.clear()

    while (this.tasks.size > 0) {
      await Promise.allSettled(this.tasks)
    }

    // what was under way may have failed, and be about to be tried again
    this.parts.locks.stop()
    // what was under way may have left something to send, which is sent at the next start
    this.parts.publisher.outbox.clear()
  }

  scopes (): Scope[] {
    this.checkStarted()

    return this.parts.joined.list()
  }

  async join (scope: string | ScopePolicyInput, options: AbortOptions = {}): Promise<Scope> {
    this.checkStarted(options)

    const policy = parsePolicy(typeof scope === 'string' ? { name: scope } : scope)
    const joined = await this.patient(this.parts.joined.join(policy), options)

    joined.otherPolicies.forEach(({ peer, digest }) => { this.parts.noticeOtherPolicy(joined.name, peer, digest) })

    return joined
  }

  async configure (name: string, settings: Partial<ScopeSettings>, options: AbortOptions = {}): Promise<Scope> {
    const scope = this.findScope(name, options)
    const changed = { ...scope.settings, ...settings }

    checkSettings(changed)
    await this.patient(this.parts.joined.configure(name, changed).then(async () => scope.pruner.apply()), options)

    return scope
  }

  async leave (name: string, options: AbortOptions = {}): Promise<void> {
    this.findScope(name, options)

    await this.patient(this.parts.joined.leave(name), options)
  }

  async propose (name: string, request: ProposalRequest, options: AbortOptions = {}): Promise<Proposal> {
    const scope = this.findScope(name, options)

    return this.run(scope, async () => this.parts.participant.propose(scope, request, options), options)
  }

  async vote (name: string, proposalId: number, choice: boolean, options: VoteOptions = {}): Promise<Vote> {
    checkBoolean('choice', choice)
    checkUint32('proposalId', proposalId)

    const scope = this.findScope(name, options)

    return this.run(scope, async () => this.parts.participant.vote(scope, proposalId, choice, options), options)
  }

  async decision (name: string, proposalId: number, options: AbortOptions = {}): Promise<Decision> {
    const scope = this.findScope(name, options)
    const signal = AbortSignal.any([scope.signal, ...options.signal == null ? [] : [options.signal]])

    return awaitDecision(this, name, proposalId, async () => decisionOf(name, await this.session(scope, proposalId)), signal)
  }

  async get (name: string, proposalId: number, options: AbortOptions = {}): Promise<ProposalState> {
    const scope = this.findScope(name, options)

    return this.run(scope, async () => {
      const session = await this.session(scope, proposalId)
      const autoVote = await scope.autoVoter.stateOf(session)
      const autoVoted = scope.autoVoter.causeOf(session)
      const unasked = (await this.parts.participant.unasked(scope, session))?.reason

      return { ...proposalState(scope, session), ...autoVote == null ? {} : { autoVote }, ...autoVoted == null ? {} : { autoVoted }, ...unasked == null ? {} : { unasked } }
    }, options)
  }

  async * list (name: string, { after, state, newestFirst, ...options }: ListOptions = {}): AsyncGenerator<ProposalSummary> {
    const scope = this.findScope(name, options)

    try {
      for await (const session of streamSummaries(this.storage, scope.key, { after, state, newestFirst })) {
        this.checkStarted(options)

        yield proposalSummary(scope, session)
      }
    } catch (err) {
      throw err instanceof ConsensusError ? err.renameScope(name) : err
    }
  }

  async alarms (name: string, options: AbortOptions = {}): Promise<Alarm[]> {
    const scope = this.findScope(name, options)

    return this.run(scope, async () => scope.alarms.list(), options)
  }

  newerFormats (): NewerFormat[] {
    return this.parts.newerFormats.list()
  }

  onOwnPeerId (address?: string): void {
    this.parts.memberAlarms.onOwnPeer({ address })
  }

  keyAlarms (): KeyAlarm[] {
    return this.parts.memberAlarms.list()
  }

  ownLocks (): OwnLocksState {
    return this.parts.locks.state
  }

  async certificate (name: string, proposalId: number, options: AbortOptions = {}): Promise<Uint8Array> {
    const scope = this.findScope(name, options)

    return this.run(scope, async () => this.parts.proofs.certificate(scope, await this.session(scope, proposalId)), options)
  }

  async * evidence (name: string, { proposalId, after, ...options }: EvidenceOptions = {}): AsyncGenerator<FoundEvidence> {
    const scope = this.findScope(name, options)

    for await (const { session, evidence } of streamEvidence(this.storage, scope.key, { proposalId, after })) {
      this.checkStarted(options)

      yield { scope: name, proposalId: session.proposal.proposalId, owner: evidence.first.voteOwner, ...evidence }
    }
  }

  async evidenceProof (name: string, proposalId: number, owner: Uint8Array, options: AbortOptions = {}): Promise<Uint8Array> {
    checkBytes('owner', owner)

    const scope = this.findScope(name, options)

    return this.run(scope, async () => this.parts.proofs.evidence(scope, await this.session(scope, proposalId), owner), options)
  }

  async importProof (bytes: Uint8Array, options: AbortOptions = {}): Promise<ImportedProof> {
    this.checkStarted(options)
    checkBytes('bytes', bytes)

    return this.patient(this.parts.proofs.import(bytes), options)
  }

  private readonly onSubscriptionChange = ({ detail }: CustomEvent<SubscriptionChange>): void => { this.parts.onSubscriptionChange(detail) }

  private findScope (name: string, options: AbortOptions): LiveScope {
    this.checkStarted(options)
    checkString('scope', name)

    return this.parts.joined.get(name)
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
  private async run <T> (scope: JoinedScope, task: () => Promise<T>, options: AbortOptions): Promise<T> {
    try {
      return await this.patient(task(), options)
    } catch (err) {
      throw err instanceof ConsensusError ? err.renameScope(scope.name) : err
    }
  }

  /** Waits for a task as long as whoever asked for it wants. It is done to the end in any case: half of it would be worse. */
  private async patient <T> (task: Promise<T>, { signal }: AbortOptions): Promise<T> {
    return raceSignal(this.track(task), signal)
  }

  /** Keeps a task in mind until it ends. What it throws is for whoever waits for it, or has been logged. */
  private track <T> (task: Promise<T>): Promise<T> {
    const tracked = task.catch(() => {}).finally(() => { this.tasks.delete(tracked) })
    this.tasks.add(tracked)

    return task
  }
}
