import { defaultLogger } from '@libp2p/logger'
import { expect } from 'aegir/chai'
import { MemoryStorage } from '../../../src/consensus/memory-storage.ts'
import { MemoryVoteLock } from '../../../src/consensus/vote-lock.ts'
import { OwnLocks } from '../../../src/network/restore/own-locks.ts'
import type { OwnLocksInit } from '../../../src/network/restore/own-locks.ts'

const IDENTITY = new Uint8Array(20).fill(1)

describe('the vote locks of a node\'s own key', () => {
  let reasons: string[]
  let voteLock: MemoryVoteLock
  let time: bigint

  beforeEach(() => {
    reasons = []
    voteLock = new MemoryVoteLock()
    time = 1_000n
  })

  async function start (init: Partial<OwnLocksInit> = {}): Promise<OwnLocks> {
    const locks = new OwnLocks({
      voteLock,
      storage: new MemoryStorage(),
      identity: IDENTITY,
      clock: () => time,
      monotonic: () => Number(time) * 1_000,
      log: defaultLogger().forComponent('test'),
      track: () => {},
      onRestored: (_, reason) => { reasons.push(reason) },
      onProblem: () => {},
      ...init
    })

    await locks.start()

    return locks
  }

  it('learn nothing from an own vote that is older than a known restore, and are restored by a later one', async () => {
    const locks = await start()

    await locks.onUnknownVote({ timestamp: 900n })

    const before = await locks.check()

    expect(before?.restoredAt).to.equal(1_000n)
    reasons = []
    time = 2_000n

    for (const timestamp of [900n, 1_000n]) {
      await locks.onUnknownVote({ timestamp })
    }

    expect(await locks.check()).to.deep.equal(before)
    expect(reasons).to.be.empty()

    await locks.onUnknownVote({ timestamp: 1_001n })
    expect(await locks.check()).to.deep.equal({ restoredAt: 2_000n, learnedAt: 2_000_000 })
    expect(reasons).to.have.lengthOf(1)
  })

  it('are found to be an older copy where they are replaced while the node runs', async () => {
    await voteLock.raise(IDENTITY)

    const locks = await start()
    const older = await voteLock.counter(IDENTITY)
    const counter = voteLock.counter.bind(voteLock)

    await voteLock.raise(IDENTITY)
    await locks.check()
    expect(reasons).to.be.empty()

    voteLock.counter = async () => older
    await locks.check()
    expect(reasons).to.have.lengthOf(1)
    expect(reasons[0]).to.match(/replaced by an older copy while this node ran/)
    expect(Number((await counter(IDENTITY))?.count)).to.be.greaterThan(Number(older?.count) + 1)
  })
})
