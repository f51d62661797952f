/**
 * What is found wrong with a vote by what is known here, before its signature is looked at.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { DuplicateVoteError } from '../../consensus/errors.ts'
import { untimelyProblem, voteFault, voteLimitProblem } from '../../consensus/policy/scope-rules.ts'
import { checkVoteHash } from '../../consensus/vote/vote.ts'
import { MAX_EVIDENCE_OPEN } from '../gossip/limits.ts'
import { ignore, validateError, validateProblem, known, VOTE_FAULTS } from './verdict.ts'
import type { Validation } from './verdict.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { JoinedScope } from '../scope/scope.ts'

export const KNOWN_EVIDENCE = 'there is evidence against the voter on this proposal already'

export const ENOUGH_EVIDENCE = 'there are enough double voters on this proposal'

/** What is wrong with a vote whatever is known here, undefined if nothing is */
export function validateContent (scope: JoinedScope, vote: Vote): Validation | undefined {
  return validateProblem(scope, voteFault(scope, vote), voteLimitProblem(scope, vote)) ?? validateHash(vote)
}

/** Looked at before everything that depends on what is known here */
function validateHash (vote: Vote): Validation | undefined {
  try {
    checkVoteHash(vote)
  } catch (err) {
    return validateError(err, VOTE_FAULTS)
  }
}

/**
 * In `reference` and `legacy` scopes votes are not bound to what the proposal says, and others may have another of this id
 *
 * @param now - our clock, Unix seconds, where the vote is validated by it
 */
export function validateFree (scope: JoinedScope, session: ConsensusSession, vote: Vote, now?: bigint): Validation | undefined {
  const { proposalId, expirationTimestamp } = session.proposal

  if (session.hasVoted(vote.voteOwner) || scope.late.has(vote)) {
    return known('the voter\'s vote is known')
  }

  const untimely = untimelyProblem(vote, session.proposal)

  if (untimely != null) {
    return ignore(untimely)
  }

  if (now != null && now >= expirationTimestamp) {
    return ignore(`proposal ${proposalId} has expired`)
  }
}

/** Under `quorum` a vote says which content it was cast on. When it was cast is looked at afterwards. */
export function validateBound (scope: JoinedScope, session: ConsensusSession, vote: Vote): Validation | undefined {
  if (session.digest == null || !equals(vote.parentHash, session.digest)) {
    return ignore(`the vote was cast on another proposal with the id ${vote.proposalId}`)
  }

  if (session.hasVotedFor(vote.voteOwner, vote.vote)) {
    return known('the voter\'s vote is known')
  }

  if (session.hasVoted(vote.voteOwner) && hasEnoughEvidence(scope, session)) {
    return ignore(ENOUGH_EVIDENCE)
  }
}

/** The verdict on a vote that the core has refused */
export function validateRefusal (err: unknown): Validation {
  return err instanceof DuplicateVoteError ? known(err.message) : validateError(err, VOTE_FAULTS)
}

export function notKnown ({ proposalId }: Vote): Validation {
  return ignore(`proposal ${proposalId} is not known`)
}

/** Where anybody may vote, double voters cost nothing */
export function hasEnoughEvidence ({ open }: JoinedScope, session: ConsensusSession): boolean {
  return open && doubleVotersOf(session) >= MAX_EVIDENCE_OPEN
}

function doubleVotersOf ({ tally: { doubles = 0 }, evidence }: ConsensusSession): number {
  return doubles + evidence.length
}

/** The votes that are left without those that make more double voters than there may be */
export function withinEvidence ({ open }: JoinedScope, session: ConsensusSession, votes: readonly Vote[]): readonly Vote[] {
  if (!open) {
    return votes
  }

  const voted = new Set<string>()
  let room = MAX_EVIDENCE_OPEN - doubleVotersOf(session)

  return votes.filter(({ voteOwner }) => {
    const owner = bytesToHex(voteOwner)
    const isDouble = voted.has(owner) || session.hasVoted(voteOwner)

    voted.add(owner)

    return !isDouble || room-- > 0
  })
}
