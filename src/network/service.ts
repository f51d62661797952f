/**
 * The service: lifecycle and wiring. What is valid is said in `rules.ts`, what becomes of messages in `validator.ts`, what
 * votes decide in the consensus core.
 */

import { NotStartedError, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { bytesToHex } from '@noble/hashes/utils.js'
import { TypedEventEmitter } from 'main-event'
import { raceSignal } from 'race-signal'
import { systemClock } from '../consensus/clock.ts'
import { checkBoolean, checkBytes, checkString, checkUint32 } from '../consensus/encoding/check.ts'
import { ConsensusError } from '../consensus/errors.ts'
import { parsePolicy } from '../consensus/policy/policy.ts'
import { streamEvidence } from '../consensus/proofs/evidence-query.ts'
import { ConsensusService } from '../consensus/service.ts'
import { sessionNotFound, streamSummaries } from '../consensus/storage/interface.ts'
import { MemoryStorage } from '../consensus/storage/memory.ts'
import { isVoteLock, MemoryVoteLock } from '../consensus/vote/vote-lock.ts'
import { ServiceEventBus } from './event-bus.ts'
import { AsyncValidation } from './gossip/async-validation.ts'
import { NewerFormats } from './gossip/newer-formats.ts'
import { PolicyMismatches } from './gossip/policy-mismatch.ts'
import { Publisher } from './gossip/publisher.ts'
import { checkAsyncValidation } from './gossip/runtime-members.ts'
import { SigningMismatches } from './gossip/signing-mismatch.ts'
import { AutoVotes } from './lifecycle/auto-voter.ts'
import { MemberAlarms, MemberExchange, OwnProofs } from './members/index.ts'
import { VotingMetrics } from './metrics.ts'
import { CoreObserver } from './observer.ts'
import { Participant } from './participant/participant.ts'
import { checkSettings } from './participant/request.ts'
import { AskedMembers, ClockWatch, OwnLocks, ProofBook, VoteGuard } from './restore/index.ts'
import { JoinedScopes } from './scope/joined-scopes.ts'
import { Sync } from './sync/index.ts'
import { NoticeBudget } from './sync/notice-budget.ts'
import { nameOfSigning, signingOf } from './sync/signing.ts'
import { Flags } from './validation/flags.ts'
import { Validator } from './validation/validator.ts'
import { awaitDecision } from './views/await-decision.ts'
import { Proofs } from './views/proofs.ts'
import { decisionOf, proposalState, proposalSummary } from './views/proposal-state.ts'
import type { PubSubMessage, SubscriptionChange, Verdict } from './gossip/pubsub.ts'
import type { Alarm, ClockOffset, Decision, EvidenceOptions, FoundEvidence, ImportedProof, KeyAlarm, ListOptions, NewerFormat, OwnLocksState, ProposalRequest, ProposalState, ProposalSummary, Scope, VoteOptions, Voting, VotingComponents, VotingEvents, VotingInit } from './interface.ts'
import type { Unasked } from './restore/index.ts'
import type { LiveScope } from './scope/live-scope.ts'
import type { JoinedScope } from './scope/scope.ts'
import type { ScopePolicyInput } from '../consensus/policy/policy.ts'
import type { Proposal } from '../consensus/proposal/proposal.ts'
import type { ConsensusSession } from '../consensus/session/session.ts'
import type { SignatureScheme } from '../consensus/signing.ts'
import type { ConsensusStorage, PolicyStorage, ScopeSettings } from '../consensus/storage/interface.ts'
import type { Vote } from '../consensus/vote/vote.ts'
import type { AbortOptions, Logger, PeerId, Startable } from '@libp2p/interface'

/** Milliseconds that syncs may take before a proposal ends or a vote is refused */
const SYNC_WAIT = 15_000

export class VotingService extends TypedEventEmitter<VotingEvents> implements Voting, Startable {
  readonly consensus: ConsensusService
  private readonly components: VotingComponents
  private readonly storage: ConsensusStorage & PolicyStorage
  /** Of this node's key, if it has one */
  private readonly identity?: Uint8Array
  private readonly clock: () => bigint
  private readonly log: Logger
  private readonly publisher: Publisher
  private readonly validator: Validator
  private readonly asyncValidation?: AsyncValidation
  private readonly flags: Flags
  private readonly joined: JoinedScopes
  private readonly otherPolicies: PolicyMismatches
  private readonly otherSigning: SigningMismatches
  private readonly notices: NoticeBudget
  private readonly metrics: VotingMetrics
  private readonly ownProofs: OwnProofs
  private readonly exchange: MemberExchange
  private readonly memberAlarms: MemberAlarms
  private readonly newerFormat: NewerFormats
  private readonly sync: Sync
  private readonly locks: OwnLocks
  private readonly clocks: ClockWatch
  private readonly asked = new AskedMembers()
  private readonly book: ProofBook
  private readonly guard: VoteGuard
  private readonly participant: Participant
  private readonly proofs: Proofs
  private readonly listener: CoreObserver
  /** What is under way and must have ended before the storage is closed */
  private readonly tasks = new Set<Promise<unknown>>()
  /** Whether others' syncs are answered, and scopes entered; both are so between start and stop */
  private serving = false
  private started = false
  private entering?: Promise<void>

  constructor (components: VotingComponents, init: VotingInit & { scheme: SignatureScheme }) {
    super()

    const { scheme, clock = systemClock, monotonic = () => performance.now(), syncWait = SYNC_WAIT, clockCheckInterval } = init

    if (init.storage != null && typeof init.storage.listPolicies !== 'function') {
      throw new TypeError('storage must keep the policies of joined scopes, too: savePolicy, removePolicy and listPolicies, as MemoryStorage and LevelStorage do')
    }

    this.components = components
    this.clock = clock
    this.identity = init.signer?.identity
    this.log = components.logger.forComponent('libp2p:voting')
    this.storage = init.storage ?? new MemoryStorage()

    const voteLock = init.voteLock ?? (isVoteLock(this.storage) ? this.storage : new MemoryVoteLock())

    this.locks = new OwnLocks({
      voteLock,
      storage: this.storage,
      identity: this.identity,
      clock,
      monotonic,
      log: this.log.newScope('locks'),
      track: task => { void this.track(task) },
      onRestored: (restoredAt, reason) => {
        void this.track(this.ownProofs.bringChanged())
        this.safeDispatchEvent('voting:restored', { detail: { restoredAt, reason } })
      },
      onProblem: problem => { this.safeDispatchEvent('voting:locks', { detail: { problem } }) }
    })
    this.newerFormat = new NewerFormats(clock)
    this.clocks = new ClockWatch({ clock, monotonic })
    this.consensus = new ConsensusService({
      scheme,
      signer: init.signer,
      storage: this.storage,
      voteLock,
      clock,
      // active sessions are never dropped
      maxSessionsPerScope: Infinity,
      events: new ServiceEventBus((key, event) => { this.listener.onConsensusEvent(key, event) }),
      observer: {
        onProposal: (key, session) => { this.listener.onProposal(key, session) },
        onVote: (key, vote, session) => { this.listener.onVote(key, vote, session) },
        onEvidence: (key, first, second, session) => { this.listener.onEvidence(key, first, second, session) },
        onOwnVote: (key, vote, bound) => { this.listener.onOwnVote(key, vote, bound) }
      }
    })
    this.flags = new Flags({
      clock,
      clockCheckInterval,
      isReachable: peer => this.sync.isReachable(peer),
      onDue: (scope, peer) => { this.sync.request(scope, peer) }
    })
    this.validator = new Validator({
      consensus: this.consensus,
      scheme,
      identity: init.signer?.identity,
      clock,
      log: this.log.newScope('validator'),
      onParked: (scope, peer) => { this.sync.request(scope, peer) },
      onNewerFormat: ({ name }, peer, field) => {
        this.log.error('%p sends messages in scope %s that only a later version of this software can read (field %d)', peer, name, field)
        this.newerFormat.add(peer, name)
        this.safeDispatchEvent('voting:newer-format', { detail: { scope: name, peer, field } })
      },
      onValidated: (type, verdict) => { this.metrics.onValidated(type, verdict) },
      clockCheckInterval,
      track: task => { void this.track(task) },
      onTakenLate: scope => { this.sync.taught(scope) },
      onPasses: (scope, peer, passesAt) => { this.flags.raise(scope, peer, passesAt) },
      onCollision: async (scope, refused) => {
        const detail = await this.joined.byKey(scope.key)?.alarms.collide(refused)

        if (detail != null) {
          this.safeDispatchEvent('voting:collision', { detail })
        }
      }
    })
    this.publisher = new Publisher(components, init.signer, clock, this.log.newScope('outbox'))
    const isConnected = (peer: PeerId): boolean => components.connectionManager.getConnections(peer).length > 0

    this.otherPolicies = new PolicyMismatches(isConnected)
    this.otherSigning = new SigningMismatches(isConnected)
    this.notices = new NoticeBudget(clock)
    this.book = new ProofBook({ storage: this.storage, locks: this.locks, log: this.log.newScope('members'), track: task => { void this.track(task) } })
    const validate = async (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict> => this.track(this.validate(scope, peer, message))

    if (init.asyncValidation === true) {
      this.asyncValidation = new AsyncValidation({
        log: this.log.newScope('async-validation'),
        validate,
        onLate: (scope, peer, verdict) => { this.onLateVerdict(scope, peer, verdict) }
      })
    }

    this.ownProofs = new OwnProofs({
      signer: init.signer,
      peerId: components.peerId,
      clock,
      log: this.log.newScope('members'),
      locks: async identity => voteLock.counter?.(identity),
      // the sync that is due anyway may be half a minute away
      onProof: scope => { scope.peers.forEach(peer => { this.sync.request(scope, peer) }) },
      track: task => { void this.track(task) }
    })
    this.exchange = new MemberExchange({
      scheme,
      peerId: components.peerId,
      own: this.ownProofs,
      book: this.book,
      identity: init.signer?.identity,
      clock,
      connections: peer => components.connectionManager.getConnections(peer).map(({ id }) => id),
      log: this.log.newScope('members'),
      onProven: (scope, peer, proof) => { this.memberAlarms.onProven(scope, peer, proof) },
      onOwnVoter: (scope, peer) => { this.memberAlarms.onOwnVoter(scope, peer) },
      since: skew => this.clocks.since(skew).wall,
      onOwnPeer: ({ name }) => { this.memberAlarms.onOwnPeer({ scope: name }) }
    })
    this.memberAlarms = new MemberAlarms({
      identity: init.signer?.identity,
      peerId: components.peerId,
      clock,
      notices: this.notices,
      log: this.log.newScope('members'),
      onAlarm: alarm => { this.safeDispatchEvent('voting:own-key', { detail: alarm }) },
      onWarning: warning => { this.safeDispatchEvent('voting:members', { detail: warning }) }
    })
    this.sync = new Sync(components, {
      members: this.exchange,
      ...init.sync,
      storage: this.storage,
      clock,
      log: this.log.newScope('sync'),
      intake: {
        proposal: async (scope, announcement, source) => this.validator.takeInLateProposal(scope, announcement, source),
        votes: async (scope, proposalId, votes) => this.validator.takeInLateVotes(scope, proposalId, votes),
        settle: (scope, proposalId) => { this.track(this.listener.onSettled(scope, proposalId)) }
      },
      signing: () => signingOf(components.pubsub),
      findScope: name => this.joined.list().find(scope => scope.name === name),
      monotonic,
      onCompleted: completed => { this.asked.add(completed) },
      onSync: (outcome, traffic, taught) => { this.metrics.onSync(outcome, traffic, taught) },
      onFault: (peer, reason) => { this.safeDispatchEvent('voting:fault', { detail: { peer, reason } }) },
      onPolicyMismatch: (peer, name, digest) => { this.noticeOtherPolicy(name, peer, bytesToHex(digest)) },
      onSigning: (peer, name, theirs) => {
        this.otherSigning.update(name, peer, nameOfSigning(theirs))
      },
      onSigningMismatch: (peer, name, theirs) => {
        this.log.error('%p is in scope %s, but signs its messages in another way (%s), so that neither hears the other', peer, name, theirs)
        this.safeDispatchEvent('voting:other-signing', { detail: { scope: name, peer } })
      },
      onNewerFormat: (peer, scope) => {
        this.log.error('%p asks for what only a later version of this software knows', peer)
        this.newerFormat.add(peer, scope)
        this.safeDispatchEvent('voting:newer-format', { detail: { peer, ...scope == null ? {} : { scope } } })
      },
      onDisagreement: (scope, proposalId, peer) => { this.log.error('proposal %d in scope %s ended in another way at %p', proposalId, scope.name, peer) }
    })
    const parts = { consensus: this.consensus, sync: this.sync, clock, syncWait, log: this.log }

    this.metrics = new VotingMetrics(components.metrics, {
      active: () => sumOf(this.joined.list(), ({ active }) => active.size),
      parked: () => sumOf(this.joined.list(), ({ parked }) => parked.size),
      outbox: () => this.publisher.outbox.size,
      alarms: () => sumOf(this.joined.list(), ({ alarms }) => alarms.size) + this.memberAlarms.size
    })
    this.joined = new JoinedScopes({
      components: {
        ...parts,
        get pubsub () { return components.pubsub },
        otherPolicies: this.otherPolicies,
        otherSigning: this.otherSigning,
        storage: this.storage,
        metrics: this.metrics,
        identity: this.identity,
        clockCheckInterval,
        isConnected,
        onClock: (name, offset) => { this.onClock(name, offset) },
        autoVotes: new AutoVotes(),
        vote: async (...args) => this.participant.vote(...args),
        unasked: async (scope, session) => this.unasked(scope, session),
        track: task => { this.track(task) },
        dispatch: (type, detail) => { this.safeDispatchEvent(type, { detail }) }
      },
      storage: this.storage,
      onSubscribe: init.onSubscribe,
      onUnsubscribe: init.onUnsubscribe,
      validate: async (scope, peer, message) => this.asyncValidation == null ? validate(scope, peer, message) : this.asyncValidation.enter(scope, peer, message),
      onActive: (scope, session) => {
        this.listener.watch(scope, session)
        this.track(this.participant.resume(scope, session))
      },
      onEnter: scope => { this.onEnter(scope) },
      onExit: (scope, reason) => { this.onExit(scope, reason) }
    })
    this.guard = new VoteGuard({ ...parts, identity: this.identity, locks: this.locks, asked: this.asked, clocks: this.clocks, monotonic })
    this.participant = new Participant({
      ...parts,
      locks: this.locks,
      guard: this.guard,
      publisher: this.publisher,
      validator: this.validator,
      ownProofs: this.ownProofs
    })
    this.proofs = new Proofs({
      storage: this.storage,
      consensus: this.consensus,
      scheme,
      validator: this.validator,
      findScope: name => this.joined.get(name),
      onSettled: (scope, proposalId) => { this.track(this.listener.onSettled(scope, proposalId)) },
      onTaught: scope => { this.sync.taught(scope) }
    })
    this.listener = new CoreObserver({
      storage: this.storage,
      membership: this.joined,
      sync: this.sync,
      validator: this.validator,
      publisher: this.publisher,
      metrics: this.metrics,
      locks: this.locks,
      clock,
      log: this.log,
      track: task => { this.track(task) },
      dispatch: (type, detail) => { this.safeDispatchEvent(type, { detail }) }
    })
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
    checkAsyncValidation(this.components.pubsub, this.asyncValidation != null)
  }

  async start (): Promise<void> {
    if (this.serving) {
      return
    }

    this.asyncValidation?.start(this.components.pubsub)
    this.serving = true
    // gossipsub refuses subscriptions before it has started, see afterStart; others may subscribe as soon as it has
    this.components.pubsub.addEventListener('subscription-change', this.onSubscriptionChange)

    try {
      await this.sync.start()
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
    this.clocks.start()

    try {
      // before anything is signed
      await this.locks.start()
      await this.joined.restore()
    } catch (err: any) {
      this.joined.exitAll(err)
      throw err
    }

    this.started = true
  }

  async beforeStop (): Promise<void> {
    // whoever has called afterStart is told if that fails
    await this.entering?.catch(() => {})

    if (!this.started) {
      return
    }

    this.started = false
    this.joined.exitAll(new NotStartedError('The voting service was stopped'))
  }

  /** When this resolves nothing is under way any more, and whoever owns the storage may close it */
  async stop (): Promise<void> {
    await this.beforeStop()
    this.serving = false
    this.clocks.stop()
    this.locks.stop()
    this.components.pubsub.removeEventListener('subscription-change', this.onSubscriptionChange)
    this.asyncValidation?.stop()
    await this.sync.stop(new NotStartedError('The voting service was stopped'))
    this.otherPolicies.clear()
    this.notices.clear()
    this.ownProofs.clear()
    this.exchange.clear()
    this.publisher.outbox.clear()
    this.flags.clear()

    while (this.tasks.size > 0) {
      await Promise.allSettled(this.tasks)
    }

    // what was under way may have failed, and be about to be tried again
    this.locks.stop()
    // what was under way may have left something to send, which is sent at the next start
    this.publisher.outbox.clear()
  }

  scopes (): Scope[] {
    this.checkStarted()

    return this.joined.list()
  }

  async join (scope: string | ScopePolicyInput, options: AbortOptions = {}): Promise<Scope> {
    this.checkStarted(options)

    const policy = parsePolicy(typeof scope === 'string' ? { name: scope } : scope)
    const joined = await this.patient(this.joined.join(policy), options)

    joined.otherPolicies.forEach(({ peer, digest }) => { this.noticeOtherPolicy(joined.name, peer, digest) })

    return joined
  }

  async configure (name: string, settings: Partial<ScopeSettings>, options: AbortOptions = {}): Promise<Scope> {
    const scope = this.findScope(name, options)
    const changed = { ...scope.settings, ...settings }

    checkSettings(changed)
    await this.patient(this.joined.configure(name, changed).then(async () => scope.pruner.apply()), options)

    return scope
  }

  async leave (name: string, options: AbortOptions = {}): Promise<void> {
    this.findScope(name, options)

    await this.patient(this.joined.leave(name), options)
  }

  async propose (name: string, request: ProposalRequest, options: AbortOptions = {}): Promise<Proposal> {
    const scope = this.findScope(name, options)

    return this.run(scope, async () => this.participant.propose(scope, request, options), options)
  }

  async vote (name: string, proposalId: number, choice: boolean, options: VoteOptions = {}): Promise<Vote> {
    checkBoolean('choice', choice)
    checkUint32('proposalId', proposalId)

    const scope = this.findScope(name, options)

    return this.run(scope, async () => this.participant.vote(scope, proposalId, choice, options), options)
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
      const unasked = (await this.unasked(scope, session))?.reason

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
    return this.newerFormat.list()
  }

  onOwnPeerId (address?: string): void {
    this.memberAlarms.onOwnPeer({ address })
  }

  keyAlarms (): KeyAlarm[] {
    return this.memberAlarms.list()
  }

  ownLocks (): OwnLocksState {
    return this.locks.state
  }

  async certificate (name: string, proposalId: number, options: AbortOptions = {}): Promise<Uint8Array> {
    const scope = this.findScope(name, options)

    return this.run(scope, async () => this.proofs.certificate(scope, await this.session(scope, proposalId)), options)
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

    return this.run(scope, async () => this.proofs.evidence(scope, await this.session(scope, proposalId), owner), options)
  }

  async importProof (bytes: Uint8Array, options: AbortOptions = {}): Promise<ImportedProof> {
    this.checkStarted(options)
    checkBytes('bytes', bytes)

    return this.patient(this.proofs.import(bytes), options)
  }

  private onEnter (scope: LiveScope): void {
    if (!scope.mayVote) {
      this.log('in scope %s this node cannot vote: %s', scope.name, this.identity == null ? 'it has no key' : `0x${bytesToHex(this.identity)} is not among the voters`)
    }

    this.track(this.book.enter(scope))
    this.ownProofs.enter(scope)
    this.sync.enter(scope)
    scope.begin()
  }

  private onExit (scope: JoinedScope, reason: Error): void {
    this.ownProofs.leave(scope)
    this.sync.leave(scope, reason)
    this.asked.leave(scope)
    this.book.leave(scope)
    this.publisher.outbox.clear(scope.topic)
  }

  private readonly onSubscriptionChange = ({ detail }: CustomEvent<SubscriptionChange>): void => {
    for (const { name, digest } of this.otherPolicies.update(detail.peerId, detail.subscriptions)) {
      this.noticeOtherPolicy(name, detail.peerId, digest)
    }

    for (const { topic, subscribe } of detail.subscriptions) {
      if (subscribe) {
        const scope = this.joined.list().find(scope => scope.topic === topic)

        if (scope != null) {
          this.sync.met(scope, detail.peerId)
        }

        this.track(this.publisher.outbox.flush(topic))
      }
    }
  }

  private onClock (name: string, offset: ClockOffset): void {
    const { seconds, peers, isOff } = offset

    this.log.error('in scope %s our clock is %s: those of %d others are %d s ahead', name, isOff ? 'off' : 'right again', peers, seconds)
    this.safeDispatchEvent('voting:clock', { detail: { scope: name, ...offset } })
  }

  /** Says that a peer is in a scope of ours under another policy, if it is, once in a while */
  private noticeOtherPolicy (name: string, peer: PeerId, digest: string): void {
    const scope = this.joined.list().find(scope => scope.name === name)

    if (scope != null && scope.otherPolicies.some(other => other.peer.equals(peer)) && this.notices.isNew(peer, `${name} ${digest}`)) {
      this.log.error('%p is in scope %s under another policy, %s; ours is %s', peer, name, digest, bytesToHex(scope.digest))
      this.safeDispatchEvent('voting:other-policy', { detail: { scope: name, peer, digest } })
    }
  }

  private async validate (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict> {
    const verdict = await this.validator.validate(scope, peer, message)

    this.metrics.onMessage(verdict)

    return verdict
  }

  /** Does what gossipsub would have done, had it still kept the message */
  private onLateVerdict (scope: JoinedScope, peer: PeerId, verdict: Verdict): void {
    if (verdict === 'reject') {
      this.safeDispatchEvent('voting:fault', { detail: { peer, reason: 'it sent a message that is invalid' } })
    } else if (verdict === 'accept') {
      this.sync.taught(scope)
    }
  }

  private findScope (name: string, options: AbortOptions): LiveScope {
    this.checkStarted(options)
    checkString('scope', name)

    return this.joined.get(name)
  }

  /** Why this node does not vote on a proposal now, where it may and has not */
  private async unasked (scope: JoinedScope, session: ConsensusSession): Promise<Unasked | undefined> {
    const { proposal: { proposalId, expirationTimestamp } } = session

    if (!scope.mayVote || this.clock() >= expirationTimestamp || session.hasVoted(this.identity as Uint8Array)) {
      return
    }

    try {
      return await this.consensus.isBound(scope.key, proposalId) ? undefined : await this.guard.unasked(scope, session)
    } catch (err: any) {
      // the vote locks cannot be used
      return { reason: err.message, isAskable: false }
    }
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

function sumOf <T> (items: T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0)
}
