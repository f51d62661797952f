import { expect } from 'aegir/chai'
import { systemClock } from '../../../src/consensus/clock.ts'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { MemoryStorage } from '../../../src/consensus/storage/memory.ts'
import { PolicyMismatches } from '../../../src/network/gossip/policy-mismatch.ts'
import { JoinedScope } from '../../../src/network/scope/scope.ts'
import { SyncFaultError } from '../../../src/network/sync/errors.ts'
import { Receiver } from '../../../src/network/sync/receiver.ts'
import { ExpiringSet } from '../../../src/util/expiring-set.ts'
import type { IntakeResult } from '../../../src/network/sync/intake.ts'

function scopeUnder (decisionRule: 'quorum' | 'reference'): JoinedScope {
  return new JoinedScope({ pubsub: { getSubscribers: () => [] } as any, otherPolicies: new PolicyMismatches(() => true), clock: systemClock, isConnected: () => true }, parsePolicy({ name: 'council', decisionRule }))
}

/** Receives three votes on one proposal, of which this becomes */
function receive (results: IntakeResult[]): { receiver: Receiver, received: Promise<number[]> } {
  const receiver = new Receiver({
    scope: scopeUnder('quorum'),
    peer: undefined as any,
    storage: new MemoryStorage(),
    refused: new ExpiringSet(() => 0n, 1),
    intake: {
      proposal: async () => 'new',
      votes: async (_, proposalId, votes) => {
        expect(proposalId).to.equal(1)
        expect(votes).to.have.length(3)

        return results
      },
      settle: () => {}
    }
  })

  return { receiver, received: receiver.receive([{ proposalId: 1, votes: [{}, {}, {}] as any[] }]) }
}

describe('receiver of a sync', () => {
  it('gives the votes of a proposal on a page to the intake together, and counts those that are new', async () => {
    const { receiver, received } = receive(['new', 'known', 'new'])

    expect(await received).to.deep.equal([1])
    expect(receiver.taught.votes).to.equal(2)
  })

  it('has learned nothing from votes that are known', async () => {
    const { receiver, received } = receive(['known', 'known', 'known'])

    expect(await received).to.be.empty()
    expect(receiver.taught.votes).to.equal(0)
  })

  it('remembers what is refused for good, and not what is refused for a reason that passes', async () => {
    const refused = new ExpiringSet(() => 0n, 1)
    const results = new Map<number, IntakeResult>([[1, 'refused'], [2, 'later']])
    const receiver = new Receiver({
      scope: scopeUnder('quorum'),
      peer: undefined as any,
      storage: new MemoryStorage(),
      refused,
      intake: {
        proposal: async (_, { proposal: { proposalId } }) => results.get(proposalId) ?? 'new',
        votes: async (_, proposalId) => [proposalId === 4 ? 'later' : 'known'],
        settle: () => {}
      }
    })

    await receiver.receive([1, 2, 3, 4].map(proposalId => ({
      proposalId,
      announcement: { proposal: { proposalId } } as any,
      digest: Uint8Array.of(proposalId),
      votes: [{ proposalId } as any]
    })))

    expect([1, 2, 3, 4].filter(digest => refused.has(`undefined 0${digest}`))).to.deep.equal([1])
    expect([...receiver.later]).to.deep.equal([4, 2])
  })

  it('holds a vote that is not valid against the peer, and counts those that are', async () => {
    const { receiver, received } = receive(['new', 'invalid'])

    await expect(received).to.eventually.be.rejectedWith(SyncFaultError, 'not valid')
    expect(receiver.taught.votes).to.equal(1)
  })
})
