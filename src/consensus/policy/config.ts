/**
 * The configuration one proposal is decided under, and where it comes from.
 */

import { checkBoolean, checkDigest, checkNumber, checkObject, checkUint32, MAX_UINT32, show } from '../encoding/check.ts'
import { InvalidConsensusThresholdError, InvalidTimeoutError, MissingPolicyDigestError } from '../errors.ts'
import { checkDecisionRule, checkThreshold, thresholdValue } from '../rules/decision.ts'
import { checkFraction } from '../rules/threshold.ts'
import type { DecisionRule } from '../rules/decision.ts'

export interface ConsensusConfig {
  /** Share of the voters a side needs, 0 to 1. Not used under `quorum`, which counts by `exactThreshold`. */
  consensusThreshold: number
  /** Seconds from proposal to timeout */
  consensusTimeout: number
  /** Highest round; with point-to-point rounds 0 means as many as votes are needed */
  maxRounds: number
  /** Rounds as on gossipsub: the proposal is round 1, all votes are round 2. Otherwise each vote is a round. */
  useGossipsubRounds: boolean
  /** Where ties and, at the timeout, silent voters count: true is yes. The proposal's own value replaces it. Not used under `quorum`. */
  livenessCriteria: boolean
  decisionRule: DecisionRule
  /**
   * What tells the rules of the scope apart from others, see `policyDigest`: 32 bytes. Proposals and votes are bound to it
   * under `quorum`, which needs it; it is not looked at under the other rules.
   */
  policyDigest?: Uint8Array
  /**
   * Share of the voters a side needs under `quorum`, which needs it: a fraction in lowest terms like "2/3", as policies have it.
   * Not used under the other rules.
   */
  exactThreshold?: string
}

/** What the rule `quorum` wants to know besides; {@link ConsensusConfig} and ScopeConfig have it in common */
export type QuorumSettings = Pick<ConsensusConfig, 'decisionRule' | 'policyDigest' | 'exactThreshold'>

export const DEFAULT_THRESHOLD = 2 / 3

/** Seconds */
export const DEFAULT_TIMEOUT = 60

/** Rounds on gossipsub: one for the proposal, one for the votes */
export const GOSSIPSUB_MAX_ROUNDS = 2

/** Point-to-point: the limit follows from the number of voters */
export const P2P_MAX_ROUNDS = 0

/** Two thirds, 60 seconds, rounds as on gossipsub, liveness yes, rule `reference` */
export function gossipsubConfig (): ConsensusConfig {
  return {
    consensusThreshold: DEFAULT_THRESHOLD,
    consensusTimeout: DEFAULT_TIMEOUT,
    maxRounds: GOSSIPSUB_MAX_ROUNDS,
    useGossipsubRounds: true,
    livenessCriteria: true,
    decisionRule: 'reference'
  }
}

/** Two thirds, 60 seconds, a round per vote, liveness yes, rule `reference` */
export function p2pConfig (): ConsensusConfig {
  return { ...gossipsubConfig(), maxRounds: P2P_MAX_ROUNDS, useGossipsubRounds: false }
}

/** The round of a proposal with so many voters' votes: 1 for the proposal; then 2 on gossipsub, point-to-point one more each */
export function roundAfter (voterCount: number, gossipsub: boolean): number {
  if (gossipsub) {
    return voterCount > 0 ? 2 : 1
  }

  return Math.min(1 + voterCount, MAX_UINT32)
}

/** The highest round that votes of `expectedVoters` voters may reach */
export function maxRoundLimit ({ useGossipsubRounds, maxRounds, consensusThreshold }: ConsensusConfig, expectedVoters: number): number {
  return useGossipsubRounds || maxRounds > 0 ? maxRounds : thresholdValue(expectedVoters, consensusThreshold)
}

/** Throws an error that names the first field that is wrong */
export function validateConfig (config: ConsensusConfig): void {
  checkObject('config', config)
  checkThreshold('config.consensusThreshold', config.consensusThreshold)
  checkTimeout('config.consensusTimeout', config.consensusTimeout)
  checkUint32('config.maxRounds', config.maxRounds)
  checkBoolean('config.useGossipsubRounds', config.useGossipsubRounds)
  checkBoolean('config.livenessCriteria', config.livenessCriteria)
  checkQuorumSettings(config)
}

/**
 * Throws MissingPolicyDigestError and InvalidConsensusThresholdError under `quorum` where the digest or the exact threshold is
 * missing, and errors for fields that are wrong
 */
export function checkQuorumSettings ({ decisionRule, policyDigest, exactThreshold }: QuorumSettings): void {
  checkDecisionRule('config.decisionRule', decisionRule)

  if (policyDigest != null) {
    checkDigest('config.policyDigest', policyDigest)
  } else if (decisionRule === 'quorum') {
    throw new MissingPolicyDigestError('config.policyDigest must be set with the decision rule "quorum", which binds proposals and votes to it: give it the policyDigest(policy) of the scope\'s policy')
  }

  if (exactThreshold != null) {
    checkFraction('config.exactThreshold', exactThreshold)
  } else if (decisionRule === 'quorum') {
    exactThresholdOf({ exactThreshold })
  }
}

/** Returns the threshold of a configuration under `quorum`. Throws InvalidConsensusThresholdError if it has none. */
export function exactThresholdOf ({ exactThreshold }: Pick<ConsensusConfig, 'exactThreshold'>): string {
  if (exactThreshold == null) {
    throw new InvalidConsensusThresholdError('config.exactThreshold must be set with the decision rule "quorum", which counts in whole numbers: give it the threshold of the scope\'s policy, a fraction like "2/3"')
  }

  return exactThreshold
}

export function checkTimeout (field: string, timeout: number): void {
  checkNumber(field, timeout)

  if (!(timeout > 0 && timeout < Infinity)) {
    throw new InvalidTimeoutError(`${field} must be more than 0 seconds, got ${show(timeout)}`)
  }
}
