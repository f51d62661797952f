/**
 * Proof that a scope has decided a proposal, which anybody can check who knows the scope's policy by its digest: the policy,
 * the proposal, and the votes of a quorum. Only under `quorum`, and where the voters are listed: of those who are not, anybody
 * can make as many as it takes.
 */

import { compare } from 'uint8arrays/compare'
import { equals } from 'uint8arrays/equals'
import { Certificate as CertificateMessage } from '../../pb/certificate.ts'
import { checkBytes, checkDigest, checkObject } from '../encoding/check.ts'
import { encodeMessage } from '../encoding/encode.ts'
import { ConsensusError, ProofUnavailableError } from '../errors.ts'
import { MAX_VOTERS, parsePolicy } from '../policy/policy.ts'
import { scopeRules, untimelyProblem, voterProblem } from '../policy/scope-rules.ts'
import { voterNames } from '../policy/voter-names.ts'
import { quorumOf } from '../rules/decision.ts'
import { quorumVotes } from '../vote/quorum-votes.ts'
import { decodeCanonical } from '../vote/vote.ts'
import { subjectToJson, voteToJson } from './proof-json.ts'
import { checkingCertificate, encodeSubject, MAX_PROOF_LENGTH, readSubject, readVote, verifySignatures } from './proof.ts'
import type { SubjectJson, VoteJson } from './proof-json.ts'
import type { ProofSubject, ReadSubject, VerifyOptions } from './proof.ts'
import type { ScopePolicy } from '../policy/policy.ts'
import type { ConsensusSession } from '../session/session.ts'
import type { SignatureScheme } from '../signing.ts'
import type { Vote } from '../vote/vote.ts'

/**
 * What a certificate says
 */
export interface Certificate extends ProofSubject {
  /** true is yes */
  result: boolean
  /** As many as a quorum is, one an owner, by ascending owner */
  votes: Vote[]
}

/**
 * The certificate of a decided proposal, in its one encoding. From equal votes everybody makes equal bytes; who has other votes
 * may make another certificate of the same result, which is as good. Not every vote need be kept for it, see `pruneVotes`.
 *
 * @param session - with a result
 * @param policy - of its scope
 * @throws {ProofUnavailableError} with the reason why there is none
 */
export function makeCertificate (session: ConsensusSession, policy: ScopePolicy): Uint8Array {
  const { proposal: { proposalId }, state, result } = session
  const subject = encodeSubject(session, parsePolicy(policy))

  if (policy.voters == null) {
    throw new ProofUnavailableError('Anybody may vote in this scope, so that votes prove nothing', { proposalId })
  }

  if (result == null) {
    throw new ProofUnavailableError(state === 'active' ? 'The proposal is not decided yet' : 'The proposal has no result', { proposalId })
  }

  const rules = scopeRules(policy, session.config.policyDigest)
  const votes = quorumVotes(session, result, owner => voterProblem(rules, owner) == null)

  if (votes == null) {
    throw new ProofUnavailableError('The votes that prove the result are kept no longer', { proposalId })
  }

  return encodeCertificate({ ...subject, votes: votes.map(({ encoded }) => encoded as Uint8Array<ArrayBuffer>) })
}

/**
 * Checks a certificate: that it is of the policy with this digest, and that this scope has decided what it says.
 *
 * @throws {TypeError} if there is no policy digest: anybody can make a policy, so without one nothing is proved. See
 * {@link inspectCertificate}.
 * @throws {InvalidCertificateError} with the reason
 * @throws {VerifierUnavailableError} if the scheme cannot tell now
 */
export async function verifyCertificate (bytes: Uint8Array, options: VerifyOptions): Promise<Certificate> {
  checkObject('options', options)
  checkDigest('options.policyDigest', options.policyDigest)

  return readCertificate(bytes, options.scheme, options.policyDigest)
}

/**
 * As {@link verifyCertificate}, but leaves it to the caller to compare the policy digest with one that can be trusted: until
 * then nothing is proved but that the certificate agrees with itself.
 */
export async function inspectCertificate (bytes: Uint8Array, { scheme }: Pick<VerifyOptions, 'scheme'>): Promise<Certificate> {
  return readCertificate(bytes, scheme)
}

async function readCertificate (bytes: Uint8Array, scheme: SignatureScheme, expected?: Uint8Array): Promise<Certificate> {
  checkBytes('bytes', bytes)

  return checkingCertificate(async () => {
    if (bytes.byteLength > MAX_PROOF_LENGTH) {
      throw new ConsensusError(`it has ${bytes.byteLength} bytes, and none has more than ${MAX_PROOF_LENGTH}`)
    }

    const message = decodeCanonical(bytes, 'certificate', decodeBounded, encodeCertificate)
    const subject = readSubject(message, expected)

    if (subject.policy.voters == null) {
      throw new ConsensusError('anybody may vote under its policy, so that votes prove nothing')
    }

    const votes = readVotes(subject, message.votes)

    await verifySignatures(subject, votes, scheme)

    const { rules, ...proved } = subject

    return { ...proved, result: votes[0].vote, votes }
  })
}

/** A quorum of votes for one side. Hashes and signatures are not looked at. */
function readVotes (subject: ReadSubject, encoded: Uint8Array[]): Vote[] {
  const { policy, proposal: { expectedVotersCount } } = subject
  const size = quorumOf(expectedVotersCount, policy.threshold)
  const votes: Vote[] = []

  for (const [index, bytes] of encoded.entries()) {
    const vote = readVote(subject, bytes)
    const before = votes.at(-1)
    const about = { proposalId: vote.proposalId, owner: vote.voteOwner }
    const untimely = untimelyProblem(vote, subject.proposal)

    if (untimely != null) {
      throw new ConsensusError(untimely, about)
    }

    if (before != null && equals(before.voteOwner, vote.voteOwner)) {
      throw new ConsensusError('it has two votes of one voter', about)
    }

    if (before != null && compare(before.voteOwner, vote.voteOwner) > 0) {
      throw new ConsensusError(`its votes must be in the order of their voters, and vote ${index + 1} is not`, about)
    }

    if (before != null && before.vote !== vote.vote) {
      throw new ConsensusError('it has votes for both sides', about)
    }

    votes.push(vote)
  }

  if (votes.length !== size) {
    throw new ConsensusError(`it must have the votes of a quorum, ${size} of ${expectedVotersCount} voters, and has ${votes.length}`)
  }

  return votes
}

function decodeBounded (bytes: Uint8Array<ArrayBuffer>): CertificateMessage {
  return CertificateMessage.decode(bytes, { limits: { votes: MAX_VOTERS } })
}

function encodeCertificate (message: CertificateMessage): Uint8Array {
  return encodeMessage(CertificateMessage.codec(), message)
}

/** A certificate as JSON, for reading. Times are Unix seconds, bytes are 0x and hex digits. */
export interface CertificateJson extends SubjectJson {
  type: 'certificate'
  result: 'yes' | 'no'
  /** How many votes decide */
  quorum: number
  votes: VoteJson[]
}

/** What a certificate says, for reading: nobody can check it in this form */
export function certificateToJson (certificate: Certificate): CertificateJson {
  const nameOf = voterNames(certificate.policy)

  return {
    type: 'certificate',
    ...subjectToJson(certificate),
    result: certificate.result ? 'yes' : 'no',
    quorum: certificate.votes.length,
    votes: certificate.votes.map(vote => voteToJson(vote, nameOf))
  }
}
