import { expect } from 'aegir/chai'
import { defaultScopeConfig, gossipsubConfig, p2pConfig, resolveConfig } from '../../../src/consensus/index.ts'
import { foreignProposal, START } from '../fixtures/service.ts'

describe('configuration of a proposal', () => {
  it('is, on gossipsub, two thirds, 60 seconds and two rounds', () => {
    expect(gossipsubConfig()).to.deep.equal({
      consensusThreshold: 2 / 3,
      consensusTimeout: 60,
      maxRounds: 2,
      useGossipsubRounds: true,
      livenessCriteria: true,
      decisionRule: 'reference'
    })
    expect(p2pConfig()).to.deep.equal({ ...gossipsubConfig(), maxRounds: 0, useGossipsubRounds: false })
  })

  it('has liveness and lifetime of the proposal', () => {
    const proposal = foreignProposal({ livenessCriteriaYes: false, expirationTimestamp: START + 7n })

    expect(resolveConfig(proposal)).to.deep.equal({ ...gossipsubConfig(), consensusTimeout: 7, livenessCriteria: false })
    expect(resolveConfig(proposal, { ...defaultScopeConfig(), networkType: 'p2p', defaultTimeout: 500 })).to.deep.equal({ ...p2pConfig(), consensusTimeout: 7, livenessCriteria: false })
  })

  it('keeps the timeout of the scope where the proposal has no lifetime', () => {
    const proposal = foreignProposal({ expirationTimestamp: START })

    expect(resolveConfig(proposal, { ...defaultScopeConfig(), defaultTimeout: 500 }).consensusTimeout).to.equal(500)
  })

  it('is the one that was given, where one was, with the liveness of the proposal', () => {
    const given = { ...p2pConfig(), consensusTimeout: 9, consensusThreshold: 0.8 }

    expect(resolveConfig(foreignProposal({ livenessCriteriaYes: false }), defaultScopeConfig(), given)).to.deep.equal({ ...given, livenessCriteria: false })
  })

  it('takes the round limit from the scope, or from its network type', () => {
    const proposal = foreignProposal()

    expect(resolveConfig(proposal, defaultScopeConfig()).maxRounds).to.equal(2)
    expect(resolveConfig(proposal, { ...defaultScopeConfig(), networkType: 'p2p' }).maxRounds).to.equal(0)
    expect(resolveConfig(proposal, { ...defaultScopeConfig(), maxRoundsOverride: 6 }).maxRounds).to.equal(6)
  })
})
