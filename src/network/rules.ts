/**
 * What a scope's policy asks of this node: what it may be asked to do, and when. What it asks of proposals and votes, whoever
 * made them, is in consensus/scope-rules.ts.
 */

import { checkBoolean, checkBytes, checkObject, checkString, show } from '../consensus/check.ts'
import { MAX_LIFETIME_SECONDS, MAX_VOTERS } from '../consensus/policy.ts'
import { hasVisibleCharacter, printable } from '../consensus/visible-text.ts'
import { InvalidRequestError } from './errors.ts'
import type { ScopePolicy } from '../consensus/policy.ts'
import type { CreateProposalRequest, Proposal } from '../consensus/proposal.ts'
import type { ScopeSettings } from '../consensus/storage.ts'
import type { ProposalRequest } from '../index.ts'

/** Seconds that a vote takes to reach the others and to be stored there, several times over */
const MIN_AUTO_VOTE_MARGIN_SECONDS = 5

/** When a proposal ends if nothing has decided it before, Unix seconds: under `quorum` when no vote can be on its way any more */
export function deadlineOf ({ decisionRule, graceSeconds }: ScopePolicy, { expirationTimestamp }: Pick<Proposal, 'expirationTimestamp'>): bigint {
  return expirationTimestamp + (decisionRule === 'quorum' ? BigInt(graceSeconds) : 0n)
}

/**
 * How long before a proposal's expiration a node votes by itself at the latest, in seconds: by every clock within the skew the
 * vote is in time then
 */
function autoVoteMargin ({ clockSkewSeconds }: ScopePolicy): number {
  return Math.max(2 * clockSkewSeconds, MIN_AUTO_VOTE_MARGIN_SECONDS)
}

/** When a node votes by itself if its operator has not, where the policy says what, Unix seconds */
export function autoVoteDueAt (policy: ScopePolicy, { timestamp, expirationTimestamp }: Pick<Proposal, 'timestamp' | 'expirationTimestamp'>): bigint {
  const atLatest = expirationTimestamp - BigInt(autoVoteMargin(policy))
  const nearTheEnd = timestamp + (expirationTimestamp - timestamp) * 9n / 10n

  return atLatest < nearTheEnd ? atLatest : nearTheEnd
}

/** What a node votes automatically under a policy that says so */
export function sideOf ({ onSilence }: ScopePolicy, { livenessCriteriaYes }: Pick<Proposal, 'livenessCriteriaYes'>): boolean {
  return onSilence === 'liveness' ? livenessCriteriaYes : onSilence === 'yes'
}

/** What a policy asks for that cannot be done, in words, or undefined if there is nothing: nobody is to rely on it */
export function unsupportedProblem (policy: ScopePolicy): string | undefined {
  const { onSilence, minLifetimeSeconds } = policy

  if (onSilence !== 'none' && minLifetimeSeconds <= autoVoteMargin(policy)) {
    return `onSilence: nodes vote by themselves ${autoVoteMargin(policy)} seconds before the end or earlier, which leaves no time to those who vote on a proposal as short as minLifetimeSeconds allows: it must be more than ${autoVoteMargin(policy)}, got ${minLifetimeSeconds}. Or make clockSkewSeconds smaller`
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

  if (name !== '' && !hasVisibleCharacter(name)) {
    throw new InvalidRequestError(`name must have a visible character, such as a letter, a digit or an emoji, got ${printable(show(name))}. Give the proposal a name that its voters can read`, 'name')
  }

  checkBytes('request.payload', payload)
  checkBoolean('request.livenessCriteriaYes', livenessCriteriaYes)

  const minTimeout = Math.max(1, policy.minLifetimeSeconds)

  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < minTimeout || timeoutSeconds > MAX_LIFETIME_SECONDS) {
    throw new InvalidRequestError(`timeoutSeconds must be a whole number of ${minTimeout} to ${MAX_LIFETIME_SECONDS} seconds, got ${show(timeoutSeconds)}`, 'timeoutSeconds')
  }

  if (expectedVotersCount == null) {
    throw new InvalidRequestError(`expectedVotersCount is needed, since scope "${policy.name}" is open and lists no voters: say how many are to vote`, 'expectedVotersCount')
  }

  if (!Number.isInteger(expectedVotersCount) || expectedVotersCount < 1 || expectedVotersCount > MAX_VOTERS) {
    throw new InvalidRequestError(`expectedVotersCount must be a whole number of 1 to ${MAX_VOTERS}, got ${show(expectedVotersCount)}`, 'expectedVotersCount')
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
    throw new InvalidRequestError(`retainVotesSeconds must be a whole number of seconds, or null to keep votes for ever, got ${show(retainVotesSeconds)}`, 'retainVotesSeconds')
  }
}
