/**
 * Everything that can go wrong in the consensus core, one class per kind.
 *
 * The kinds and their names are those of the Rust crate's `ConsensusError` with `Error` at the end. Each message says
 * what was wrong and, where they are known, names the scope, the proposal and the voter.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import type { Vote } from './interface.ts'

/**
 * What an error is about. All fields are optional: a vote that is validated on its own knows no scope.
 */
export interface ConsensusErrorContext extends ErrorOptions {
  /** Name of the scope */
  scope?: string
  /** Proposal id, unsigned 32 bits */
  proposalId?: number
  /** Identity of the voter, as bytes */
  owner?: Uint8Array
}

/** Characters of a scope's name that a message shows */
const MAX_SCOPE_LENGTH = 64

/**
 * The parent of all errors of this module
 */
export class ConsensusError extends Error {
  scope?: string
  proposalId?: number
  owner?: Uint8Array
  /** The message without what it is about */
  readonly reason: string

  constructor (reason: string, { scope, proposalId, owner, ...options }: ConsensusErrorContext = {}) {
    super(describe(reason, { scope, proposalId, owner }), options)
    this.name = 'ConsensusError'
    this.scope = scope
    this.proposalId = proposalId
    this.owner = owner
    this.reason = reason
  }

  /**
   * Says what the error is about where it does not say so yet: a signature scheme knows no proposal, the rules for one
   * proposal know no scope
   */
  about ({ scope, proposalId, owner }: ConsensusErrorContext): this {
    this.scope ??= scope
    this.proposalId ??= proposalId
    this.owner ??= owner
    this.describeAnew()

    return this
  }

  /** Gives the scope the name by which its readers know it, where whoever embeds the core has another one for it */
  renameScope (name: string): this {
    if (this.scope != null) {
      this.scope = name
      this.describeAnew()
    }

    return this
  }

  private describeAnew (): void {
    const { message } = this

    this.message = describe(this.reason, this)
    this.stack = this.stack?.replace(message, () => this.message)
  }
}

function describe (reason: string, { scope, proposalId, owner }: ConsensusErrorContext): string {
  const about: string[] = []

  if (scope != null) {
    about.push(`scope "${scope.length > MAX_SCOPE_LENGTH ? `${scope.slice(0, MAX_SCOPE_LENGTH)}…` : scope}"`)
  }

  if (proposalId != null) {
    about.push(`proposal ${proposalId}`)
  }

  if (owner != null) {
    about.push(`voter 0x${bytesToHex(owner)}`)
  }

  return about.length > 0 ? `${reason} (${about.join(', ')})` : reason
}

// --- configuration and requests

/** The threshold is not a number from 0 to 1 */
export class InvalidConsensusThresholdError extends ConsensusError {
  readonly name = 'InvalidConsensusThresholdError'
}

/** The timeout is not more than 0 seconds */
export class InvalidTimeoutError extends ConsensusError {
  readonly name = 'InvalidTimeoutError'
}

/** The number of expected voters is 0 */
export class InvalidExpectedVotersCountError extends ConsensusError {
  readonly name = 'InvalidExpectedVotersCountError'
}

/** The round limit is 0 where that has no meaning */
export class InvalidMaxRoundsError extends ConsensusError {
  readonly name = 'InvalidMaxRoundsError'
}

/** The decision rule is not one of those that exist */
export class InvalidDecisionRuleError extends ConsensusError {
  readonly name = 'InvalidDecisionRuleError'
}

/** The decision rule `quorum` without the policy digest that it binds proposals and votes to */
export class MissingPolicyDigestError extends ConsensusError {
  readonly name = 'MissingPolicyDigestError'
}

/** A scope policy that is not one; the message names the field */
export class InvalidPolicyError extends ConsensusError {
  readonly name = 'InvalidPolicyError'
}

/** A value of a message is missing or out of the range of its type; the message names the field */
export class InvalidMessageError extends ConsensusError {
  readonly name = 'InvalidMessageError'
}

/** Bytes that are not the canonical encoding of a message */
export class NonCanonicalEncodingError extends ConsensusError {
  readonly name = 'NonCanonicalEncodingError'
}

// --- votes and proposals

/** The signature is well-formed but was made by somebody other than the vote's owner */
export class InvalidVoteSignatureError extends ConsensusError {
  readonly name = 'InvalidVoteSignatureError'
}

/** The vote carries no signature */
export class EmptySignatureError extends ConsensusError {
  readonly name = 'EmptySignatureError'
}

/** The voter's vote is stored already; under `quorum`, the one for this side */
export class DuplicateVoteError extends ConsensusError {
  readonly name = 'DuplicateVoteError'
}

/** This identity has voted on the proposal, or is bound by its vote lock to another vote */
export class UserAlreadyVotedError extends ConsensusError {
  readonly name = 'UserAlreadyVotedError'

  /** The signed vote this identity is bound to, where this call has completed it: others are to be given it */
  readonly vote?: Vote

  constructor (message: string, { vote, ...context }: ConsensusErrorContext & { vote?: Vote } = {}) {
    super(message, context)
    this.vote = vote
  }
}

/** The vote, or our clock, is later than the proposal's expiration */
export class VoteExpiredError extends ConsensusError {
  readonly name = 'VoteExpiredError'
}

/** The vote names no owner */
export class EmptyVoteOwnerError extends ConsensusError {
  readonly name = 'EmptyVoteOwnerError'
}

/** The vote hash does not fit the vote's fields */
export class InvalidVoteHashError extends ConsensusError {
  readonly name = 'InvalidVoteHashError'
}

/** The vote carries no vote hash */
export class EmptyVoteHashError extends ConsensusError {
  readonly name = 'EmptyVoteHashError'
}

/** The proposal's expiration has passed */
export class ProposalExpiredError extends ConsensusError {
  readonly name = 'ProposalExpiredError'
}

/** A vote inside a proposal belongs to another proposal */
export class VoteProposalIdMismatchError extends ConsensusError {
  readonly name = 'VoteProposalIdMismatchError'
}

/** A vote's received hash is not the hash of the vote before it, or time runs backwards between them */
export class ReceivedHashMismatchError extends ConsensusError {
  readonly name = 'ReceivedHashMismatchError'
}

/** A vote's parent hash is not the hash of an earlier vote of the same owner; under `quorum`, not the proposal digest */
export class ParentHashMismatchError extends ConsensusError {
  readonly name = 'ParentHashMismatchError'
}

/** The vote is older than the proposal */
export class TimestampOlderThanCreationTimeError extends ConsensusError {
  readonly name = 'TimestampOlderThanCreationTimeError'
}

/** Two votes that do not prove that somebody has voted twice */
export class InvalidEvidenceError extends ConsensusError {
  readonly name = 'InvalidEvidenceError'
}

/** A certificate that proves nothing; the message says why */
export class InvalidCertificateError extends ConsensusError {
  readonly name = 'InvalidCertificateError'
}

/** Bytes that are no proof of any kind */
export class InvalidProofError extends ConsensusError {
  readonly name = 'InvalidProofError'
}

/** There is no certificate, or no evidence, of a proposal; the message says why */
export class ProofUnavailableError extends ConsensusError {
  readonly name = 'ProofUnavailableError'
}

/** The signature or the identity has a form that no key could have made */
export class SignatureSchemeError extends ConsensusError {
  readonly name = 'SignatureSchemeError'
}

// --- sessions

/** The session has failed or is decided, so it takes no votes */
export class SessionNotActiveError extends ConsensusError {
  readonly name = 'SessionNotActiveError'
}

/** There is no proposal with this id in this scope */
export class SessionNotFoundError extends ConsensusError {
  readonly name = 'SessionNotFoundError'
}

/** A proposal with this id is in this scope already */
export class ProposalAlreadyExistError extends ConsensusError {
  readonly name = 'ProposalAlreadyExistError'
}

/** Under `quorum`, another proposal in this scope has the same id by chance or by somebody's hard work. Propose again. */
export class ProposalIdCollisionError extends ConsensusError {
  readonly name = 'ProposalIdCollisionError'
}

/** Under `quorum`, the id of a proposal is not the one that follows from its content */
export class ProposalIdMismatchError extends ConsensusError {
  readonly name = 'ProposalIdMismatchError'
}

/** Under `quorum`, as many have voted as were expected, and this is one more */
export class TooManyVotersError extends ConsensusError {
  readonly name = 'TooManyVotersError'
}

/** The storage holds nothing about the scope */
export class ScopeNotFoundError extends ConsensusError {
  readonly name = 'ScopeNotFoundError'
}

/** A signature was asked for and neither the call nor the service has a signer */
export class MissingSignerError extends ConsensusError {
  readonly name = 'MissingSignerError'
}

// --- results

/** At the timeout the votes decide nothing */
export class InsufficientVotesAtTimeoutError extends ConsensusError {
  readonly name = 'InsufficientVotesAtTimeoutError'
}

/** The votes need more rounds, or more voters, than the proposal allows */
export class MaxRoundsExceededError extends ConsensusError {
  readonly name = 'MaxRoundsExceededError'
}

/** The proposal is still being voted on */
export class ConsensusNotReachedError extends ConsensusError {
  readonly name = 'ConsensusNotReachedError'
}

/** The proposal ended without a result */
export class ConsensusFailedError extends ConsensusError {
  readonly name = 'ConsensusFailedError'
}

/** Under `quorum`, both sides have the votes of a quorum, so there is no result */
export class ConsensusConflictError extends ConsensusError {
  readonly name = 'ConsensusConflictError'
}
