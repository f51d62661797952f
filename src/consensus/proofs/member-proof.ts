/**
 * Proofs that a peer holds the key of a voter: what is signed, and what makes one valid. Who has which proofs is kept in
 * `network/members`.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { fromString } from 'uint8arrays/from-string'
import { checkBytes, checkDigest } from '../encoding/check.ts'
import { SignatureSchemeError } from '../errors.ts'
import { voterProblem } from '../policy/scope-rules.ts'
import { LOCK_MARK_LENGTH, MAX_LOCK_COUNT } from '../vote/lock-counter.ts'
import type { ScopeRules } from '../policy/scope-rules.ts'
import type { ConsensusSigner, SignatureScheme } from '../signing.ts'

const DAY_SECONDS = 24n * 60n * 60n

/** A proof is valid for at most this long, in seconds */
export const MAX_PROOF_SECONDS = 30n * DAY_SECONDS

/** The clock of the signing peer may be ahead of ours by this much, in seconds */
export const MAX_PROOF_AHEAD_SECONDS = DAY_SECONDS

/** Proofs of one voter that are kept, and given back in a hello, at most */
export const MAX_HELD_PROOFS = 8

/** What a voter says of itself when it proves that a peer has its key */
export interface MemberClaim {
  /** Identity of the voter */
  voter: Uint8Array
  /** Unix seconds */
  issued: bigint
  /** Unix seconds; at most 30 days after {@link issued} */
  expires: bigint
  /** How often the voter's locks have changed, less than 2^53 */
  count: bigint
  /** Random bytes that are new with each change of the locks, {@link LOCK_MARK_LENGTH} of them */
  mark: Uint8Array
}

export interface MemberProof extends MemberClaim {
  /** The voter's, over {@link memberText} */
  signature: Uint8Array
}

/** A proof that is kept after its peer is gone */
export interface HeldProof {
  proof: MemberProof
  /** Peer id that the proof names, as text */
  peer: string
}

/** What a proof is bound to besides its own fields: where it is used these are known */
export interface MemberSubject {
  /** Name of the scope */
  scope: string
  /** The policy digest, 32 bytes */
  digest: Uint8Array
  /** Peer id of the peer that has the key, as text */
  peer: string
}

/**
 * What the voter signs, as UTF-8: lines that a wallet can show to a person
 */
export function memberText ({ scope, digest, peer }: MemberSubject, { issued, expires, count, mark }: MemberClaim): Uint8Array {
  checkDigest('digest', digest)

  return fromString([
    'libp2p-voting member',
    `scope: ${scope}`,
    `policy: ${bytesToHex(digest)}`,
    `peer: ${peer}`,
    `issued: ${issued}`,
    `expires: ${expires}`,
    `locks: ${count} ${bytesToHex(mark)}`
  ].join('\n'))
}

/**
 * Signs that the signer's voter has its key at a peer
 */
export async function signMemberProof (signer: ConsensusSigner, subject: MemberSubject, claim: Omit<MemberClaim, 'voter'>): Promise<MemberProof> {
  checkBytes('mark', claim.mark)

  const { issued, expires, count, mark } = claim
  const unsigned = { voter: signer.identity, issued, expires, count, mark }

  return { ...unsigned, signature: await signer.sign(memberText(subject, unsigned)) }
}

/**
 * Returns what is wrong with the form of a proof, in words, or undefined if nothing is. It depends on the proof and the policy
 * alone, so that no honest peer sends one that has a problem.
 */
export function memberProofProblem (rules: ScopeRules, { voter, issued, expires, count, mark }: MemberProof): string | undefined {
  if (mark.byteLength !== LOCK_MARK_LENGTH) {
    return `its mark must be ${LOCK_MARK_LENGTH} bytes, got ${mark.byteLength}`
  }

  if (count > MAX_LOCK_COUNT) {
    return `its count must be less than 2^53, got ${count}`
  }

  if (expires <= issued || expires > issued + MAX_PROOF_SECONDS) {
    return `it must expire at most 30 days after it was issued, got ${issued} and ${expires}`
  }

  return rules.voters == null ? 'the scope has no voter list' : voterProblem(rules, voter)
}

/**
 * Whether a proof is neither expired nor from the future
 *
 * @param now - Unix seconds
 * @param skew - how far the members' clocks may be apart, in seconds
 */
export function isCurrent (claim: MemberClaim, now: bigint, skew: number): boolean {
  return claim.issued <= now + MAX_PROOF_AHEAD_SECONDS && now - BigInt(skew) < claim.expires
}

/**
 * Whether the voter has signed the proof for this peer, scope and policy
 *
 * @throws {VerifierUnavailableError} if it cannot be told now
 */
export async function verifyMemberProof (scheme: SignatureScheme, subject: MemberSubject, proof: MemberProof): Promise<boolean> {
  try {
    return await scheme.verify(proof.voter, memberText(subject, proof), proof.signature)
  } catch (err) {
    // no key could have made it
    if (err instanceof SignatureSchemeError) {
      return false
    }

    throw err
  }
}

/** Positive if the first proof is higher by (count, issued), negative if the second is, 0 if neither */
export function compareProofs (a: MemberClaim, b: MemberClaim): number {
  return Number(a.count - b.count) || Number(a.issued - b.issued)
}
