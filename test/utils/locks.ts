/**
 * What vote locks are asked for in tests that ask for many.
 */

import { buildVote } from '../../src/consensus/vote/vote.ts'
import type { VoteSubject } from '../../src/consensus/vote/vote-lock.ts'
import type { Vote } from '../../src/consensus/vote/vote.ts'

export const SCOPE = 'council'
export const IDENTITY = new Uint8Array(20).fill(7)

const NOW = 1_700_000_000n

export function subjectOf (proposalId: number): VoteSubject {
  return {
    name: 'Go?',
    payload: new Uint8Array(),
    proposalId,
    proposalOwner: IDENTITY,
    expectedVotersCount: 3,
    timestamp: NOW,
    expirationTimestamp: NOW + 60n,
    livenessCriteriaYes: true
  }
}

export function lockVote (proposalId: number, choice: boolean): Vote {
  return buildVote({ proposalId, owner: IDENTITY, choice, timestamp: NOW, votes: [] })
}

/** So many numbers, from 1 on */
export function upTo (count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
