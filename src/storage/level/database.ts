/**
 * LevelDB with what it lacks: records with checksums, batches that calls share, and recovery from writes that fail.
 *
 * After a write that failed LevelDB may refuse all others until it is opened anew, and the records that it writes after one
 * that was cut off are lost. So nothing more is written before it was opened anew, which the next write tries. What failed may
 * have reached the disk all the same; it is taken back then, so that it has happened as a whole or not at all.
 */

import { Level } from 'level'
import { StorageDamagedError, StorageOpenError, StorageWriteError } from '../errors.ts'
import { checkedBytes, withChecksum } from '../integrity/checksum.ts'
import { checkOwnership } from '../integrity/owner.ts'
import { alreadyOpen, FolderManifest, hasDatabase, hasRoomToOpen, holdFolder, isUnfinished, PROBE_NAME, removeLeftovers, manifestOwnership, manifestProblems } from './folder.ts'
import { parseKey } from './keys.ts'
import { WriteQueue } from './write-queue.ts'
import type { DamagedRecord } from '../errors.ts'
import type { Range } from './keys.ts'
import type { Write } from './write-queue.ts'
import type { OwnershipTerms, Ownership } from '../integrity/owner.ts'

const RAW = { keyEncoding: 'utf8', valueEncoding: 'view' } as const

export class Database {
  readonly location: string
  private readonly db: Level<string, Uint8Array>
  private readonly manifest: FolderManifest
  /** Gives the folder free for others of this process */
  private readonly release: () => void
  private readonly queue = new WriteQueue(async (writes, durable) => this.commit(writes, durable))
  /** What was stored before a write that failed, under its keys: to be written before anything else, and read until then */
  private undo?: Map<string, Uint8Array | undefined>
  /** Reads that are under way */
  private readonly reads = new Set<Promise<unknown>>()
  private reopening?: Promise<void>
  private closed = false
  /** Why the last write failed, since when none has succeeded */
  private writeFailure?: string
  /** What was found wrong with LevelDB's files since they were opened. Nothing is written any more then. */
  private damage?: StorageDamagedError
  /** Looks at the files that were too large to be looked at before they were opened */
  private verifying?: Promise<void>
  private readonly closing = new AbortController()
  /** Told when writes begin to fail, with the reason, and without one when they succeed again */
  onWritable?: (failure?: string) => void

  private constructor (location: string, manifest: FolderManifest, release: () => void) {
    this.location = location
    this.manifest = manifest
    this.release = release
    // opens by itself unless it is opened at once
    this.db = new Level(location, RAW)
  }

  /**
   * Opens what is there
   *
   * @throws {StorageOpenError} if another process has it open, or it cannot be read
   * @throws {StorageDamagedError} if its files are not as they were left
   */
  static async open (location: string): Promise<Database> {
    return holding(location, async release => Database.start(location, release))
  }

  /**
   * As {@link Database.open}, makes a database if there is none, nor files of one that has lost others. What is told to be new
   * is nothing else until {@link Database.made} is called.
   *
   * @throws {StorageOwnerError} | {StorageNetworkError} where the file manifest says so
   */
  static async openOrCreate (location: string, terms: OwnershipTerms = {}): Promise<{ database: Database, isNew: boolean }> {
    return holding(location, async release => {
      checkOwnership(location, await manifestOwnership(location), terms)

      const isNew = !await hasDatabase(location) || await isUnfinished(location)

      return { database: await (isNew ? Database.create(location, release) : Database.start(location, release)), isNew }
    })
  }

  private static async start (location: string, release: () => void): Promise<Database> {
    const manifest = new FolderManifest(location)

    if (await isUnfinished(location)) {
      throw new StorageOpenError(`There is no store in ${location}: whoever made it was cut off before anything was stored in it. Opening it as a node does, by starting it, makes it`)
    }

    await checkManifest(location, manifest)

    const database = new Database(location, manifest, release)

    await database.openLevel(false)
    await database.recording(async () => manifest.opened())
    await removeLeftovers(location, PROBE_NAME)
    database.verifying = database.verify()

    return database
  }

  private static async create (location: string, release: () => void): Promise<Database> {
    const manifest = new FolderManifest(location)
    const isUnfinishedOne = await isUnfinished(location)

    await manifest.beginNew().catch(err => { throw notOpened(location, err) })

    try {
      return await Database.createLevel(location, manifest, release)
    } catch (err) {
      if (!isUnfinishedOne || (err instanceof StorageOpenError && err.inUse)) {
        throw err
      }

      // what a loss of power has left of a database that held nothing
      await (Level as unknown as { destroy (location: string): Promise<void> }).destroy(location)
      await manifest.beginNew()

      return Database.createLevel(location, manifest, release)
    }
  }

  private static async createLevel (location: string, manifest: FolderManifest, release: () => void): Promise<Database> {
    const database = new Database(location, manifest, release)

    await database.openLevel(true)
    await database.recording(async () => manifest.opened())

    return database
  }

  /** To be called of a new database that is none of somebody else's any more, before anything is stored that must last */
  async made (): Promise<void> {
    await this.recording(async () => this.manifest.made())
  }

  /** Whether votes may be gone that nobody waited for, where what was written after them is there */
  get mayLackVotes (): boolean {
    return this.manifest.mayLackVotes
  }

  /** To be called once it was made up for votes that are gone */
  async settled (): Promise<void> {
    await this.recording(async () => this.manifest.settled())
  }

  /** Has the file manifest say whose the store is, and in which network it is used */
  async belongsTo (ownership: Ownership): Promise<void> {
    await this.recording(async () => this.manifest.belongsTo(ownership))
  }

  /** Stores what is to be written and closes */
  async close (): Promise<void> {
    this.closed = true
    this.closing.abort()
    await this.verifying
    await this.queue.idle()

    if (this.undo != null && this.damage == null) {
      // whoever was told that a write has failed is not to find it when the store is opened again, if that can be helped
      await this.recover(this.undo).catch(() => {})
    }

    const wasOpen = this.db.status === 'open'

    await this.db.close()

    if (wasOpen) {
      // what is not in the file manifest, for instance since the disk is full, is a store that was not closed: less is known of it
      await this.manifest.end().catch(() => {})
    }

    this.release()
  }

  /**
   * @throws {StorageDamagedError}
   */
  async get (key: string): Promise<Uint8Array | undefined> {
    const record = this.asBefore(key, await this.read(key, async () => this.db.get(key)))

    return record == null ? undefined : this.valueOf(key, record)
  }

  /**
   * As {@link Database.get} for several keys, as they are at one moment
   *
   * @throws {StorageDamagedError}
   */
  async getMany (keys: string[]): Promise<Array<Uint8Array | undefined>> {
    const records = await this.read(keys[0], async () => this.db.getMany(keys))

    return records.map((found, index) => {
      const record = this.asBefore(keys[index], found)

      return record == null ? undefined : this.valueOf(keys[index], record)
    })
  }

  /**
   * All keys of a range with their values
   *
   * @throws {StorageDamagedError}
   */
  async entries (range: Range): Promise<Array<[string, Uint8Array]>> {
    const entries = await this.rawEntries(range)

    return entries.map(([key, record]) => [key, this.valueOf(key, record)])
  }

  /** All keys of a range with their records, which are not checked */
  async rawEntries (range: Range): Promise<Array<[string, Uint8Array]>> {
    const { undo } = this
    const entries = await this.read(startOf(range), async () => this.db.iterator(withRoom(range, undo?.size)).all())

    return undo == null ? entries : entriesAsBefore(entries, range, undo)
  }

  /** All keys of a range */
  async keys (range: Range): Promise<string[]> {
    return this.undo == null
      ? this.read(startOf(range), async () => this.db.keys(range).all())
      : (await this.rawEntries(range)).map(([key]) => key)
  }

  async has (key: string): Promise<boolean> {
    return (await this.keys({ gte: key, lte: key, limit: 1 })).length > 0
  }

  /**
   * Writes all or nothing. Calls that come while one is under way share a batch.
   *
   * @param what - names what is stored, for the error
   * @param durable - what is not may be lost if the machine loses power, not if the process is killed
   * @throws {StorageWriteError}
   * @throws {StorageDamagedError} once LevelDB's files were found to be damaged
   */
  async write (what: string, writes: Write[], durable = true): Promise<void> {
    try {
      await this.queue.write(writes, durable)
    } catch (err: any) {
      if (err === this.damage) {
        throw err
      }

      throw new StorageWriteError(`The store ${this.location} could not store ${what}: ${reasonOf(err)}. What was stored before can be read. The next write tries again; make sure that the disk has room and can be written`, { cause: err })
    }
  }

  /** Why nothing can be written, in words; undefined while writes succeed */
  get failure (): string | undefined {
    return this.writeFailure
  }

  /** The damage that was found since it was opened, for which nothing is written any more */
  get foundDamage (): StorageDamagedError | undefined {
    return this.damage
  }

  /** Resolves once all files have been looked at that were there when it was opened, whatever was found */
  async verified (): Promise<void> {
    await this.verifying
  }

  /** Tries to recover from a write that has failed, as the next write would. Throws what a write would. */
  async probe (): Promise<void> {
    if (this.writeFailure != null) {
      await this.write('anything', [])
    }
  }

  /** The error that tells of a record that is not as it was written */
  damaged (record: DamagedRecord, cause?: unknown): StorageDamagedError {
    return new StorageDamagedError(this.location, record, { cause })
  }

  /** What `decode` makes of a record, whose checksum fits but which may be of something else all the same */
  decode <T> (key: string, decode: () => T): T {
    try {
      return decode()
    } catch (err: any) {
      throw this.damaged({ ...parseKey(key), problem: `cannot be decoded: ${err.message}` }, err)
    }
  }

  /** What was stored before a write that failed, which LevelDB may have stored all the same */
  private asBefore (key: string, record: Uint8Array | undefined): Uint8Array | undefined {
    return this.undo?.has(key) === true ? this.undo.get(key) : record
  }

  private valueOf (key: string, record: Uint8Array): Uint8Array {
    const value = checkedBytes(key, record)

    if (value == null) {
      throw this.damaged({ ...parseKey(key), problem: 'has a checksum that does not fit' })
    }

    return value
  }

  /** LevelDB keeps the tables there are while something reads them, also where it has made others of them meanwhile */
  private async verify (): Promise<void> {
    const reader = this.db.iterator()

    try {
      const problem = await this.manifest.verify(this.closing.signal)

      if (problem != null) {
        this.fail(this.damaged({ kind: 'database', problem }))
      }
    } catch (err: any) {
      // what was not looked at before it was closed is looked at the next time
      if (!this.closing.signal.aborted) {
        this.fail(this.damaged({ kind: 'database', problem: `its files cannot be read: ${reasonOf(err)}` }, err))
      }
    } finally {
      await reader.close()
    }
  }

  /** What is damaged is not to be written on: LevelDB would make other files of it, which nobody could tell from whole ones */
  private fail (damage: StorageDamagedError): void {
    this.damage = damage
    this.setFailure(damage.problem)
  }

  private async commit (writes: Write[], durable: boolean): Promise<void> {
    if (this.damage != null) {
      throw this.damage
    }

    try {
      await this.tryToCommit(writes, durable)
      this.setFailure(this.foundDamage?.problem)
    } catch (err) {
      this.setFailure(this.foundDamage?.problem ?? reasonOf(err))
      throw err
    }
  }

  private setFailure (failure?: string): void {
    const changed = (this.writeFailure == null) !== (failure == null)

    this.writeFailure = failure

    if (changed) {
      this.onWritable?.(failure)
    }
  }

  private async tryToCommit (writes: Write[], durable: boolean): Promise<void> {
    if (this.undo != null && !this.closed) {
      await this.recover(this.undo)
    }

    try {
      await this.batch(writes.map(write => write.type === 'put' ? { ...write, value: withChecksum(write.key, write.value) } : write), durable)
    } catch (err) {
      await this.rememberToUndo(writes)
      throw err
    }
  }

  private async batch (writes: Write[], durable: boolean): Promise<void> {
    await this.db.batch(writes, { sync: durable })
  }

  /** LevelDB shows what it has stored, which the writes that failed are no part of until it is opened anew */
  private async rememberToUndo (writes: Write[]): Promise<void> {
    const keys = [...new Set(writes.map(({ key }) => key))]
    const records = await Promise.all(keys.map(async key => this.db.get(key)))

    this.undo = new Map(keys.map((key, index) => [key, records[index]]))
  }

  private async recover (undo: Map<string, Uint8Array | undefined>): Promise<void> {
    // without room it could be closed but not opened, and then not even be read
    if (!await hasRoomToOpen(this.location)) {
      throw new Error('the disk is full')
    }

    this.reopening = this.reopen()

    try {
      await this.reopening
    } finally {
      this.reopening = undefined
    }

    await this.batch([...undo].map(([key, value]) => value == null ? { type: 'del', key } : { type: 'put', key, value }), true)
    this.undo = undefined
  }

  private async reopen (): Promise<void> {
    await Promise.allSettled(this.reads)
    await this.db.close()
    await this.openAgain()
  }

  private async openAgain (): Promise<void> {
    await this.openLevel(false)
    await this.manifest.opened()
  }

  private async recording (task: () => Promise<void>): Promise<void> {
    try {
      await task()
    } catch (err: any) {
      await this.db.close()
      throw notOpened(this.location, err)
    }
  }

  private async openLevel (createIfMissing: boolean): Promise<void> {
    try {
      await this.db.open({ createIfMissing })
    } catch (err: any) {
      throw err.cause?.code === 'LEVEL_LOCKED' ? alreadyOpen(this.location, err) : notOpened(this.location, err)
    }
  }

  private async read <T> (key: string, task: () => Promise<T>): Promise<T> {
    // whoever writes is told why it failed
    await this.reopening?.catch(() => {})

    if (this.db.status === 'closed' && !this.closed) {
      this.reopening ??= this.openAgain().finally(() => { this.reopening = undefined })
      await this.reopening
    }

    const reading = task()

    this.reads.add(reading)

    try {
      return await reading
    } catch (err: any) {
      if (err.code === 'LEVEL_CORRUPTION' || err.code === 'LEVEL_IO_ERROR') {
        throw this.damaged({ ...parseKey(key), problem: `cannot be read: ${reasonOf(err)}` }, err)
      }

      throw err
    } finally {
      this.reads.delete(reading)
    }
  }
}

function startOf ({ gt, gte }: Range): string {
  return gt ?? gte ?? ''
}

/** A range that gives so many more entries than it is limited to */
function withRoom (range: Range, more = 0): Range {
  return range.limit == null ? range : { ...range, limit: range.limit + more }
}

/** The entries of a range with those of the keys that were undone as they were before. Keys are ASCII, which sorts as LevelDB sorts. */
function entriesAsBefore (entries: Array<[string, Uint8Array]>, { gt = '', gte = '', lt, lte, limit, reverse = false }: Range, undo: Map<string, Uint8Array | undefined>): Array<[string, Uint8Array]> {
  const found = new Map(entries)

  for (const [key, record] of undo) {
    found.delete(key)

    if (record != null && key > gt && key >= gte && (lt == null || key < lt) && (lte == null || key <= lte)) {
      found.set(key, record)
    }
  }

  return [...found].sort(([a], [b]) => (a < b) === reverse ? 1 : -1).slice(0, limit)
}

/** Does something with a folder that nobody else is to use. Nothing of one that somebody has open is looked at or changed. */
async function holding <T> (location: string, task: (release: () => void) => Promise<T>): Promise<T> {
  const release = await holdFolder(location)

  try {
    return await task(release)
  } catch (err) {
    release()
    throw err
  }
}

/** Nothing is changed where something is wrong: LevelDB would delete what it does not know any more */
async function checkManifest (location: string, manifest: FolderManifest): Promise<void> {
  const [problem] = await manifestProblems(location, false)

  if (problem != null) {
    throw new StorageDamagedError(location, { kind: 'database', problem })
  }

  try {
    await manifest.begin()
  } catch (err) {
    throw notOpened(location, err)
  }
}

function notOpened (location: string, err: unknown): StorageOpenError {
  return new StorageOpenError(`The store ${location} cannot be opened: ${reasonOf(err)}`, { cause: err })
}

/** LevelDB tells the reason in the cause of its error */
function reasonOf (err: any): string {
  return err.cause?.message ?? err.message
}
