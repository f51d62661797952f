/**
 * What the commands about certificates and evidence share: files, and how they are shown.
 */

import { createReadStream } from 'node:fs'
import { bytesToHex } from '@noble/hashes/utils.js'
import color from 'picocolors'
import { voterNames } from '../consensus/policy/voter-names.ts'
import { certificateToJson, inspectCertificate } from '../consensus/proofs/certificate.ts'
import { evidenceProofToJson, inspectEvidenceProof } from '../consensus/proofs/evidence-proof.ts'
import { MAX_PROOF_LENGTH, proofKind } from '../consensus/proofs/proof.ts'
import { fingerprintOf } from '../consensus/proposal/fingerprint.ts'
import { ethereumScheme, identityToAddress } from '../signers/ethereum.ts'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { count, formatChoice, formatTime, formatVoter, printFields, printable, printableName, shortVoter } from './output.ts'
import type { Certificate, CertificateJson } from '../consensus/proofs/certificate.ts'
import type { EvidenceProof, EvidenceProofJson } from '../consensus/proofs/evidence-proof.ts'

export type Proof =
  { kind: 'certificate', proof: Certificate } |
  { kind: 'evidence', proof: EvidenceProof }

/**
 * Checks a proof, but for whether its policy is the one that is meant.
 *
 * @throws {InvalidCertificateError} | {InvalidEvidenceError} | {InvalidProofError}
 */
export async function inspectProof (bytes: Uint8Array): Promise<Proof> {
  const scheme = ethereumScheme()

  return proofKind(bytes) === 'certificate'
    ? { kind: 'certificate', proof: await inspectCertificate(bytes, { scheme }) }
    : { kind: 'evidence', proof: await inspectEvidenceProof(bytes, { scheme }) }
}

export function proofToJson ({ kind, proof }: Proof): CertificateJson | EvidenceProofJson {
  return kind === 'certificate' ? certificateToJson(proof) : evidenceProofToJson(proof)
}

/**
 * The bytes of a file, or of standard input for "-". A file that is longer than any proof is not read to its end.
 */
export async function readProof (file: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0

  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      chunks.push(chunk)
      length += chunk.byteLength

      if (length > MAX_PROOF_LENGTH) {
        break
      }
    }
  } catch (err: any) {
    throw new CliError(`The file ${file} cannot be read: ${err.code === 'ENOENT' ? 'there is no such file' : err.message}`, EXIT.usage, { cause: err })
  }

  if (length > MAX_PROOF_LENGTH) {
    throw new CliError(`The file ${file} is no proof: none is longer than ${MAX_PROOF_LENGTH} bytes`, EXIT.failure)
  }

  return new Uint8Array(Buffer.concat(chunks))
}

/** Writes a proof to a file or a pipe, or for reading to a terminal */
export async function writeProof (bytes: Uint8Array, hint: string): Promise<void> {
  if (process.stdout.isTTY) {
    throw new CliError(`This writes a file, which is not for a terminal to show. Write it with: ${hint}. Or read it with --json`, EXIT.usage)
  }

  await new Promise<void>((resolve, reject) => {
    process.stdout.write(bytes, err => { err == null ? resolve() : reject(err) })
  })
}

export function printProof ({ kind, proof }: Proof): void {
  const { policy, policyDigest, proposal, digest } = proof
  const nameOf = voterNames(policy)
  const what: Array<[string, string]> = kind === 'certificate'
    ? [['result', formatChoice(proof.result ? 'yes' : 'no')], ['proved by', `${count(proof.votes.length, 'vote')} of ${count(proposal.expectedVotersCount, 'voter')}: ${proof.votes.map(({ voteOwner }) => shortVoter(identityToAddress(voteOwner), nameOf)).join(', ')}`]]
    : [['voted both', `${color.red(formatVoter(identityToAddress(proof.owner), nameOf))}, yes at ${formatTime(Number(proof.evidence.first.timestamp))} and no at ${formatTime(Number(proof.evidence.second.timestamp))}`]]

  printFields([
    ['scope', printable(policy.name)],
    ['proposal', `${proposal.proposalId}`],
    ['fingerprint', fingerprintOf(digest)],
    ['name', printableName(proposal.name)],
    ...(proposal.payload.byteLength === 0 ? [] : [['payload', `0x${bytesToHex(proposal.payload)}`] as [string, string]]),
    ['proposer', formatVoter(identityToAddress(proposal.proposalOwner), nameOf)],
    ['proposed', formatTime(Number(proposal.timestamp))],
    ...what,
    ['policy', bytesToHex(policyDigest)]
  ])
}
