import { sha256 } from '@noble/hashes/sha2.js'
import { expect } from 'aegir/chai'
import { concat } from 'uint8arrays/concat'
import { generatePrivateKey } from 'viem/accounts'
import { systemClock } from '../../../src/consensus/clock.ts'
import { announcementDigest, parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { ConsensusService } from '../../../src/consensus/service.ts'
import { dayOf } from '../../../src/consensus/storage/interface.ts'
import { MemoryStorage } from '../../../src/consensus/storage/memory.ts'
import { voteSetHash } from '../../../src/consensus/vote/vote-set.ts'
import { PolicyMismatches } from '../../../src/network/gossip/policy-mismatch.ts'
import { JoinedScope } from '../../../src/network/scope/scope.ts'
import { ENDED, entryOf, PROVEN, outcomeHash, PRUNED, rootOf, SyncIndex, UNSIGNED } from '../../../src/network/sync/digests.ts'
import { ethereumScheme, ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { makeProposal, makeVote } from '../../utils/messages.ts'
import type { SyncSummary } from '../../../src/consensus/storage/interface.ts'

const DAY = 24n * 3600n

/** Counts how often days are read */
class CountingStorage extends MemoryStorage {
  reads = 0

  async * streamScopeSessions (scope: string): AsyncGenerator<any> {
    this.reads++
    yield * super.streamScopeSessions(scope)
  }
}

describe('sync index', () => {
  const voters = [1, 2, 3].map(() => ethereumSigner(generatePrivateKey()))
  const policy = parsePolicy({ name: 'council', decisionRule: 'reference', voters: voters.map(({ identity }) => identityToAddress(identity)) })
  const scope = new JoinedScope({ pubsub: {} as any, otherPolicies: new PolicyMismatches(() => true), clock: systemClock, isConnected: () => true }, policy)

  function create (): { storage: CountingStorage, consensus: ConsensusService, index: SyncIndex } {
    const storage = new CountingStorage()
    const index = new SyncIndex(storage)
    const consensus = new ConsensusService({
      storage,
      scheme: ethereumScheme(),
      maxSessionsPerScope: Infinity,
      observer: {
        onProposal: (key, { proposal }) => { index.changed(key, proposal, true) },
        onVote: (key, vote, { proposal, state }) => { index.changed(key, proposal, state === 'active') }
      }
    })

    return { storage, consensus, index }
  }

  it('is equal where the same came in another order, and differs on the day on which it does not', async () => {
    const [a, b] = [create(), create()]
    const proposals = [0n, 0n, 1n, 5n].map(day => makeProposal(voters[0], policy, { timestamp: 1_700_000_000n + day * DAY }))
    const votes = await Promise.all(proposals.map(async proposal => makeVote(voters[1], proposal, true)))

    for (const proposal of proposals) {
      await a.consensus.processIncomingProposal(scope.key, proposal, { late: true })
    }

    for (const vote of votes) {
      await a.consensus.processIncomingVote(scope.key, vote, { late: true })
    }

    for (const [index, proposal] of [...proposals.entries()].reverse()) {
      await b.consensus.processIncomingProposal(scope.key, proposal, { late: true })
      expect((await b.index.summary(scope, 0)).root).to.not.equalBytes((await a.index.summary(scope, 0)).root)
      await b.consensus.processIncomingVote(scope.key, votes[index], { late: true })
    }

    expect((await b.index.summary(scope, 0)).root).to.equalBytes((await a.index.summary(scope, 0)).root)
    expect((await a.index.days(scope, 0)).map(({ day }) => day)).to.deep.equal([...new Set(proposals.map(dayOf))])

    await b.consensus.processIncomingVote(scope.key, await makeVote(voters[2], proposals[2], false), { late: true })

    const [ours, theirs] = [await a.index.days(scope, 0), await b.index.days(scope, 0)]
    expect(ours.map(({ digest }, index) => digest.join() === theirs[index].digest.join())).to.deep.equal([true, false, true])
    // what is before the day that is asked for does not count
    expect((await a.index.summary(scope, dayOf(proposals[3]))).root).to.equalBytes((await b.index.summary(scope, dayOf(proposals[3]))).root)
  })

  it('makes day digests and root as they are described', async () => {
    const { consensus, index } = create()
    const proposals = [1, 2, 3].map(() => makeProposal(voters[0], policy, { timestamp: 1_700_000_000n }))

    for (const proposal of proposals) {
      await consensus.processIncomingProposal(scope.key, proposal, { late: true })
    }

    const pairs = proposals.map(proposal => concat([announcementDigest(policy, proposal), voteSetHash([])]))
    const digest = sha256(concat(pairs.sort((a, b) => Buffer.compare(a, b))))
    const day = dayOf(proposals[0])

    expect(await index.days(scope, 0)).to.deep.equal([{ day, digest, pruned: 0 }])
    expect((await index.summary(scope, 0)).root).to.equalBytes(sha256(concat([Uint8Array.of(day >> 24, day >> 16, day >> 8, day), digest])))
    expect(rootOf([])).to.equalBytes(sha256(new Uint8Array()))
  })

  it('reads a day once until something of it changes, which ending is, too', async () => {
    const { storage, consensus, index } = create()
    const [first, second] = [0n, 3n].map(day => makeProposal(voters[0], policy, { timestamp: 1_700_000_000n + day * DAY }))

    await index.summary(scope, 0)
    await consensus.processIncomingProposal(scope.key, first, { late: true })
    await consensus.processIncomingProposal(scope.key, second, { late: true })

    const { root } = await index.summary(scope, 0)
    const { reads } = storage

    expect((await index.summary(scope, 0)).root).to.equalBytes(root)
    expect(storage.reads).to.equal(reads)

    await consensus.handleConsensusTimeout(scope.key, first.proposalId)
    index.ended(scope.key, first.proposalId)

    expect((await index.summary(scope, 0)).root).to.not.equalBytes(root)
    expect(storage.reads).to.equal(reads + 1)
  })

  it('tells of votes while they are taken, and of outcomes after', () => {
    const proposal = makeProposal(voters[0], policy)
    const summary = { proposal, state: 'active', pruned: false, voteSetHash: voteSetHash([]), signature: new Uint8Array(65) } as unknown as SyncSummary
    const entry = (changes: Partial<SyncSummary>, of = scope): { entry: Uint8Array, flags: number } => entryOf(of, { ...summary, ...changes })
    const quorum = new JoinedScope({ pubsub: {} as any, otherPolicies: new PolicyMismatches(() => true), clock: systemClock, isConnected: () => true }, { ...policy, decisionRule: 'quorum' })

    expect(entry({})).to.deep.include({ entry: voteSetHash([]), flags: 0, proposalId: proposal.proposalId, day: dayOf(proposal) })
    expect(entry({ state: 'reached', result: true })).to.deep.include({ entry: outcomeHash(true), flags: ENDED })
    expect(entry({ state: 'reached', result: false, pruned: true })).to.deep.include({ entry: outcomeHash(false), flags: ENDED | PRUNED })
    expect(entry({ state: 'failed' })).to.deep.include({ entry: outcomeHash(undefined), flags: ENDED })
    expect(entry({ signature: undefined })).to.deep.include({ flags: UNSIGNED })
    expect(entry({ state: 'reached', result: true }, quorum)).to.deep.include({ entry: voteSetHash([]), flags: ENDED })
    expect(entry({ state: 'reached', result: true, pruned: true, proven: true }, quorum)).to.deep.include({ flags: ENDED | PRUNED | PROVEN })
    expect(new Set([true, false, undefined].map(result => outcomeHash(result).join()))).to.have.property('size', 3)
  })

  it('keeps nothing of a scope that is forgotten while it is looked at, and reads it no further', async () => {
    const { storage, consensus, index } = create()

    await consensus.processIncomingProposal(scope.key, makeProposal(voters[0], policy), { late: true })

    const root = index.summary(scope, 0)
    index.forget(scope.key)
    await expect(root).to.eventually.be.rejectedWith(/has been left/)
    await index.idle()
    expect((index as any).scopes.size).to.equal(0)
    expect((index as any).underWay.size).to.equal(0)
    expect(storage.reads).to.be.below(3)
    expect((await index.summary(scope, 0)).root).to.have.length(32)
  })
})
