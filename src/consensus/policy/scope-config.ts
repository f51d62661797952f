/**
 * What a scope gives to proposals that bring no configuration of their own, and the builder that sets it.
 */

import { checkBoolean, checkObject, checkUint32, show } from '../encoding/check.ts'
import { InvalidMaxRoundsError } from '../errors.ts'
import { checkThreshold } from '../rules/decision.ts'
import { checkQuorumSettings, checkTimeout, DEFAULT_THRESHOLD, DEFAULT_TIMEOUT } from './config.ts'
import type { DecisionRule } from '../rules/decision.ts'

/**
 * How rounds are counted: on gossipsub all votes share one, point-to-point each vote is one
 */
export type NetworkType = 'gossipsub' | 'p2p'

export interface ScopeConfig {
  networkType: NetworkType
  /** Share of the voters a side needs, 0 to 1. Not used under `quorum`, which counts by `exactThreshold`. */
  defaultConsensusThreshold: number
  /** Seconds */
  defaultTimeout: number
  defaultLivenessCriteriaYes: boolean
  /** Highest round; undefined for the network type's own. 0 means "as many as votes are needed" and is only for `p2p` */
  maxRoundsOverride?: number
  decisionRule: DecisionRule
  /** See `policyDigest`, 32 bytes. Required under `quorum`, not looked at under the other rules. */
  policyDigest?: Uint8Array
  /** A fraction in lowest terms like "2/3". Required under `quorum`, not used under the other rules. */
  exactThreshold?: string
}

/** Gossipsub, two thirds, 60 seconds, liveness yes, no round limit of its own, rule `reference` */
export function defaultScopeConfig (): ScopeConfig {
  return {
    networkType: 'gossipsub',
    defaultConsensusThreshold: DEFAULT_THRESHOLD,
    defaultTimeout: DEFAULT_TIMEOUT,
    defaultLivenessCriteriaYes: true,
    decisionRule: 'reference'
  }
}

/** Throws an error that names the first field that is wrong */
export function validateScopeConfig (config: ScopeConfig): void {
  checkObject('config', config)

  if (config.networkType !== 'gossipsub' && config.networkType !== 'p2p') {
    throw new TypeError(`config.networkType must be "gossipsub" or "p2p", got ${show(config.networkType)}`)
  }

  checkThreshold('config.defaultConsensusThreshold', config.defaultConsensusThreshold)
  checkTimeout('config.defaultTimeout', config.defaultTimeout)
  checkBoolean('config.defaultLivenessCriteriaYes', config.defaultLivenessCriteriaYes)
  checkQuorumSettings(config)

  if (config.maxRoundsOverride != null) {
    checkUint32('config.maxRoundsOverride', config.maxRoundsOverride)

    if (config.maxRoundsOverride === 0 && config.networkType === 'gossipsub') {
      throw new InvalidMaxRoundsError('config.maxRoundsOverride must be at least 1 with the network type gossipsub, got 0')
    }
  }
}

/**
 * What the builder needs of the service it belongs to
 */
export interface ScopeConfigTarget {
  initialize (config: ScopeConfig): Promise<void>
  update (config: ScopeConfig): Promise<void>
}

/**
 * Sets a scope's configuration step by step. Nothing is checked or stored before `initialize()` or `update()`.
 *
 * @example
 *
 * ```TypeScript
 * import { ConsensusService } from 'libp2p-voting/consensus'
 * import { ethereumScheme } from 'libp2p-voting/signers/ethereum'
 *
 * const service = new ConsensusService({ scheme: ethereumScheme() })
 * const scope = await service.scope('council')
 *
 * await scope.strictConsensus().withTimeout(600).initialize()
 * console.info((await service.scope('council')).getConfig().defaultConsensusThreshold) // 0.9
 * ```
 */
export class ScopeConfigBuilder {
  private config: ScopeConfig
  private readonly target: ScopeConfigTarget

  constructor (config: ScopeConfig, target: ScopeConfigTarget) {
    this.config = { ...config }
    this.target = target
  }

  withNetworkType (networkType: NetworkType): this {
    return this.with({ networkType })
  }

  /** @param defaultConsensusThreshold - 0 to 1 */
  withThreshold (defaultConsensusThreshold: number): this {
    return this.with({ defaultConsensusThreshold })
  }

  /** @param defaultTimeout - seconds */
  withTimeout (defaultTimeout: number): this {
    return this.with({ defaultTimeout })
  }

  withLivenessCriteria (defaultLivenessCriteriaYes: boolean): this {
    return this.with({ defaultLivenessCriteriaYes })
  }

  /** @param maxRoundsOverride - undefined for the network type's own limit */
  withMaxRounds (maxRoundsOverride?: number): this {
    return this.with({ maxRoundsOverride })
  }

  withDecisionRule (decisionRule: DecisionRule): this {
    return this.with({ decisionRule })
  }

  /** @param policyDigest - 32 bytes, which the decision rule `quorum` needs */
  withPolicyDigest (policyDigest: Uint8Array): this {
    return this.with({ policyDigest })
  }

  /** @param exactThreshold - a fraction in lowest terms like "2/3", which the decision rule `quorum` needs */
  withExactThreshold (exactThreshold: string): this {
    return this.with({ exactThreshold })
  }

  /** All defaults, for point-to-point */
  p2pPreset (): this {
    return this.preset('p2p')
  }

  /** All defaults, for gossipsub */
  gossipsubPreset (): this {
    return this.preset('gossipsub')
  }

  /** A threshold of 0.9 */
  strictConsensus (): this {
    return this.withThreshold(0.9)
  }

  /** A threshold of 0.6 and 30 seconds */
  fastConsensus (): this {
    return this.withThreshold(0.6).withTimeout(30)
  }

  /** The network type with two thirds and 60 seconds; the rest stays */
  withNetworkDefaults (networkType: NetworkType): this {
    return this.with({ networkType, defaultConsensusThreshold: DEFAULT_THRESHOLD, defaultTimeout: DEFAULT_TIMEOUT })
  }

  /** The configuration as it stands, checked or not */
  getConfig (): ScopeConfig {
    return { ...this.config }
  }

  /** Checks the configuration and stores it in place of any the scope had */
  async initialize (): Promise<void> {
    validateScopeConfig(this.config)
    await this.target.initialize(this.getConfig())
  }

  /** Checks the configuration and stores it over the one the scope had, or the defaults */
  async update (): Promise<void> {
    validateScopeConfig(this.config)
    await this.target.update(this.getConfig())
  }

  /** The five fields of the crate's presets; the decision rule and what belongs to it are ours and stay */
  private preset (networkType: NetworkType): this {
    return this.with({ ...defaultScopeConfig(), networkType, maxRoundsOverride: undefined, decisionRule: this.config.decisionRule })
  }

  private with (changes: Partial<ScopeConfig>): this {
    this.config = { ...this.config, ...changes }

    return this
  }
}
