/**
 * Proofs of what was decided in our scopes: made of what is stored, and taken in from files that others have made.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { InvalidCertificateError, InvalidEvidenceError, ProofUnavailableError } from '../../consensus/errors.ts'
import { inspectCertificate, makeCertificate } from '../../consensus/proofs/certificate.ts'
import { inspectEvidenceProof, makeEvidenceProof } from '../../consensus/proofs/evidence-proof.ts'
import { evidenceAgainst } from '../../consensus/proofs/evidence.ts'
import { proofKind } from '../../consensus/proofs/proof.ts'
import { namingScope } from '../../consensus/session/session-keeper.ts'
import { ProofRefusedError } from '../errors.ts'
import type { ProofKind, ProofSubject } from '../../consensus/proofs/proof.ts'
import type { ConsensusService } from '../../consensus/service.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { SignatureScheme } from '../../consensus/signing.ts'
import type { ConsensusStorage } from '../../consensus/storage/interface.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { ImportedProof } from '../interface.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Validator } from '../validation/validator.ts'
import type { Validation } from '../validation/verdict.ts'

export interface ProofsInit {
  storage: ConsensusStorage
  consensus: ConsensusService
  scheme: SignatureScheme
  validator: Validator
  /** The scope of this name. Throws ScopeNotJoinedError. */
  findScope (name: string): JoinedScope
  /** Called with a proposal that was new, once its votes are in: it ends in its time */
  onSettled (scope: JoinedScope, proposalId: number): void
  /** Called when something new has come that gossip does not spread */
  onTaught (scope: JoinedScope): void
}

/** A proof that has been verified, but for its policy */
interface Verified {
  kind: ProofKind
  subject: ProofSubject
  votes: Vote[]
}

export class Proofs {
  private readonly init: ProofsInit

  constructor (init: ProofsInit) {
    this.init = init
  }

  /** The certificate of a proposal. Throws ProofUnavailableError. */
  certificate ({ name, policy }: JoinedScope, session: ConsensusSession): Uint8Array {
    return naming(name, () => makeCertificate(session, policy))
  }

  /** The evidence against a voter as a file. Throws ProofUnavailableError. */
  evidence ({ name, policy }: JoinedScope, session: ConsensusSession, owner: Uint8Array): Uint8Array {
    const evidence = evidenceAgainst(session, owner)

    if (evidence == null) {
      throw new ProofUnavailableError('There is no evidence that this voter has voted both yes and no', { scope: name, proposalId: session.proposal.proposalId, owner })
    }

    return naming(name, () => makeEvidenceProof(session, policy, evidence))
  }

  /**
   * Verifies a proof as a whole, then has what it holds validated as if it came from a member, only late. What is refused leaves
   * nothing behind.
   */
  async import (bytes: Uint8Array): Promise<ImportedProof> {
    const proof = await this.verify(bytes)
    const { kind, subject: { policy, policyDigest, proposal } } = proof
    const scope = this.init.findScope(policy.name)
    const about = { proposalId: proposal.proposalId }

    if (!equals(scope.digest, policyDigest)) {
      const ErrorOfKind = kind === 'certificate' ? InvalidCertificateError : InvalidEvidenceError

      throw new ErrorOfKind(`The ${kind} is of another policy of the scope "${policy.name}", with the digest ${bytesToHex(policyDigest)}, than the one that is joined, with the digest ${bytesToHex(scope.digest)}`, about)
    }

    return { kind, scope: scope.name, ...about, isNew: await this.take(scope, proof) }
  }

  private async verify (bytes: Uint8Array): Promise<Verified> {
    const { scheme } = this.init

    if (proofKind(bytes) === 'certificate') {
      const { votes, ...subject } = await inspectCertificate(bytes, { scheme })

      return { kind: 'certificate', subject, votes }
    }

    const { evidence: { first, second }, ...subject } = await inspectEvidenceProof(bytes, { scheme })

    return { kind: 'evidence', subject, votes: [first, second] }
  }

  /** Whether something of it was new */
  private async take (scope: JoinedScope, proof: Verified): Promise<boolean> {
    const { subject: { proposal, signature } } = proof
    const { proposalId } = proposal

    const known = await this.init.storage.getSession(scope.key, proposalId)

    if (known?.pruned != null && known.digest != null && equals(known.digest, proof.subject.digest)) {
      return this.takeWithoutVotes(scope, known, proof)
    }

    const announced = refuseOthers(proof, await this.init.validator.validateLateProposal(scope, { proposal, signature }, 'proof'))
    let isNew = announced

    try {
      isNew = await this.takeVotes(scope, proof) || isNew
    } finally {
      if (announced) {
        this.init.onSettled(scope, proposalId)
      }
    }

    if (isNew) {
      this.init.onTaught(scope)
    }

    return isNew
  }

  private async takeVotes (scope: JoinedScope, proof: Verified): Promise<boolean> {
    const { kind, votes } = proof
    const { validator } = this.init

    if (kind === 'evidence') {
      return refuseOthers(proof, await validator.validateEvidence(scope, { first: votes[0], second: votes[1] }))
    }

    const validations = await validator.validateLateVotes(scope, proof.subject.proposal.proposalId, votes)

    return validations.map(validation => refuseOthers(proof, validation)).includes(true)
  }

  /** A pruned proposal takes no single votes any more. A certificate has all votes that its result needs, so it decides all the same. */
  private async takeWithoutVotes (scope: JoinedScope, session: ConsensusSession, proof: Verified): Promise<boolean> {
    const { kind, votes, votes: [first] } = proof

    if (kind === 'certificate') {
      if (session.result === first.vote || session.contradicted === true || session.state === 'conflict') {
        return false
      }

      await this.init.consensus.processCertifiedVotes(scope.key, session.proposal.proposalId, votes)
      this.init.onTaught(scope)

      return true
    }

    if (!session.hasEvidenceAgainst(first.voteOwner)) {
      throw refusal(proof, 'the votes on the proposal were pruned here, as the settings of the scope say, so that it takes no more')
    }

    return false
  }
}

/** Makes something of a session, whose errors are to say the name of its scope */
function naming <T> (name: string, make: () => T): T {
  try {
    return make()
  } catch (err) {
    throw namingScope(name, err)
  }
}

/** Whether something was new. Throws ProofRefusedError where it was neither that nor known. */
function refuseOthers (proof: Verified, { verdict, result, reason }: Validation): boolean {
  if (verdict !== 'accept' && result !== 'known') {
    throw refusal(proof, reason ?? verdict)
  }

  return verdict === 'accept'
}

function refusal ({ kind, subject: { policy, proposal } }: Verified, reason: string): ProofRefusedError {
  return new ProofRefusedError(`The ${kind} about proposal ${proposal.proposalId} in scope "${policy.name}" is valid, but cannot be taken in: ${reason}`)
}
