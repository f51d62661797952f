/**
 * Evidence as a file that anybody can check: the two votes, with the proposal they were cast on and the policy it was made under.
 * Without these nobody could tell that the votes are of a voter, and on what. When they were cast makes no difference.
 */

import { equals } from 'uint8arrays/equals'
import { EvidenceProof as EvidenceProofMessage } from '../../pb/certificate.ts'
import { checkBytes, checkDigest, checkObject } from '../encoding/check.ts'
import { encodeMessage } from '../encoding/encode.ts'
import { ConsensusError, ProofUnavailableError } from '../errors.ts'
import { parsePolicy } from '../policy/policy.ts'
import { voterNames } from '../policy/voter-names.ts'
import { decodeCanonical, encodeVote } from '../vote/vote.ts'
import { checkEvidence } from './evidence.ts'
import { subjectToJson, voteToJson } from './proof-json.ts'
import { checkingEvidence, encodeSubject, MAX_PROOF_LENGTH, readSubject, readVote, verifySignatures } from './proof.ts'
import type { Evidence } from './evidence.ts'
import type { SubjectJson, VoteJson } from './proof-json.ts'
import type { ProofSubject, VerifyOptions } from './proof.ts'
import type { ScopePolicy } from '../policy/policy.ts'
import type { ConsensusSession } from '../session/session.ts'
import type { SignatureScheme } from '../signing.ts'

/** What an evidence file says */
export interface EvidenceProof extends ProofSubject {
  /** Who has voted both ways */
  owner: Uint8Array
  evidence: Evidence
}

/**
 * The evidence against a voter as a file, in its one encoding.
 *
 * @param session - of the proposal that the votes were cast on
 * @param policy - of its scope
 * @param evidence - see `evidenceAgainst`
 * @throws {ProofUnavailableError} | {InvalidEvidenceError}
 */
export function makeEvidenceProof (session: ConsensusSession, policy: ScopePolicy, evidence: Evidence): Uint8Array {
  const subject = encodeSubject(session, parsePolicy(policy))

  checkEvidence(evidence)

  const { first, second } = evidence

  if (!equals(first.parentHash, session.digest as Uint8Array)) {
    throw new ProofUnavailableError('The evidence is about another proposal', { proposalId: session.proposal.proposalId, owner: first.voteOwner })
  }

  return encodeProof({ ...subject, first: encodeVote(first) as Uint8Array<ArrayBuffer>, second: encodeVote(second) as Uint8Array<ArrayBuffer> })
}

/**
 * Checks an evidence file: that it is of the policy with this digest, and that a voter of this scope has voted both ways.
 *
 * @throws {TypeError} if there is no policy digest: anybody can make a policy with anybody's key among its voters. See
 * {@link inspectEvidenceProof}.
 * @throws {InvalidEvidenceError} with the reason
 * @throws {VerifierUnavailableError} if the scheme cannot tell now
 */
export async function verifyEvidenceProof (bytes: Uint8Array, options: VerifyOptions): Promise<EvidenceProof> {
  checkObject('options', options)
  checkDigest('options.policyDigest', options.policyDigest)

  return readProof(bytes, options.scheme, options.policyDigest)
}

/** As {@link verifyEvidenceProof}, but leaves it to the caller to compare the policy digest with one that can be trusted */
export async function inspectEvidenceProof (bytes: Uint8Array, { scheme }: Pick<VerifyOptions, 'scheme'>): Promise<EvidenceProof> {
  return readProof(bytes, scheme)
}

async function readProof (bytes: Uint8Array, scheme: SignatureScheme, expected?: Uint8Array): Promise<EvidenceProof> {
  checkBytes('bytes', bytes)

  return checkingEvidence(async () => {
    if (bytes.byteLength > MAX_PROOF_LENGTH) {
      throw new ConsensusError(`it has ${bytes.byteLength} bytes, and none has more than ${MAX_PROOF_LENGTH}`)
    }

    const message = decodeCanonical(bytes, 'evidence', EvidenceProofMessage.decode, encodeProof)
    const subject = readSubject(message, expected)
    const evidence = { first: readVote(subject, message.first), second: readVote(subject, message.second) }

    checkEvidence(evidence)
    await verifySignatures(subject, [evidence.first, evidence.second], scheme)

    const { rules, ...proved } = subject

    return { ...proved, owner: evidence.first.voteOwner, evidence }
  })
}

function encodeProof (message: EvidenceProofMessage): Uint8Array {
  return encodeMessage(EvidenceProofMessage.codec(), message)
}

/** An evidence file as JSON, for reading. Times are Unix seconds, bytes are 0x and hex digits. */
export interface EvidenceProofJson extends SubjectJson {
  type: 'evidence'
  /** Who has voted both ways */
  voter: string
  /** What the policy calls the voter; absent where it has no name */
  name?: string
  votes: VoteJson[]
}

/** What an evidence file says, for reading: nobody can check it in this form */
export function evidenceProofToJson (proof: EvidenceProof): EvidenceProofJson {
  const nameOf = voterNames(proof.policy)
  const votes = [proof.evidence.first, proof.evidence.second].map(vote => voteToJson(vote, nameOf))
  const [{ voter, name }] = votes

  return { type: 'evidence', ...subjectToJson(proof), voter, ...name == null ? {} : { name }, votes }
}
