/**
 * Writes vote locks to disk, those together that are asked for while others are being written: what they hold goes into one
 * file under a temporary name, which is flushed to disk once and then linked to the name of each lock. A link fails if the
 * name is taken, so each of them is bound by whoever is first, whatever becomes of the others in its batch.
 *
 * A process that ends on the way leaves locks that are whole or are not there: no name is made before what it stands for is on
 * disk. Names that were made bind, whether or not somebody was told so, and are never removed: others may have seen them.
 */

import { randomBytes } from 'node:crypto'
import { access, link, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { VoteLockError } from '../errors.ts'
import { makeFolder } from '../files/make-folder.ts'
import { encodeLockFile } from './lock-file.ts'
import type { NamedLock } from './lock-file.ts'

/** Locks in a batch at most: file systems bound how many names a file may have, and each lock is read with all of its batch */
const BATCH = 64

/** What has a temporary name binds nobody */
export const TEMPORARY = /\.tmp(\.link)?$/

export function temporaryName (): string {
  return `${process.pid}.${randomBytes(8).toString('hex')}.tmp`
}

interface Waiting extends NamedLock {
  resolve (created: boolean): void
  reject (err: VoteLockError): void
  /** What becomes of it */
  created: Promise<boolean>
}

export class VoteLockWriter {
  private readonly raise: (folder: string) => Promise<unknown>
  /** Those that are to be written next, by their names, in the folders in which some are being written */
  private readonly waiting = new Map<string, Map<string, Waiting>>()

  /**
   * @param raise - raises the counter of a folder's locks, which is done once for each batch
   */
  constructor (raise: (folder: string) => Promise<unknown>) {
    this.raise = raise
  }

  /**
   * Gives a lock its name if nothing has that name yet, which is told. What it holds is on disk then; to make the name durable
   * as well is left to the caller, who has to see to that also where the name is another's.
   *
   * @param folder - made if it is not there
   * @throws {VoteLockError} if it cannot be written
   */
  async create (folder: string, { name, record }: NamedLock): Promise<boolean> {
    const waiting = this.waiting.get(folder)
    const same = waiting?.get(name)

    if (same != null) {
      // by then there is one, whoever has made it
      await same.created

      return false
    }

    const lock = toWait({ name, record })

    if (waiting != null) {
      waiting.set(name, lock)
    } else {
      void this.run(folder, new Map([[name, lock]]))
    }

    return lock.created
  }

  private async run (folder: string, waiting: Map<string, Waiting>): Promise<void> {
    this.waiting.set(folder, waiting)

    for (let batch = take(waiting); batch.length > 0; batch = take(waiting)) {
      await this.write(folder, batch)
    }

    this.waiting.delete(folder)
  }

  /** Writes those of a batch whose names are free, and tells each what has become of it */
  private async write (folder: string, batch: Waiting[]): Promise<void> {
    const taken = await Promise.all(batch.map(async ({ name }) => isThere(join(folder, name))))
    const free = batch.filter((lock, index) => !taken[index])

    // an identity that is bound already raises nothing, and needs no room on the disk
    batch.filter((lock, index) => taken[index]).forEach(({ resolve }) => { resolve(false) })

    if (free.length > 0) {
      await this.writeFree(folder, free)
    }
  }

  /** No lock binds before the counter is raised */
  private async writeFree (folder: string, batch: Waiting[]): Promise<void> {
    const temporary = join(folder, temporaryName())

    try {
      const done = await Promise.allSettled([this.raise(folder), writeInFolder(folder, temporary, encodeLockFile(batch))])
      const failed = done.find(({ status }) => status === 'rejected')

      if (failed != null) {
        await unlink(temporary).catch(() => {
          // it was not written, or has a temporary name and binds nothing
        })

        throw (failed as PromiseRejectedResult).reason
      }

      const links = await Promise.allSettled(batch.map(async ({ name }) => link(temporary, join(folder, name)))).finally(async () => unlink(temporary))

      batch.forEach((lock, index) => { tell(folder, lock, links[index]) })
    } catch (err: any) {
      batch.forEach(({ name, reject }) => { reject(err instanceof VoteLockError ? err : notWritten(folder, name, err)) })
    }
  }
}

/** The next batch, which waits no longer */
function take (waiting: Map<string, Waiting>): Waiting[] {
  const batch = [...waiting.values()].slice(0, BATCH)

  batch.forEach(({ name }) => { waiting.delete(name) })

  return batch
}

/** Whether there is a file of this name, also where it may not be looked at */
export async function isThere (path: string): Promise<boolean> {
  return access(path).then(() => true, err => err.code !== 'ENOENT')
}

function toWait (lock: NamedLock): Waiting {
  const { promise: created, resolve, reject } = Promise.withResolvers<boolean>()

  return { ...lock, created, resolve, reject }
}

function tell (folder: string, { name, resolve, reject }: Waiting, linked: PromiseSettledResult<void>): void {
  if (linked.status === 'fulfilled') {
    resolve(true)
  } else if (linked.reason.code === 'EEXIST') {
    resolve(false)
  } else {
    reject(notWritten(folder, name, linked.reason))
  }
}

/** The error that tells that a lock cannot be written */
export function notWritten (folder: string, name: string, err: Error): VoteLockError {
  return new VoteLockError(`The vote lock ${join(folder, name)} cannot be written, and without it no vote is signed: ${err.message}`, { cause: err })
}

async function writeInFolder (folder: string, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeDurably(path, bytes)
  } catch (err: any) {
    if (err.code !== 'ENOENT') {
      throw err
    }

    await makeFolder(folder)
    await writeDurably(path, bytes)
  }
}

export async function writeDurably (path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)

  try {
    await file.writeFile(bytes)
    await file.sync()
  } catch (err) {
    await unlink(path).catch(() => {
      // the first error is the one to tell; what is left has a temporary name and binds nothing
    })
    throw err
  } finally {
    await file.close()
  }
}
