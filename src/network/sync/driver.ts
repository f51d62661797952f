/**
 * When there is a sync, and with whom: one at a time with a peer, a few side by side, and nothing left when it
 * stops.
 */

import { raceSignal } from 'race-signal'
import { isAsked } from './asked-peers.ts'
import { BUSY_DELAY, FANOUT, MAX_STRANGER_SYNCS, MAX_SYNCS, MEETING_DELAY, SYNC_INTERVAL, SYNC_SLICE, TEACH_INTERVAL, URGENT_SYNCS } from './constants.ts'
import type { SyncEnd } from './client.ts'
import type { DriverTimes } from '../interface.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { AbortOptions, PeerId } from '@libp2p/interface'

export interface DriverInit extends DriverTimes {
  peerId: PeerId
  /** Unix seconds */
  clock (): bigint
  /** Whether a peer is to be asked without being named */
  isTrusted (peer: PeerId): boolean
  /** Whether others are asked before a peer */
  isLast (peer: PeerId): boolean
  /** Whether a peer has begun a sync with us that is not over */
  isServed (peer: PeerId): boolean
  /** Syncs with a peer. Resolves with undefined if it did not come to an end, and never throws. */
  sync (scope: JoinedScope, peer: PeerId, signal: AbortSignal): Promise<SyncEnd | undefined>
}

interface Waiter {
  since: bigint
  /** Whether a sync with this peer counts */
  counts (peer: PeerId): boolean
  resolve (): void
}

export interface CompletedOptions extends AbortOptions {
  /**
   * Whether a sync with this peer counts, validated when it is completed; with it only those that are completed from now on count
   *
   * @default members count, and in open scopes all peers
   */
  counts? (peer: PeerId): boolean
}

interface Job {
  member: Member
  peer: PeerId
  /** Something waits for it, and it does not wait for those for which nothing does */
  urgent: boolean
  /** Called once the sync has ended and is not tried again by the driver */
  onEnd: Array<(end: SyncEnd | undefined) => void>
}

interface Running extends Job {
  ended: Promise<void>
  /** Aborts when others are to have their turn */
  turn: AbortController
}

/** What is kept for a scope */
interface Member {
  scope: JoinedScope
  /** When the last sync began that was completed with a peer that counts, Unix seconds */
  completed?: bigint
  waiters: Set<Waiter>
  timers: Set<ReturnType<typeof setTimeout>>
  /** Peers with which a sync is about to begin, since they have subscribed */
  meeting: Set<string>
  /** Set while what was taught is not to be passed on yet: who has taught it since */
  teachers?: Set<string>
}

export class SyncDriver {
  private readonly init: DriverInit
  private readonly members = new Map<string, Member>()
  /** What is to be done, in order */
  private readonly queue = new Map<string, Job>()
  /** What is under way, by peer: none is asked twice at once, in whatever scopes */
  private readonly running = new Map<string, Running>()

  constructor (init: DriverInit) {
    this.init = init
  }

  enter (scope: JoinedScope): void {
    const member: Member = { scope, waiters: new Set(), timers: new Set(), meeting: new Set() }

    this.members.set(scope.key, member)
    scope.signal.addEventListener('abort', () => { this.forget(member) }, { once: true })
    this.request(scope)
    this.scheduleRound(member)
  }

  private forget (member: Member): void {
    this.members.delete(member.scope.key)
    member.timers.forEach(clearTimeout)
    member.timers.clear()

    for (const [key, job] of this.queue) {
      if (job.member === member) {
        this.queue.delete(key)
      }
    }
  }

  /** Resolves when nothing is under way any more. Call when all scopes have been left. */
  async stop (): Promise<void> {
    await Promise.all([...this.running.values()].map(async ({ ended }) => ended))
  }

  /**
   * Syncs with a peer or, where none is named, with some of those on the scope's topic, as soon as there is room
   *
   * @param urgent - whether something waits for it
   */
  request (scope: JoinedScope, peer?: PeerId, urgent = false): void {
    const member = this.members.get(scope.key)

    if (member != null) {
      const peers = peer == null ? this.somePeers(scope) : [peer]

      peers.forEach(peer => { this.enqueue({ member, peer, urgent, onEnd: [] }) })
      this.work()
    }
  }

  /**
   * Syncs urgently with each of these peers that is trusted. Resolves when all of those syncs, which begin after the call, have
   * ended, however they did. Rejects when the scope is left, with the reason, or is none of ours.
   */
  async requestAll (scope: JoinedScope, peers: PeerId[], options: AbortOptions = {}): Promise<void> {
    const member = this.memberOf(scope)
    const ended = peers.filter(peer => this.init.isTrusted(peer)).map(async peer => new Promise(resolve => {
      this.enqueue({ member, peer, urgent: true, onEnd: [resolve] })
    }))

    this.work()
    await raceSignal(Promise.all(ended), AbortSignal.any([member.scope.signal, ...options.signal == null ? [] : [options.signal]]))
  }

  /**
   * Call when a peer subscribes to the scope's topic. Both sides are told at the same time, and one sync serves
   * both, so one of the two goes first, and the other waits for the end of it: two at once would bring everything twice.
   */
  met (scope: JoinedScope, peer: PeerId): void {
    const member = this.members.get(scope.key)

    // a peer may subscribe again and again: one sync serves for all
    if (member != null && !member.meeting.has(`${peer}`)) {
      member.meeting.add(`${peer}`)

      const goesFirst = this.init.peerId.toString() < peer.toString()
      const begin = (): void => {
        if (this.init.isServed(peer)) {
          this.after(member, MEETING_DELAY, begin)
        } else {
          member.meeting.delete(`${peer}`)
          this.request(scope, peer)
        }
      }

      this.after(member, goesFirst ? 0 : MEETING_DELAY, begin)
    }
  }

  /**
   * Call when something new has come that gossip does not spread. The others on the topic are synced with, now or
   * as soon as may be.
   *
   * @param teacher - the peer it came from, if it came from one
   */
  taught (scope: JoinedScope, teacher?: PeerId): void {
    const member = this.members.get(scope.key)

    if (member == null) {
      return
    }

    if (member.teachers != null) {
      member.teachers.add(`${teacher}`)
      return
    }

    this.passOn(member, new Set([`${teacher}`]))
  }

  /**
   * Whether a sync with a member, in open scopes with any peer, has been completed that began at `since` or later, Unix seconds;
   * by default at any time
   */
  hasCompleted (scope: JoinedScope, since = 0n): boolean {
    const completed = this.members.get(scope.key)?.completed

    return completed != null && completed >= since
  }

  /**
   * Resolves once a sync that counts has been completed that began at `since` or later, Unix seconds; by default at any time.
   * Rejects when the scope is left, with the reason, or is none of ours.
   */
  async completed (scope: JoinedScope, since = 0n, { counts, ...options }: CompletedOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()

    if (counts == null && this.hasCompleted(scope, since)) {
      return
    }

    const member = this.memberOf(scope)
    const signal = AbortSignal.any([member.scope.signal, ...options.signal == null ? [] : [options.signal]])
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { since, counts: counts ?? (peer => isAsked(scope, peer)), resolve }
    const onAbort = (): void => { reject(signal.reason) }

    member.waiters.add(waiter)
    signal.addEventListener('abort', onAbort)

    try {
      await promise
    } finally {
      member.waiters.delete(waiter)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Resolves when no sync in the scope is under way or to be done */
  async idle (scope: JoinedScope, options: AbortOptions = {}): Promise<void> {
    const isOf = ({ member }: Pick<Job, 'member'>): boolean => member.scope === scope

    while ([...this.running.values(), ...this.queue.values()].some(isOf)) {
      // what is queued waits for one of these
      await raceSignal(Promise.race([...this.running.values()].map(async ({ ended }) => ended)), options.signal)
    }
  }

  private memberOf (scope: JoinedScope): Member {
    const member = this.members.get(scope.key)

    if (member == null) {
      throw scope.signal.reason ?? new Error(`There is no sync in scope "${scope.name}", which is not entered`)
    }

    return member
  }

  /** Puts a sync in line, or joins it to the one with the same peer that is in line already */
  private enqueue (job: Job): void {
    const key = jobKey(job.member, job.peer)
    const queued = this.queue.get(key)

    this.queue.set(key, { ...job, urgent: job.urgent || queued?.urgent === true, onEnd: [...queued?.onEnd ?? [], ...job.onEnd] })
  }

  private scheduleRound (member: Member): void {
    const interval = this.init.interval ?? SYNC_INTERVAL

    this.after(member, interval * (0.75 + Math.random() / 2), () => {
      const { scope } = member

      // who syncs with us gives us what we lack, too
      this.somePeers(scope, peer => !this.init.isServed(peer)).forEach(peer => { this.request(scope, peer) })
      this.scheduleRound(member)
    })
  }

  private passOn (member: Member, teachers: Set<string>): void {
    // who alone has taught something knows it
    const peers = this.somePeers(member.scope, peer => teachers.size > 1 || !teachers.has(peer.toString()))

    peers.forEach(peer => { this.request(member.scope, peer) })
    member.teachers = new Set()

    this.after(member, this.init.teachInterval ?? TEACH_INTERVAL, () => {
      const teachers = member.teachers ?? new Set()

      member.teachers = undefined

      if (teachers.size > 0) {
        this.passOn(member, teachers)
      }
    })
  }

  /** Others on the topic, members first, else at random */
  private somePeers (scope: JoinedScope, filter: (peer: PeerId) => boolean = () => true): PeerId[] {
    return scope.peers
      .filter(peer => this.init.isTrusted(peer) && filter(peer))
      .map(peer => ({ peer, place: Math.random() + this.placeOf(scope, peer) }))
      .sort((a, b) => a.place - b.place)
      .slice(0, FANOUT)
      .map(({ peer }) => peer)
  }

  private after (member: Member, delay: number, task: () => void): void {
    const timer = setTimeout(() => {
      member.timers.delete(timer)
      task()
    }, delay)

    member.timers.add(timer)
  }

  private work (): void {
    for (const [key, job] of [...this.queue].sort(([, a], [, b]) => this.rankOf(a) - this.rankOf(b))) {
      const peer = `${job.peer}`

      // what is asked for while one is under way comes after it: that one may be past what is new
      if (this.hasRoom(job) && !this.running.has(peer)) {
        this.queue.delete(key)
        this.begin(peer, job)
      }
    }
  }

  /** What is urgent comes first */
  private rankOf ({ member: { scope }, urgent, peer }: Job): number {
    return (urgent ? 0 : 4) + this.placeOf(scope, peer)
  }

  /** Members come first, and a peer that did not deliver after the others like it */
  private placeOf (scope: JoinedScope, peer: PeerId): number {
    return (isAsked(scope, peer) ? 0 : 2) + (this.init.isLast(peer) ? 1 : 0)
  }

  /** Strangers, however many and slow, leave room for members */
  private hasRoom ({ member: { scope }, urgent, peer }: Job): boolean {
    const room = MAX_SYNCS + (urgent ? URGENT_SYNCS : 0)
    const strangers = [...this.running.values()].filter(job => !isAsked(job.member.scope, job.peer)).length

    return this.running.size < room && (isAsked(scope, peer) || strangers < MAX_STRANGER_SYNCS)
  }

  private begin (peer: string, job: Job): void {
    const turn = new AbortController()
    const slice = (this.init.slice ?? SYNC_SLICE) / (job.urgent ? 3 : 1)
    // who takes its time, or makes us take it, is not to keep the others from us
    const timer = setInterval(() => {
      const [longest] = this.running.values()

      if (longest.turn === turn && [...this.queue.values()].some(waiting => !this.hasRoom(waiting))) {
        turn.abort(new Error('others have their turn'))
      }
    }, slice)

    this.running.set(peer, {
      ...job,
      turn,
      ended: this.run(job, turn.signal).finally(() => {
        clearInterval(timer)
        this.running.delete(peer)
        this.work()
      })
    })
  }

  private async run ({ member, peer, urgent, onEnd }: Job, turn: AbortSignal): Promise<void> {
    const begun = this.init.clock()
    const end = await this.init.sync(member.scope, peer, AbortSignal.any([member.scope.signal, turn]))

    if (member.scope.signal.aborted) {
      return
    }

    if (end == null && turn.aborted && this.init.isTrusted(peer)) {
      // it goes on where it was
      this.enqueue({ member, peer, urgent: false, onEnd })
      return
    }

    if (end === 'busy') {
      this.after(member, (this.init.busyDelay ?? BUSY_DELAY) * (1 + Math.random()), () => {
        this.enqueue({ member, peer, urgent, onEnd })
        this.work()
      })
      return
    }

    if (end === 'complete') {
      if (isAsked(member.scope, peer)) {
        member.scope.synced = true
        member.completed = member.completed == null || begun > member.completed ? begun : member.completed
      }

      member.waiters.forEach(waiter => {
        if (waiter.since <= begun && waiter.counts(peer)) {
          waiter.resolve()
        }
      })
    }

    onEnd.forEach(tell => { tell(end) })
  }
}

function jobKey ({ scope }: Member, peer: PeerId): string {
  return `${scope.key} ${peer}`
}
