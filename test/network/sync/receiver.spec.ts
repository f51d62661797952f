import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { systemClock } from '../../../src/consensus/clock.ts'
import { MemoryStorage } from '../../../src/consensus/memory-storage.ts'
import { parsePolicy } from '../../../src/consensus/policy.ts'
import { OtherPolicies } from '../../../src/network/other-policies.ts'
import { JoinedScope } from '../../../src/network/scope.ts'
import { SyncFaultError } from '../../../src/network/sync/errors.ts'
import { Receiver } from '../../../src/network/sync/receiver.ts'
import { ExpiringSet } from '../../../src/util/expiring-set.ts'
import type { IntakeResult } from '../../../src/network/sync/intake.ts'
import type { DeferredPromise } from 'p-defer'

const VOTES = 150

function scopeUnder (decisionRule: 'quorum' | 'reference'): JoinedScope {
  return new JoinedScope({ pubsub: { getSubscribers: () => [] } as any, otherPolicies: new OtherPolicies(() => true), clock: systemClock, isConnected: () => true }, parsePolicy({ name: 'council', decisionRule }))
}

/** Votes on one proposal, whose checks end when a test says so */
function receive (decisionRule: 'quorum' | 'reference'): { begun: Array<DeferredPromise<IntakeResult>>, receiver: Receiver, received: Promise<number[]> } {
  const begun: Array<DeferredPromise<IntakeResult>> = []
  const receiver = new Receiver({
    scope: scopeUnder(decisionRule),
    peer: undefined as any,
    storage: new MemoryStorage(),
    refused: new ExpiringSet(() => 0n, 1),
    intake: {
      proposal: async () => 'new',
      vote: async (_, { voteId }) => {
        expect(voteId).to.equal(begun.length)
        begun.push(pDefer())

        return begun[voteId].promise
      },
      settle: () => {}
    }
  })
  const votes = Array.from({ length: VOTES }, (_, voteId) => ({ voteId }) as any)

  return { begun, receiver, received: receiver.receive([{ proposalId: 1, votes }]) }
}

describe('receiver of a sync', () => {
  it('takes in a few votes of a proposal at a time, where their order makes no difference', async () => {
    const { begun, receiver, received } = receive('quorum')

    await pWaitFor(() => begun.length === 128)

    // the last is done first
    for (let next = 127; begun.length < VOTES; next = begun.length - 1) {
      const { length } = begun

      begun[next].resolve('new')
      await pWaitFor(() => begun.length === length + 1, { interval: 1 })
    }

    begun.forEach(({ resolve }) => { resolve('new') })
    expect(await received).to.deep.equal([1])
    expect(receiver.taught.votes).to.equal(VOTES)
  })

  it('takes in one after the other, where it does', async () => {
    const { begun, receiver, received } = receive('reference')

    for (let count = 1; count <= VOTES; count++) {
      await pWaitFor(() => begun.length >= count, { interval: 1 })
      expect(begun).to.have.length(count)
      begun[count - 1].resolve('known')
    }

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
        vote: async (_, { proposalId }) => proposalId === 4 ? 'later' : 'known',
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

  it('begins with no more after one that is not valid, and tells when all that were begun are done', async () => {
    const { begun, receiver, received } = receive('quorum')
    let told = false

    received.catch(() => { told = true })
    await pWaitFor(() => begun.length === 128)
    begun[7].resolve('invalid')

    for (const [index, { resolve }] of begun.entries()) {
      if (index !== 7) {
        expect(told).to.equal(false)
        resolve('new')
        // lets go on what waits for it
        await new Promise(resolve => { setImmediate(resolve) })
      }
    }

    await expect(received).to.eventually.be.rejectedWith(SyncFaultError, 'not valid')
    expect(begun).to.have.length(128)
    expect(receiver.taught.votes).to.equal(127)
  })
})
