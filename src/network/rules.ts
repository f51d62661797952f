/**
 * What a scope's policy and the protocol's limits ask of proposals and voters: one place for what we make and for what
 * others send. Nothing here looks at a clock, so every member comes to the same answer.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { fromString } from 'uint8arrays/from-string'
import { checkBoolean, checkBytes, checkObject, checkString, show } from '../consensus/check.ts'
import { InvalidRequestError } from './errors.ts'
import { MAX_LIFETIME_SECONDS, MAX_NAME_LENGTH, MAX_PAYLOAD_LENGTH, MAX_VOTERS } from './limits.ts'
import type { ScopePolicy } from '../consensus/policy.ts'
import type { CreateProposalRequest, Proposal } from '../consensus/proposal.ts'
import type { ProposalRequest } from '../index.ts'

/** Whether votes of this identity count */
export function mayVote (policy: ScopePolicy, identity: Uint8Array): boolean {
  return isListed(policy.voters, identity)
}

/** Whether this identity may make proposals */
export function mayPropose (policy: ScopePolicy, identity: Uint8Array): boolean {
  return isListed(policy.proposers ?? policy.voters, identity)
}

function isListed (addresses: string[] | null, identity: Uint8Array): boolean {
  return addresses == null || addresses.includes(`0x${bytesToHex(identity)}`)
}

/**
 * What is wrong with a proposal under a policy, in words, or undefined if nothing is
 */
export function proposalProblem (policy: ScopePolicy, proposal: Proposal): string | undefined {
  const { name, payload, timestamp, expirationTimestamp, expectedVotersCount, livenessCriteriaYes } = proposal
  const nameLength = fromString(name).byteLength
  const lifetime = expirationTimestamp - timestamp

  if (nameLength === 0 || nameLength > MAX_NAME_LENGTH) {
    return `name must be 1 to ${MAX_NAME_LENGTH} bytes of UTF-8, got ${nameLength}`
  }

  if (payload.byteLength > MAX_PAYLOAD_LENGTH) {
    return `payload must be at most ${MAX_PAYLOAD_LENGTH} bytes, got ${payload.byteLength}`
  }

  if (lifetime <= 0n || lifetime < policy.minLifetimeSeconds || lifetime > MAX_LIFETIME_SECONDS) {
    return `the timeout must be ${Math.max(1, policy.minLifetimeSeconds)} to ${MAX_LIFETIME_SECONDS} seconds, got ${lifetime}`
  }

  if (policy.voters != null && expectedVotersCount !== policy.voters.length) {
    return `expectedVotersCount must be ${policy.voters.length}, the number of listed voters, got ${expectedVotersCount}`
  }

  if (expectedVotersCount < 1 || expectedVotersCount > MAX_VOTERS) {
    return `expectedVotersCount must be 1 to ${MAX_VOTERS}, got ${expectedVotersCount}`
  }

  if (policy.livenessCriteriaYes != null && livenessCriteriaYes !== policy.livenessCriteriaYes) {
    return `livenessCriteriaYes must be ${policy.livenessCriteriaYes}, as the policy says, got ${livenessCriteriaYes}`
  }

  if (!mayPropose(policy, proposal.proposalOwner)) {
    return `0x${bytesToHex(proposal.proposalOwner)} is not among those who may propose`
  }

  for (const vote of proposal.votes) {
    const problem = voteProblem(policy, vote.voteOwner)

    if (problem != null) {
      return problem
    }
  }
}

/** What is wrong with a voter under a policy, in words, or undefined if nothing is */
export function voteProblem (policy: ScopePolicy, voter: Uint8Array): string | undefined {
  if (!mayVote(policy, voter)) {
    return `0x${bytesToHex(voter)} is not among the voters of the scope`
  }
}

/**
 * Fills in what a request leaves to the policy. What the policy does not allow is found by {@link proposalProblem}
 * afterwards, as for proposals of others.
 *
 * @throws {TypeError} if a field has the wrong type
 * @throws {InvalidRequestError} if a field is missing or cannot be put into a proposal
 */
export function completeRequest (policy: ScopePolicy, request: ProposalRequest, proposalOwner: Uint8Array): CreateProposalRequest {
  checkObject('request', request)
  checkString('request.name', request.name)

  const {
    name,
    payload = new Uint8Array(0),
    timeoutSeconds = policy.defaultTimeoutSeconds,
    livenessCriteriaYes = policy.livenessCriteriaYes ?? true,
    expectedVotersCount = policy.voters?.length
  } = request

  checkBytes('request.payload', payload)
  checkBoolean('request.livenessCriteriaYes', livenessCriteriaYes)

  const minTimeout = Math.max(1, policy.minLifetimeSeconds)

  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < minTimeout || timeoutSeconds > MAX_LIFETIME_SECONDS) {
    throw new InvalidRequestError(`timeoutSeconds must be a whole number of ${minTimeout} to ${MAX_LIFETIME_SECONDS} seconds, got ${show(timeoutSeconds)}`)
  }

  if (expectedVotersCount == null) {
    throw new InvalidRequestError(`expectedVotersCount is needed, since scope "${policy.name}" is open and lists no voters: say how many are to vote`)
  }

  if (!Number.isInteger(expectedVotersCount) || expectedVotersCount < 1 || expectedVotersCount > MAX_VOTERS) {
    throw new InvalidRequestError(`expectedVotersCount must be a whole number of 1 to ${MAX_VOTERS}, got ${show(expectedVotersCount)}`)
  }

  return {
    name,
    payload,
    proposalOwner,
    expectedVotersCount,
    expirationTimestamp: BigInt(timeoutSeconds),
    livenessCriteriaYes
  }
}
