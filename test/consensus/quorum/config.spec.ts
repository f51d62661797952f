import { expect } from 'aegir/chai'
import { defaultScopeConfig, gossipsubConfig, MemoryStorage, resolveConfig, validateConfig, validateScopeConfig } from '../../../src/consensus/index.ts'
import { POLICY_DIGEST, quorumConfig, quorumProposal, rejected, thrown } from '../fixtures/quorum.ts'
import { SCOPE, TestService } from '../fixtures/service.ts'
import type { ScopeConfig } from '../../../src/consensus/index.ts'

function scopeConfig (values: Partial<ScopeConfig> = {}): ScopeConfig {
  return { ...defaultScopeConfig(), decisionRule: 'quorum', policyDigest: POLICY_DIGEST, exactThreshold: '2/3', ...values }
}

describe('configuration of `quorum`', () => {
  it('needs a policy digest and an exact threshold', () => {
    validateConfig(quorumConfig())
    validateScopeConfig(scopeConfig())

    for (const validate of [
      (values: object) => { validateConfig(quorumConfig(values)) },
      (values: object) => { validateScopeConfig(scopeConfig(values)) }
    ]) {
      expect(thrown(() => { validate({ policyDigest: undefined }) })).to.equal('MissingPolicyDigestError')
      expect(() => { validate({ policyDigest: new Uint8Array(31) }) }).to.throw(TypeError, 'config.policyDigest must be a Uint8Array of 32 bytes, got 31 bytes')
      expect(thrown(() => { validate({ exactThreshold: undefined }) })).to.equal('InvalidConsensusThresholdError')
      expect(() => { validate({ exactThreshold: '4/6' }) }).to.throw('config.exactThreshold must be a fraction in lowest terms').with.property('name', 'InvalidConsensusThresholdError')
      expect(() => { validate({ policyDigest: 'aa' }) }).to.throw(TypeError, 'got "aa"')
    }
  })

  it('is not looked at under the other rules', () => {
    validateConfig(gossipsubConfig())
    validateConfig({ ...gossipsubConfig(), policyDigest: POLICY_DIGEST })
  })

  it('comes to a proposal from its scope or the configuration it brings, and nothing comes from nowhere', () => {
    const proposal = quorumProposal()

    expect(resolveConfig(proposal, scopeConfig())).to.include({ decisionRule: 'quorum', policyDigest: POLICY_DIGEST })
    expect(resolveConfig(proposal, undefined, quorumConfig())).to.include({ decisionRule: 'quorum', policyDigest: POLICY_DIGEST, exactThreshold: '2/3' })
    expect(resolveConfig(proposal, defaultScopeConfig())).to.not.have.any.keys('policyDigest', 'exactThreshold')
  })

  it('is set by the builder, and kept by the presets', async () => {
    const service = new TestService({ storage: new MemoryStorage() })
    const builder = await service.scope(SCOPE)

    expect(await rejected(builder.withDecisionRule('quorum').initialize())).to.equal('MissingPolicyDigestError')

    await builder.withPolicyDigest(POLICY_DIGEST).withExactThreshold('3/5').p2pPreset().initialize()

    expect(await service.storage.getScopeConfig(SCOPE)).to.deep.include({ networkType: 'p2p', decisionRule: 'quorum', policyDigest: POLICY_DIGEST, exactThreshold: '3/5' })
  })
})
