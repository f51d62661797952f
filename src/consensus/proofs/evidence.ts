/**
 * Proof that somebody has voted both yes and no on one proposal. Only under `quorum`, where votes are bound to the content
 * they were cast on: elsewhere two votes with one proposal id may be about different questions.
 */

import { equals } from 'uint8arrays/equals'
import { checkObject, DIGEST_LENGTH } from '../encoding/check.ts'
import { InvalidEvidenceError } from '../errors.ts'
import { proposalIdOf } from '../policy/policy.ts'
import { checkVote, decodeKnownVote, verifyVote } from '../vote/vote.ts'
import type { Evidence, KeptEvidence, ProposalTimes, Vote } from '../interface.ts'
import type { ConsensusSession } from '../session/session.ts'
import type { SignatureScheme } from '../signing.ts'

export type { Evidence } from '../interface.ts'

/**
 * The evidence that two votes are, given in any order. Throws InvalidEvidenceError if they are none. Signatures are not
 * looked at, see {@link verifyEvidence}.
 */
export function makeEvidence (one: Vote, other: Vote): Evidence {
  checkVote(one)
  checkVote(other)

  const evidence = one.vote ? { first: one, second: other } : { first: other, second: one }

  checkEvidence(evidence)

  return evidence
}

/**
 * Throws InvalidEvidenceError unless the two votes say of themselves that they are one owner's on one proposal, bound to its
 * digest, first the one for yes, then the one for no
 */
export function checkEvidence (evidence: Evidence): void {
  checkObject('evidence', evidence)

  const { first, second } = evidence

  checkVote(first)
  checkVote(second)

  const about = { proposalId: first.proposalId, owner: first.voteOwner }

  if (!equals(first.voteOwner, second.voteOwner)) {
    throw new InvalidEvidenceError('The two votes have different owners', about)
  }

  if (first.proposalId !== second.proposalId || !equals(first.parentHash, second.parentHash)) {
    throw new InvalidEvidenceError('The two votes are on different proposals', about)
  }

  if (first.parentHash.byteLength !== DIGEST_LENGTH || proposalIdOf(first.parentHash) !== first.proposalId) {
    throw new InvalidEvidenceError('The two votes are not bound to a proposal digest, so nobody can tell what they were cast on', about)
  }

  if (!first.vote || second.vote) {
    throw new InvalidEvidenceError('Evidence is a vote for yes and then a vote for no', about)
  }
}

/**
 * Checks evidence as a whole: what {@link checkEvidence} does, that both votes are on the proposal where that is known, and
 * that their owner has signed them, with the errors of `verifyVote`. Nobody looks at when they were cast, so that all validate it
 * alike: an honest key signs one vote on a proposal, and a vote out of time counts for no side.
 *
 * @param terms - the proposal's, with its digest
 */
export async function verifyEvidence (evidence: Evidence, scheme: SignatureScheme, terms?: Pick<ProposalTimes, 'digest'>): Promise<void> {
  checkEvidence(evidence)

  if (terms != null) {
    checkEvidenceOn(evidence, terms)
  }

  await verifyVote(evidence.first, scheme)
  await verifyVote(evidence.second, scheme)
}

/** All evidence in a session, in its votes and kept beside them; one a voter. Empty but under `quorum`. */
export function evidenceOf (session: ConsensusSession): Evidence[] {
  return [...session.doubleVotes().map(([one, other]) => makeEvidence(one, other)), ...session.evidence.map(decodeKept)]
}

/** The evidence against one voter in a session, undefined if there is none */
export function evidenceAgainst (session: ConsensusSession, owner: Uint8Array): Evidence | undefined {
  const votes = session.doubleVoteOf(owner)

  if (votes != null) {
    return makeEvidence(votes[0], votes[1])
  }

  const kept = session.evidence.find(evidence => equals(evidence.owner, owner))

  return kept == null ? undefined : decodeKept(kept)
}

function decodeKept ({ first, second }: KeptEvidence): Evidence {
  return { first: decodeKnownVote(first), second: decodeKnownVote(second) }
}

/** Throws InvalidEvidenceError unless evidence is about the proposal with this digest */
export function checkEvidenceOn ({ first, second }: Evidence, terms: Pick<ProposalTimes, 'digest'>): void {
  checkDigestOf(first, terms)
  checkDigestOf(second, terms)
}

function checkDigestOf ({ parentHash, proposalId, voteOwner }: Vote, { digest }: Pick<ProposalTimes, 'digest'>): void {
  if (digest == null || !equals(parentHash, digest)) {
    throw new InvalidEvidenceError('The two votes are on another proposal than this', { proposalId, owner: voteOwner })
  }
}
