import { expect } from 'aegir/chai'
import { getConsensusResult } from '../../src/consensus/index.ts'
import { ed25519Scheme, ed25519Signer } from './fixtures/schemes.ts'
import { request, SCOPE, TestService } from './fixtures/service.ts'

describe('a signature scheme of one\'s own: Ed25519', () => {
  const [alice, bob, carol] = [1, 2, 3].map(ed25519Signer)

  it('runs a vote between two services', async () => {
    const here = new TestService({ scheme: ed25519Scheme, signer: alice })
    const there = new TestService({ scheme: ed25519Scheme, signer: bob })
    const { proposalId } = await here.createProposal(SCOPE, request({ proposalOwner: alice.identity }))

    await there.processIncomingProposal(SCOPE, await here.castVoteAndGetProposal(SCOPE, proposalId, true))
    await here.processIncomingVote(SCOPE, await there.castVote(SCOPE, proposalId, true))
    await here.castVote(SCOPE, proposalId, false, carol)

    expect(await getConsensusResult(here.storage, SCOPE, proposalId)).to.equal(true)
    expect(await there.handleConsensusTimeout(SCOPE, proposalId)).to.equal(true)
    expect([here, there].map(({ bus }) => bus.summary)).to.deep.equal([['ConsensusReached yes'], ['ConsensusReached yes']])
  })

  it('refuses what the scheme refuses, by the scheme\'s own error', async () => {
    const service = new TestService({ scheme: ed25519Scheme, signer: alice })
    const { proposalId } = await service.createProposal(SCOPE, request())
    const elsewhere = new TestService({ scheme: ed25519Scheme, signer: bob })
    await elsewhere.processIncomingProposal(SCOPE, (await service.session(proposalId)).toProposal())
    const vote = await elsewhere.castVote(SCOPE, proposalId, true)
    const forged = Uint8Array.from(vote.signature)
    forged[5] ^= 1

    await expect(service.processIncomingVote(SCOPE, { ...vote, signature: forged })).to.eventually.be.rejected.with.property('name', 'InvalidVoteSignatureError')
    await expect(service.processIncomingVote(SCOPE, { ...vote, signature: forged.subarray(1) })).to.eventually.be.rejected.with.property('name', 'SignatureSchemeError')
  })
})
