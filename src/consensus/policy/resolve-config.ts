/**
 * Which configuration a proposal has: its own, its scope's or the default.
 */

import { GOSSIPSUB_MAX_ROUNDS, gossipsubConfig, P2P_MAX_ROUNDS } from './config.ts'
import type { ConsensusConfig, QuorumSettings } from './config.ts'
import type { ScopeConfig } from './scope-config.ts'
import type { Proposal } from '../proposal/proposal.ts'

/** The configuration a scope gives to proposals that bring none */
export function configFromScope (scope: ScopeConfig): ConsensusConfig {
  const gossipsub = scope.networkType === 'gossipsub'

  return {
    consensusThreshold: scope.defaultConsensusThreshold,
    consensusTimeout: scope.defaultTimeout,
    maxRounds: scope.maxRoundsOverride ?? (gossipsub ? GOSSIPSUB_MAX_ROUNDS : P2P_MAX_ROUNDS),
    useGossipsubRounds: gossipsub,
    livenessCriteria: scope.defaultLivenessCriteriaYes,
    ...quorumSettings(scope)
  }
}

/** Without those that are not set: an absent field and an undefined one are not the same to everybody */
function quorumSettings ({ decisionRule, policyDigest, exactThreshold }: QuorumSettings): QuorumSettings {
  return {
    decisionRule,
    ...policyDigest == null ? {} : { policyDigest },
    ...exactThreshold == null ? {} : { exactThreshold }
  }
}

/**
 * The configuration of a proposal: an explicit one, else the scope's, else {@link gossipsubConfig}. Liveness is always
 * the proposal's own. So is the timeout, if it is more than 0 and there is no explicit configuration.
 */
export function resolveConfig (proposal: Proposal, scope?: ScopeConfig, override?: ConsensusConfig): ConsensusConfig {
  const base = override ?? (scope == null ? gossipsubConfig() : configFromScope(scope))
  const lifetime = proposal.expirationTimestamp - proposal.timestamp

  return {
    ...base,
    consensusTimeout: override == null && lifetime > 0n ? Number(lifetime) : base.consensusTimeout,
    livenessCriteria: proposal.livenessCriteriaYes
  }
}
