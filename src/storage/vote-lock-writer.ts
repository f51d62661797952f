/**
 * Writes vote locks to disk, those together that are asked for while others are being written: what they hold goes into one
 * file under a temporary name, which is flushed to disk once and then linked to the name of each lock. A link fails if the
 * name is taken, so each of them is bound by whoever is first, whatever becomes of the others in its batch.
 *
 * A process that ends on the way leaves locks that are whole or are not there: no name is made before what it stands for is on
 * disk. Names that were made bind, whether or not somebody was told so, and are never removed: others may have seen them.
 */

import { randomBytes } from 'node:crypto'
import { link, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { VoteLockError } from './errors.ts'
import { makeFolder } from './make-folder.ts'
import { encodeLockFile } from './vote-lock-file.ts'
import type { NamedLock } from './vote-lock-file.ts'

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
  /** Those that are to be written next, by their names, in the folders in which some are being written */
  private readonly waiting = new Map<string, Map<string, Waiting>>()

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
      await write(folder, batch)
    }

    this.waiting.delete(folder)
  }
}

/** The next batch, which waits no longer */
function take (waiting: Map<string, Waiting>): Waiting[] {
  const batch = [...waiting.values()].slice(0, BATCH)

  batch.forEach(({ name }) => { waiting.delete(name) })

  return batch
}

/** Writes a batch and tells each what has become of it */
async function write (folder: string, batch: Waiting[]): Promise<void> {
  const temporary = join(folder, temporaryName())

  try {
    await writeInFolder(folder, temporary, encodeLockFile(batch))

    const links = await Promise.allSettled(batch.map(async ({ name }) => link(temporary, join(folder, name)))).finally(async () => unlink(temporary))

    batch.forEach((lock, index) => { tell(folder, lock, links[index]) })
  } catch (err: any) {
    batch.forEach(({ name, reject }) => { reject(notWritten(folder, name, err)) })
  }
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
