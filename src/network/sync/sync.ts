/**
 * The sync protocol: members of a scope that can reach each other soon have the same votes. This puts its parts together:
 * streams, who is at fault, and what is counted. What is said on a stream is in `client.ts` and `server.ts`, when in
 * `driver.ts`.
 */

import { setMaxListeners } from '@libp2p/interface'
import { bytesToHex } from '@noble/hashes/utils.js'
import { dayOf } from '../../consensus/storage/interface.ts'
import { SyncRequest, SyncResponse } from '../../pb/sync.ts'
import { ExpiringSet } from '../../util/expiring-set.ts'
import { inTime } from '../../util/in-time.ts'
import { RateBudget } from '../../util/rate-budget.ts'
import { withTimeLimit } from '../../util/time-limit.ts'
import { ClientSession } from './client.ts'
import { FRAME_TIMEOUT, MAX_INBOUND_STREAMS, MAX_REQUESTS, MAX_SYNCS, RATE_WINDOW_SECONDS, REFUSAL_SECONDS, STOP_PATIENCE, SYNC_PROTOCOL, SYNC_TIMEOUT, UNRELIABLE_SECONDS } from './constants.ts'
import { SyncIndex } from './digests.ts'
import { SyncDriver } from './driver.ts'
import { SyncCutOffError, SyncFaultError, SyncLimitError, SyncStalledError } from './errors.ts'
import { Frames } from './frames.ts'
import { NoticeBudget } from './notice-budget.ts'
import { answer, refuseBusy } from './server.ts'
import { Undelivered } from './undelivered.ts'
import type { SyncEnd } from './client.ts'
import type { CompletedOptions } from './driver.ts'
import type { Traffic } from './frames.ts'
import type { SyncIntake } from './intake.ts'
import type { ServerInit } from './server.ts'
import type { SyncCallbacks, SyncOutcome, Taught } from './types.ts'
import type { ProposalHead } from '../../consensus/session/session.ts'
import type { ConsensusStorage } from '../../consensus/storage/interface.ts'
import type { GossipSigning } from '../../pb/sync.ts'
import type { SyncComponents, SyncTimes } from '../interface.ts'
import type { MemberExchange } from '../members/index.ts'
import type { CompletedSync } from '../restore/asked-members.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { AbortOptions, Connection, Logger, PeerId, Stream } from '@libp2p/interface'

export interface SyncInit extends SyncTimes, SyncCallbacks {
  storage: ConsensusStorage
  intake: SyncIntake
  /** Unix seconds */
  clock (): bigint
  log: Logger
  /** What is said of members in a hello, both ways */
  members: MemberExchange
  /** How our gossipsub signs */
  signing (): GossipSigning
  /** The scope of this name, if this node is a member of it */
  findScope (name: string): JoinedScope | undefined
  /** Milliseconds of a clock that is never set */
  monotonic (): number
  /** Called when a sync that we began has come to its end */
  onCompleted (completed: CompletedSync): void
  /** A sync has ended, with its bytes and what was new */
  onSync (outcome: SyncOutcome, traffic: Traffic, taught: Taught): void
  /** A peer has broken the protocol, or does not deliver what it says it has; the reason is in words */
  onFault (peer: PeerId, reason: string): void
}

export interface SyncStats {
  /** Syncs that we began, those that came to their end, and those that did not since the peer was at fault */
  begun: number
  completed: number
  faults: number
  /** Syncs that others began with us */
  served: number
  bytesIn: number
  bytesOut: number
  /** What was new, whoever began */
  proposals: number
  votes: number
}

export class Sync {
  readonly stats: SyncStats = { begun: 0, completed: 0, faults: 0, served: 0, bytesIn: 0, bytesOut: 0, proposals: 0, votes: 0 }
  private readonly components: SyncComponents
  private readonly init: SyncInit
  private readonly index: SyncIndex
  private readonly driver: SyncDriver
  private readonly parts: Omit<ServerInit, 'onTaught'>
  private readonly told: NoticeBudget
  private readonly liars: ExpiringSet
  private readonly unreliable: ExpiringSet
  private readonly undelivered = new Undelivered()
  /** The syncs that others have begun with us, and who has */
  private readonly served = new Map<Promise<void>, PeerId>()
  /** Syncs that each peer may begin with us */
  private readonly requests: RateBudget
  private shutdown = new AbortController()

  constructor (components: SyncComponents, init: SyncInit) {
    const { clock } = init

    this.components = components
    this.init = init
    this.requests = new RateBudget({ amount: init.maxRequests ?? MAX_REQUESTS, seconds: RATE_WINDOW_SECONDS })
    this.index = new SyncIndex(init.storage)
    this.told = new NoticeBudget(clock)
    this.liars = new ExpiringSet(clock, REFUSAL_SECONDS)
    this.unreliable = new ExpiringSet(clock, UNRELIABLE_SECONDS)
    this.parts = {
      storage: init.storage,
      index: this.index,
      intake: {
        ...init.intake,
        // others give what they have, however old it is
        proposal: async (scope, announcement, source) => dayOf(announcement.proposal) < this.since() ? 'refused' : init.intake.proposal(scope, announcement, source)
      },
      members: init.members,
      clock,
      signing: () => init.signing(),
      findScope: name => init.findScope(name),
      rootPatience: (init.frameTimeout ?? FRAME_TIMEOUT) / 2,
      refused: new ExpiringSet(clock, REFUSAL_SECONDS),
      fruitless: new ExpiringSet(clock, REFUSAL_SECONDS),
      ...this.tellingOnce()
    }
    this.driver = new SyncDriver({
      ...init,
      peerId: components.peerId,
      isTrusted: peer => this.isTrusted(peer),
      isLast: peer => this.undelivered.isLast(peer),
      isServed: peer => [...this.served.values()].some(served => served.equals(peer)),
      sync: async (scope, peer, signal) => this.sync(scope, peer, signal)
    })
  }

  /** Answers others from now on */
  async start (): Promise<void> {
    this.shutdown = new AbortController()
    setMaxListeners(Infinity, this.shutdown.signal)

    await this.components.registrar.handle(SYNC_PROTOCOL, (stream, connection) => {
      const serving = this.serve(stream, connection).finally(() => { this.served.delete(serving) })

      this.served.set(serving, connection.remotePeer)
    }, { maxInboundStreams: MAX_INBOUND_STREAMS, maxOutboundStreams: MAX_SYNCS, runOnLimitedConnection: false })
  }

  /** Resolves when nothing is under way any more, and nothing comes */
  async stop (reason: Error): Promise<void> {
    await this.components.registrar.unhandle(SYNC_PROTOCOL)
    // who is being answered is told that the scope is left, rather than hung up on
    await inTime(Promise.all(this.served.keys()), STOP_PATIENCE)
    this.shutdown.abort(reason)
    await this.driver.stop()
    await Promise.all(this.served.keys())
    await this.index.idle()
    this.requests.clear()
  }

  /** Keeps a scope in sync until it is left. Call when its topic is subscribed to. */
  enter (scope: JoinedScope): void {
    this.driver.enter(scope)
    scope.signal.addEventListener('abort', () => { this.index.forget(scope.key) }, { once: true })
  }

  /** Whether a peer is connected and was not at fault recently */
  isReachable (peer: PeerId): boolean {
    return this.isTrusted(peer) && this.isConnected(peer)
  }

  /**
   * Syncs with a peer or, where none is named or it is not reachable, with some of those on the scope's topic. It is urgent where
   * something waits for it.
   */
  request (scope: JoinedScope, peer?: PeerId, options: { urgent?: boolean } = {}): void {
    this.driver.request(scope, peer != null && this.isReachable(peer) ? peer : undefined, options.urgent)
  }

  /** See {@link SyncDriver.requestAll} */
  async requestAll (scope: JoinedScope, peers: PeerId[], options?: AbortOptions): Promise<void> {
    return this.driver.requestAll(scope, peers, options)
  }

  /** Call when a peer subscribes to the scope's topic */
  met (scope: JoinedScope, peer: PeerId): void {
    // it is another process, perhaps
    this.unreliable.delete(`${peer}`)

    if (!this.liars.has(`${peer}`)) {
      this.driver.met(scope, peer)
    }
  }

  /** Call when something new has come by another way that gossip does not spread */
  taught (scope: JoinedScope): void {
    this.driver.taught(scope)
  }

  /** Call after a proposal or a vote on it is stored, with whether it takes votes by which it may end */
  changed (scopeKey: string, proposal: ProposalHead, active: boolean): void {
    this.index.changed(scopeKey, proposal, active)
  }

  /** Call after a proposal has ended */
  ended (scopeKey: string, proposalId: number): void {
    this.index.ended(scopeKey, proposalId)
  }

  /** See {@link SyncDriver.hasCompleted} */
  hasCompleted (scope: JoinedScope, since?: bigint): boolean {
    return this.driver.hasCompleted(scope, since)
  }

  /** See {@link SyncDriver.completed} */
  async completed (scope: JoinedScope, since?: bigint, options?: CompletedOptions): Promise<void> {
    return this.driver.completed(scope, since, options)
  }

  /** The first day that is compared, days from 1970 */
  private since (): number {
    const { clock, pastDays } = this.init

    return pastDays == null ? 0 : Math.max(0, dayOf({ expirationTimestamp: clock() }) - pastDays)
  }

  private isTrusted (peer: PeerId): boolean {
    return !this.liars.has(`${peer}`) && !this.unreliable.has(`${peer}`)
  }

  private isConnected (peer: PeerId): boolean {
    return this.components.connectionManager.getConnections(peer).length > 0
  }

  /** See {@link SyncDriver.idle} */
  async idle (scope: JoinedScope, options?: AbortOptions): Promise<void> {
    return this.driver.idle(scope, options)
  }

  private async sync (scope: JoinedScope, peer: PeerId, signal: AbortSignal): Promise<SyncEnd | undefined> {
    let session: ClientSession | undefined
    let end: SyncEnd | undefined
    const traffic = { bytesIn: 0, bytesOut: 0 }
    const begun = this.init.monotonic()

    this.stats.begun++

    try {
      const since = this.since()
      const { root, pruned } = await this.index.summary(scope, since)

      await this.bounded(signal, async signal => {
        const stream = await this.openStream(peer, signal)

        await closing(stream, signal, async () => {
          session = new ClientSession(this.parts, scope, peer, this.frames(stream, SyncResponse.codec(), SyncRequest.codec(), { signal, traffic }))
          end = await session.run(since, root, pruned)
        })
      })

      if (end === 'complete') {
        this.stats.completed++
        this.undelivered.onCompleted(peer, session?.undelivered ?? 0)
        this.init.onCompleted({ scope, peer, begun, told: session?.told === true, untold: session?.untold ?? new Set() })
      }
    } catch (err: any) {
      if (!signal.aborted) {
        this.onFailure(scope, peer, session, err)
      } else if (!scope.signal.aborted && isFruitless(session)) {
        this.leaveAlone(peer, 'has brought nothing in its time')
      }
    } finally {
      this.onTaught(scope, peer, session?.taught)
      this.count(end ?? 'failed', traffic, session?.taught)
    }

    return end
  }

  /** Opens a stream to a peer that is connected: dialing one that has left could take long, and an attacker could ask for it */
  private async openStream (peer: PeerId, signal: AbortSignal): Promise<Stream> {
    if (!this.isConnected(peer)) {
      throw new Error('the peer has left')
    }

    return this.components.connectionManager.openStream(peer, SYNC_PROTOCOL, { signal })
  }

  private async serve (stream: Stream, { remotePeer: peer }: Connection): Promise<void> {
    const traffic = { bytesIn: 0, bytesOut: 0 }
    const taught = { proposals: 0, votes: 0 }
    const parts: ServerInit = {
      ...this.parts,
      onTaught: (scope, peer, brought) => {
        Object.assign(taught, brought)
        this.onTaught(scope, peer, brought)
      }
    }
    let outcome: SyncOutcome = 'broken off'

    this.stats.served++

    try {
      await this.bounded(this.shutdown.signal, async signal => closing(stream, signal, async () => {
        const frames = this.frames(stream, SyncRequest.codec(), SyncResponse.codec(), { signal, traffic })

        if (!this.requests.take(`${peer}`)) {
          return refuseBusy(frames)
        }

        const limit = await answer(parts, peer, frames)

        if (limit != null) {
          this.restFrom(peer, limit)
        }
      }))
      outcome = 'served'
    } catch (err: any) {
      if (err instanceof SyncFaultError) {
        this.blame(peer, err.message)
      } else if (err instanceof SyncLimitError) {
        this.restFrom(peer, err)
      } else if (!this.shutdown.signal.aborted) {
        this.init.log('a sync that %p began has ended early - %e', peer, err)
      }
    } finally {
      this.count(outcome, traffic, taught)
    }
  }

  private count (outcome: SyncOutcome, traffic: Traffic, taught: Taught = { proposals: 0, votes: 0 }): void {
    this.stats.bytesIn += traffic.bytesIn
    this.stats.bytesOut += traffic.bytesOut
    this.init.onSync(outcome, traffic, taught)
  }

  private onFailure (scope: JoinedScope, peer: PeerId, session: ClientSession | undefined, err: Error): void {
    if (err instanceof SyncFaultError) {
      this.blame(peer, err.message)
    } else if (err instanceof SyncStalledError || err instanceof SyncCutOffError) {
      // it may be slow, far away, or in trouble of its own, and honest
      this.leaveAlone(peer, err.message)
    } else if (err instanceof SyncLimitError && isFruitless(session)) {
      // others may have brought all of it meanwhile
      this.leaveAlone(peer, 'sent page after page with nothing new')
    } else {
      this.init.log('could not sync scope %s with %p - %e', scope.name, peer, err)
    }
  }

  /** Asks others for a while, at no cost for the peer */
  private leaveAlone (peer: PeerId, reason: string): void {
    this.unreliable.add(`${peer}`)
    this.init.log('leave %p alone for %d s: in a sync it %s', peer, UNRELIABLE_SECONDS, reason)
  }

  private blame (peer: PeerId, reason: string): void {
    this.stats.faults++
    this.liars.add(`${peer}`)
    this.init.log.error('%p is at fault in a sync: it %s', peer, reason)
    this.init.onFault(peer, reason)
  }

  private onTaught (scope: JoinedScope, peer: PeerId, { proposals, votes }: Taught = { proposals: 0, votes: 0 }): void {
    this.stats.proposals += proposals
    this.stats.votes += votes

    if (proposals + votes > 0) {
      this.init.log('%p has taught us %d proposals and %d votes in scope %s', peer, proposals, votes, scope.name)
      this.driver.taught(scope, peer)
    }
  }

  /** The callbacks for what stays as it is from sync to sync */
  private tellingOnce (): SyncCallbacks {
    const once = (peer: PeerId, what: string, tell: () => void): void => {
      if (this.told.isNew(peer, what)) {
        tell()
      }
    }

    return {
      onPolicyMismatch: (peer, scopeName, digest) => {
        once(peer, `policy ${scopeName} ${bytesToHex(digest)}`, () => { this.init.onPolicyMismatch(peer, scopeName, digest) })
      },
      onSigningMismatch: (peer, scopeName, theirs) => {
        once(peer, `signing ${scopeName} ${theirs}`, () => { this.init.onSigningMismatch(peer, scopeName, theirs) })
      },
      onSigning: (...told) => { this.init.onSigning(...told) },
      onNewerFormat: (peer, scopeName) => {
        once(peer, `newer format ${scopeName ?? ''}`, () => { this.init.onNewerFormat(peer, scopeName) })
      },
      onDisagreement: (scope, proposalId, peer) => {
        once(peer, `outcome ${scope.key} ${proposalId}`, () => { this.init.onDisagreement(scope, proposalId, peer) })
      }
    }
  }

  private frames <In, Out> (stream: Stream, incoming: ConstructorParameters<typeof Frames<In, Out>>[1], outgoing: ConstructorParameters<typeof Frames<In, Out>>[2], init: { signal: AbortSignal, traffic: Traffic }): Frames<In, Out> {
    const { frameTimeout, maxFrames } = this.init

    return new Frames(stream, incoming, outgoing, { ...init, frameTimeout, maxFrames })
  }

  /** Does something that must not take longer than a sync may */
  private async bounded (signal: AbortSignal, task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    await withTimeLimit(this.init.syncTimeout ?? SYNC_TIMEOUT, new SyncLimitError('the sync has lasted as long as it may'), task, signal)
  }

  /** Others have their turn before a peer that has asked as much as may be in one sync */
  private restFrom (peer: PeerId, limit: SyncLimitError): void {
    this.init.log('%p is answered no more for %d s: %s', peer, RATE_WINDOW_SECONDS, limit.message)
    this.requests.exhaust(`${peer}`)
  }
}

function isFruitless (session?: ClientSession): boolean {
  return session == null || session.taught.proposals + session.taught.votes === 0
}

/** Closes a stream after a task, or aborts it if the task fails */
async function closing (stream: Stream, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  try {
    await task()
    await stream.close({ signal })
  } catch (err: any) {
    stream.abort(err)
    throw err
  }
}
