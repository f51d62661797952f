/**
 * What the proofs that anybody can check have in common: a policy, a proposal under it, and votes that were cast on that. All
 * of it in canonical form, so that what is proved has one encoding, and whatever is changed makes it fail.
 */

import { equals } from 'uint8arrays/equals'
import { parseJson } from '../encoding/json.ts'
import { ConsensusError, InvalidCertificateError, InvalidEvidenceError, InvalidProofError, ProofUnavailableError } from '../errors.ts'
import { canonicalPolicy, parsePolicy, policyDigest, proposalDigest } from '../policy/policy.ts'
import { proposalProblem, scopeRules, voteProblem } from '../policy/scope-rules.ts'
import { isSigned } from '../proposal/announcement.ts'
import { decodeProposal, encodeProposal } from '../proposal/proposal.ts'
import { checkBound, decodeVote, verifyVote } from '../vote/vote.ts'
import type { ScopePolicy } from '../policy/policy.ts'
import type { ScopeRules } from '../policy/scope-rules.ts'
import type { Proposal } from '../proposal/proposal.ts'
import type { ConsensusSession } from '../session/session.ts'
import type { SignatureScheme } from '../signing.ts'
import type { Vote } from '../vote/vote.ts'

/** Bytes of a proof: one is shorter where 10,000 voters with the longest names may vote */
export const MAX_PROOF_LENGTH = 8 * 1024 * 1024

export type ProofKind = 'certificate' | 'evidence'

/** What a proof is about */
export interface ProofSubject {
  policy: ScopePolicy
  /** 32 bytes */
  policyDigest: Uint8Array
  /** As it was announced: round 1, without votes */
  proposal: Proposal
  /** The proposal digest, to which the votes are bound: 32 bytes */
  digest: Uint8Array
  /** The proposer's, of the announcement */
  signature: Uint8Array
}

/** The fields that make up a subject on the wire */
export interface EncodedSubject {
  policy: Uint8Array<ArrayBuffer>
  proposal: Uint8Array<ArrayBuffer>
  signature: Uint8Array<ArrayBuffer>
}

/** A subject that is being checked. Its proposer's signature is not, yet: those come last. */
export interface ReadSubject extends ProofSubject {
  rules: ScopeRules
}

/** Tags of the fields that proofs begin with */
const FIRST_BYTES: Record<number, ProofKind> = { 0x0a: 'certificate', 0x5a: 'evidence' }

/** What JSON begins with */
const BRACE = 0x7b

/**
 * What a file is, if it is a proof
 *
 * @throws {InvalidProofError}
 */
export function proofKind (bytes: Uint8Array): ProofKind {
  const kind = FIRST_BYTES[bytes[0]]

  if (bytes[0] === BRACE) {
    throw new InvalidProofError('This is JSON, which is for reading and proves nothing: the proof is the file that is written without asking for JSON')
  }

  if (kind == null) {
    throw new InvalidProofError(bytes.byteLength === 0 ? 'The proof is empty' : 'This is neither a certificate nor evidence')
  }

  return kind
}

/**
 * What is put into a proof about a session.
 *
 * @throws {ProofUnavailableError}
 */
export function encodeSubject ({ proposal, digest, config, signature }: ConsensusSession, policy: ScopePolicy): EncodedSubject {
  const { proposalId } = proposal

  if (digest == null) {
    throw new ProofUnavailableError(`Under the decision rule "${config.decisionRule}" votes are not bound to what a proposal says, so they prove nothing`, { proposalId })
  }

  if (config.policyDigest == null || !equals(config.policyDigest, policyDigest(policy))) {
    throw new ProofUnavailableError('The proposal was voted on under another policy than this', { proposalId })
  }

  if (signature == null || signature.byteLength === 0) {
    throw new ProofUnavailableError('The proposer\'s signature of the announcement is not there', { proposalId })
  }

  return {
    policy: canonicalPolicy(policy) as Uint8Array<ArrayBuffer>,
    proposal: encodeProposal({ ...proposal, round: 0, votes: [] }) as Uint8Array<ArrayBuffer>,
    signature: signature as Uint8Array<ArrayBuffer>
  }
}

/**
 * Reads the subject of a proof, and checks all of it but the signature. Throws a ConsensusError that says what is wrong.
 *
 * @param fields - as they are in the file
 * @param expected - the policy digest it must have, 32 bytes, if it is known
 */
export function readSubject (fields: EncodedSubject, expected?: Uint8Array): ReadSubject {
  const policy = readPolicy(fields.policy)
  const ofPolicy = policyDigest(policy)

  if (expected != null && !equals(ofPolicy, expected)) {
    throw new ConsensusError(`it is of another policy, of the scope "${policy.name}"`)
  }

  if (policy.decisionRule !== 'quorum') {
    throw new ConsensusError(`its policy has the decision rule "${policy.decisionRule}", under which votes prove nothing`)
  }

  const rules = scopeRules(policy, ofPolicy)
  const decoded = decodeProposal(fields.proposal)

  if (decoded.round !== 0) {
    throw new ConsensusError(`its proposal must have round 0, got ${decoded.round}`)
  }

  const proposal = { ...decoded, round: 1 }
  const problem = proposalProblem(rules, proposal)

  if (problem != null) {
    throw new ConsensusError(`its proposal is not valid: ${problem}`)
  }

  return { policy, policyDigest: ofPolicy, proposal, digest: proposalDigest(ofPolicy, proposal), signature: fields.signature, rules }
}

function readPolicy (bytes: Uint8Array): ScopePolicy {
  let policy: ScopePolicy

  try {
    policy = parsePolicy(parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)))
  } catch (err: any) {
    throw new ConsensusError(`its policy cannot be read: ${err.message}`, { cause: err })
  }

  if (!equals(canonicalPolicy(policy), bytes)) {
    throw new ConsensusError('its policy is not in its canonical form')
  }

  return policy
}

/** Reads a vote, and checks all of it but when it was cast, the hash and the signature. Throws a ConsensusError that says what is wrong. */
export function readVote ({ rules, digest }: ReadSubject, encoded: Uint8Array): Vote {
  const vote = decodeVote(encoded)
  const about = { proposalId: vote.proposalId, owner: vote.voteOwner }
  const problem = voteProblem(rules, vote)

  if (problem != null) {
    throw new ConsensusError(problem, about)
  }

  // which the id follows from
  checkBound(vote, digest)

  return vote
}

/**
 * The signatures of a proof, and the hashes of its votes. Throws a ConsensusError that says what is wrong, and
 * VerifierUnavailableError if it cannot be told now.
 */
export async function verifySignatures ({ rules, proposal, signature }: ReadSubject, votes: readonly Vote[], scheme: SignatureScheme): Promise<void> {
  if (!await isSigned(scheme, rules, { proposal, signature })) {
    throw new ConsensusError('its proposal is not signed by its owner')
  }

  for (const vote of votes) {
    await verifyVote(vote, scheme)
  }
}

/** Does a check of a certificate, and turns what it finds into the error that says so */
export async function checkingCertificate <T> (check: () => T | Promise<T>): Promise<T> {
  return checking(check, (reason, context) => new InvalidCertificateError(`The certificate is not valid: ${reason}`, context))
}

/** Does a check of evidence, and turns what it finds into the error that says so */
export async function checkingEvidence <T> (check: () => T | Promise<T>): Promise<T> {
  return checking(check, (reason, context) => new InvalidEvidenceError(`The evidence is not valid: ${reason}`, context))
}

async function checking <T> (check: () => T | Promise<T>, toError: (reason: string, context: ErrorOptions & Pick<ConsensusError, 'proposalId' | 'owner'>) => Error): Promise<T> {
  try {
    return await check()
  } catch (err) {
    if (err instanceof ConsensusError) {
      throw toError(err.reason, { cause: err, proposalId: err.proposalId, owner: err.owner })
    }

    throw err
  }
}

/** The policy digest that a check must be given, 32 bytes; a proof brings its own policy, which anybody can make */
export interface VerifyOptions {
  policyDigest: Uint8Array
  /** Verifies signatures */
  scheme: SignatureScheme
}
