/**
 * The parts of the service that serve all scopes, and how they call each other.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { systemClock } from '../consensus/clock.ts'
import { ConsensusService } from '../consensus/service.ts'
import { MemoryStorage } from '../consensus/storage/memory.ts'
import { isVoteLock, MemoryVoteLock } from '../consensus/vote/vote-lock.ts'
import { ServiceEventBus } from './event-bus.ts'
import { AsyncValidation } from './gossip/async-validation.ts'
import { NewerFormats } from './gossip/newer-formats.ts'
import { PolicyMismatches } from './gossip/policy-mismatch.ts'
import { Publisher } from './gossip/publisher.ts'
import { SigningMismatches } from './gossip/signing-mismatch.ts'
import { AutoVotes } from './lifecycle/auto-voter.ts'
import { MemberAlarms, MemberExchange, OwnProofs } from './members/index.ts'
import { VotingMetrics } from './metrics.ts'
import { CoreObserver } from './observer.ts'
import { Participant } from './participant/participant.ts'
import { AskedMembers, ClockWatch, OwnLocks, ProofBook, VoteGuard } from './restore/index.ts'
import { JoinedScopes } from './scope/joined-scopes.ts'
import { Sync } from './sync/index.ts'
import { NoticeBudget } from './sync/notice-budget.ts'
import { nameOfSigning, signingOf } from './sync/signing.ts'
import { Validator } from './validation/validator.ts'
import { Proofs } from './views/proofs.ts'
import type { PubSubMessage, SubscriptionChange, Verdict } from './gossip/pubsub.ts'
import type { ClockOffset, VotingComponents, VotingInit } from './interface.ts'
import type { LiveScope } from './scope/live-scope.ts'
import type { JoinedScope } from './scope/scope.ts'
import type { VotingEvent } from './views/proposal-state.ts'
import type { SignatureScheme } from '../consensus/signing.ts'
import type { ConsensusStorage, PolicyStorage, RefusedProposal } from '../consensus/storage/interface.ts'
import type { Logger, PeerId } from '@libp2p/interface'

/** Milliseconds that syncs may take before a proposal ends or a vote is refused */
const SYNC_WAIT = 15_000

export interface PartsInit extends VotingInit {
  scheme: SignatureScheme
  /** Keeps in mind what is under way */
  track <T> (task: Promise<T>): Promise<T>
  /** Dispatches an event of the service */
  dispatch (...event: VotingEvent): void
}

/** What most parts are made with */
type Common = Pick<PartsInit, 'scheme' | 'signer' | 'clockCheckInterval' | 'track' | 'dispatch'> & {
  storage: ConsensusStorage & PolicyStorage
  /** Of this node's key, if it has one */
  identity?: Uint8Array
  peerId: PeerId
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds of a clock that is never set */
  monotonic (): number
  syncWait: number
  log: Logger
}

export class Parts {
  readonly common: Common
  readonly consensus: ConsensusService
  readonly locks: OwnLocks
  readonly clocks: ClockWatch
  readonly newerFormats: NewerFormats
  readonly otherPolicies: PolicyMismatches
  readonly otherSigning: SigningMismatches
  readonly notices: NoticeBudget
  readonly publisher: Publisher
  readonly validator: Validator
  /** Set where validation is by gossipsub's asyncValidation */
  readonly asyncValidation?: AsyncValidation
  readonly ownProofs: OwnProofs
  readonly book: ProofBook
  readonly exchange: MemberExchange
  readonly memberAlarms: MemberAlarms
  readonly asked = new AskedMembers()
  readonly sync: Sync
  readonly metrics: VotingMetrics
  readonly joined: JoinedScopes
  readonly guard: VoteGuard
  readonly participant: Participant
  readonly proofs: Proofs
  private readonly observer: CoreObserver
  private readonly components: VotingComponents

  constructor (components: VotingComponents, init: PartsInit) {
    const { scheme, signer, clock = systemClock, monotonic = () => performance.now(), syncWait = SYNC_WAIT, clockCheckInterval, track, dispatch } = init
    const storage = init.storage ?? new MemoryStorage()
    const voteLock = init.voteLock ?? (isVoteLock(storage) ? storage : new MemoryVoteLock())
    const log = components.logger.forComponent('libp2p:voting')
    const isConnected = (peer: PeerId): boolean => components.connectionManager.getConnections(peer).length > 0

    this.components = components
    this.common = { scheme, signer, storage, identity: signer?.identity, peerId: components.peerId, clock, monotonic, syncWait, clockCheckInterval, log, track, dispatch }
    this.consensus = this.makeConsensus(voteLock)
    this.locks = new OwnLocks({
      ...this.partOf('locks'),
      voteLock,
      onRestored: (restoredAt, reason) => {
        track(this.ownProofs.bringChanged())
        dispatch('voting:restored', { restoredAt, reason })
      },
      onProblem: problem => { dispatch('voting:locks', { problem }) }
    })
    this.clocks = new ClockWatch(this.common)
    this.newerFormats = new NewerFormats(clock)
    this.otherPolicies = new PolicyMismatches(isConnected)
    this.otherSigning = new SigningMismatches(isConnected)
    this.notices = new NoticeBudget(clock)
    this.publisher = new Publisher(components, signer, clock, log.newScope('outbox'))
    this.validator = this.makeValidator()

    if (init.asyncValidation === true) {
      this.asyncValidation = new AsyncValidation({
        ...this.partOf('async-validation'),
        validate: async (scope, peer, message) => this.validate(scope, peer, message),
        onLate: (scope, peer, verdict) => { this.onLateVerdict(scope, peer, verdict) }
      })
    }

    this.book = new ProofBook({ ...this.partOf('members'), locks: this.locks })
    this.ownProofs = new OwnProofs({
      ...this.partOf('members'),
      locks: async identity => voteLock.counter?.(identity),
      // the sync that is due anyway may be half a minute away
      onProof: scope => { scope.peers.forEach(peer => { this.sync.request(scope, peer) }) }
    })
    this.memberAlarms = new MemberAlarms({
      ...this.partOf('members'),
      notices: this.notices,
      onAlarm: alarm => { dispatch('voting:own-key', alarm) },
      onWarning: warning => { dispatch('voting:members', warning) }
    })
    this.exchange = this.makeExchange()
    this.sync = this.makeSync(init)
    this.metrics = new VotingMetrics(components.metrics, {
      active: () => this.sum(({ active }) => active.size),
      parked: () => this.sum(({ parked }) => parked.size),
      outbox: () => this.publisher.outbox.size,
      alarms: () => this.sum(({ alarms }) => alarms.size) + this.memberAlarms.size
    })
    this.joined = this.makeJoined(init, isConnected)
    this.guard = new VoteGuard({ ...this.common, ...this.pick(), asked: this.asked, clocks: this.clocks })
    this.participant = new Participant({ ...this.common, ...this.pick(), guard: this.guard, ownProofs: this.ownProofs })
    this.proofs = new Proofs({
      ...this.common,
      ...this.pick(),
      findScope: name => this.joined.get(name),
      onSettled: (scope, proposalId) => { this.settle(scope, proposalId) },
      onTaught: scope => { this.sync.taught(scope) }
    })
    this.observer = new CoreObserver({ ...this.common, ...this.pick(), membership: this.joined })
  }

  /** Call when a peer subscribes to topics, or unsubscribes */
  onSubscriptionChange ({ peerId, subscriptions }: SubscriptionChange): void {
    for (const { name, digest } of this.otherPolicies.update(peerId, subscriptions)) {
      this.noticeOtherPolicy(name, peerId, digest)
    }

    for (const { topic, subscribe } of subscriptions) {
      if (subscribe) {
        const scope = this.joined.list().find(scope => scope.topic === topic)

        if (scope != null) {
          this.sync.met(scope, peerId)
        }

        this.common.track(this.publisher.outbox.flush(topic))
      }
    }
  }

  /** Says that a peer is in a scope of ours under another policy, if it is, once in a while */
  noticeOtherPolicy (name: string, peer: PeerId, digest: string): void {
    const scope = this.joined.find(name)

    if (scope?.otherPolicies.some(other => other.peer.equals(peer)) === true && this.notices.isNew(peer, `${name} ${digest}`)) {
      this.common.log.error('%p is in scope %s under another policy, %s; ours is %s', peer, name, digest, bytesToHex(scope.digest))
      this.common.dispatch('voting:other-policy', { scope: name, peer, digest })
    }
  }

  /** Gives up what is only kept in memory, but for what is under way */
  clear (): void {
    const { otherPolicies, notices, exchange, publisher: { outbox } } = this

    ;[otherPolicies, notices, exchange, outbox].forEach(part => { part.clear() })
  }

  private partOf (name: string): Common {
    return { ...this.common, log: this.common.log.newScope(name) }
  }

  /** The parts that several others know */
  private pick (): Pick<Parts, 'consensus' | 'locks' | 'publisher' | 'validator' | 'sync' | 'metrics'> {
    const { consensus, locks, publisher, validator, sync, metrics } = this

    return { consensus, locks, publisher, validator, sync, metrics }
  }

  private sum (value: (scope: LiveScope) => number): number {
    return this.joined.list().reduce((sum, scope) => sum + value(scope), 0)
  }

  private makeConsensus (voteLock: VotingInit['voteLock']): ConsensusService {
    const { scheme, signer, storage, clock } = this.common

    return new ConsensusService({
      scheme,
      signer,
      storage,
      voteLock,
      clock,
      // active sessions are never dropped
      maxSessionsPerScope: Infinity,
      events: new ServiceEventBus((key, event) => { this.observer.onConsensusEvent(key, event) }),
      observer: {
        onProposal: (key, session) => { this.observer.onProposal(key, session) },
        onVote: (key, vote, session) => { this.observer.onVote(key, vote, session) },
        onEvidence: (key, first, second, session) => { this.observer.onEvidence(key, first, second, session) },
        onOwnVote: (key, vote, bound) => { this.observer.onOwnVote(key, vote, bound) }
      }
    })
  }

  private makeValidator (): Validator {
    const { log, dispatch } = this.common

    return new Validator({
      ...this.partOf('validator'),
      consensus: this.consensus,
      onParked: (scope, peer) => { this.sync.request(scope, peer) },
      onNewerFormat: ({ name }, peer, field) => {
        log.error('%p sends messages in scope %s that only a later version of this software can read (field %d)', peer, name, field)
        this.newerFormats.add(peer, name)
        dispatch('voting:newer-format', { scope: name, peer, field })
      },
      onValidated: (type, verdict) => { this.metrics.onValidated(type, verdict) },
      onTakenLate: scope => { this.sync.taught(scope) },
      onPasses: ({ key }, peer, passesAt) => { this.joined.byKey(key)?.flags.raise(peer, passesAt) },
      onCollision: async (scope, refused) => this.onCollision(scope, refused)
    })
  }

  private makeExchange (): MemberExchange {
    return new MemberExchange({
      ...this.partOf('members'),
      own: this.ownProofs,
      book: this.book,
      connections: peer => this.components.connectionManager.getConnections(peer).map(({ id }) => id),
      onProven: (scope, peer, proof) => { this.memberAlarms.onProven(scope, peer, proof) },
      onOwnVoter: (scope, peer) => { this.memberAlarms.onOwnVoter(scope, peer) },
      since: skew => this.clocks.since(skew).wall,
      onOwnPeer: ({ name }) => { this.memberAlarms.onOwnPeer({ scope: name }) }
    })
  }

  private makeSync (init: VotingInit): Sync {
    const { log, dispatch } = this.common

    return new Sync(this.components, {
      ...init.sync,
      ...this.partOf('sync'),
      members: this.exchange,
      intake: {
        proposal: async (scope, announcement, source) => this.validator.takeInLateProposal(scope, announcement, source),
        votes: async (scope, proposalId, votes) => this.validator.takeInLateVotes(scope, proposalId, votes),
        settle: (scope, proposalId) => { this.settle(scope, proposalId) }
      },
      signing: () => signingOf(this.components.pubsub),
      findScope: name => this.joined.find(name),
      onCompleted: completed => { this.asked.add(completed) },
      onSync: (outcome, traffic, taught) => { this.metrics.onSync(outcome, traffic, taught) },
      onFault: (peer, reason) => { dispatch('voting:fault', { peer, reason }) },
      onPolicyMismatch: (peer, name, digest) => { this.noticeOtherPolicy(name, peer, bytesToHex(digest)) },
      onSigning: (peer, name, theirs) => { this.otherSigning.update(name, peer, nameOfSigning(theirs)) },
      onSigningMismatch: (peer, name, theirs) => {
        log.error('%p is in scope %s, but signs its messages in another way (%s), so that neither hears the other', peer, name, theirs)
        dispatch('voting:other-signing', { scope: name, peer })
      },
      onNewerFormat: (peer, scope) => {
        log.error('%p asks for what only a later version of this software knows', peer)
        this.newerFormats.add(peer, scope)
        dispatch('voting:newer-format', { peer, ...scope == null ? {} : { scope } })
      },
      onDisagreement: (scope, proposalId, peer) => { log.error('proposal %d in scope %s ended in another way at %p', proposalId, scope.name, peer) }
    })
  }

  private makeJoined ({ onSubscribe, onUnsubscribe }: VotingInit, isConnected: (peer: PeerId) => boolean): JoinedScopes {
    const { components, common: { storage, track } } = this

    return new JoinedScopes({
      components: {
        ...this.common,
        ...this.pick(),
        get pubsub () { return components.pubsub },
        otherPolicies: this.otherPolicies,
        otherSigning: this.otherSigning,
        isConnected,
        onClock: (name, offset) => { this.onClock(name, offset) },
        autoVotes: new AutoVotes(),
        vote: async (...args) => this.participant.vote(...args),
        unasked: async (...args) => this.participant.unasked(...args)
      },
      storage,
      onSubscribe,
      onUnsubscribe,
      validate: async (scope, peer, message) => this.asyncValidation == null ? this.validate(scope, peer, message) : this.asyncValidation.enter(scope, peer, message),
      onActive: (scope, session) => {
        this.observer.watch(scope, session)
        track(this.participant.resume(scope, session))
      },
      onEnter: scope => { this.onEnter(scope) }
    })
  }

  private onEnter (scope: LiveScope): void {
    const { identity, log, track } = this.common

    if (!scope.mayVote) {
      log('in scope %s this node cannot vote: %s', scope.name, identity == null ? 'it has no key' : `0x${bytesToHex(identity)} is not among the voters`)
    }

    track(this.book.enter(scope))
    this.ownProofs.enter(scope)
    this.sync.enter(scope)
    scope.signal.addEventListener('abort', () => { this.publisher.outbox.clear(scope.topic) }, { once: true })
    scope.begin()
  }

  private settle (scope: JoinedScope, proposalId: number): void {
    this.common.track(this.observer.onSettled(scope, proposalId))
  }

  private async onCollision ({ key }: JoinedScope, refused: RefusedProposal): Promise<void> {
    const alarm = await this.joined.byKey(key)?.alarms.collide(refused)

    if (alarm != null) {
      this.common.dispatch('voting:collision', alarm)
    }
  }

  private onClock (name: string, offset: ClockOffset): void {
    const { seconds, peers, isOff } = offset

    this.common.log.error('in scope %s our clock is %s: those of %d others are %d s ahead', name, isOff ? 'off' : 'right again', peers, seconds)
    this.common.dispatch('voting:clock', { scope: name, ...offset })
  }

  private async validate (scope: JoinedScope, peer: PeerId, message: PubSubMessage): Promise<Verdict> {
    const verdict = await this.common.track(this.validator.validate(scope, peer, message))

    this.metrics.onMessage(verdict)

    return verdict
  }

  /** Does what gossipsub would have done, had it still kept the message */
  private onLateVerdict (scope: JoinedScope, peer: PeerId, verdict: Verdict): void {
    if (verdict === 'reject') {
      this.common.dispatch('voting:fault', { peer, reason: 'it sent a message that is invalid' })
    } else if (verdict === 'accept') {
      this.sync.taught(scope)
    }
  }
}
