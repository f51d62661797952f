import { execFileSync } from 'node:child_process'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Level } from 'level'
import { gossipsubConfig } from '../../../src/consensus/policy/config.ts'
import { ConsensusSession } from '../../../src/consensus/session/session.ts'
import { buildVote } from '../../../src/consensus/vote/vote.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { WriteQueue } from '../../../src/storage/level/write-queue.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { Write } from '../../../src/storage/level/write-queue.ts'

const NOW = 1_700_000_000n
const SCOPE = 'council'

function session (proposalId: number, payload = 3): ConsensusSession {
  return ConsensusSession.create({
    name: 'Go?',
    payload: new Uint8Array(payload),
    proposalId,
    proposalOwner: new Uint8Array(20),
    votes: [],
    expectedVotersCount: 10,
    round: 1,
    timestamp: NOW,
    expirationTimestamp: NOW + 60n,
    livenessCriteriaYes: true
  }, gossipsubConfig(), NOW)
}

function withVote (session: ConsensusSession, voter: number): ConsensusSession {
  const vote = buildVote({ proposalId: session.proposal.proposalId, owner: new Uint8Array(20).fill(voter), choice: true, timestamp: NOW, votes: [] })

  return session.addVote({ ...vote, signature: new Uint8Array(65) }, NOW).session
}

describe('Writes that share batches', () => {
  it('go together with those that came meanwhile, in order, durably if one is', async () => {
    const batches: Array<{ keys: string[], durable: boolean }> = []
    const queue = new WriteQueue(async (writes, durable) => {
      batches.push({ keys: writes.map(({ key }) => key), durable })
      await Promise.resolve()
    })
    const put = (key: string): Write[] => [{ type: 'put', key, value: new Uint8Array(0) }]

    await Promise.all([queue.write(put('a'), false), queue.write(put('b'), false), queue.write(put('c'), true), queue.write(put('d'), false)])
    await queue.write(put('e'), false)

    expect(batches).to.deep.equal([
      { keys: ['a'], durable: false },
      { keys: ['b', 'c', 'd'], durable: true },
      { keys: ['e'], durable: false }
    ])
  })

  it('leave some for the next batch, so that work goes on meanwhile, unless they wait for the disk', async () => {
    const batches: number[] = []
    const queue = new WriteQueue(async writes => {
      batches.push(writes.length)
      await Promise.resolve()
    })
    const many = async (durable: boolean): Promise<void> => {
      await Promise.all(Array.from({ length: 72 }, async (_, index) => queue.write([{ type: 'del', key: `${index}` }], durable)))
    }

    await many(false)
    expect(batches).to.deep.equal([1, 32, 32, 7])
    await many(true)
    expect(batches).to.deep.equal([1, 32, 32, 7, 1, 71])
  })

  it('fail together, and those of the next batch do not', async () => {
    const queue = new WriteQueue(async writes => {
      if (writes.some(({ key }) => key === 'bad')) {
        throw new Error('no')
      }
    })
    const del = (key: string): Write[] => [{ type: 'del', key }]
    const first = queue.write(del('a'), false)
    const results = await Promise.allSettled([first, queue.write(del('b'), false), queue.write(del('bad'), false)])

    expect(results.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'rejected'])
    await queue.write(del('c'), false)
  })
})

describe('LevelDB storage that cannot write', () => {
  const folder = useTempFolder()

  it('changes nothing, tells what it did not store, and recovers with the next write', async () => {
    const storage = await LevelStorage.open(folder.path)
    const db: Level<string, Uint8Array> = (storage as any).db.db
    const batch = db.batch.bind(db) as any
    const before = session(1)
    const after = withVote(before, 1)

    await storage.saveSession(SCOPE, before)
    // the worst of failures: reported, and on disk all the same
    Object.assign(db, {
      batch: async (...args: any[]) => {
        await batch(...args)
        throw new Error('IO error: No space left on device')
      }
    })
    const get = db.get.bind(db)
    Object.assign(db, { get: async (key: string) => key.startsWith('vote/') ? undefined : get(key) })

    await expect(storage.appendVote(SCOPE, after)).to.eventually.be.rejectedWith(/could not store a vote on proposal 1 in scope "council": IO error: No space left on device/)
      .with.property('name', 'StorageWriteError')
    expect(await storage.getSession(SCOPE, 1)).to.equal(before)

    Object.assign(db, { batch, get })
    await storage.saveSession(SCOPE, session(2))
    await storage.close()

    const reopened = await LevelStorage.open(folder.path)
    expect((await reopened.getSession(SCOPE, 1))?.voteCount).to.equal(0)
    expect((await reopened.getSession(SCOPE, 2))?.voteCount).to.equal(0)
    await reopened.close()
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
  })

  /** A store whose next write is reported to have failed, and is on disk all the same */
  async function failing (): Promise<{ storage: LevelStorage, restore (): void }> {
    const storage = await LevelStorage.open(folder.path)
    const { db } = (storage as any).db
    const batch = db.batch.bind(db)

    for (const proposalId of [1, 3]) {
      await storage.saveSession(SCOPE, session(proposalId))
    }

    Object.assign(db, {
      batch: async (...args: any[]) => {
        await batch(...args)
        throw new Error('IO error: No space left on device')
      }
    })
    // LevelDB shows what it has stored, which a write that failed is no part of until it is opened anew
    const get = db.get.bind(db)
    Object.assign(db, { get: async (key: string) => key.endsWith('/00000002') || key.endsWith('/0000000000000003') ? undefined : get(key) })

    await expect(storage.saveSession(SCOPE, session(2))).to.eventually.be.rejected().with.property('name', 'StorageWriteError')
    Object.assign(db, { get })

    return { storage, restore: () => { Object.assign(db, { batch }) } }
  }

  async function ids (storage: LevelStorage, newestFirst = false): Promise<number[]> {
    const found: number[] = []

    for await (const { proposal } of storage.streamSummaries(SCOPE, { newestFirst })) {
      found.push(proposal.proposalId)
    }

    return found
  }

  it('has not stored what it said it could not, when it is closed and opened again', async () => {
    const { storage, restore } = await failing()

    restore()
    await storage.close()

    const reopened = await LevelStorage.open(folder.path)

    expect(await ids(reopened)).to.deep.equal([1, 3])
    expect(await reopened.getSession(SCOPE, 2)).to.equal(undefined)
    await reopened.close()
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
  })

  it('shows nothing of what it could not store while it cannot recover', async () => {
    const { storage, restore } = await failing()

    // opens LevelDB anew, which shows all that is on disk, and fails to take it back
    await expect(storage.saveSession(SCOPE, session(4))).to.eventually.be.rejected().with.property('name', 'StorageWriteError')
    await storage.probe().catch(() => {})
    expect(await ids(storage)).to.deep.equal([1, 3])
    expect(await ids(storage, true)).to.deep.equal([3, 1])
    expect(await storage.getSession(SCOPE, 2)).to.equal(undefined)
    expect((await storage.listScopeSessions(SCOPE))?.length).to.equal(2)

    restore()
    await storage.saveSession(SCOPE, session(4))
    expect(await ids(storage)).to.deep.equal([1, 3, 4])
    await storage.close()
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
  })

  // mounting one takes rights that not everybody has
  it('keeps answering on a full disk, if one can be mounted, and stores again once there is room', async function () {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder.path], { stdio: 'ignore' })
    } catch {
      this.skip()
    }

    let storage: LevelStorage | undefined

    try {
      storage = await LevelStorage.open(join(folder.path, 'store'))
      await storage.saveSession(SCOPE, session(1))

      const { bavail, bsize } = await statfs(folder.path)
      const ballast = join(folder.path, 'ballast')
      let stored = 1

      await writeFile(ballast, new Uint8Array((bavail - 80) * bsize))

      for (const attempt of [0, 1, 2]) {
        let failure: any

        while (failure == null) {
          try {
            await storage.saveSession(SCOPE, session(stored + 1, 30_000))
            stored++
          } catch (err) {
            failure = err
          }
        }

        expect(failure, `attempt ${attempt}`).to.have.property('name', 'StorageWriteError')
        expect(await storage.listScopeSessions(SCOPE)).to.have.lengthOf(stored)
        expect(await storage.getSession(SCOPE, stored + 1)).to.be.undefined()
      }

      await rm(ballast)
      await storage.saveSession(SCOPE, session(stored + 1))
      expect(await storage.listScopeSessions(SCOPE)).to.have.lengthOf(stored + 1)
      await storage.close()
      expect(await LevelStorage.check(join(folder.path, 'store'))).to.deep.equal([])
    } finally {
      await storage?.close()
      execFileSync('umount', [folder.path])
    }
  })
})
