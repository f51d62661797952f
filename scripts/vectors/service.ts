/**
 * What the checkers of whole services share: a service whose clock the case sets, and its sessions as the files show them.
 */

import { ConsensusService } from '../../src/consensus/index.ts'
import { ethereumScheme } from '../../src/signers/ethereum.ts'
import type { ConsensusConfig, ConsensusServiceInit, ConsensusSession, CreateProposalRequest, ScopeConfig } from '../../src/consensus/index.ts'

export const SCOPE = 'vectors'

export class ClockedService extends ConsensusService {
  private readonly time: { now: bigint }

  constructor (init: Partial<ConsensusServiceInit> = {}) {
    const time = { now: 0n }

    super({ scheme: ethereumScheme(), clock: () => time.now, ...init })
    this.time = time
  }

  setClock (now: bigint | string | number): this {
    this.time.now = BigInt(now)

    return this
  }
}

export interface ConfigData {
  consensusThreshold: number
  consensusTimeoutSeconds: number
  maxRounds: number
  useGossipsubRounds: boolean
  livenessCriteria: boolean
}

export function toConfig ({ consensusTimeoutSeconds, ...data }: ConfigData): ConsensusConfig {
  return { ...data, consensusTimeout: consensusTimeoutSeconds, decisionRule: 'reference' }
}

export function showConfig ({ consensusTimeout, decisionRule, ...config }: ConsensusConfig): ConfigData {
  return { ...config, consensusTimeoutSeconds: consensusTimeout }
}

/** `active`, `failed`, or the result of a decided session: `yes`, `no` */
export function showState ({ state, result }: ConsensusSession): string {
  if (state !== 'reached') {
    return state
  }

  return result === true ? 'yes' : 'no'
}

export function showScopeConfig ({ defaultTimeout, maxRoundsOverride, decisionRule, ...config }: ScopeConfig): unknown {
  return { ...config, defaultTimeoutSeconds: defaultTimeout, maxRoundsOverride: maxRoundsOverride ?? null }
}

/** A request for a proposal of which only what matters to a case is not the default */
export function request (values: Partial<CreateProposalRequest>): CreateProposalRequest {
  return {
    name: 'vectors',
    payload: new Uint8Array(0),
    proposalOwner: new Uint8Array(20).fill(1),
    expectedVotersCount: 3,
    expirationTimestamp: 60n,
    livenessCriteriaYes: true,
    ...values
  }
}
