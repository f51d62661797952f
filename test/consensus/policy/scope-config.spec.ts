import { expect } from 'aegir/chai'
import { defaultScopeConfig } from '../../../src/consensus/index.ts'
import { SCOPE, TestService } from '../fixtures/service.ts'
import type { ScopeConfig, ScopeConfigBuilder } from '../../../src/consensus/index.ts'

describe('scope configuration', () => {
  const steps: Array<[string, (scope: ScopeConfigBuilder) => ScopeConfigBuilder, Partial<ScopeConfig>]> = [
    ['starts from the defaults', scope => scope, {}],
    ['withNetworkType', scope => scope.withNetworkType('p2p'), { networkType: 'p2p' }],
    ['withThreshold', scope => scope.withThreshold(0.75), { defaultConsensusThreshold: 0.75 }],
    ['withTimeout', scope => scope.withTimeout(5), { defaultTimeout: 5 }],
    ['withLivenessCriteria', scope => scope.withLivenessCriteria(false), { defaultLivenessCriteriaYes: false }],
    ['withMaxRounds', scope => scope.withMaxRounds(4), { maxRoundsOverride: 4 }],
    ['withDecisionRule', scope => scope.withDecisionRule('legacy'), { decisionRule: 'legacy' }],
    ['strictConsensus: 0.9', scope => scope.strictConsensus(), { defaultConsensusThreshold: 0.9 }],
    ['fastConsensus: 0.6 and 30 seconds', scope => scope.fastConsensus(), { defaultConsensusThreshold: 0.6, defaultTimeout: 30 }],
    ['p2pPreset: all defaults', scope => scope.withThreshold(0.7).withTimeout(9).withLivenessCriteria(false).withMaxRounds(4).p2pPreset(), { networkType: 'p2p', maxRoundsOverride: undefined }],
    ['gossipsubPreset: all defaults', scope => scope.p2pPreset().withThreshold(0.7).withTimeout(9).withLivenessCriteria(false).withMaxRounds(4).gossipsubPreset(), { maxRoundsOverride: undefined }],
    ['presets leave the decision rule', scope => scope.withDecisionRule('legacy').p2pPreset(), { networkType: 'p2p', maxRoundsOverride: undefined, decisionRule: 'legacy' }],
    ['withNetworkDefaults: type, threshold and timeout', scope => scope.withThreshold(0.7).withTimeout(9).withLivenessCriteria(false).withMaxRounds(4).withNetworkDefaults('p2p'), { networkType: 'p2p', defaultLivenessCriteriaYes: false, maxRoundsOverride: 4 }]
  ]

  for (const [name, build, changes] of steps) {
    it(name, async () => {
      const service = new TestService()
      const scope = build(await service.scope(SCOPE))
      const expected = { ...defaultScopeConfig(), ...changes }

      expect(scope.getConfig()).to.deep.equal(expected)
      expect(await service.storage.getScopeConfig(SCOPE)).to.equal(undefined, 'nothing is stored yet')

      await scope.initialize()
      expect(await service.storage.getScopeConfig(SCOPE)).to.deep.equal(expected)

      const other = build(await service.scope('another'))
      await other.update()
      expect(await service.storage.getScopeConfig('another')).to.deep.equal(expected)
    })
  }

  it('starts from what is stored', async () => {
    const service = new TestService()
    await (await service.scope(SCOPE)).withThreshold(0.75).initialize()
    await (await service.scope(SCOPE)).withTimeout(5).update()

    expect(await service.storage.getScopeConfig(SCOPE)).to.deep.equal({ ...defaultScopeConfig(), defaultConsensusThreshold: 0.75, defaultTimeout: 5 })
  })

  const refused: Array<[string, string, (scope: ScopeConfigBuilder) => ScopeConfigBuilder]> = [
    ['a threshold below 0', 'InvalidConsensusThresholdError', scope => scope.withThreshold(-0.01)],
    ['a threshold above 1', 'InvalidConsensusThresholdError', scope => scope.withThreshold(1.01)],
    ['a threshold that is no number', 'InvalidConsensusThresholdError', scope => scope.withThreshold(NaN)],
    ['no time', 'InvalidTimeoutError', scope => scope.withTimeout(0)],
    ['negative time', 'InvalidTimeoutError', scope => scope.withTimeout(-1)],
    ['no rounds on gossipsub', 'InvalidMaxRoundsError', scope => scope.withMaxRounds(0)],
    ['an unknown rule', 'InvalidDecisionRuleError', scope => scope.withDecisionRule('majority' as any)],
    ['an unknown network', 'TypeError', scope => scope.withNetworkType('tcp' as any)]
  ]

  for (const [name, error, build] of refused) {
    it(`refuses ${name}, and leaves what is stored`, async () => {
      const service = new TestService()
      await (await service.scope(SCOPE)).withTimeout(5).initialize()
      const before = await service.storage.getScopeConfig(SCOPE)

      await expect(build(await service.scope(SCOPE)).initialize()).to.eventually.be.rejected.with.property('name', error)
      await expect(build(await service.scope(SCOPE)).update()).to.eventually.be.rejected.with.property('name', error)
      expect(await service.storage.getScopeConfig(SCOPE)).to.deep.equal(before)
    })
  }

  it('takes 0 rounds point-to-point, thresholds of 0 and 1', async () => {
    const service = new TestService()

    await (await service.scope(SCOPE)).p2pPreset().withMaxRounds(0).withThreshold(0).initialize()
    await (await service.scope(SCOPE)).withThreshold(1).update()

    expect(await service.storage.getScopeConfig(SCOPE)).to.deep.include({ maxRoundsOverride: 0, defaultConsensusThreshold: 1 })
  })

  it('shows a copy, which can be written to', async () => {
    const scope = await new TestService().scope(SCOPE)

    scope.getConfig().defaultTimeout = 1

    expect(scope.getConfig().defaultTimeout).to.equal(60)
  })
})
