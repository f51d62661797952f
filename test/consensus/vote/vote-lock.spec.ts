import { expect } from 'aegir/chai'
import { buildVote, MemoryVoteLock } from '../../../src/consensus/index.ts'
import { hashSigner } from '../fixtures/schemes.ts'
import { foreignProposal, START } from '../fixtures/service.ts'
import type { Vote } from '../../../src/consensus/index.ts'

const [alice, bob] = [1, 2].map(hashSigner)

function vote (choice: boolean, { owner = alice.identity, proposalId = 42, timestamp = START } = {}): Vote {
  return buildVote({ proposalId, owner, choice, timestamp, votes: [] })
}

describe('MemoryVoteLock', () => {
  it('binds an identity to the first vote on a proposal', async () => {
    const lock = new MemoryVoteLock()
    const first = vote(true)

    expect(await lock.acquire('scope', foreignProposal(), first)).to.deep.equal(first)
    expect(await lock.acquire('scope', foreignProposal(), vote(false))).to.deep.equal(first)
  })

  it('keeps scopes, proposals and identities apart', async () => {
    const lock = new MemoryVoteLock()
    await lock.acquire('scope', foreignProposal(), vote(true))

    for (const [scope, proposalId, owner] of [['other', 42, alice.identity], ['scope', 43, alice.identity], ['scope', 42, bob.identity], ['scope/4', 2, alice.identity]] as const) {
      const other = vote(false, { owner, proposalId })
      expect(await lock.acquire(scope, foreignProposal({ proposalId }), other)).to.deep.equal(other)
    }
  })

  it('forgets proposals that ended over a day ago, and no others', async () => {
    const lock = new MemoryVoteLock()
    const day = 24n * 60n * 60n
    const first = vote(true, { proposalId: 0 })

    for (let proposalId = 0; proposalId < 5000; proposalId++) {
      const expirationTimestamp = proposalId === 0 ? START + 10n * day : START + 60n

      await lock.acquire('scope', foreignProposal({ proposalId, expirationTimestamp }), proposalId === 0 ? first : vote(true, { proposalId, timestamp: START + BigInt(proposalId) * 60n }))
    }

    expect(lock).to.have.nested.property('bindings.size').that.is.below(4000)
    expect(await lock.acquire('scope', foreignProposal({ proposalId: 0 }), vote(false, { proposalId: 0 }))).to.deep.equal(first)
  })
})
