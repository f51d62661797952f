import { join } from 'node:path'
import { defaultLogger } from '@libp2p/logger'
import { expect } from 'aegir/chai'
import { MemoryStorage } from '../../../src/consensus/storage/memory.ts'
import { MemoryVoteLock } from '../../../src/consensus/vote/vote-lock.ts'
import { OwnLocks } from '../../../src/network/restore/own-locks.ts'
import { FileVoteLock } from '../../../src/storage/vote-lock/file-vote-lock.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { OwnLocksInit } from '../../../src/network/restore/own-locks.ts'

const IDENTITY = new Uint8Array(20).fill(1)

describe('the vote locks of a node\'s own key', () => {
  const folder = useTempFolder()

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

  describe('were restored', () => {
    const claim = (count: bigint): { count: bigint, mark: Uint8Array } => ({ count, mark: new Uint8Array(16).fill(1) })

    it('where a member has a proof with a higher count, or another mark for the count that is here or was, and no other', async () => {
      const locks = await start()
      const before = await voteLock.raise(IDENTITY)
      const { count, mark } = await voteLock.raise(IDENTITY)

      for (const known of [before, { count, mark }, claim(0n)]) {
        expect(await locks.compare(known)).to.equal(false)
      }

      expect(reasons).to.be.empty()
      expect(await locks.compare(claim(count - 1n))).to.equal(true)
      expect(reasons[0]).to.match(/a mark for count 3 of its vote locks that was never theirs here/)

      const after = await voteLock.counter(IDENTITY)

      expect(after).to.deep.include({ count: count + 1n, restoredAt: 1_000n })
      expect(await locks.compare(claim(count - 1n))).to.equal(false)
      expect(await locks.compare(claim(after.count))).to.equal(true)
      expect(await locks.compare(claim(100n))).to.equal(true)
      expect(reasons).to.have.lengthOf(3)
      expect(reasons[2]).to.match(/names 100 as the count of its vote locks, which is 6 here/)
      expect(await voteLock.counter(IDENTITY)).to.have.property('count', 101n)
    })

    it('where the store knows of other locks than those that are here', async () => {
      const storage = new MemoryStorage()

      await start({ storage })
      await start({ storage })
      expect(reasons).to.be.empty()
      voteLock = new MemoryVoteLock()
      await start({ storage })
      await start({ storage })
      expect(reasons).to.deep.equal(['its store was used with other vote locks than those that are here'])
    })

    it('where there are no locks: those that the store knows are gone, or the key was made elsewhere', async () => {
      const storage = new MemoryStorage()

      await start({ storage, voteLock: new FileVoteLock(join(folder.path, 'first')) })
      await start({ storage, voteLock: new FileVoteLock(join(folder.path, 'second')) })
      await start({ storage, voteLock: new FileVoteLock(join(folder.path, 'second')) })
      expect(reasons).to.deep.equal(['its key was not made here, and is used here for the first time', `the vote locks that its store was used with are gone: there are none in ${join(folder.path, 'second')}`])
    })

    it('for good, once it was found, in every process', async () => {
      const locks = await start()

      await locks.compare(claim(100n))
      time = 5_000n
      reasons = []

      const next = await start()

      expect(await next.check()).to.deep.equal({ restoredAt: 1_000n, learnedAt: 5_000_000 })
      expect(reasons).to.be.empty()
    })
  })
})
