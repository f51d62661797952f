/**
 * What a scope's policy and the protocol's limits ask of proposals and voters: one place for what we make and for what
 * others send. Nothing here looks at a clock, so every member comes to the same answer.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { fromString } from 'uint8arrays/from-string'
import { checkBoolean, checkBytes, checkObject, checkString, show } from '../consensus/check.ts'
import { MAX_LIFETIME_SECONDS, MAX_VOTERS, proposalDigest, proposalIdOf } from '../consensus/policy.ts'
import { InvalidRequestError } from './errors.ts'
import { HASH_LENGTH, MAX_NAME_LENGTH, MAX_PAYLOAD_LENGTH } from './limits.ts'
import type { ScopePolicy } from '../consensus/policy.ts'
import type { CreateProposalRequest, Proposal } from '../consensus/proposal.ts'
import type { ScopeSettings } from '../consensus/storage.ts'
import type { Vote } from '../consensus/vote.ts'
import type { ProposalRequest } from '../index.ts'

/** A policy, with those who may do what as sets: they are asked for each vote */
export interface ScopeRules {
  readonly policy: ScopePolicy
  /** The policy digest, 32 bytes */
  readonly digest: Uint8Array
  /** Lower-case addresses; null for anybody */
  readonly voters: ReadonlySet<string> | null
  /** Lower-case addresses; null for anybody */
  readonly proposers: ReadonlySet<string> | null
}

/** When a proposal ends if nothing has decided it before, Unix seconds: under `quorum` when no vote can be on its way any more */
export function deadlineOf ({ decisionRule, graceSeconds }: ScopePolicy, { expirationTimestamp }: Pick<Proposal, 'expirationTimestamp'>): bigint {
  return expirationTimestamp + (decisionRule === 'quorum' ? BigInt(graceSeconds) : 0n)
}

/** What a policy asks for that this version does not do, in words, or undefined if there is nothing: nobody is to rely on it */
export function unsupportedProblem ({ decisionRule, timeoutPolicy, onSilence }: ScopePolicy): string | undefined {
  if (timeoutPolicy !== 'liveness' && decisionRule !== 'quorum') {
    return `timeoutPolicy: with the decision rule "${decisionRule}" the silent always count at the deadline: it must be "liveness", got "${timeoutPolicy}"`
  }

  if (onSilence !== 'none') {
    return `onSilence: this version never votes by itself: it must be "none", got "${onSilence}"`
  }
}

/** Whether an identity is among some that may do something; null for anybody */
export function isListed (addresses: ReadonlySet<string> | null, identity: Uint8Array): boolean {
  return addresses == null || addresses.has(`0x${bytesToHex(identity)}`)
}

/**
 * What is wrong with a proposal under a scope's rules, in words, or undefined if nothing is
 */
export function proposalProblem (rules: ScopeRules, proposal: Proposal): string | undefined {
  const { policy } = rules
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

  if (!isListed(rules.proposers, proposal.proposalOwner)) {
    return `0x${bytesToHex(proposal.proposalOwner)} is not among those who may propose`
  }

  return policy.decisionRule === 'quorum' ? boundProposalProblem(rules, proposal) : embeddedVotesProblem(rules, proposal)
}

/** Under `quorum` a proposal is nothing but its content */
function boundProposalProblem ({ digest }: ScopeRules, proposal: Proposal): string | undefined {
  if (proposal.votes.length > 0 || proposal.round !== 1) {
    return `a proposal is announced without votes and in round 1, got ${proposal.votes.length} votes and round ${proposal.round}`
  }

  const proposalId = proposalIdOf(proposalDigest(digest, proposal))

  if (proposal.proposalId !== proposalId) {
    return `the id must be ${proposalId}, the first 4 bytes of the proposal's digest, got ${proposal.proposalId}`
  }
}

/** The core finds these as well, but only after it has verified signatures */
function embeddedVotesProblem (rules: ScopeRules, { proposalId, votes, expectedVotersCount, expirationTimestamp }: Proposal): string | undefined {
  if (votes.length > expectedVotersCount) {
    return `the proposal has ${votes.length} votes of ${expectedVotersCount} voters`
  }

  const owners = new Set<string>()

  for (const vote of votes) {
    const owner = bytesToHex(vote.voteOwner)

    if (owners.has(owner)) {
      return `the proposal has two votes of 0x${owner}`
    }

    if (vote.proposalId !== proposalId || vote.timestamp > expirationTimestamp) {
      return 'the proposal has a vote for another proposal, or from after its expiration'
    }

    const problem = voteProblem(rules, vote)

    if (problem != null) {
      return problem
    }

    owners.add(owner)
  }
}

/** What is wrong with a vote under a scope's rules, in words, or undefined if nothing is */
export function voteProblem (rules: ScopeRules, { proposalId, voteOwner, parentHash, receivedHash }: Vote): string | undefined {
  for (const link of [parentHash, receivedHash]) {
    if (link.byteLength !== 0 && link.byteLength !== HASH_LENGTH) {
      return `a link of a vote is a hash of ${HASH_LENGTH} bytes or empty, got ${link.byteLength}`
    }
  }

  if (rules.policy.decisionRule === 'quorum' && (parentHash.byteLength === 0 || proposalIdOf(parentHash) !== proposalId)) {
    return `the vote is not bound to a proposal with the id ${proposalId}: its parent hash must be the proposal's digest, of which the id is the first 4 bytes`
  }

  return voterProblem(rules, voteOwner)
}

/** What is wrong with when a vote says it was cast, in words, or undefined if nothing is */
export function untimelyProblem (vote: Vote, { timestamp, expirationTimestamp }: Pick<Proposal, 'timestamp' | 'expirationTimestamp'>): string | undefined {
  if (vote.timestamp < timestamp || vote.timestamp > expirationTimestamp) {
    return `the vote was cast at ${vote.timestamp}, outside of the proposal's time from ${timestamp} to ${expirationTimestamp}`
  }
}

/** What is wrong with a voter under a scope's rules, in words, or undefined if nothing is */
export function voterProblem (rules: ScopeRules, voter: Uint8Array): string | undefined {
  if (!isListed(rules.voters, voter)) {
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

/**
 * @throws {InvalidRequestError} with the setting, its value and what is accepted
 */
export function checkSettings ({ retainVotesSeconds }: ScopeSettings): void {
  if (retainVotesSeconds != null && !(Number.isSafeInteger(retainVotesSeconds) && retainVotesSeconds >= 0)) {
    throw new InvalidRequestError(`retainVotesSeconds must be a whole number of seconds, or null to keep votes for ever, got ${show(retainVotesSeconds)}`)
  }
}
