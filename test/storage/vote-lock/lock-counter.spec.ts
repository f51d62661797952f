import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'aegir/chai'
import { isOfOtherLocks, MAX_LOCK_COUNT, MemoryVoteLock, nextCounter } from '../../../src/consensus/index.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { decodeCounter, encodeCounter } from '../../../src/storage/vote-lock/counter-encoding.ts'
import { FileVoteLock } from '../../../src/storage/vote-lock/file-vote-lock.ts'
import { IDENTITY, lockVote, SCOPE, subjectOf, upTo } from '../../utils/locks.ts'
import { traceProblem } from '../../utils/strace.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { LockCounter, VoteLock } from '../../../src/consensus/index.ts'

const PROGRAM = fileURLToPath(new URL('../../utils/raise-counter.ts', import.meta.url))
const problem = traceProblem()
const skipped = problem == null ? '' : ` (skipped: ${problem})`

type Counted = Required<Pick<VoteLock, 'acquire' | 'find' | 'counter' | 'raise'>>

interface Raise { id: string, count: number, mark: string }

describe('counter of vote locks', () => {
  const folder = useTempFolder()

  const kinds: Array<[string, () => Promise<Counted & { close? (): Promise<void> }>]> = [
    ['files', async () => new FileVoteLock(folder.path)],
    ['a store', async () => LevelStorage.open(folder.path)],
    ['memory', async () => new MemoryVoteLock()]
  ]

  for (const [name, open] of kinds) {
    it(`in ${name}: keeps its id, grows, and has a new mark at each raise`, async () => {
      const lock = await open()
      const first = await lock.raise(IDENTITY)
      const second = await lock.raise(IDENTITY)

      expect(first.id).to.have.length(16)
      expect(first.mark).to.have.length(16)
      expect(second).to.deep.include({ id: first.id, count: first.count + 1n })
      expect(second.mark).to.not.deep.equal(first.mark)
      expect(await lock.counter(IDENTITY)).to.deep.equal(second)
      expect(await lock.counter(new Uint8Array(20))).to.not.deep.equal(second)
      await lock.close?.()
    })

    it(`in ${name}: is raised before a lock is made, and not for one that is there`, async () => {
      const lock = await open()
      const { count } = await lock.raise(IDENTITY)

      await lock.acquire(SCOPE, subjectOf(1), lockVote(1, true))
      expect(await lock.counter(IDENTITY)).to.have.property('count', count + 1n)
      await lock.acquire(SCOPE, subjectOf(1), lockVote(1, false))
      expect(await lock.counter(IDENTITY)).to.have.property('count', count + 1n)
      await lock.close?.()
    })

    it(`in ${name}: goes above a count, and remembers the last restore`, async () => {
      const lock = await open()

      expect(await lock.raise(IDENTITY, { above: 41n, restoredAt: 1_000n })).to.deep.include({ count: 42n, restoredAt: 1_000n })
      expect(await lock.raise(IDENTITY, { above: 7n, restoredAt: 900n })).to.deep.include({ count: 43n, restoredAt: 1_000n })
      expect(await lock.raise(IDENTITY)).to.deep.include({ count: 44n, restoredAt: 1_000n })
      await lock.close?.()
    })

    it(`in ${name}: tells the marks that it had from those of another copy, until it is restored`, async () => {
      const lock = await open()
      const copy = new MemoryVoteLock()
      const [before, elsewhere] = [await raise(lock, 5), await raise(copy, 7)]
      const counter = await lock.counter(IDENTITY) as LockCounter

      expect(before.map(claim => isOfOtherLocks(claim, counter))).to.not.include(true)
      expect(elsewhere.map(claim => isOfOtherLocks(claim, counter))).to.not.include(false)

      const restored = await lock.raise(IDENTITY, { restoredAt: 1_000n, above: 7n })

      expect([...before, ...elsewhere].map(claim => isOfOtherLocks(claim, restored))).to.not.include(true)
      expect((await raise(copy, 1)).map(claim => isOfOtherLocks(claim, restored))).to.deep.equal([true])

      const [first] = await raise(lock, 3)
      const later = await lock.counter(IDENTITY) as LockCounter

      expect([restored, first].map(claim => isOfOtherLocks(claim, later))).to.deep.equal([false, false])
      expect((await raise(copy, 2)).map(claim => isOfOtherLocks(claim, later))).to.deep.equal([true, true])
      await lock.close?.()
    })

    it(`in ${name}: refuses to grow beyond what numbers hold exactly, and then no lock is made`, async () => {
      const lock = await open()

      await lock.raise(IDENTITY, { above: MAX_LOCK_COUNT - 1n })
      await expect(lock.raise(IDENTITY)).to.eventually.be.rejectedWith(/9007199254740991/)
      await expect(lock.acquire(SCOPE, subjectOf(1), lockVote(1, true))).to.eventually.be.rejectedWith(/9007199254740991/)
      expect(await lock.find(SCOPE, subjectOf(1), IDENTITY)).to.equal(undefined)
      expect(await lock.counter(IDENTITY)).to.have.property('count', MAX_LOCK_COUNT)
      await lock.close?.()
    })
  }

  it('keeps 960 marks in a record of at most 4 KiB, and tells nothing about older ones', () => {
    const counters = [nextCounter(undefined, { above: MAX_LOCK_COUNT - 1_001n, restoredAt: 4_000_000_000n })]

    while (counters.length < 1_001) {
      counters.push(nextCounter(counters.at(-1)))
    }

    const bytes = encodeCounter(counters[1_000])
    const counter = decodeCounter(bytes)
    const others = counters.map(({ count, mark }) => ({ count, mark: mark.map(byte => byte ^ 1) }))

    expect(bytes).to.have.length.below(4_097)
    expect(counters.map(claim => isOfOtherLocks(claim, counter))).to.not.include(true)
    expect(others.map(claim => isOfOtherLocks(claim, counter)).indexOf(true)).to.equal(1_000 - 960)
    expect(others.filter(claim => isOfOtherLocks(claim, counter))).to.have.length(961)
  })

  it('in a store: is there when it is opened again', async () => {
    let storage = await LevelStorage.open(folder.path)
    const counters = await Promise.all(upTo(10).map(async () => storage.raise(IDENTITY)))

    await storage.close()
    storage = await LevelStorage.open(folder.path)
    expect(await storage.counter(IDENTITY)).to.deep.equal(highest(counters))
    await storage.close()
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
  })

  it('in files: is one for all instances, and leaves few files', async () => {
    const counters = await Promise.all(upTo(60).map(async () => new FileVoteLock(folder.path).raise(IDENTITY)))

    expect(counters.map(({ count }) => Number(count))).to.have.members(upTo(60))
    expect(await new FileVoteLock(folder.path).counter(IDENTITY)).to.deep.equal(highest(counters))
    expect(await files()).to.have.length.below(20)
  })

  it('in files: locks that are asked for together share a raise', async () => {
    const lock = new FileVoteLock(folder.path)

    await Promise.all(upTo(64).map(async proposalId => lock.acquire(SCOPE, subjectOf(proposalId), lockVote(proposalId, true))))
    expect(Number((await lock.counter(IDENTITY))?.count)).to.be.below(8)
  })

  it('in files: gives each count once, whichever of several processes raises it', async () => {
    const raises = await Promise.all([1, 2, 3].map(async () => raiseElsewhere(60)))

    for (const process of raises) {
      expect(process).to.have.length(60)
      expect(process).to.deep.equal([...process].sort((a, b) => a.count - b.count))
    }

    expect(new Set(raises.flat().map(({ count }) => count)).size).to.equal(180)
    expect(new Set(raises.flat().map(({ id }) => id)).size).to.equal(1)

    const last = raises.flat().sort((a, b) => a.count - b.count)[179]

    expect(toRaise(await new FileVoteLock(folder.path).counter(IDENTITY))).to.deep.equal(last)
  })

  it('in files: signs nothing where it is damaged in any byte or length, until the operator removes it', async () => {
    const lock = new FileVoteLock(folder.path)
    const before = await lock.raise(IDENTITY)
    const [name] = await files()
    const path = join(counterFolder(), name)
    const bytes = await readFile(path)
    const copies = [...bytes.keys()].flatMap(index => {
      const copy = Uint8Array.from(bytes)

      copy[index] ^= 1 << (index % 8)

      return [copy, Uint8Array.from(bytes.subarray(0, index))]
    })

    for (const copy of copies) {
      await writeFile(path, copy)
      await expect(lock.counter(IDENTITY)).to.eventually.be.rejectedWith(path).with.property('name', 'VoteLockDamagedError')
      await expect(lock.acquire(SCOPE, subjectOf(1), lockVote(1, true))).to.eventually.be.rejectedWith(/Remove the folder/).with.property('name', 'VoteLockDamagedError')
    }

    expect(await lock.find(SCOPE, subjectOf(1), IDENTITY)).to.equal(undefined)
    await rm(counterFolder(), { recursive: true })

    const after = await lock.raise(IDENTITY)

    expect(after.count).to.equal(1n)
    expect(after.id).to.not.deep.equal(before.id)
  })

  it('in files: refuses one that was moved to another count', async () => {
    const lock = new FileVoteLock(folder.path)

    await lock.raise(IDENTITY)
    await writeFile(join(counterFolder(), '00000000000009'), await readFile(join(counterFolder(), '00000000000001')))
    await expect(lock.raise(IDENTITY)).to.eventually.be.rejectedWith(/another count/).with.property('name', 'VoteLockDamagedError')
  })

  it(`in files: never goes back, and can be raised, wherever a process was killed that raised it${skipped}`, async function () {
    if (problem != null) {
      return this.skip()
    }

    for (const call of ['fsync', '?link,linkat', '?unlink,unlinkat']) {
      for (const when of [1, 2, 9, 12]) {
        const told = await raiseElsewhere(20, `inject=${call}:signal=KILL:when=${when}`)
        const after = await new FileVoteLock(folder.path).raise(IDENTITY)

        expect(Number(after.count)).to.be.greaterThan(told.at(-1)?.count ?? 0)
      }
    }
  })

  it(`in files: a lock is not made where the counter cannot be written${skipped}`, async function () {
    if (problem != null) {
      return this.skip()
    }

    for (const fault of ['fsync:error=EIO', '?link,linkat:error=ENOSPC', '?link,linkat:error=EROFS']) {
      expect(await raiseElsewhere(1, `inject=${fault}`)).to.deep.equal([])
    }

    expect(await files()).to.deep.equal([])
  })

  async function raise (lock: Counted, times: number): Promise<LockCounter[]> {
    const counters: LockCounter[] = []

    while (counters.length < times) {
      counters.push(await lock.raise(IDENTITY))
    }

    return counters
  }

  function counterFolder (): string {
    return join(folder.path, Buffer.from(IDENTITY).toString('hex'), 'counter')
  }

  async function files (): Promise<string[]> {
    return readdir(counterFolder())
  }

  /** What a process of its own gets that raises the counter so many times, with what strace does to it */
  async function raiseElsewhere (times: number, fault?: string): Promise<Raise[]> {
    const command = [process.execPath, ...process.execArgv, PROGRAM, folder.path, `${times}`]
    const [program, ...args] = fault == null ? command : ['strace', '-D', '-f', '-o', '/dev/null', '-e', 'trace=fsync,?link,linkat,?unlink,unlinkat', '-e', fault, ...command]
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    const closed = once(child, 'close')
    const lines: string[] = []

    for await (const line of createInterface({ input: child.stdout })) {
      if (lines.push(line) === 1) {
        child.stdin.write('go')
      }
    }

    await closed

    return lines.slice(1).map(line => JSON.parse(line))
  }
})

function highest (counters: LockCounter[]): LockCounter | undefined {
  return counters.sort((a, b) => Number(a.count - b.count)).at(-1)
}

function toRaise (counter?: LockCounter): Raise | undefined {
  return counter == null ? undefined : { id: Buffer.from(counter.id).toString('hex'), count: Number(counter.count), mark: Buffer.from(counter.mark).toString('hex') }
}
