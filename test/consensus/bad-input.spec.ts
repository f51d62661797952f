import { expect } from 'aegir/chai'
import {
  buildVote, calculateConsensusResult, computeVoteHash, ConsensusError, ConsensusService, createProposal, defaultScopeConfig, encodeProposal, encodeVote, gossipsubConfig,
  hasSufficientVotes, signedPayload, validateProposal, validateVote, validateVoteChain
} from '../../src/consensus/index.ts'
import { hashScheme, hashSigner } from './fixtures/schemes.ts'
import { cast, foreignProposal, rejection, request, SCOPE, START, TestService } from './fixtures/service.ts'

/** What a field is given, and what the error says besides the field */
type BadValues = Array<[value: unknown, ...says: string[]]>

const notUint32: BadValues = [[-1, '-1', '4294967295'], [1.5, '1.5', 'whole number'], [NaN, 'NaN'], [2 ** 32, '4294967296'], [5n, '5n'], ['5', '"5"'], [undefined, 'undefined'], [null, 'null']]
const notUint64: BadValues = [[60, 'bigint', '60'], [-1n, '-1n'], [2n ** 64n, '18446744073709551616n'], ['60', '"60"'], [new Date(0), 'a Date'], [undefined, 'undefined']]
const notBytes: BadValues = [['0xabcd', 'Uint8Array', '"0xabcd"'], ['abcd', '"abcd"'], [[1, 2], 'array of 2'], [new ArrayBuffer(2), 'object'], [null, 'null'], [5, '5']]
const notBoolean: BadValues = [['yes', 'true or false', '"yes"'], [1, '1'], [undefined, 'undefined']]
const notString: BadValues = [[5, '5'], [null, 'null'], [undefined, 'undefined'], ['\ud800', 'Unicode']]

/** Each bad value gives a TypeError or a ConsensusError that names the field and says the rest */
async function refused (field: string, values: BadValues, call: (value: any) => unknown): Promise<void> {
  for (const [value, ...says] of values) {
    const err = await rejection((async () => call(value))())

    expect(err instanceof TypeError || err instanceof ConsensusError).to.equal(true, `${err.stack}`)

    for (const part of [field, ...says]) {
      expect(err.message).to.include(part)
    }
  }
}

describe('bad input', () => {
  const voteFields: Record<string, BadValues> = {
    voteId: notUint32,
    voteOwner: notBytes,
    proposalId: notUint32,
    timestamp: notUint64,
    vote: notBoolean,
    parentHash: notBytes,
    receivedHash: notBytes,
    voteHash: notBytes,
    signature: notBytes
  }

  for (const [field, values] of Object.entries(voteFields)) {
    it(`in vote.${field} is refused wherever a vote is taken`, async () => {
      const service = new TestService()
      const { proposalId, ...proposal } = await service.propose()
      const vote = await cast(hashSigner(1), proposalId, true)
      const calls: Array<(vote: any) => unknown> = [
        async vote => service.processIncomingVote(SCOPE, vote),
        async vote => service.processIncomingProposal(SCOPE, foreignProposal({ votes: [vote] })),
        async vote => validateVote(vote, proposal, START, hashScheme),
        async vote => validateProposal(foreignProposal({ votes: [vote] }), START, hashScheme),
        vote => encodeVote(vote),
        vote => encodeProposal(foreignProposal({ votes: [vote] })),
        vote => { validateVoteChain([vote, vote]) }
      ]

      if (field !== 'signature') {
        calls.push(vote => signedPayload(vote))
      }

      if (field !== 'signature' && field !== 'voteHash') {
        calls.push(vote => computeVoteHash(vote))
      }

      for (const call of calls) {
        await refused(`vote.${field}`, values, value => call({ ...vote, [field]: value }))
      }

      expect((await service.session(proposalId)).voteCount).to.equal(0)
    })
  }

  const proposalFields: Record<string, BadValues> = {
    name: notString,
    payload: notBytes,
    proposalId: notUint32,
    proposalOwner: notBytes,
    votes: [[undefined, 'array'], [{}, 'an object'], ['', '""']],
    expectedVotersCount: notUint32,
    round: notUint32,
    timestamp: notUint64,
    expirationTimestamp: notUint64,
    livenessCriteriaYes: notBoolean
  }

  for (const [field, values] of Object.entries(proposalFields)) {
    it(`in proposal.${field} is refused wherever a proposal is taken`, async () => {
      const service = new TestService()

      for (const call of [
        async (proposal: any) => service.processIncomingProposal(SCOPE, proposal),
        async (proposal: any) => validateProposal(proposal, START, hashScheme),
        (proposal: any) => encodeProposal(proposal)
      ]) {
        await refused(`proposal.${field}`, values, value => call({ ...foreignProposal(), [field]: value }))
      }

      expect(await service.storage.listScopes()).to.equal(undefined)
    })
  }

  const requestFields: Record<string, BadValues> = {
    name: notString,
    payload: notBytes,
    proposalOwner: notBytes,
    expectedVotersCount: [...notUint32, [0, 'at least 1']],
    expirationTimestamp: [...notUint64, [0n, 'seconds from now', 'at least 1n'], [1_700_000_060_000n, 'seconds from now', 'milliseconds', '1700000060000n'], [10n ** 12n, 'milliseconds']],
    livenessCriteriaYes: notBoolean
  }

  for (const [field, values] of Object.entries(requestFields)) {
    it(`in request.${field} is refused`, async () => {
      const service = new TestService()

      await refused(`request.${field}`, values, async value => service.propose({ [field]: value }))
      await refused(`request.${field}`, values, value => createProposal({ ...request(), [field]: value }, START))
      expect(await service.storage.listScopes()).to.equal(undefined)
    })
  }

  const configFields: Record<string, BadValues> = {
    consensusThreshold: [[NaN, '0 to 1', 'NaN'], [-0.1, '-0.1'], [67, '67'], ['2/3', '"2/3"'], [undefined, 'undefined']],
    consensusTimeout: [[NaN, 'NaN'], [0, 'more than 0 seconds'], [-1, '-1'], [Infinity, 'Infinity'], [60n, '60n'], ['60', '"60"']],
    maxRounds: notUint32,
    useGossipsubRounds: notBoolean,
    livenessCriteria: notBoolean,
    decisionRule: [['majority', 'reference', 'legacy', '"majority"'], [undefined, 'undefined'], [['reference'], 'array']]
  }

  for (const [field, values] of Object.entries(configFields)) {
    it(`in config.${field} is refused`, async () => {
      const service = new TestService()

      await refused(`config.${field}`, values, async value => service.createProposal(SCOPE, request(), { ...gossipsubConfig(), [field]: value }))
      expect(await service.storage.listScopes()).to.equal(undefined)
    })
  }

  const scopeConfigFields: Record<string, BadValues> = {
    networkType: [['tcp', 'gossipsub', 'p2p', '"tcp"'], [undefined, 'undefined']],
    defaultConsensusThreshold: configFields.consensusThreshold,
    defaultTimeout: configFields.consensusTimeout,
    defaultLivenessCriteriaYes: notBoolean,
    maxRoundsOverride: [[-1, '-1'], [1.5, '1.5'], ['2', '"2"'], [0, 'at least 1']],
    decisionRule: configFields.decisionRule
  }

  for (const [field, values] of Object.entries(scopeConfigFields)) {
    it(`in the scope's config.${field} is refused`, async () => {
      const { storage } = new TestService()

      await refused(`config.${field}`, values, async value => storage.setScopeConfig(SCOPE, { ...defaultScopeConfig(), [field]: value }))
      await refused(`config.${field}`, values, async value => storage.updateScopeConfig(SCOPE, config => ({ ...config, [field]: value })))
      expect(await storage.getScopeConfig(SCOPE)).to.equal(undefined)
    })
  }

  it('in the arguments of a call is refused', async () => {
    const service = new TestService({ signer: hashSigner(1) })
    const { proposalId } = await service.propose()

    await refused('scope', notString, async scope => service.createProposal(scope, request()))
    await refused('scope', notString, async scope => service.processIncomingProposal(scope, foreignProposal()))
    await refused('scope', notString, async scope => service.castVote(scope, proposalId, true))
    await refused('scope', notString, async scope => service.processIncomingVote(scope, await cast(hashSigner(1), proposalId, true)))
    await refused('scope', notString, async scope => service.handleConsensusTimeout(scope, proposalId))
    await refused('scope', notString, async scope => service.getScopeStats(scope))
    await refused('scope', notString, async scope => service.scope(scope))
    await refused('proposalId', notUint32, async id => service.castVote(SCOPE, id, true))
    await refused('proposalId', notUint32, async id => service.handleConsensusTimeout(SCOPE, id))
    await refused('choice', notBoolean, async choice => service.castVote(SCOPE, proposalId, choice))
    await refused('signer', [['0xabcd'], [{}], [{ identity: '0xabcd' }, 'signer.identity'], [{ identity: new Uint8Array(20) }, 'signer.sign']], async signer => service.castVote(SCOPE, proposalId, true, signer))
    await refused('request', [[null], ['Upgrade?'], [[]]], async request => service.createProposal(SCOPE, request))
    await refused('proposal', [[null], ['Upgrade?'], [new Uint8Array(3)]], async proposal => service.processIncomingProposal(SCOPE, proposal))
    await refused('vote', [[null], ['yes'], [true], [new Uint8Array(3)]], async vote => service.processIncomingVote(SCOPE, vote))
    await refused('config', [['p2p'], [5]], async config => service.createProposal(SCOPE, request(), config))

    expect((await service.session(proposalId)).voteCount).to.equal(0)
  })

  it('in the signature that a signer gives is refused', async () => {
    const service = new TestService()
    const { proposalId } = await service.propose()

    await refused('vote.signature', notBytes, async signature => service.castVote(SCOPE, proposalId, true, { identity: hashSigner(1).identity, sign: () => signature }))
  })

  it('in the options of the service is refused', async () => {
    await refused('scheme', [[undefined], [{}], ['ethereum']], scheme => new ConsensusService({ scheme }))
    await refused('scheme', [[undefined]], init => new ConsensusService(init))
    await refused('maxSessionsPerScope', [[0, '0'], [-1, '-1'], [1.5, '1.5'], [NaN, 'NaN'], ['10', '"10"']], maxSessionsPerScope => new TestService({ maxSessionsPerScope }))
  })

  it('in what the clock says is refused: a number, a date, milliseconds', async () => {
    await refused('clock()', [[1_700_000_000, 'bigint'], [new Date(0), 'a Date'], [-1n, '-1n'], [BigInt(Date.now()), 'seconds', 'milliseconds']], async now => new TestService({ clock: () => now }).propose())
  })

  it('in the rules is refused', async () => {
    const terms = { rule: 'reference' as const, expectedVoters: 3, threshold: 2 / 3, livenessCriteriaYes: true, atTimeout: false }

    await refused('tally.yes', notUint32, yes => calculateConsensusResult({ yes, no: 0 }, terms))
    await refused('tally.no', notUint32, no => calculateConsensusResult({ yes: 0, no }, terms))
    await refused('terms.rule', configFields.decisionRule, rule => calculateConsensusResult({ yes: 0, no: 0 }, { ...terms, rule }))
    await refused('terms.rule', configFields.decisionRule, rule => calculateConsensusResult({ yes: 0, no: 0 }, { ...terms, rule, expectedVoters: 1 }))
    await refused('terms.expectedVoters', notUint32, expectedVoters => calculateConsensusResult({ yes: 0, no: 0 }, { ...terms, expectedVoters }))
    await refused('terms.threshold', configFields.consensusThreshold, threshold => calculateConsensusResult({ yes: 0, no: 0 }, { ...terms, threshold }))
    await refused('terms.livenessCriteriaYes', notBoolean, livenessCriteriaYes => calculateConsensusResult({ yes: 0, no: 0 }, { ...terms, livenessCriteriaYes }))
    await refused('terms.atTimeout', notBoolean, atTimeout => calculateConsensusResult({ yes: 0, no: 0 }, { ...terms, atTimeout }))
    await refused('total', notUint32, total => hasSufficientVotes(total, 3, 0.5))
    await refused('expectedVoters', notUint32, n => hasSufficientVotes(1, n, 0.5))
    await refused('threshold', configFields.consensusThreshold, threshold => hasSufficientVotes(1, 3, threshold))
  })

  it('in what a vote is built from or checked against is refused', async () => {
    const init = { proposalId: 42, owner: hashSigner(1).identity, choice: true, timestamp: START, votes: [] }
    const vote = await cast(hashSigner(1), 42, true)
    const times = { timestamp: START, expirationTimestamp: START + 60n }

    await refused('init.proposalId', notUint32, proposalId => buildVote({ ...init, proposalId }))
    await refused('init.owner', notBytes, owner => buildVote({ ...init, owner }))
    await refused('init.choice', notBoolean, choice => buildVote({ ...init, choice }))
    await refused('init.timestamp', notUint64, timestamp => buildVote({ ...init, timestamp }))
    await refused('init.votes', [[undefined], [{}], [[{ voteOwner: 'a' }], 'voteOwner'], [[{ voteOwner: new Uint8Array(1), voteHash: 'a' }], 'voteHash']], votes => buildVote({ ...init, votes }))
    await refused('now', notUint64, async now => validateVote(vote, times, now, hashScheme))
    await refused('now', notUint64, async now => validateProposal(foreignProposal(), now, hashScheme))
    await refused('times.timestamp', notUint64, async timestamp => validateVote(vote, { ...times, timestamp }, START, hashScheme))
    await refused('times.expirationTimestamp', notUint64, async expirationTimestamp => validateVote(vote, { ...times, expirationTimestamp }, START, hashScheme))
    await refused('votes', [[undefined], [{}], ['']], votes => { validateVoteChain(votes) })
  })
})
