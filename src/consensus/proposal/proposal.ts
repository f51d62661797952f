/**
 * A proposal: the question that is voted on, how a request becomes one and what makes one that arrives valid.
 */

import { Proposal as ProposalMessage } from '../../pb/consensus.ts'
import { formatDuration } from '../../util/duration.ts'
import { checkBoolean, checkBytes, checkObject, checkString, checkUint32, checkUint64, isMilliseconds, isUnicode, MAX_UINT64 } from '../encoding/check.ts'
import { encodeMessage } from '../encoding/encode.ts'
import { InvalidExpectedVotersCountError, InvalidTimeoutError, ProposalExpiredError, VoteProposalIdMismatchError } from '../errors.ts'
import { checkVotes, decodeCanonical, validateVote, validateVoteChain } from '../vote/vote.ts'
import { generateId } from './id.ts'
import type { SignatureScheme } from '../signing.ts'
import type { Vote } from '../vote/vote.ts'

/**
 * A proposal as it is sent (RFC 73, message `Proposal`)
 */
export interface Proposal {
  /** For people */
  name: string
  /** What is decided, for machines; free-form */
  payload: Uint8Array
  /** Unsigned 32 bits, unique within a scope */
  proposalId: number
  /** Identity of the proposer; with Ethereum signatures the 20 bytes of an address */
  proposalOwner: Uint8Array
  /** Votes in order of arrival */
  votes: Vote[]
  /** How many may vote, unsigned 32 bits */
  expectedVotersCount: number
  /** Starts at 1, see the round limit in `session.ts` */
  round: number
  /** When the proposal was made, Unix seconds */
  timestamp: bigint
  /** From then on no vote is taken, Unix seconds */
  expirationTimestamp: bigint
  /** Where ties and, at the timeout, silent voters count: true is yes, false is no */
  livenessCriteriaYes: boolean
}

/**
 * What a proposal is made from
 */
export interface CreateProposalRequest {
  name: string
  payload: Uint8Array
  /** Identity of the proposer */
  proposalOwner: Uint8Array
  /** How many may vote: 1 to 2^32 − 1 */
  expectedVotersCount: number
  /**
   * How long the proposal is open: **seconds from now**, despite its name, which is the crate's; more than 0. What can
   * only be a date in milliseconds, from 10^12 to 10^14, is refused.
   */
  expirationTimestamp: bigint
  livenessCriteriaYes: boolean
}

/**
 * Turns a request into a proposal: a fresh id, round 1, no votes, made now. The expiration saturates at 2^64 − 1.
 *
 * @param now - our clock, Unix seconds
 */
export function createProposal (request: CreateProposalRequest, now: bigint): Proposal {
  checkObject('request', request)
  checkString('request.name', request.name)
  checkBytes('request.payload', request.payload)
  checkBytes('request.proposalOwner', request.proposalOwner)
  checkUint32('request.expectedVotersCount', request.expectedVotersCount)
  checkUint64('request.expirationTimestamp', request.expirationTimestamp)
  checkBoolean('request.livenessCriteriaYes', request.livenessCriteriaYes)
  checkUint64('now', now)

  if (request.expectedVotersCount === 0) {
    throw new InvalidExpectedVotersCountError('request.expectedVotersCount must be at least 1, got 0')
  }

  if (request.expirationTimestamp === 0n) {
    throw new InvalidTimeoutError('request.expirationTimestamp, in seconds from now, must be at least 1n, got 0n')
  }

  if (isMilliseconds(request.expirationTimestamp)) {
    throw new InvalidTimeoutError(`request.expirationTimestamp must be in seconds from now, got ${request.expirationTimestamp}n, which is a date in milliseconds`)
  }

  const expiration = now + request.expirationTimestamp

  return {
    name: request.name,
    payload: request.payload,
    proposalId: generateId(),
    proposalOwner: request.proposalOwner,
    votes: [],
    expectedVotersCount: request.expectedVotersCount,
    round: 1,
    timestamp: now,
    expirationTimestamp: expiration > MAX_UINT64 ? MAX_UINT64 : expiration,
    livenessCriteriaYes: request.livenessCriteriaYes
  }
}

/**
 * Throws a TypeError that names the first field with a value of the wrong type or range
 */
export function checkProposal (proposal: Proposal): void {
  checkObject('proposal', proposal)
  checkString('proposal.name', proposal.name)
  checkBytes('proposal.payload', proposal.payload)
  checkUint32('proposal.proposalId', proposal.proposalId)
  checkBytes('proposal.proposalOwner', proposal.proposalOwner)

  checkVotes('proposal.votes', proposal.votes)
  checkUint32('proposal.expectedVotersCount', proposal.expectedVotersCount)
  checkUint32('proposal.round', proposal.round)
  checkUint64('proposal.timestamp', proposal.timestamp)
  checkUint64('proposal.expirationTimestamp', proposal.expirationTimestamp)
  checkBoolean('proposal.livenessCriteriaYes', proposal.livenessCriteriaYes)
}

/**
 * The canonical encoding of a proposal with its votes: fields in ascending number, default values left out
 */
export function encodeProposal (proposal: Proposal): Uint8Array {
  checkProposal(proposal)

  return encodeMessage(ProposalMessage.codec(), proposal)
}

/**
 * Reads a proposal from its canonical encoding; anything else is refused with NonCanonicalEncodingError, as for votes,
 * and so is a name that is not valid UTF-8
 */
export function decodeProposal (bytes: Uint8Array): Proposal {
  return decodeCanonical(bytes, 'proposal', decodeMessage, encodeProposal)
}

/** protons reads and writes halves of surrogate pairs, which UTF-8 cannot hold and other implementations refuse */
function decodeMessage (bytes: Uint8Array): Proposal {
  const proposal = ProposalMessage.decode(bytes)

  if (!isUnicode(proposal.name)) {
    throw new Error('name is not valid UTF-8')
  }

  return proposal
}

/**
 * A proposal takes votes while the clock is before its expiration
 *
 * @param now - our clock, Unix seconds
 */
export function checkNotExpired (proposal: Pick<Proposal, 'proposalId' | 'expirationTimestamp'>, now: bigint): void {
  if (now >= proposal.expirationTimestamp) {
    throw new ProposalExpiredError(now === proposal.expirationTimestamp ? 'Voting has just ended' : `Voting ended ${formatDuration(Number(now - proposal.expirationTimestamp))} ago`, { proposalId: proposal.proposalId })
  }
}

/**
 * Checks a proposal that arrives, in this order: ProposalExpired; for each vote VoteProposalIdMismatch and what
 * {@link validateVote} checks; the links between the votes.
 *
 * Under `quorum`, with a digest, the votes must be bound to that, and neither our clock nor links are looked at.
 *
 * @param now - our clock, Unix seconds
 * @param digest - the proposal digest, 32 bytes, under `quorum`
 */
export async function validateProposal (proposal: Proposal, now: bigint, scheme: SignatureScheme, digest?: Uint8Array): Promise<void> {
  checkProposal(proposal)
  checkUint64('now', now)

  if (digest == null) {
    checkNotExpired(proposal, now)
  }

  const terms = { timestamp: proposal.timestamp, expirationTimestamp: proposal.expirationTimestamp, digest }

  for (const vote of proposal.votes) {
    if (vote.proposalId !== proposal.proposalId) {
      throw new VoteProposalIdMismatchError(`A vote inside the proposal is for proposal ${vote.proposalId}`, { proposalId: proposal.proposalId, owner: vote.voteOwner })
    }

    await validateVote(vote, terms, now, scheme)
  }

  if (digest == null) {
    validateVoteChain(proposal.votes)
  }
}
