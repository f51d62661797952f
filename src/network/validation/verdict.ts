/**
 * The verdict on something that came from others, and the reason for it.
 *
 * Reject is context-free: every member comes to it from the message and the policy alone, whatever the member knows and
 * whenever it looks. A member that lacks the proposal accepts and relays in good faith what another finds untimely, so
 * anything else would make honest members ban one another.
 */

import {
  ConsensusError, EmptySignatureError, EmptyVoteHashError, EmptyVoteOwnerError, InvalidEvidenceError, InvalidVoteHashError, InvalidVoteSignatureError,
  ParentHashMismatchError, ReceivedHashMismatchError, SignatureSchemeError, TimestampOlderThanCreationTimeError, VoteProposalIdMismatchError
} from '../../consensus/errors.ts'
import type { Verdict } from '../gossip/pubsub.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { IntakeResult } from '../sync/intake.ts'

/** A verdict and, where it is not to accept, the reason */
export interface Validation {
  verdict: Verdict
  /**
   * What became of it, as for what came by sync, and besides:
   *
   * - `parked`: it waits for its proposal
   * - `kept`: it waits here until the reason has passed: nobody needs to send it again
   */
  result: IntakeResult | 'parked' | 'kept'
  reason?: string
  /** When the reason has passed, Unix seconds, where that is known */
  passesAt?: bigint
}

type ErrorClass = new (...args: any[]) => ConsensusError

/** What is wrong with a vote, or with two that are evidence, whatever proposal the member knows */
export const VOTE_FAULTS: ErrorClass[] = [
  EmptyVoteOwnerError, EmptyVoteHashError, EmptySignatureError, InvalidVoteHashError, SignatureSchemeError, InvalidVoteSignatureError, InvalidEvidenceError
]

/** What is wrong with an announcement, whose votes are about the proposal that it brings */
export const ANNOUNCEMENT_FAULTS: ErrorClass[] = [
  ...VOTE_FAULTS, VoteProposalIdMismatchError, TimestampOlderThanCreationTimeError, ReceivedHashMismatchError, ParentHashMismatchError
]

export const ACCEPT: Validation = { verdict: 'accept', result: 'new' }

/** Not now, by our clock, our limits, what is known here or our troubles */
export function ignore (reason: string): Validation {
  return { verdict: 'ignore', result: 'refused', reason }
}

/** Not now, for a reason that passes */
export function later (reason: string, passesAt?: bigint): Validation {
  return { verdict: 'ignore', result: 'later', reason, passesAt }
}

/** Here already */
export function known (reason: string): Validation {
  return { verdict: 'ignore', result: 'known', reason }
}

/** Wrong by the protocol's constants and the policy, the same at every member */
export function reject (reason: string): Validation {
  return { verdict: 'reject', result: 'invalid', reason }
}

/**
 * The verdict on something that is wrong under a scope's rules, undefined if nothing is
 *
 * @param fault - what no honest peer makes
 * @param limit - what is beyond limits that the crate does not have: its peers are honest, in scopes that decide by its rules
 */
export function validateProblem (scope: JoinedScope, fault?: string, limit?: string): Validation | undefined {
  if (fault != null) {
    return reject(fault)
  }

  if (limit != null) {
    return validateLimit(scope, limit)
  }
}

/** The verdict on what is beyond a limit that the crate does not have */
export function validateLimit ({ policy }: JoinedScope, limit: string): Validation {
  return policy.decisionRule === 'quorum' ? reject(limit) : ignore(limit)
}

/** The verdict on what the core refuses with an error. What is no error of the core is our own trouble, and is thrown again. */
export function validateError (err: unknown, faults: ErrorClass[]): Validation {
  if (faults.some(fault => err instanceof fault)) {
    return reject((err as Error).message)
  }

  if (err instanceof ConsensusError) {
    return ignore(err.message)
  }

  throw err
}
