/**
 * What a scope's policy and the protocol's limits ask of proposals and votes: one place for what we make, for what others
 * send and for what proofs hold. Nothing here looks at a clock, so everybody comes to the same answer.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { fromString } from 'uint8arrays/from-string'
import { isTimely } from '../vote/vote.ts'
import { MAX_LIFETIME_SECONDS, MAX_VOTERS, policyDigest, proposalDigest, proposalIdOf } from './policy.ts'
import type { ScopePolicy } from './policy.ts'
import type { Proposal } from '../proposal/proposal.ts'
import type { Vote } from '../vote/vote.ts'

/** Bytes of a vote's links, where it has them: what SHA-256 gives */
const HASH_LENGTH = 32

/** Bytes of a proposal's name in UTF-8 */
const MAX_NAME_LENGTH = 256

/** Bytes of a proposal's payload */
export const MAX_PAYLOAD_LENGTH = 32 * 1024

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

/**
 * @param digest - the policy's, where it is there already: making it takes the time of thousands of these
 */
export function scopeRules (policy: ScopePolicy, digest = policyDigest(policy)): ScopeRules {
  const voters = policy.voters == null ? null : new Set(policy.voters.map(({ address }) => address))

  return { policy, digest, voters, proposers: policy.proposers == null ? voters : new Set(policy.proposers) }
}

/** Whether an identity is among some that may do something; null for anybody */
export function isListed (addresses: ReadonlySet<string> | null, identity: Uint8Array): boolean {
  return addresses == null || addresses.has(`0x${bytesToHex(identity)}`)
}

/**
 * What is wrong with a proposal under a scope's rules, in words, or undefined if nothing is
 */
export function proposalProblem (rules: ScopeRules, proposal: Proposal): string | undefined {
  return proposalLimitProblem(rules, proposal) ?? proposalFault(rules, proposal)
}

/**
 * The part of {@link proposalProblem} that the crate does not look for: in `reference` and `legacy` scopes honest peers may
 * make such proposals
 */
export function proposalLimitProblem ({ policy }: ScopeRules, proposal: Proposal): string | undefined {
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

  return proposal.votes.map(linkProblem).find(problem => problem != null)
}

/** The part of {@link proposalProblem} that no honest peer makes, under whatever rules */
export function proposalFault (rules: ScopeRules, proposal: Proposal): string | undefined {
  if (!isListed(rules.proposers, proposal.proposalOwner)) {
    return `0x${bytesToHex(proposal.proposalOwner)} is not among those who may propose`
  }

  return rules.policy.decisionRule === 'quorum' ? boundProposalProblem(rules, proposal) : embeddedVotesProblem(rules, proposal)
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

    const problem = voterProblem(rules, vote.voteOwner)

    if (problem != null) {
      return problem
    }

    owners.add(owner)
  }
}

/** What is wrong with a vote under a scope's rules, in words, or undefined if nothing is */
export function voteProblem (rules: ScopeRules, vote: Vote): string | undefined {
  return voteLimitProblem(rules, vote) ?? voteFault(rules, vote)
}

/** The part of {@link voteProblem} that the crate does not look for, see {@link proposalLimitProblem} */
export function voteLimitProblem ({ policy }: ScopeRules, vote: Vote): string | undefined {
  return policy.decisionRule === 'quorum' ? undefined : linkProblem(vote)
}

/** The part of {@link voteProblem} that no honest peer makes, under whatever rules */
export function voteFault (rules: ScopeRules, vote: Vote): string | undefined {
  return (rules.policy.decisionRule === 'quorum' ? unboundProblem(vote) : undefined) ?? voterProblem(rules, vote.voteOwner)
}

function linkProblem ({ parentHash, receivedHash }: Vote): string | undefined {
  for (const link of [parentHash, receivedHash]) {
    if (link.byteLength !== 0 && link.byteLength !== HASH_LENGTH) {
      return `a link of a vote is a hash of ${HASH_LENGTH} bytes or empty, got ${link.byteLength}`
    }
  }
}

/** Under `quorum` a vote is bound to the proposal's content, and to no other votes */
function unboundProblem ({ proposalId, parentHash, receivedHash }: Vote): string | undefined {
  if (receivedHash.byteLength !== 0) {
    return `a vote is not linked to others: its received hash must be empty, got ${receivedHash.byteLength} bytes`
  }

  if (parentHash.byteLength !== HASH_LENGTH || proposalIdOf(parentHash) !== proposalId) {
    return `the vote is not bound to a proposal with the id ${proposalId}: its parent hash must be the proposal's digest, ${HASH_LENGTH} bytes of which the id is the first 4`
  }
}

/** What is wrong with when a vote says it was cast, in words, or undefined if nothing is */
export function untimelyProblem (vote: Vote, times: Pick<Proposal, 'timestamp' | 'expirationTimestamp'>): string | undefined {
  if (!isTimely(vote, times)) {
    return `the vote was cast at ${vote.timestamp}, outside of the proposal's time from ${times.timestamp} to ${times.expirationTimestamp}`
  }
}

/** What is wrong with a voter under a scope's rules, in words, or undefined if nothing is */
export function voterProblem (rules: ScopeRules, voter: Uint8Array): string | undefined {
  if (!isListed(rules.voters, voter)) {
    return `0x${bytesToHex(voter)} is not among the voters of the scope`
  }
}
