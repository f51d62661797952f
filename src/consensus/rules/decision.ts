/**
 * The decision rules, as pure functions over tallies.
 */

import { checkBoolean, checkNumber, checkObject, checkUint32, show } from '../encoding/check.ts'
import { InvalidConsensusThresholdError, InvalidDecisionRuleError } from '../errors.ts'
import { checkFraction, shareOfVoters } from './threshold.ts'

/**
 * How votes become a result.
 *
 * - `quorum`: ours. A side wins with the votes of a quorum, more than half of the voters, so that two opposite quorums have
 *   voters in common, who have voted twice. Peers decide the same as long as no more than {@link toleranceOf} do that.
 * - `reference`: the rule of the Rust crate since 0.7.0. Before the timeout a side wins only when no vote that is
 *   still missing could change it.
 * - `legacy`: the rule of the crate up to 0.6, for meshes that still run it. Silent voters count before the timeout,
 *   too, so that peers can decide opposite results from the same ballots: do not use it for anything new.
 */
export type DecisionRule = 'quorum' | 'reference' | 'legacy'

export const DECISION_RULES: readonly DecisionRule[] = ['quorum', 'reference', 'legacy']

/**
 * How many have voted yes and no
 */
export interface Tally {
  yes: number
  no: number
  /** How many have voted both, and are counted on both sides. Only under `quorum`; absent if there are none. */
  doubles?: number
}

/**
 * The terms that votes are counted under by the rules of the crate
 */
export interface DecisionTerms {
  rule: Exclude<DecisionRule, 'quorum'>
  /** How many may vote */
  expectedVoters: number
  /** Share of the voters a side needs, 0 to 1 */
  threshold: number
  /** Where ties and, at the timeout, silent voters count: true is yes */
  livenessCriteriaYes: boolean
  /** Whether the time for voting is over */
  atTimeout: boolean
}

/** The terms that the rule `quorum` uses: it reads no clock, and silence counts for nothing */
export interface QuorumTerms {
  /** How many may vote */
  expectedVoters: number
  /** Share of the voters a side needs, a fraction in lowest terms like "2/3" */
  threshold: string
}

/** What the rule `quorum` makes of votes: a result (true is yes), two opposite quorums, or nothing (yet) */
export type QuorumVerdict = boolean | 'conflict' | undefined

/**
 * How many votes a share of `n` voters is: ceil(2n / 3) in whole numbers if the threshold is two thirds, otherwise
 * ceil(n · threshold) in floating point.
 */
export function thresholdValue (n: number, threshold: number): number {
  if (Math.abs(threshold - 2 / 3) < Number.EPSILON) {
    return Math.ceil((2 * n) / 3)
  }

  return Math.ceil(n * threshold)
}

/**
 * Whether so many votes can decide anything: all of them where there are at most two voters, otherwise the threshold
 */
export function hasSufficientVotes (total: number, expectedVoters: number, threshold: number): boolean {
  checkUint32('total', total)
  checkUint32('expectedVoters', expectedVoters)
  checkThreshold('threshold', threshold)

  return total >= (expectedVoters <= 2 ? expectedVoters : thresholdValue(expectedVoters, threshold))
}

/**
 * Returns the result that the votes decide by a rule of the crate: true for yes, false for no, undefined if they decide nothing
 * (yet). See {@link decideByQuorum} for the rule `quorum`.
 */
export function calculateConsensusResult (tally: Tally, terms: DecisionTerms): boolean | undefined {
  checkTally(tally)
  checkTerms(terms)

  const { expectedVoters, rule } = terms
  const total = tally.yes + tally.no

  if (expectedVoters <= 2) {
    return total < expectedVoters ? undefined : tally.yes === expectedVoters
  }

  return rule === 'reference' ? reference(tally, terms) : legacy(tally, terms)
}

/**
 * Returns how many votes for one side decide under `quorum`: the threshold's share of the voters, in whole numbers, and more
 * than half of them
 *
 * @param threshold - a fraction in lowest terms like "2/3"
 */
export function quorumOf (expectedVoters: number, threshold: string): number {
  checkUint32('expectedVoters', expectedVoters)
  checkFraction('threshold', threshold)

  return quorumSize(expectedVoters, threshold)
}

/**
 * How many of the voters may vote both yes and no without two peers deciding opposite results under `quorum`. With two
 * thirds that is at least every number below a third of the voters.
 */
export function toleranceOf (expectedVoters: number, threshold: string): number {
  return 2 * quorumOf(expectedVoters, threshold) - expectedVoters - 1
}

/**
 * What the rule `quorum` makes of votes. The votes of a quorum for one side decide, at any time, and nothing else does.
 */
export function decideByQuorum (tally: Tally, terms: QuorumTerms): QuorumVerdict {
  checkTally(tally)
  checkObject('terms', terms)
  checkUint32('terms.expectedVoters', terms.expectedVoters)
  checkFraction('terms.threshold', terms.threshold)

  return quorum(tally, terms)
}

function quorum ({ yes, no }: Tally, { expectedVoters, threshold }: QuorumTerms): QuorumVerdict {
  const size = quorumSize(expectedVoters, threshold)

  if (yes >= size && no >= size) {
    return 'conflict'
  }

  return yes >= size || no >= size ? yes >= size : undefined
}

function quorumSize (expectedVoters: number, threshold: string): number {
  return Math.max(shareOfVoters(expectedVoters, threshold), Math.floor(expectedVoters / 2) + 1)
}

function reference ({ yes, no }: Tally, { expectedVoters, threshold, livenessCriteriaYes, atTimeout }: DecisionTerms): boolean | undefined {
  const silent = Math.max(0, expectedVoters - yes - no)
  const required = thresholdValue(expectedVoters, threshold)

  if (silent === 0 && yes === no) {
    return livenessCriteriaYes
  }

  if (atTimeout) {
    return sideThatWins(withSilent({ yes, no }, silent, livenessCriteriaYes), required)
  }

  if (yes >= required && yes > no + silent) {
    return true
  }

  if (no >= required && no > yes + silent) {
    return false
  }
}

function legacy ({ yes, no }: Tally, { expectedVoters, threshold, livenessCriteriaYes, atTimeout }: DecisionTerms): boolean | undefined {
  const total = yes + no
  const required = thresholdValue(expectedVoters, threshold)

  if ((atTimeout ? expectedVoters : total) < required) {
    return
  }

  const weights = withSilent({ yes, no }, Math.max(0, expectedVoters - total), livenessCriteriaYes)
  const winner = sideThatWins(weights, required)

  if (winner == null && total === expectedVoters && weights.yes === weights.no) {
    return livenessCriteriaYes
  }

  return winner
}

function withSilent ({ yes, no }: Tally, silent: number, livenessCriteriaYes: boolean): Tally {
  return livenessCriteriaYes ? { yes: yes + silent, no } : { yes, no: no + silent }
}

function sideThatWins ({ yes, no }: Tally, required: number): boolean | undefined {
  if (yes >= required && yes > no) {
    return true
  }

  if (no >= required && no > yes) {
    return false
  }
}

export function checkThreshold (field: string, threshold: number): void {
  checkNumber(field, threshold)

  if (!(threshold >= 0 && threshold <= 1)) {
    throw new InvalidConsensusThresholdError(`${field} must be from 0 to 1, got ${show(threshold)}`)
  }
}

export function checkDecisionRule (field: string, rule: DecisionRule): void {
  if (!DECISION_RULES.includes(rule)) {
    throw new InvalidDecisionRuleError(`${field} must be one of ${DECISION_RULES.join(', ')}, got ${show(rule)}`)
  }
}

function checkTally (tally: Tally): void {
  checkObject('tally', tally)
  checkUint32('tally.yes', tally.yes)
  checkUint32('tally.no', tally.no)

  if (tally.doubles != null) {
    checkUint32('tally.doubles', tally.doubles)

    if (tally.doubles > Math.min(tally.yes, tally.no)) {
      throw new TypeError(`tally.doubles must be at most tally.yes and tally.no, since they are among both, got ${tally.doubles} of ${tally.yes} yes and ${tally.no} no`)
    }
  }
}

function checkTerms (terms: DecisionTerms): void {
  checkObject('terms', terms)
  checkDecisionRule('terms.rule', terms.rule)
  checkUint32('terms.expectedVoters', terms.expectedVoters)
  checkThreshold('terms.threshold', terms.threshold)
  checkBoolean('terms.livenessCriteriaYes', terms.livenessCriteriaYes)
  checkBoolean('terms.atTimeout', terms.atTimeout)

  if ((terms.rule as DecisionRule) === 'quorum') {
    throw new InvalidDecisionRuleError('terms.rule must be one of reference, legacy, got "quorum": use decideByQuorum')
  }
}
