/**
 * What the members of a scope agree on beforehand, and the digests that bind topics, proposals and votes to it.
 */

import canonicalize from 'canonicalize'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { isAddress } from 'viem/utils'
import * as z from 'zod'
import { checkDigest, show } from './check.ts'
import { InvalidPolicyError } from './errors.ts'
import { encodeProposal } from './proposal.ts'
import { sha256 } from './sha256.ts'
import type { Proposal } from './proposal.ts'

const POLICY_DOMAIN = fromString('libp2p-voting/policy/1')
const ANNOUNCEMENT_DOMAIN = fromString('libp2p-voting/announcement/1')
const PROPOSAL_DOMAIN = fromString('libp2p-voting/proposal/1')

const DEFAULT_TIMEOUT_SECONDS = 60
const DEFAULT_MIN_LIFETIME_SECONDS = 30
const DEFAULT_CLOCK_SKEW_SECONDS = 10

/** A proposal lives at most 30 days, so no default or minimum is longer */
export const MAX_LIFETIME_SECONDS = 30 * 24 * 60 * 60
export const MAX_VOTERS = 10_000

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-", and begin with a letter or digit')
const address = z.string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address: 0x and 40 hex digits')
  // one case throughout carries no checksum
  .refine(text => /^0x([0-9a-f]*|[0-9A-F]*)$/.test(text) || isAddress(text), 'has a wrong checksum (EIP-55), so it is mistyped: copy it again')
  .toLowerCase()
const addresses = z.array(address).min(1, 'must name at least one address, or be null').max(MAX_VOTERS)
  .superRefine((list, context) => {
    const places = new Map<string, number>()

    for (const [index, item] of list.entries()) {
      const first = places.get(item)

      if (first != null) {
        context.addIssue({ code: 'custom', message: `names ${item} twice, as number ${first + 1} and number ${index + 1} of the list` })
      }

      places.set(item, first ?? index)
    }
  })
  .transform(list => list.sort())
const seconds = z.int().min(0).max(MAX_LIFETIME_SECONDS)
const fraction = z.string().regex(/^\d{1,9}\/\d{1,9}$/, 'must be a number, or a fraction like "2/3"').transform(text => {
  const [numerator, denominator] = text.split('/').map(Number)

  return numerator / denominator
})
const threshold = z.union([z.number(), fraction], 'must be a number, or a fraction like "2/3"')
  .refine(value => value > 0 && value <= 1, 'must be more than 0 and at most 1')

function knownFields (): string[] {
  return Object.keys(policySchema.shape)
}

const policySchema = z.strictObject({
  version: z.literal(1).default(1).describe('Of the form of this file'),
  name: name.describe('Of the scope'),
  decisionRule: z.enum(['quorum', 'reference', 'legacy']).default('quorum').describe('How votes become a result'),
  threshold: threshold.default(2 / 3).describe('Share of the voters a side needs: more than 0 and at most 1, or a fraction like "2/3"').meta({ default: '2/3' }),
  voters: addresses.nullable().default(null).describe('Ethereum addresses of those whose votes count; null for anybody').meta({ default: null }),
  proposers: addresses.nullable().default(null).describe('Ethereum addresses of those who may propose; null for the voters').meta({ default: null }),
  livenessCriteriaYes: z.boolean().nullable().default(null).describe('The liveness side of all proposals, true for yes; null if the proposer says it each time'),
  networkType: z.enum(['gossipsub', 'p2p']).default('gossipsub').describe('How rounds are counted in reference and legacy scopes'),
  defaultTimeoutSeconds: seconds.min(1).default(DEFAULT_TIMEOUT_SECONDS).describe('How long a proposal is open if the proposer does not say'),
  minLifetimeSeconds: seconds.default(DEFAULT_MIN_LIFETIME_SECONDS).describe('How long a proposal must at least be open'),
  clockSkewSeconds: seconds.default(DEFAULT_CLOCK_SKEW_SECONDS).describe('How far the clocks of the members may be apart'),
  // what the largest skew gives
  graceSeconds: z.int().min(0).max(2 * MAX_LIFETIME_SECONDS + 5).optional().describe('How long after the expiration votes are still waited for: at least twice clockSkewSeconds. Twice that and 5 more if left out'),
  onSilence: z.enum(['none', 'yes', 'no']).default('none').describe('What a node votes by itself when its operator has not')
}, {
  error: ({ code }): string | undefined => code === 'unrecognized_keys' ? `is not known here: known are ${knownFields().join(', ')}` : undefined
})

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
  version: 1
  /** `[a-z0-9][a-z0-9._-]{0,63}` */
  name: string
  decisionRule: 'quorum' | 'reference' | 'legacy'
  /** Share of the voters a side needs: more than 0, at most 1 */
  threshold: number
  /** Addresses of those whose votes count, lower-case and sorted; null if anybody's do */
  voters: string[] | null
  /** Addresses of those who may propose, lower-case and sorted; null for the voters */
  proposers: string[] | null
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
  /** What a node votes by itself when its operator has not */
  onSilence: 'none' | 'yes' | 'no'
}

/** A policy with only the fields that are not to have their default; the threshold may be a fraction like "2/3" */
export type ScopePolicyInput = Partial<Omit<ScopePolicy, 'name' | 'threshold'>> & Pick<ScopePolicy, 'name'> & { threshold?: number | string }

/**
 * Checks a policy as it comes from a file or a caller and fills in the defaults. Throws InvalidPolicyError with every
 * field that is wrong, why, and what is accepted.
 */
export function parsePolicy (input: unknown): ScopePolicy {
  const parsed = policySchema.safeParse(input)

  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap(issue => issue.code === 'unrecognized_keys'
      ? issue.keys.map(key => `${show(key)}: ${issue.message}`)
      : problemOf(issue, valueAt(input, issue.path)))

    throw new InvalidPolicyError(`The scope policy is not valid: ${problems.join('; ')}`, { cause: parsed.error })
  }

  const { graceSeconds = 2 * parsed.data.clockSkewSeconds + 5, ...policy } = parsed.data

  if (graceSeconds < 2 * policy.clockSkewSeconds) {
    throw new InvalidPolicyError(`The scope policy is not valid: graceSeconds: must be at least twice clockSkewSeconds, ${2 * policy.clockSkewSeconds}, got ${graceSeconds}`)
  }

  if (policy.minLifetimeSeconds > policy.defaultTimeoutSeconds) {
    throw new InvalidPolicyError(`The scope policy is not valid: defaultTimeoutSeconds: must be at least minLifetimeSeconds, ${policy.minLifetimeSeconds}, got ${policy.defaultTimeoutSeconds}`)
  }

  return { ...policy, graceSeconds }
}

function problemOf (issue: z.core.$ZodIssue, value: unknown): string {
  const { path } = issue
  const message = issue.code === 'invalid_type' ? `must be of type ${issue.expected}` : issue.message

  if (path.length === 0) {
    return issue.code === 'invalid_type' ? `${message}, got ${show(value)}` : message
  }

  return value === undefined ? `${path.join('.')} is missing` : `${path.join('.')}: ${message}, got ${show(value)}`
}

function valueAt (input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<any>((value, key) => value?.[key], input)
}

/**
 * The canonical form of a policy: RFC 8785 JSON of the object with every field present, as UTF-8
 */
export function canonicalPolicy (policy: ScopePolicy): Uint8Array {
  const json = canonicalize(parsePolicy(policy))

  return fromString(json as string)
}

/**
 * What tells policies apart: SHA-256 over `libp2p-voting/policy/1` and the canonical form. 32 bytes.
 */
export function policyDigest (policy: ScopePolicy): Uint8Array {
  return sha256(concat([POLICY_DOMAIN, canonicalPolicy(policy)]))
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
