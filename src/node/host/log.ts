/**
 * What a node has to tell, as lines for logs: one for each decision, and one for each thing that its operator should know.
 */

import { proposersOf, toAddress, toAlarmInfo, toChoice, toIdentity, toVoter } from '../api/json.ts'
import { KnownScopes } from './known-scopes.ts'
import type { ScopePolicy, Voting, VotingEvents } from '../../index.ts'

/**
 * - `info`: what is to be expected: proposals, decisions
 * - `warn`: what somebody should look at: a voter who votes both ways, a peer with another policy, a full disk
 * - `error`: what must not happen: both sides have got the votes of a quorum, another node votes with the key, our key votes elsewhere, or two proposals have one id
 */
export type LogLevel = 'info' | 'warn' | 'error'

/** A line: when, how bad, what kind, in words, and the facts */
export interface LogLine {
  /** ISO 8601, UTC */
  time: string
  level: LogLevel
  /** The kind of event: `proposal`, `decided`, `failed`, `conflict`, `evidence`, `own-vote`, `auto-vote`, `auto-vote-skipped`, `auto-vote-missed`, `own-key`, `members`, `collision`, `mismatch`, `clock`, `warning` */
  event: string
  /** For people; what others have written is not in it */
  message: string
  scope?: string
  proposalId?: number
  [fact: string]: unknown
}

type Facts = Omit<LogLine, 'time' | 'level' | 'event' | 'message'>

export class NodeLog {
  private readonly voting: Voting
  private readonly write: (line: LogLine) => void
  private readonly shutdown = new AbortController()
  private readonly scopes: KnownScopes

  /**
   * @param write - takes a line
   * @param policies - of the scopes that the node is in again when it starts
   */
  constructor (voting: Voting, write: (line: LogLine) => void, policies: ScopePolicy[]) {
    this.voting = voting
    this.write = write
    this.scopes = new KnownScopes(voting, policies)
  }

  start (): void {
    this.on('voting:proposal', ({ scope, proposalId, fingerprint, name, proposalOwner, deadline }) => {
      this.add('info', 'proposal', `proposal ${proposalId} in ${this.nameOf(scope)} is open until ${isoTime(deadline)}`, { scope, proposalId, fingerprint, name, proposer: toAddress(proposalOwner), ...this.scopes.names(scope, [proposalOwner]) })
    })
    this.on('voting:decided', ({ scope, proposalId, result, late }) => {
      const choice = toChoice(result === true)

      this.add(late === true ? 'warn' : 'info', 'decided', `proposal ${proposalId} in ${this.nameOf(scope)} is decided${late === true ? ' late' : ''}: ${choice}`, { scope, proposalId, result: choice, late })
    })
    this.on('voting:failed', ({ scope, proposalId }) => {
      this.add('info', 'failed', `proposal ${proposalId} in ${this.nameOf(scope)} has ended without a result`, { scope, proposalId })
    })
    this.on('voting:conflict', ({ scope, proposalId, state, result, culprits }) => {
      const voters = culprits.map(toAddress)

      this.add('error', 'conflict', `both yes and no have the votes of a quorum on proposal ${proposalId} in ${this.nameOf(scope)}, which ${result == null ? 'has no result' : `was decided: ${toChoice(result)}`}: do not act on it before you know why`, { scope, proposalId, state, culprits: voters, ...this.scopes.names(scope, culprits) })
    })
    this.on('voting:evidence', ({ scope, proposalId, owner }) => {
      this.add('warn', 'evidence', `${this.scopes.describe(scope, owner)} has voted both yes and no on proposal ${proposalId} in ${this.nameOf(scope)}`, { scope, proposalId, voter: toAddress(owner), ...this.scopes.names(scope, [owner]) })
    })
    this.on('voting:own-vote', ({ scope, proposalId, choice, bound }) => {
      const told = bound == null ? 'It counts, and this node casts no other' : `This node is bound to ${toChoice(bound)}`

      this.add('error', 'own-vote', `a vote of this node's own key, ${toChoice(choice)} on proposal ${proposalId} in ${this.nameOf(scope)}, came from elsewhere: another node votes with the key, or this one has forgotten its vote. ${told}`, { scope, proposalId, choice: toChoice(choice), bound: bound == null ? undefined : toChoice(bound) })
    })
    this.on('voting:own-key', ({ kind, scope, peer, address, reason }) => { this.add('error', 'own-key', reason, { kind, scope, peer, address }) })
    this.on('voting:members', ({ scope, peer, voter, reason }) => { this.add('warn', 'members', reason, { scope, peer: peer.toString(), voter: toVoter(voter), ...this.scopes.names(scope, [toIdentity(voter)]) }) })
    this.on('voting:auto-vote', ({ scope, proposalId, choice }) => {
      this.add('info', 'auto-vote', `this node voted ${toChoice(choice)} automatically on proposal ${proposalId} in ${this.nameOf(scope)}`, { scope, proposalId, choice: toChoice(choice) })
    })
    this.on('voting:auto-vote-skipped', ({ scope, proposalId, reason }) => {
      this.add('warn', 'auto-vote-skipped', `this node leaves proposal ${proposalId} in ${this.nameOf(scope)} to its operator: ${reason}`, { scope, proposalId, reason })
    })
    this.on('voting:auto-vote-missed', ({ scope, proposalId, reason }) => {
      this.add('error', 'auto-vote-missed', `this node did not vote automatically on proposal ${proposalId} in ${this.nameOf(scope)}: ${reason}`, { scope, proposalId, reason })
    })
    this.on('voting:restored', ({ restoredAt, reason }) => {
      this.add('error', 'restored', `this node was restored: ${reason}. On proposals from before ${isoTime(restoredAt)} it votes once the nodes of enough other voters have told what they know, which "show" names, or with --force`, { restoredAt: Number(restoredAt) })
    })
    this.on('voting:locks', ({ problem }) => {
      this.add(problem == null ? 'info' : 'error', 'locks', problem == null ? 'the vote locks can be used again' : `this node signs nothing: ${problem}`, {})
    })
    this.on('voting:collision', detail => {
      const { scope, proposalId, fingerprint, proposer, refused } = toAlarmInfo(detail)
      const [holder, other] = proposersOf(detail).map(identity => this.scopes.describe(scope, identity))

      this.add('error', 'collision', `two proposals in ${this.nameOf(scope)} have the id ${proposalId}: ${fingerprint} by ${holder}, which this node holds, and ${refused?.fingerprint} by ${other}, which other members may hold. Compare fingerprints, and propose again`, { scope, proposalId, fingerprint, proposer, refused, ...this.scopes.names(scope, proposersOf(detail)) })
    })
    this.on('voting:other-policy', ({ scope, peer, digest }) => {
      this.add('warn', 'mismatch', `peer ${peer} is in ${this.nameOf(scope)} under another policy: compare the policy files`, { scope, peer: peer.toString(), digest })
    })
    this.on('voting:other-signing', ({ scope, peer }) => {
      this.add('warn', 'mismatch', `peer ${peer} is in ${this.nameOf(scope)}, but signs its gossip in another way: compare --gossip-signing`, { scope, peer: peer.toString() })
    })
    this.on('voting:clock', ({ scope, seconds, peers, isOff }) => {
      const words = isOff ? `is ${Math.abs(seconds)} s ${seconds > 0 ? 'behind' : 'ahead of'} those of the others` : 'agrees with those of the others again'

      this.add(isOff ? 'warn' : 'info', 'clock', `the clock of this node ${words} in ${this.nameOf(scope)}${isOff ? ': have it set by the network (NTP)' : ''}`, { scope, seconds, peers })
    })
    this.on('voting:newer-format', ({ scope, peer, field }) => {
      this.add('warn', 'mismatch', `peer ${peer} sends what only a later version can read${scope == null ? '' : ` in ${this.nameOf(scope)}`}: update this node`, { scope, peer: peer.toString(), field })
    })
  }

  stop (): void {
    this.shutdown.abort()
  }

  /** That anybody may vote there is said wherever the scope is */
  private nameOf (scope: string): string {
    return `${this.scopes.isOpen(scope) ? 'open ' : ''}scope ${scope}`
  }

  private add (level: LogLevel, event: string, message: string, facts: Facts): void {
    this.write(logLine(level, event, message, facts))
  }

  private on <K extends keyof VotingEvents> (type: K, listener: (detail: VotingEvents[K]['detail']) => void): void {
    this.voting.addEventListener(type, (event: VotingEvents[K]) => { listener(event.detail) }, { signal: this.shutdown.signal })
  }
}

export function logLine (level: LogLevel, event: string, message: string, facts: Facts = {}): LogLine {
  return { time: new Date().toISOString(), level, event, message, ...facts }
}

function isoTime (seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString()
}
