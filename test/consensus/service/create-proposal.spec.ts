import { expect } from 'aegir/chai'
import { gossipsubConfig, p2pConfig } from '../../../src/consensus/index.ts'
import { request, SCOPE, START, TestService } from '../fixtures/service.ts'

describe('service: createProposal', () => {
  it('makes a proposal that is open from now for the time that was asked for', async () => {
    const service = new TestService()
    const proposal = await service.propose({ expirationTimestamp: 90n })

    expect(proposal).to.deep.include({
      name: 'Upgrade to version 2?',
      payload: Uint8Array.of(1, 2, 3),
      votes: [],
      expectedVotersCount: 3,
      round: 1,
      timestamp: START,
      expirationTimestamp: START + 90n,
      livenessCriteriaYes: true
    })
    expect((await service.session(proposal.proposalId)).toProposal()).to.deep.equal(proposal)
  })

  it('lets the expiration end at the largest time there is', async () => {
    const { expirationTimestamp } = await new TestService().propose({ expirationTimestamp: 2n ** 64n - 1n })

    expect(expirationTimestamp).to.equal(2n ** 64n - 1n)
  })

  it('refuses a proposal without voters or without time, and stores nothing', async () => {
    const service = new TestService()

    await expect(service.propose({ expectedVotersCount: 0 })).to.eventually.be.rejected.with.property('name', 'InvalidExpectedVotersCountError')
    await expect(service.propose({ expirationTimestamp: 0n })).to.eventually.be.rejected.with.property('name', 'InvalidTimeoutError')
    expect(await service.storage.listScopes()).to.equal(undefined)
    expect(service.bus.events).to.be.empty()
  })

  it('uses the configuration of the scope, with liveness and timeout of the proposal', async () => {
    const service = new TestService()
    const scope = await service.scope(SCOPE)

    await scope.p2pPreset().withThreshold(0.75).withTimeout(300).withMaxRounds(7).withDecisionRule('legacy').initialize()

    const { proposalId } = await service.propose({ expirationTimestamp: 20n, livenessCriteriaYes: false })

    expect((await service.session(proposalId)).config).to.deep.equal({
      consensusThreshold: 0.75,
      consensusTimeout: 20,
      maxRounds: 7,
      useGossipsubRounds: false,
      livenessCriteria: false,
      decisionRule: 'legacy'
    })
  })

  it('lets a configuration of its own replace that of the scope, timeout included', async () => {
    const service = new TestService()
    await (await service.scope(SCOPE)).withThreshold(0.9).initialize()

    const { proposalId } = await service.createProposal(SCOPE, request({ livenessCriteriaYes: false }), { ...p2pConfig(), consensusTimeout: 7 })

    expect((await service.session(proposalId)).config).to.deep.equal({ ...p2pConfig(), consensusTimeout: 7, livenessCriteria: false })
  })

  it('refuses a configuration that is not valid', async () => {
    const service = new TestService()

    for (const [values, error] of [
      [{ consensusThreshold: 1.1 }, 'InvalidConsensusThresholdError'],
      [{ consensusTimeout: 0 }, 'InvalidTimeoutError'],
      [{ decisionRule: 'majority' }, 'InvalidDecisionRuleError']
    ] as const) {
      await expect(service.createProposal(SCOPE, request(), { ...gossipsubConfig(), ...values as any })).to.eventually.be.rejected.with.property('name', error)
    }

    expect(await service.storage.listScopes()).to.equal(undefined)
  })

  it('keeps its proposal when the caller writes to the bytes it came from, or to what it was given', async () => {
    const service = new TestService()
    const payload = Uint8Array.of(1, 2, 3)
    const proposal = await service.propose({ payload })

    payload[0] = 99
    proposal.payload[1] = 99
    ;(await service.session(proposal.proposalId)).toProposal().payload[2] = 99

    expect((await service.session(proposal.proposalId)).toProposal().payload).to.deep.equal(Uint8Array.of(1, 2, 3))
  })

  it('knows which of the sessions are in which state', async () => {
    const service = new TestService()

    await service.propose()
    const failed = await service.propose({ expectedVotersCount: 1 })
    await service.handleConsensusTimeout(SCOPE, failed.proposalId).catch(() => {})
    const reached = await service.propose()
    await service.handleConsensusTimeout(SCOPE, reached.proposalId)

    expect(await service.getScopeStats(SCOPE)).to.deep.equal({ totalSessions: 3, activeSessions: 1, failedSessions: 1, consensusReached: 1 })
    expect(await service.getScopeStats('another')).to.deep.equal({ totalSessions: 0, activeSessions: 0, failedSessions: 0, consensusReached: 0 })
  })
})
