/**
 * Knows whether LevelDB's files are as they were. LevelDB itself does not: it reads its tables without their checksums,
 * leaves out what it cannot read of its logs, and takes a manifest that was cut off for an older one, all without a word.
 *
 * The file `SEAL` in a store's folder says which files there are and what they hold. Written when the store is closed, it is
 * about all of them. While a store is open, and after a crash, it is about the tables there were when it was opened; those
 * never change, though they go in time. All that it is about is looked at: before LevelDB opens it whether the files are
 * there and as long as they were, and what is in the small ones; right after that what is in the large tables, which may take
 * a while.
 *
 * So of a store that was closed every change is noticed. Of one that was not, a log that was damaged is noticed, see
 * log-check.ts, but not one that has lost its end, as with the power; and tables of its last run only by what their records
 * say of each other.
 */

import { randomBytes } from 'node:crypto'
import { copyFile, link, mkdtemp, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import * as z from 'zod'
import { StorageOpenError } from '../errors.ts'
import { makeFolder, syncFolder } from '../files/make-folder.ts'
import { logProblem } from './log-check.ts'
import { ownershipOf } from './owner.ts'
import type { Ownership } from './owner.ts'

export const MANIFEST_FILE = 'SEAL'

/** LevelDB's files that hold something. Of others, and of its own `LOCK` and `LOG`, nothing depends. */
const DATA_FILE = /^(CURRENT|MANIFEST-\d+|\d+\.(log|ldb|sst))$/
const TABLE = /\.(ldb|sst)$/

/** Bytes. Larger tables are read when the store is open, so that opening it takes no longer the more it holds. */
const SMALL_TABLE = 256 * 1024

/** What the system says of what is there and cannot be read, whoever asks */
const UNREADABLE = new Set(['EIO', 'EISDIR', 'ELOOP', 'ENOENT'])

/** Bytes that are read at a time */
const CHUNK = 128 * 1024

const manifestSchema = z.strictObject({
  version: z.literal(1),
  /** Whether it is about all files, which it is once the store is closed */
  closed: z.boolean(),
  /** Who has opened it last */
  opening: z.string(),
  /** Whether it is being made, so that nothing is stored in it yet */
  isNew: z.literal(true).optional(),
  /** Whether it was not closed while LevelDB went on to another log, so that it may lack what only the first one had */
  mayLackVotes: z.literal(true).optional(),
  /** What was found wrong while it was open: by now LevelDB may have made other files of the damaged ones */
  damage: z.string().optional(),
  /** Whose the store is, and in which network it is used, where it was told */
  owner: z.string().optional(),
  network: z.string().optional(),
  /** Name → bytes, and CRC-32 over them */
  files: z.record(z.string(), z.tuple([z.int(), z.int()]))
})

type Manifest = z.output<typeof manifestSchema>

class ManifestDamagedError extends Error {
  readonly name = 'ManifestDamagedError'
}

/**
 * What is wrong with the files of a store that nobody has open, in words, each about one. Of a store without a manifest, which
 * older versions leave, only logs are looked at.
 *
 * @param isWhole - whether large tables are read, too
 */
export async function manifestProblems (location: string, isWhole = true): Promise<string[]> {
  try {
    const manifest = await readManifest(location)
    const found = [
      ...manifest?.damage == null ? [] : [manifest.damage],
      ...manifest == null ? [] : await problemsOf(location, manifest, isWhole),
      ...manifest?.closed === true ? [] : await logProblems(location)
    ]

    return [...new Set(found)]
  } catch (err) {
    if (err instanceof ManifestDamagedError) {
      return [err.message]
    }

    throw new StorageOpenError(`The store ${location} cannot be opened: ${(err as Error).message}`, { cause: err })
  }
}

/** LevelDB writes what is in a log to a table before it goes on to a third one */
async function mayLackVotes (location: string): Promise<boolean> {
  const manifest = await readManifest(location)
  const logs = (await dataFiles(location)).filter(name => name.endsWith('.log'))

  return manifest?.mayLackVotes === true || (manifest?.closed !== true && logs.length > 1)
}

/** Whose a store says it is, and in which network it is used. Empty where the file manifest is damaged, which is found out later. */
export async function manifestOwnership (location: string): Promise<Ownership> {
  const { owner, network } = await readManifest(location).catch(() => undefined) ?? {}

  return ownershipOf({ owner, network })
}

/** Whether the store was being made when whoever made it was cut off: whatever is there, nothing was ever stored in it */
export async function isUnfinished (location: string): Promise<boolean> {
  return (await readManifest(location).catch(() => undefined))?.isNew === true
}

/**
 * Keeps the file manifest of a store that is opened, used and closed
 */
export class FolderManifest {
  private readonly location: string
  private readonly opening = randomBytes(8).toString('hex')
  /** The tables there were before LevelDB could make others */
  private tables: string[] = []
  /** What LevelDB says of its files; something else whenever somebody opens them */
  private current?: string
  /** What was found wrong */
  private damage?: string
  private ownership: Ownership = {}
  private isNew = false
  private isUnsettled = false
  private writing: Promise<void> = Promise.resolve()

  constructor (location: string) {
    this.location = location
  }

  /** Called before LevelDB makes files. Makes the folder as well, where it is not there. */
  async beginNew (): Promise<void> {
    await makeFolder(this.location)
    this.isNew = true
    await this.write(false, {})
  }

  /** Called when the store is one, before anything is stored in it */
  async made (): Promise<void> {
    this.isNew = false
    await this.write(false, {})
  }

  /** Called before LevelDB opens the files, which it changes */
  async begin (): Promise<void> {
    this.tables = (await dataFiles(this.location)).filter(name => TABLE.test(name))
    this.ownership = await manifestOwnership(this.location)
    this.isUnsettled = await mayLackVotes(this.location)
    await this.write(false, await this.listed())
  }

  /** Called when LevelDB has opened the files, also for another time, so that no other process changes them */
  async opened (): Promise<void> {
    this.current = await this.readCurrent()

    const manifest = await readManifest(this.location)

    // who opened it before may have closed it only now, and said so
    if (manifest?.opening !== this.opening) {
      await this.write(false, await this.listed())
    }
  }

  /** Whether what was written last before it was opened may be there without what was written before that */
  get mayLackVotes (): boolean {
    return this.isUnsettled
  }

  /** Called once it was made up for what it lacked */
  async settled (): Promise<void> {
    this.isUnsettled = false
    await this.write(false, await this.listed())
  }

  /** Called while it is open */
  async belongsTo (ownership: Ownership): Promise<void> {
    const { owner, network } = this.ownership

    if (owner !== ownership.owner || network !== ownership.network) {
      this.ownership = ownership
      await this.write(false, await this.listed())
    }
  }

  /**
   * Called once LevelDB has opened the files: reads the large tables that were there before, newest first, and lists those
   * that were not listed yet.
   *
   * @returns what is wrong, in words
   */
  async verify (signal: AbortSignal): Promise<string | undefined> {
    const listed = await this.listed()
    const large = Object.entries(listed).filter(([name, [size]]) => isLarge(name, size)).sort(([a], [b]) => a < b ? 1 : -1)

    for (const [name, [size, crc]] of large) {
      const [, found] = (await this.sumUp([name], signal))[name] ?? [size, crc]

      if (found !== crc) {
        this.damage = `the file ${name} is not as it was written`
        await this.write(false, listed)

        return this.damage
      }
    }

    const unlisted = this.tables.filter(name => listed[name] == null)

    if (unlisted.length > 0) {
      await this.write(false, { ...listed, ...await this.sumUp(unlisted, signal) })
    }
  }

  /**
   * Called when LevelDB has closed the files. Another process may have opened them since. One that was refused may have
   * written the manifest, which says nothing.
   */
  async end (): Promise<void> {
    if (this.current == null || await this.readCurrent() !== this.current) {
      return
    }

    const files = (await readManifest(this.location))?.files ?? {}
    const names = await dataFiles(this.location)
    const known = names.filter(name => TABLE.test(name) && files[name] != null)
    const others = names.filter(name => !known.includes(name))

    await this.write(true, { ...Object.fromEntries(known.map(name => [name, files[name]])), ...await this.sumUp(others) })
  }

  private async readCurrent (): Promise<string> {
    return readFile(join(this.location, 'CURRENT'), 'utf8')
  }

  /** What is known of the tables that are there */
  private async listed (): Promise<Manifest['files']> {
    const files = (await readManifest(this.location))?.files ?? {}

    return Object.fromEntries(this.tables.filter(name => files[name] != null).map(name => [name, files[name]]))
  }

  private async sumUp (names: string[], signal?: AbortSignal): Promise<Manifest['files']> {
    const files: Manifest['files'] = {}

    for (const name of names) {
      const path = join(this.location, name)

      try {
        files[name] = [(await stat(path)).size, await checksum(path, signal)]
      } catch (err: any) {
        // LevelDB may have made other tables of it meanwhile
        if (err.code !== 'ENOENT') {
          throw err
        }
      }
    }

    return files
  }

  private async write (closed: boolean, files: Manifest['files']): Promise<void> {
    const write = async (): Promise<void> => {
      const { opening, isNew, isUnsettled, damage, ownership: { owner, network } } = this

      // in the order of the schema, which it is read in
      await replaceDurably(this.location, format({ version: 1, closed, opening, isNew: isNew || undefined, mayLackVotes: isUnsettled || undefined, damage, owner, network, files }))
    }

    // one that failed is told to whoever asked for it
    this.writing = this.writing.then(write, write)

    return this.writing
  }
}

async function problemsOf (location: string, { closed, files }: Manifest, isWhole: boolean): Promise<string[]> {
  const problems: string[] = []
  const there = await dataFiles(location)

  for (const [name, [size, crc]] of Object.entries(files)) {
    if (!there.includes(name)) {
      // LevelDB removes tables that it has made others of
      if (closed) {
        problems.push(`the file ${name} is missing`)
      }

      continue
    }

    const problem = await whatIsWrong(async () => {
      const now = (await stat(join(location, name))).size

      if (now !== size) {
        return `has ${now} bytes, where ${size} were written`
      }

      return (isWhole || !isLarge(name, size)) && await checksum(join(location, name)) !== crc ? 'is not as it was written' : undefined
    })

    if (problem != null) {
      problems.push(`the file ${name} ${problem}`)
    }
  }

  for (const name of closed ? there : []) {
    if (!Object.hasOwn(files, name)) {
      problems.push(`the file ${name} was not there when the store was closed`)
    }
  }

  return problems
}

/** Logs that no file manifest is about */
async function logProblems (location: string): Promise<string[]> {
  const problems: string[] = []

  // whether the folder can be read is for LevelDB to say
  for (const name of (await dataFiles(location).catch(() => [])).filter(name => name.endsWith('.log'))) {
    const problem = await whatIsWrong(async () => logProblem(await readFile(join(location, name))))

    if (problem != null) {
      problems.push(`the file ${name} ${problem}`)
    }
  }

  return problems
}

/** What is wrong with a file. That it cannot be read is, too, unless it may not be: then it may be whole. */
async function whatIsWrong (look: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await look()
  } catch (err) {
    if (isForbidden(err)) {
      throw err
    }

    return unreadable(err)
  }
}

function unreadable (err: unknown): string {
  return `cannot be read: ${(err as Error).message}`
}

function isForbidden (err: any): boolean {
  return err.code === 'EACCES' || err.code === 'EPERM'
}

function isLarge (name: string, size: number): boolean {
  return TABLE.test(name) && size > SMALL_TABLE
}

async function readManifest (location: string): Promise<Manifest | undefined> {
  let text: string

  try {
    text = await readFile(join(location, MANIFEST_FILE), 'utf8')
  } catch (err: any) {
    // whether the folder can be read is for LevelDB to say
    if (err.code === 'ENOENT' || err.code === 'ENOTDIR' || isForbidden(err)) {
      return
    }

    throw new ManifestDamagedError(`the file ${MANIFEST_FILE}, which says how the others were, ${unreadable(err)}`)
  }

  try {
    const manifest = manifestSchema.parse(JSON.parse(text.split('\n')[0]))

    if (format(manifest) === text) {
      return manifest
    }
  } catch {
    // said below
  }

  throw new ManifestDamagedError(`the file ${MANIFEST_FILE}, which says how the others were, is damaged itself`)
}

function format (manifest: Manifest): string {
  const text = JSON.stringify(manifest)

  return `${text}\n${crc32(text)}\n`
}

async function dataFiles (location: string): Promise<string[]> {
  return (await readdir(location)).filter(name => DATA_FILE.test(name))
}

async function checksum (path: string, signal?: AbortSignal): Promise<number> {
  const file = await open(path, 'r')
  // read into anew each time: a new one for each would pile up faster than it is collected
  const chunk = new Uint8Array(CHUNK)
  let crc = 0

  try {
    for (;;) {
      signal?.throwIfAborted()

      const { bytesRead } = await file.read(chunk)

      if (bytesRead === 0) {
        return crc
      }

      crc = crc32(chunk.subarray(0, bytesRead), crc)
    }
  } finally {
    await file.close()
  }
}

async function replaceDurably (location: string, text: string): Promise<void> {
  const path = join(location, MANIFEST_FILE)
  const file = await open(`${path}.tmp`, 'w', 0o600)

  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }

  await rename(`${path}.tmp`, path)
  // LevelDB's own changes must not be there without it
  await syncFolder(location)
}

/**
 * Does something with a copy of a store that nobody has open, beside it; it is removed afterwards. Tables are the same files,
 * which LevelDB never writes to, so that it takes no room. What cannot be read is left out.
 *
 * @throws {StorageOpenError} if there can be no copy
 */
export async function withCopy <T> (location: string, task: (copy: string) => Promise<T>): Promise<T> {
  let copy: string | undefined

  try {
    try {
      copy = await makeCopy(location)
    } catch (err) {
      throw new StorageOpenError(`The store ${location} cannot be copied, which it must be since it is damaged: ${(err as Error).message}`, { cause: err })
    }

    return await task(copy)
  } finally {
    if (copy != null) {
      await rm(copy, { recursive: true, force: true })
    }
  }
}

async function makeCopy (location: string): Promise<string> {
  const copy = await mkdtemp(`${location}.copy-`)

  try {
    for (const name of await dataFiles(location)) {
      await copyReadable(join(location, name), join(copy, name))
    }

    return copy
  } catch (err) {
    await rm(copy, { recursive: true, force: true })
    throw err
  }
}

async function copyReadable (from: string, to: string): Promise<void> {
  try {
    await (TABLE.test(from) ? link(from, to).catch(async () => copyFile(from, to)) : copyFile(from, to))
  } catch (err: any) {
    // what the disk does not give any more is lost; no room for a copy is something else
    if (!UNREADABLE.has(err.code)) {
      throw err
    }
  }
}
