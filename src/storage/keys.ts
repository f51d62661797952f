/**
 * The keys of a store: `table/scope/proposal/…`, which sort by scope, then proposal, then order of arrival.
 *
 * | table | key | value |
 * |---|---|---|
 * | schema | | SchemaRecord |
 * | session | scope/proposal | SessionRecord |
 * | vote | scope/proposal/position | canonical vote |
 * | order | scope/place in the order the sessions were first stored | proposal id |
 * | active | scope/place, of the active sessions | proposal id |
 * | config | scope | ScopeConfigRecord |
 * | policy | scope name | canonical policy |
 * | settings | scope name | ScopeSettingsRecord |
 * | lock | scope/proposal/identity | the canonical vote, unsigned, that the identity is bound to |
 */

import { toString } from 'uint8arrays/to-string'

/** Sorts after every key that begins with what it follows */
const END = '\xff'

export const SCHEMA_KEY = 'schema'

/** The tables that list the sessions of a scope in the order they were first stored */
export type Index = 'order' | 'active'

export interface Range {
  gt?: string
  gte?: string
  lt?: string
  lte?: string
  limit?: number
  reverse?: boolean
}

export function sessionKey (scope: string, proposalId: number): string {
  return `session/${proposalPath(scope, proposalId)}`
}

/** What the keys of a session's votes begin with */
export function votesKey (scope: string, proposalId: number): string {
  return `vote/${proposalPath(scope, proposalId)}`
}

export function voteKey (scope: string, proposalId: number, position: number): string {
  return `${votesKey(scope, proposalId)}/${hex(position, 8)}`
}

export function indexKey (index: Index, scope: string, place: bigint): string {
  return `${index}/${scopePath(scope)}/${hex(place, 16)}`
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

export function lockKey (scope: string, proposalId: number, identity: Uint8Array): string {
  return `lock/${proposalPath(scope, proposalId)}/${toString(identity, 'hex')}`
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
  const [kind, scope, proposal] = key.split('/')
  const hasProposal = kind === 'session' || kind === 'vote' || kind === 'lock'

  return {
    kind,
    ...scope == null ? {} : { scope: decodeScope(scope) },
    ...hasProposal && /^[0-9a-f]{8}$/.test(proposal ?? '') ? { proposalId: Number.parseInt(proposal, 16) } : {}
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
  return encodeURIComponent(scope)
}

function hex (value: number | bigint, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
