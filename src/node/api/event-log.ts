/**
 * What has happened at this node lately, for everyone who follows it. Each follower reads at its own pace from one list,
 * so a slow one costs nothing, and one that was away for a while goes on where it was.
 */

import { KnownScopes } from '../host/known-scopes.ts'
import { proposersOf, toAddress, toAlarmInfo, toChoice, toDecisionInfo, toIdentity, toKeyAlarmInfo, toProposalSummary, toVoteInfo, toVoter } from './json.ts'
import type { NodeEvent, NodeEvents } from './types.ts'
import type { Voting, VotingEvents } from '../../index.ts'

/** Followers that are further behind have to read the state again */
const MAX_EVENTS = 1_000

/**
 * Milliseconds between what followers are told, at least, and for each of them. The first event after a while is told at once;
 * while there are many, telling a hundred followers of each by itself would cost more than voting does.
 */
const PACE = 200
const PACE_OF_ONE = 10

export class EventLog {
  private readonly voting: Voting
  private readonly scopes: KnownScopes
  /** Tells this process's events from those of the ones before it */
  private readonly epoch = Date.now()
  private readonly shutdown = new AbortController()
  private readonly waiting = new Set<() => void>()
  /** Those that nobody has read may be yet to be made */
  private events: Array<NodeEvent | (() => NodeEvent)> = []
  private count = 0
  /** When followers were told last, milliseconds, and the next time, if one is to come */
  private toldAt = -Infinity
  private timer?: ReturnType<typeof setTimeout>
  /** What most followers are given next, since most of them are at the same place */
  private group: { from: number, events: NodeEvent[] } = { from: 0, events: [] }

  constructor (voting: Voting) {
    this.voting = voting
    this.scopes = new KnownScopes(voting)
  }

  start (): void {
    // without the payload: a thousand of them would be kept
    this.on('voting:proposal', detail => { this.add('proposal', { ...toProposalSummary(detail, this.scopes.isOpen(detail.scope)), ...this.scopes.names(detail.scope, [detail.proposalOwner]) }) })
    // most events are votes, and most of the time nobody reads them
    this.on('voting:vote', ({ scope, vote: { proposalId, voteOwner: owner, vote: choice, timestamp } }) => {
      this.add('vote', () => ({ scope, proposalId, ...toVoteInfo({ owner, choice, timestamp }), ...this.scopes.names(scope, [owner]) }))
    })
    this.on('voting:decided', detail => { this.add('decided', toDecisionInfo(detail)) })
    this.on('voting:failed', detail => { this.add('failed', toDecisionInfo(detail)) })
    this.on('voting:conflict', ({ culprits, ...detail }) => { this.add('conflict', { ...toDecisionInfo(detail), culprits: culprits.map(toAddress), ...this.scopes.names(detail.scope, culprits) }) })
    this.on('voting:evidence', ({ scope, proposalId, owner }) => { this.add('evidence', { scope, proposalId, voter: toAddress(owner), ...this.scopes.names(scope, [owner]) }) })
    this.on('voting:own-vote', ({ choice, bound, ...proposal }) => {
      this.add('own-vote', { ...proposal, choice: toChoice(choice), ...bound == null ? {} : { bound: toChoice(bound) } })
    })
    this.on('voting:own-key', detail => { this.add('own-key', toKeyAlarmInfo(detail)) })
    this.on('voting:members', ({ scope, peer, voter, reason }) => { this.add('members', { scope, peer: peer.toString(), voter: toVoter(voter), reason, ...this.scopes.names(scope, [toIdentity(voter)]) }) })
    this.on('voting:auto-vote-missed', detail => { this.add('auto-vote-missed', detail) })
    this.on('voting:collision', detail => { this.add('collision', { ...toAlarmInfo(detail), ...this.scopes.names(detail.scope, proposersOf(detail)) }) })
    this.on('voting:other-policy', ({ scope, peer }) => { this.add('mismatch', { scope, peer: peer.toString(), what: 'policy' }) })
    this.on('voting:other-signing', ({ scope, peer }) => { this.add('mismatch', { scope, peer: peer.toString(), what: 'signing' }) })
    this.on('voting:newer-format', ({ scope, peer }) => { this.add('mismatch', { ...scope == null ? {} : { scope }, peer: peer.toString(), what: 'format' }) })
    this.on('voting:clock', ({ scope, seconds, peers, isOff }) => { this.add('clock', { scope, seconds, peers, isOff }) })
    this.on('voting:trimmed', ({ scope, proposalId }) => { this.add('trimmed', { scope, proposalId }) })
  }

  /** Ends all who follow */
  stop (): void {
    clearTimeout(this.timer)
    this.shutdown.abort()
  }

  get signal (): AbortSignal {
    return this.shutdown.signal
  }

  /** The id of the last event there was */
  get lastId (): string {
    return this.id(this.count)
  }

  /**
   * Events as they happen, in groups, until the signal; an empty group when nothing has happened for a while. Followers at one
   * place get the same group.
   *
   * @param lastId - the last event the follower knows: it gets all that came after it, after a `reset` if they are gone.
   * Without one it gets what happens from now on.
   */
  follow (lastId: string | undefined, idle: number, signal: AbortSignal): AsyncGenerator<NodeEvent[]> {
    // now, not when the first event is asked for
    return this.read(lastId == null ? this.count : this.positionAfter(lastId), idle, signal)
  }

  private async * read (start: number | undefined, idle: number, signal: AbortSignal): AsyncGenerator<NodeEvent[]> {
    let position = start

    while (!signal.aborted) {
      if (position == null || position < this.first) {
        position = this.first
        yield [{ id: this.id(position), type: 'reset', data: {} }]
      } else if (position < this.count) {
        const events = this.from(position)

        position += events.length
        yield events
      } else if (!await this.happened(idle, signal)) {
        yield []
      }
    }
  }

  /** All events from a position on */
  private from (position: number): NodeEvent[] {
    if (this.group.from !== position || position + this.group.events.length !== this.count) {
      const events = this.events.slice(position - this.first).map(event => typeof event === 'function' ? event() : event)

      this.events.splice(position - this.first, events.length, ...events)
      this.group = { from: position, events }
    }

    return this.group.events
  }

  /** Position of the oldest event that is kept. Positions count all events of this process from 0. */
  private get first (): number {
    return this.count - this.events.length
  }

  /** The id of the event before a position, and of nothing at the beginning */
  private id (position: number): string {
    return `${this.epoch}-${position}`
  }

  private positionAfter (id: string): number | undefined {
    const [, epoch, position] = /^(\d{1,15})-(\d{1,15})$/.exec(id) ?? []

    return Number(epoch) === this.epoch && Number(position) <= this.count ? Number(position) : undefined
  }

  /** Resolves with true when there is something to tell, with false if there is nothing in time */
  private async happened (idle: number, signal: AbortSignal): Promise<boolean> {
    return new Promise(resolve => {
      const done = (result: boolean) => () => {
        clearTimeout(timer)
        this.waiting.delete(wake)
        signal.removeEventListener('abort', end)
        resolve(result)
      }
      const wake = done(true)
      const end = done(false)
      const timer = setTimeout(end, idle)

      this.waiting.add(wake)
      signal.addEventListener('abort', end)
    })
  }

  /** Data that are only made if somebody reads them are given by what makes them */
  private add <T extends keyof NodeEvents> (type: T, data: NodeEvents[T] | (() => NodeEvents[T])): void {
    const id = this.id(++this.count)

    this.events.push(typeof data === 'function' ? () => ({ id, type, data: data() }) as unknown as NodeEvent : { id, type, data } as unknown as NodeEvent)

    // seldom, and not for every event
    if (this.events.length >= 2 * MAX_EVENTS) {
      this.events = this.events.slice(-MAX_EVENTS)
    }

    // all events of one turn are told together
    if (this.waiting.size > 0) {
      this.timer ??= setTimeout(() => { this.tell() }, Math.max(0, this.toldAt + this.pace - performance.now()))
    }
  }

  private get pace (): number {
    return Math.max(PACE, PACE_OF_ONE * this.waiting.size)
  }

  private tell (): void {
    this.timer = undefined
    this.toldAt = performance.now()

    for (const wake of [...this.waiting]) {
      wake()
    }
  }

  private on <K extends keyof VotingEvents> (type: K, listener: (detail: VotingEvents[K]['detail']) => void): void {
    const handler = (event: VotingEvents[K]): void => { listener(event.detail) }

    this.voting.addEventListener(type, handler)
    this.signal.addEventListener('abort', () => { this.voting.removeEventListener(type, handler) })
  }
}
