/**
 * config.json: sequences of the scope builder, configurations of proposals, and requests that are taken or refused.
 */

import { getProposalConfig } from '../../src/consensus/index.ts'
import { outcomeName, outcomeOf, runCases } from './case.ts'
import { ClockedService, request, SCOPE, showConfig, showScopeConfig, toConfig } from './service.ts'
import type { Case } from './case.ts'
import type { ConfigData } from './service.ts'
import type { ScopeConfigBuilder } from '../../src/consensus/index.ts'

type BuilderStep = [name: string, argument?: any]

interface BuilderCase {
  steps: BuilderStep[]
  shown: unknown
  outcome: string
  stored: unknown
  resolved: null | { expirationSeconds: number, liveness: boolean, config: ConfigData }
}

interface OverrideCase {
  override: ConfigData
  expirationSeconds: number
  liveness: boolean
  config: ConfigData
}

interface RequestCase {
  expectedVotersCount: number
  /** Seconds from `now` */
  expirationSeconds: string
  now: string
  outcome: string
  proposal: unknown
}

const builderSteps: Record<string, (scope: ScopeConfigBuilder, argument: any) => ScopeConfigBuilder> = {
  networkP2p: scope => scope.withNetworkType('p2p'),
  networkGossipsub: scope => scope.withNetworkType('gossipsub'),
  threshold: (scope, threshold) => scope.withThreshold(threshold),
  timeout: (scope, seconds) => scope.withTimeout(seconds),
  liveness: (scope, yes) => scope.withLivenessCriteria(yes),
  maxRounds: (scope, rounds) => scope.withMaxRounds(rounds ?? undefined),
  p2pPreset: scope => scope.p2pPreset(),
  gossipsubPreset: scope => scope.gossipsubPreset(),
  strict: scope => scope.strictConsensus(),
  fast: scope => scope.fastConsensus(),
  defaultsP2p: scope => scope.withNetworkDefaults('p2p'),
  defaultsGossipsub: scope => scope.withNetworkDefaults('gossipsub')
}

export async function checkConfig (content: unknown): Promise<Case[]> {
  const { builder, overrides, requests } = content as Record<string, unknown>

  return [
    ...await runCases<BuilderCase>(builder, ({ steps }) => `builder ${JSON.stringify(steps)}`, checkBuilder),
    ...await runCases<OverrideCase>(overrides, ({ override }) => `override ${JSON.stringify(override)}`, checkOverride),
    ...await runCases<RequestCase>(requests, data => `request ${data.expectedVotersCount} voters, ${data.expirationSeconds} s`, checkRequest)
  ]
}

async function checkBuilder (test: Case, data: BuilderCase): Promise<void> {
  const service = new ClockedService()
  const scope = await service.scope(SCOPE)

  for (const [name, argument] of data.steps) {
    builderSteps[name](scope, argument)
  }

  test.equal('shown', data.shown, showScopeConfig(scope.getConfig()))
  test.equal('outcome', data.outcome, await outcomeOf(async () => scope.initialize()))

  const stored = await service.storage.getScopeConfig(SCOPE)

  test.equal('stored', data.stored, stored == null ? null : showScopeConfig(stored))

  if (data.resolved == null) {
    test.equal('resolved', data.resolved, null)
    return
  }

  const { proposalId } = await service.createProposal(SCOPE, request({
    expirationTimestamp: BigInt(data.resolved.expirationSeconds),
    livenessCriteriaYes: data.resolved.liveness
  }))

  test.equal('resolved configuration', data.resolved.config, showConfig(await getProposalConfig(service.storage, SCOPE, proposalId)))
}

async function checkOverride (test: Case, data: OverrideCase): Promise<void> {
  const service = new ClockedService()
  const { proposalId } = await service.createProposal(SCOPE, request({
    expirationTimestamp: BigInt(data.expirationSeconds),
    livenessCriteriaYes: data.liveness
  }), toConfig(data.override))

  test.equal('configuration', data.config, showConfig(await getProposalConfig(service.storage, SCOPE, proposalId)))
}

async function checkRequest (test: Case, data: RequestCase): Promise<void> {
  const service = new ClockedService().setClock(data.now)
  let outcome = 'ok'
  let proposal: unknown = null

  try {
    const made = await service.createProposal(SCOPE, request({
      expectedVotersCount: data.expectedVotersCount,
      expirationTimestamp: BigInt(data.expirationSeconds)
    }))

    proposal = {
      timestamp: made.timestamp,
      expirationTimestamp: made.expirationTimestamp,
      round: made.round,
      votes: made.votes.length
    }
  } catch (err) {
    outcome = outcomeName(err)
  }

  test.equal('outcome', data.outcome, outcome)
  test.equal('proposal', data.proposal, proposal)
}
