/**
 * When a node votes automatically, for what, and on which proposals. `auto-voter.ts` does it.
 */

import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { Proposal } from '../../consensus/proposal/proposal.ts'

/** Seconds that a vote takes to be stored and to reach the other members, several times over */
const MIN_MARGIN_SECONDS = 5

/** Seconds that people have at least to read a proposal before nodes vote on it automatically */
const MIN_READING_SECONDS = 5

type Times = Pick<Proposal, 'timestamp' | 'expirationTimestamp'>

/** The side that the nodes of silent voters vote for: true for yes */
export function sideOf ({ onSilence }: Pick<ScopePolicy, 'onSilence'>, { livenessCriteriaYes }: Pick<Proposal, 'livenessCriteriaYes'>): boolean {
  return onSilence === 'liveness' ? livenessCriteriaYes : onSilence === 'yes'
}

/**
 * When a node votes automatically unless its operator has voted, Unix seconds: in the second half of the proposal's life, and so
 * early that the vote is in time by every clock within the skew
 */
export function autoVoteDueAt ({ clockSkewSeconds }: ScopePolicy, { timestamp, expirationTimestamp }: Times): bigint {
  const life = expirationTimestamp - timestamp
  const latest = expirationTimestamp - BigInt(Math.max(2 * clockSkewSeconds, MIN_MARGIN_SECONDS))
  const early = min(latest, timestamp + life * 9n / 10n)

  return max(early, timestamp + (life + 1n) / 2n)
}

/**
 * Why a node leaves a proposal to its operator, in words, or undefined if it votes automatically. A proposal that reaches
 * members late, or is dated back, would have all of their nodes vote before a person can read it.
 *
 * @param firstSeen - when this node first stored the proposal, Unix seconds
 */
export function autoVoteProblem (policy: ScopePolicy, proposal: Times, firstSeen: bigint): string | undefined {
  const { timestamp, expirationTimestamp } = proposal
  const life = expirationTimestamp - timestamp
  const known = autoVoteDueAt(policy, proposal) - firstSeen

  if (4n * (firstSeen - timestamp - BigInt(policy.clockSkewSeconds)) >= life) {
    return 'it reached this node after the first quarter of its life'
  }

  if (4n * known < life || known < BigInt(MIN_READING_SECONDS)) {
    return `it reached this node ${known < 0n ? 'after' : `${known} s before`} the time of automatic votes, which is too late for a person to read it`
  }
}

function min (a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function max (a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
