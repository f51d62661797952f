/**
 * The keys of a store: `table/scope/proposal/…`, which sort by scope, then proposal, then order of arrival.
 *
 * | table | key | value |
 * |---|---|---|
 * | schema | | SchemaRecord |
 * | proposal | scope/proposal | ProposalRecord, as it was first stored |
 * | vote | scope/proposal/position | canonical vote |
 * | proof | scope/proposal/position | canonical vote that was kept when the others were pruned, for what it proves |
 * | evidence | scope/proposal/identity of the voter | EvidenceRecord, of evidence that the votes do not hold |
 * | outcome | scope/proposal, of the sessions that have ended | OutcomeRecord |
 * | order | scope/place in the order the sessions were first stored | proposal id |
 * | active | scope/place, of the active sessions | proposal id |
 * | day | scope/day of the expiration/proposal | proposal id |
 * | double | scope/proposal, of the sessions with evidence in them | proposal id |
 * | config | scope | ScopeConfigRecord |
 * | policy | scope name | canonical policy |
 * | owner | | who votes with the store, in UTF-8 |
 * | network | | the network it is used in, in words, in UTF-8 |
 * | settings | scope name | ScopeSettingsRecord |
 * | refused | scope/proposal, of proposals that were refused since another has their id | RefusedProposalRecord |
 * | missed | scope | MissedAutoVotesRecord |
 * | lock | scope/proposal/identity, and the digest of the content where votes are bound to it | the canonical vote, unsigned, that the identity is bound to |
 * | counter | identity | LockCounterRecord of an identity whose locks are here |
 * | locks | identity | the id of the counter that its locks have, wherever they are kept: 16 bytes |
 * | proven | scope/identity of a voter | HeldProofsRecord |
 * | doubt | | Unix time of a repair before which locks may have been lost |
 */

import { toString } from 'uint8arrays/to-string'

/** Encoded names of scopes: encoding one takes longer than all else that a key is made of */
const scopePaths = new Map<string, string>()
const MAX_SCOPE_PATHS = 1024

/** Sorts after every key that begins with what it follows */
const END = '\xff'

export const SCHEMA_KEY = 'schema'
export const OWNER_KEY = 'owner'
export const NETWORK_KEY = 'network'

/** The tables that list the sessions of a scope in the order they were first stored */
export type OrderIndex = 'order' | 'active'

/** The tables that name sessions by their ids */
export type Index = OrderIndex | 'day' | 'double'

/** The tables whose keys name a proposal */
const OF_PROPOSALS = new Set(['proposal', 'outcome', 'vote', 'proof', 'evidence', 'day', 'double', 'lock', 'refused'])

/** The tables whose keys name an identity */
const OF_IDENTITIES = new Set(['counter', 'locks'])

export interface Range {
  gt?: string
  gte?: string
  lt?: string
  lte?: string
  limit?: number
  reverse?: boolean
}

export function proposalKey (scope: string, proposalId: number): string {
  return `proposal/${proposalPath(scope, proposalId)}`
}

export function outcomeKey (scope: string, proposalId: number): string {
  return `outcome/${proposalPath(scope, proposalId)}`
}

/** The tables of votes: all of a session, or those that were kept when the others were pruned */
export type VoteTable = 'vote' | 'proof'

/** The tables with records of what belongs to a session */
export type SessionTable = VoteTable | 'evidence'

/** What the keys of a session's votes, or of its evidence, begin with */
export function votesKey (scope: string, proposalId: number, table: SessionTable = 'vote'): string {
  return `${table}/${proposalPath(scope, proposalId)}`
}

export function voteKey (scope: string, proposalId: number, position: number, table?: VoteTable): string {
  return `${votesKey(scope, proposalId, table)}/${hex(position, 8)}`
}

export function evidenceKey (scope: string, proposalId: number, owner: Uint8Array): string {
  return `${votesKey(scope, proposalId, 'evidence')}/${toString(owner, 'hex')}`
}

export function indexKey (index: OrderIndex, scope: string, place: bigint): string {
  return `${index}/${scopePath(scope)}/${hex(place, 16)}`
}

export function dayKey (scope: string, day: number, proposalId: number): string {
  return `${daysKey(scope, day)}/${hex(proposalId, 8)}`
}

export function doubleKey (scope: string, proposalId: number): string {
  return `double/${proposalPath(scope, proposalId)}`
}

/** What the keys of a day's sessions begin with */
export function daysKey (scope: string, day: number): string {
  return `${scopeIndexKey('day', scope)}/${hex(day, 12)}`
}

/** The day that a key of the table day is of */
export function dayOfKey (key: string): number {
  return Number.parseInt(key.split('/')[2], 16)
}

/** What the keys of a scope's sessions begin with */
export function scopeIndexKey (index: Index, scope: string): string {
  return `${index}/${scopePath(scope)}`
}

export function configKey (scope: string): string {
  return `config/${scopePath(scope)}`
}

export function policyKey (name: string): string {
  return `policy/${scopePath(name)}`
}

export function settingsKey (name: string): string {
  return `settings/${scopePath(name)}`
}

export function missedKey (scope: string): string {
  return `missed/${scopePath(scope)}`
}

/** What the keys of a scope's refused proposals begin with */
export function refusedPath (scope: string): string {
  return `refused/${scopePath(scope)}`
}

export function refusedKey (scope: string, proposalId: number): string {
  return `${refusedPath(scope)}/${hex(proposalId, 8)}`
}

export function lockKey (scope: string, proposalId: number, identity: Uint8Array, digest?: Uint8Array): string {
  return `lock/${proposalPath(scope, proposalId)}/${toString(identity, 'hex')}${digest == null ? '' : `/${toString(digest, 'hex')}`}`
}

export function counterKey (identity: Uint8Array): string {
  return `counter/${toString(identity, 'hex')}`
}

export function locksKey (identity: Uint8Array): string {
  return `locks/${toString(identity, 'hex')}`
}

export function provenKey (scope: string, voter: Uint8Array): string {
  return `${provenScopeKey(scope)}/${toString(voter, 'hex')}`
}

/** What the keys of what the voters of a scope have proven begin with */
export function provenScopeKey (scope: string): string {
  return `proven/${scopePath(scope)}`
}

/** The number that a vote's or an index's key ends with */
export function lastNumber (key: string): bigint {
  return BigInt(`0x${key.slice(key.lastIndexOf('/') + 1)}`)
}

/** The range of keys below a key */
export function within (key: string): { gt: string, lt: string } {
  return { gt: `${key}/`, lt: after(key) }
}

/** Sorts after a key and all below it */
export function after (key: string): string {
  return `${key}/${END}`
}

/** What a key is of */
export function parseKey (key: string): { kind: string, scope?: string, proposalId?: number } {
  const [kind, scope, ...rest] = key.split('/')
  const proposal = kind === 'day' ? rest[1] : rest[0]

  return {
    kind,
    ...scope == null || OF_IDENTITIES.has(kind) ? {} : { scope: decodeScope(scope) },
    ...OF_PROPOSALS.has(kind) && /^[0-9a-f]{8}$/.test(proposal ?? '') ? { proposalId: Number.parseInt(proposal, 16) } : {}
  }
}

/** A damaged key may hold anything */
function decodeScope (path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function proposalPath (scope: string, proposalId: number): string {
  return `${scopePath(scope)}/${hex(proposalId, 8)}`
}

/** Scope names may hold anything; encoded they hold no slash */
function scopePath (scope: string): string {
  let path = scopePaths.get(scope)

  if (path == null) {
    if (scopePaths.size === MAX_SCOPE_PATHS) {
      scopePaths.clear()
    }

    path = encodeURIComponent(scope)
    scopePaths.set(scope, path)
  }

  return path
}

function hex (value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
