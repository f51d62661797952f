/**
 * What a scope's policy asks of this node: what it may be asked to do, and when. What it asks of proposals and votes, whoever
 * made them, is in consensus/policy/scope-rules.ts.
 */

import { checkBoolean, checkBytes, checkObject, checkString, show } from '../../consensus/encoding/check.ts'
import { MAX_LIFETIME_SECONDS, MAX_VOTERS } from '../../consensus/policy/policy.ts'
import { hasVisibleCharacter, printable } from '../../consensus/text/visible-text.ts'
import { InvalidRequestError } from '../errors.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { CreateProposalRequest, Proposal } from '../../consensus/proposal/proposal.ts'
import type { ScopeSettings } from '../../consensus/storage/interface.ts'
import type { ProposalRequest } from '../interface.ts'

/** When a proposal ends if nothing has decided it before, Unix seconds: under `quorum` when no vote can be on its way any more */
export function deadlineOf ({ decisionRule, graceSeconds }: ScopePolicy, { expirationTimestamp }: Pick<Proposal, 'expirationTimestamp'>): bigint {
  return expirationTimestamp + (decisionRule === 'quorum' ? BigInt(graceSeconds) : 0n)
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
