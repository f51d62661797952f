/**
 * What the members of a scope agree on beforehand, and the digests that bind topics, proposals and votes to it.
 */

import { keccak_256 as keccak256 } from '@noble/hashes/sha3.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import canonicalize from 'canonicalize'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import * as z from 'zod'
import { checkDigest, show } from '../encoding/check.ts'
import { sha256 } from '../encoding/sha256.ts'
import { InvalidPolicyError } from '../errors.ts'
import { encodeProposal } from '../proposal/proposal.ts'
import { quorumOf } from '../rules/decision.ts'
import { parseThreshold } from '../rules/threshold.ts'
import { MAX_VOTER_NAME_LENGTH, nameKey, nameProblem } from './name-rules.ts'
import type { Proposal } from '../proposal/proposal.ts'

const POLICY_DOMAIN = fromString('libp2p-voting/policy/2')
const ANNOUNCEMENT_DOMAIN = fromString('libp2p-voting/announcement/1')
const PROPOSAL_DOMAIN = fromString('libp2p-voting/proposal/1')

const DEFAULT_THRESHOLD = '2/3'
const DEFAULT_TIMEOUT_SECONDS = 60
const DEFAULT_MIN_LIFETIME_SECONDS = 30
const DEFAULT_CLOCK_SKEW_SECONDS = 10

/** Where nodes vote automatically, people need time before they do */
const MIN_AUTO_VOTE_LIFETIME_SECONDS = 20

/** A proposal lives at most 30 days, so no default or minimum is longer */
export const MAX_LIFETIME_SECONDS = 30 * 24 * 60 * 60
export const MAX_VOTERS = 10_000

/** Fields that are not there, and why */
const RESERVED = new Map([
  ['weight', 'is reserved: all voters have one vote in this version, so leave it out']
])

/** Problems that an error names at most: a file may have millions */
export const MAX_PROBLEMS = 10

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-", and begin with a letter or digit')
const address = z.string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address: 0x and 40 hex digits')
  .refine(hasChecksum, 'has a wrong checksum (EIP-55), so it is mistyped: copy it again')
  .toLowerCase()
const voterName = z.string().superRefine((text, context) => {
  const problem = nameProblem(text)

  if (problem != null) {
    context.addIssue({ code: 'custom', message: problem })
  }
}).meta({ minLength: 1, maxLength: MAX_VOTER_NAME_LENGTH })
const namedVoter = strictObject({
  address: address.describe('Ethereum address'),
  name: voterName.nullable().default(null).describe('What people call the voter: 1 to 64 characters; null for nothing')
})
const voter = z.union([address, namedVoter], 'must be an address, or an object with an address and a name').transform(toVoter)
const voters = listOf(voter)
  .superRefine((list, context) => {
    findTwice(list, item => item.address, context)
    findTwice(list, item => item.name == null ? undefined : nameKey(item.name), context, item => `two voters ${show(item.name)}, or what people take for the same name,`)
  })
  .transform(list => list.sort((a, b) => a.address < b.address ? -1 : 1))
const proposers = listOf(address)
  .superRefine((list, context) => { findTwice(list, item => item, context) })
  .transform(list => list.sort())
const seconds = z.int().min(0).max(MAX_LIFETIME_SECONDS)
const threshold = z.union([z.number().meta({ exclusiveMinimum: 0, maximum: 1 }), z.string().meta({ pattern: '^(\\d{1,10}/\\d{1,10}|\\d{1,9}(\\.\\d+)?%?)$' })], 'must be a fraction like "2/3", a percentage like "60%" or a number like 0.6').transform((value, context) => {
  try {
    return parseThreshold(value)
  } catch (err: any) {
    context.addIssue({ code: 'custom', message: err.reason })

    return z.NEVER
  }
})

const policySchema = strictObject({
  version: z.literal(2, 'must be 2: policies of other versions are not read here').default(2).describe('Of the form of this file'),
  name: name.describe('Of the scope'),
  previous: z.string().regex(/^[0-9a-fA-F]{64}$/, 'must be a policy digest, 64 hex digits, or null').toLowerCase().nullable().default(null).describe('The digest of the policy that this one follows; null if it follows none'),
  decisionRule: z.enum(['quorum', 'reference', 'legacy']).default('quorum').describe('How votes become a result'),
  threshold: threshold.default(DEFAULT_THRESHOLD).describe('Share of the voters a side needs, more than 0 and at most 1: a fraction like "2/3", a percentage like "60%" or a number like 0.6'),
  voters: voters.nullable().default(null).describe('Those whose votes count, by address or by address and name; null for anybody').meta({ default: null }),
  proposers: proposers.nullable().default(null).describe('Ethereum addresses of those who may propose; null for the voters').meta({ default: null }),
  onSilence: z.enum(['none', 'yes', 'no', 'liveness']).default('none').describe('What the node of a voter who has not voted votes automatically: nothing, yes, no, or the side that the proposal says'),
  livenessCriteriaYes: z.boolean().nullable().default(null).describe('The liveness side of all proposals, true for yes; null if the proposer says it each time'),
  networkType: z.enum(['gossipsub', 'p2p']).default('gossipsub').describe('How rounds are counted in reference and legacy scopes'),
  defaultTimeoutSeconds: seconds.min(1).default(DEFAULT_TIMEOUT_SECONDS).describe('How long a proposal is open if the proposer does not say'),
  minLifetimeSeconds: seconds.default(DEFAULT_MIN_LIFETIME_SECONDS).describe('How long a proposal must at least be open'),
  clockSkewSeconds: seconds.default(DEFAULT_CLOCK_SKEW_SECONDS).describe('How far the clocks of the members may be apart'),
  // what the largest skew gives
  graceSeconds: z.int().min(0).max(2 * MAX_LIFETIME_SECONDS + 5).optional().describe('How long after the expiration votes are still waited for: at least twice clockSkewSeconds. Twice that and 5 more if left out')
})

/** An object without other fields than these */
function strictObject <T extends z.core.$ZodLooseShape> (shape: T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape, {
    error: ({ code, keys = [] }: { code?: string, keys?: string[] }): string | undefined => code !== 'unrecognized_keys'
      ? undefined
      : RESERVED.get(keys[0]) ?? `is not known here: known are ${Object.keys(shape).join(', ')}`
  })
}

function listOf <T extends z.ZodType> (item: T): z.ZodArray<T> {
  return z.array(item).min(1, 'must name at least one address, or be null').max(MAX_VOTERS)
}

function findTwice <T> (list: T[], keyOf: (item: T) => string | undefined, context: z.RefinementCtx<T[]>, wordsOf: (item: T) => string = item => `${keyOf(item)} twice,`): void {
  const places = new Map<string, number>()

  for (const [index, item] of list.entries()) {
    const key = keyOf(item)

    if (key == null) {
      continue
    }

    const first = places.get(key)

    if (first != null) {
      context.addIssue({ code: 'custom', message: `names ${wordsOf(item)} as number ${first + 1} and number ${index + 1} of the list` })
    }

    places.set(key, first ?? index)
  }
}

function toVoter (input: string | PolicyVoter): PolicyVoter {
  return typeof input === 'string' ? { address: input, name: null } : input
}

/** Whether the case of an address is that of its checksum (EIP-55); one case throughout carries none */
function hasChecksum (text: string): boolean {
  if (/^0x([0-9a-f]*|[0-9A-F]*)$/.test(text)) {
    return true
  }

  const digits = text.slice(2).toLowerCase()
  const hash = bytesToHex(keccak256(fromString(digits)))

  return Array.from(digits, (digit, index) => hash[index] >= '8' ? digit.toUpperCase() : digit).join('') === text.slice(2)
}

/**
 * JSON Schema (draft 2020-12) of a policy file, for editors and other languages. {@link parsePolicy} checks what it cannot
 * say, too: checksums of addresses, duplicates, and fields that depend on each other.
 */
export function policyJsonSchema (): object {
  return { title: 'Scope policy of libp2p-voting', ...z.toJSONSchema(policySchema, { io: 'input' }) }
}

/**
 * The rules of a scope. All members must have the same ones; see {@link policyDigest}.
 */
export interface ScopePolicy {
  version: 2
  /** `[a-z0-9][a-z0-9._-]{0,63}` */
  name: string
  /** The digest of the policy that this one follows, 64 lower-case hex digits; null if it follows none */
  previous: string | null
  decisionRule: 'quorum' | 'reference' | 'legacy'
  /** Share of the voters a side needs, more than 0 and at most 1: a fraction in lowest terms like "2/3" */
  threshold: string
  /** Those whose votes count, by ascending address; null if anybody's do */
  voters: PolicyVoter[] | null
  /** Addresses of those who may propose, lower-case and sorted; null for the voters */
  proposers: string[] | null
  /** What the node of a voter who has not voted votes automatically; `liveness` is the side that the proposal says */
  onSilence: 'none' | 'yes' | 'no' | 'liveness'
  /** The liveness side of all proposals; null if the proposer says it each time */
  livenessCriteriaYes: boolean | null
  /**
   * How rounds are counted in `reference` and `legacy` scopes. With `p2p` each vote is a round, and a proposal fails when the
   * rounds run out undecided, so that members who get the same votes in another order can end differently: use it only to
   * meet peers that do.
   */
  networkType: 'gossipsub' | 'p2p'
  /** How long a proposal is open if the proposer does not say */
  defaultTimeoutSeconds: number
  /** How long a proposal must at least be open */
  minLifetimeSeconds: number
  /** How far the members' clocks may be apart */
  clockSkewSeconds: number
  /** How long after the expiration votes are still waited for: at least twice the skew */
  graceSeconds: number
}

/** Somebody whose votes count */
export interface PolicyVoter {
  /** Lower-case */
  address: string
  /** What people call the voter, null for nothing */
  name: string | null
}

/**
 * A policy with only the fields that differ from their defaults. The threshold may also be a percentage like "60%" or a
 * number, and a voter an address.
 */
export type ScopePolicyInput = Partial<Omit<ScopePolicy, 'name' | 'threshold' | 'voters'>> & Pick<ScopePolicy, 'name'> & {
  threshold?: number | string
  voters?: Array<string | { address: string, name?: string | null }> | null
}

/**
 * Checks a policy as it comes from a file or a caller and fills in the defaults. Throws InvalidPolicyError with every
 * field that is wrong, why, and what is accepted.
 */
export function parsePolicy (input: unknown): ScopePolicy {
  const parsed = policySchema.safeParse(input)

  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, MAX_PROBLEMS).flatMap(issue => problemsOf(input, issue))
    const more = problems.length > MAX_PROBLEMS || parsed.error.issues.length > MAX_PROBLEMS ? '; and more' : ''

    throw new InvalidPolicyError(`The scope policy is not valid: ${problems.slice(0, MAX_PROBLEMS).join('; ')}${more}`, { cause: parsed.error })
  }

  const { graceSeconds = 2 * parsed.data.clockSkewSeconds + 5, ...policy } = parsed.data

  if (graceSeconds < 2 * policy.clockSkewSeconds) {
    throw new InvalidPolicyError(`The scope policy is not valid: graceSeconds: must be at least twice clockSkewSeconds, ${2 * policy.clockSkewSeconds}, got ${graceSeconds}`)
  }

  if (policy.minLifetimeSeconds > policy.defaultTimeoutSeconds) {
    throw new InvalidPolicyError(`The scope policy is not valid: defaultTimeoutSeconds: must be at least minLifetimeSeconds, ${policy.minLifetimeSeconds}, got ${policy.defaultTimeoutSeconds}`)
  }

  const problem = autoVoteProblem(policy)

  if (problem != null) {
    throw new InvalidPolicyError(`The scope policy is not valid: ${problem}`)
  }

  return { ...policy, graceSeconds }
}

/** The shortest life of proposals, in seconds, that a policy allows under which the nodes of silent voters vote */
export function minAutoVoteLifetime (clockSkewSeconds: number): number {
  return Math.max(4 * clockSkewSeconds, MIN_AUTO_VOTE_LIFETIME_SECONDS)
}

/** Why the nodes of silent voters cannot vote under a policy that asks for it, in words */
function autoVoteProblem ({ onSilence, voters, clockSkewSeconds, minLifetimeSeconds }: Pick<ScopePolicy, 'onSilence' | 'voters' | 'clockSkewSeconds' | 'minLifetimeSeconds'>): string | undefined {
  const least = minAutoVoteLifetime(clockSkewSeconds)

  if (onSilence === 'none') {
    return
  }

  if (voters == null) {
    return `voters: must list the voters where onSilence is "${onSilence}", got null`
  }

  if (minLifetimeSeconds < least) {
    return `minLifetimeSeconds: must be at least ${least} where onSilence is "${onSilence}", so that people can vote before their nodes do: four times clockSkewSeconds, and at least ${MIN_AUTO_VOTE_LIFETIME_SECONDS}. Got ${minLifetimeSeconds}`
  }
}

/** What is wrong with a value, a field at a time. Of a union it is what is wrong with it as the type that it has. */
function problemsOf (input: unknown, issue: z.core.$ZodIssue, path = issue.path): string[] {
  const value = valueAt(input, path)

  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_PROBLEMS + 1).map(key => `${[...path.map(String), show(key)].join('.')}: ${issue.message}`)
  }

  if (issue.code === 'invalid_union') {
    const ofType = issue.errors.find(issues => issues.length > 0 && !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0))

    if (ofType != null) {
      return ofType.flatMap(inner => problemsOf(input, inner, [...path, ...inner.path]))
    }
  }

  return [problemOf(issue, path, value)]
}

function problemOf (issue: z.core.$ZodIssue, path: PropertyKey[], value: unknown): string {
  const message = issue.code === 'invalid_type' ? `must be of type ${issue.expected}` : issue.message

  if (path.length === 0) {
    return issue.code === 'invalid_type' ? `${message}, got ${show(value)}` : message
  }

  return value === undefined ? `${path.join('.')} is missing` : `${path.join('.')}: ${message}${message.includes(', got ') ? '' : `, got ${show(value)}`}`
}

function valueAt (input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<any>((value, key) => value?.[key], input)
}

/**
 * The canonical form of a policy: RFC 8785 JSON of the object with every field present, as UTF-8
 */
export function canonicalPolicy (policy: ScopePolicy): Uint8Array {
  return encodeCanonical(parsePolicy(policy))
}

/**
 * Returns what tells policies apart: SHA-256 over `libp2p-voting/policy/2`, Keccak-256 of the voters' addresses in ascending
 * order, their number, the votes of a quorum (both 4 bytes, big-endian) and SHA-256 of the canonical form. So a contract can
 * check voters and quorum without reading JSON. In an open scope there are no addresses, and both numbers are 0. 32 bytes.
 */
export function policyDigest (policy: ScopePolicy): Uint8Array {
  const parsed = parsePolicy(policy)
  const { voters, threshold } = parsed
  const addresses = concat((voters ?? []).map(({ address }) => hexToBytes(address.slice(2))))
  const numbers = new Uint8Array(8)
  const view = new DataView(numbers.buffer)

  if (voters != null) {
    view.setUint32(0, voters.length)
    view.setUint32(4, quorumOf(voters.length, threshold))
  }

  return sha256(concat([POLICY_DOMAIN, keccak256(addresses), numbers, sha256(encodeCanonical(parsed))]))
}

function encodeCanonical (policy: ScopePolicy): Uint8Array {
  return fromString(canonicalize(policy) as string)
}

/**
 * The proposal digest D, what a proposal is under one policy: SHA-256 over `libp2p-voting/proposal/1`, the policy
 * digest, and the canonical proposal with id 0, round 0 and no votes. 32 bytes.
 */
export function proposalDigest (digest: Uint8Array, proposal: Omit<Proposal, 'votes' | 'round'>): Uint8Array {
  checkDigest('digest', digest)

  return sha256(concat([PROPOSAL_DOMAIN, digest, encodeProposal({ ...proposal, proposalId: 0, round: 0, votes: [] })]))
}

/**
 * The id of a proposal in `quorum` scopes: the first 4 bytes of its digest, big-endian. So nobody can take the id of another
 * proposal without trying billions of them.
 */
export function proposalIdOf (digest: Uint8Array): number {
  checkDigest('digest', digest)

  return new DataView(digest.buffer, digest.byteOffset).getUint32(0)
}

/**
 * What the owner of a proposal signs when it is announced. In `quorum` scopes that is the proposal digest, from which the
 * id follows. In the others ids are random: there it is SHA-256 over `libp2p-voting/announcement/1`, the proposal digest
 * and the id (4 bytes, big-endian), so that nobody can announce a proposal again under another id. 32 bytes.
 *
 * @param ofPolicy - the policy digest, where it is there already: making it takes the time of thousands of these
 */
export function announcementDigest (policy: ScopePolicy, proposal: Omit<Proposal, 'votes' | 'round'>, ofPolicy = policyDigest(policy)): Uint8Array {
  const digest = proposalDigest(ofPolicy, proposal)

  if (policy.decisionRule === 'quorum') {
    return digest
  }

  const id = new Uint8Array(4)
  new DataView(id.buffer).setUint32(0, proposal.proposalId)

  return sha256(concat([ANNOUNCEMENT_DOMAIN, digest, id]))
}
