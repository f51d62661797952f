/**
 * The counter of an identity's locks in files, one for each count, the highest of which is the counter. A raise makes the next
 * one exclusively, as a lock is made: of several processes that raise at once one gets the count, and the others go on from
 * there. Nothing that a process leaves behind when it is killed keeps another from raising.
 */

import { link, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { nextCounter } from '../../consensus/vote/lock-counter.ts'
import { KeyedMutex } from '../../util/keyed-mutex.ts'
import { StorageFormatError, VoteLockDamagedError, VoteLockError } from '../errors.ts'
import { makeFolder, syncFolder } from '../files/make-folder.ts'
import { readIfThere } from '../files/read-if-there.ts'
import { decodeCounter, encodeCounter } from './counter-encoding.ts'
import { temporaryName, writeDurably } from './lock-writer.ts'
import type { LockCounter, RaiseOptions } from '../../consensus/vote/lock-counter.ts'

/** The count in hex */
const NAME = /^[0-9a-f]{14}$/

/** Files that stay behind the highest: so many raises would have to come while somebody lists them for the highest to be missed */
const KEPT = 8

/** Raises of this process wait for each other */
const mutex = new KeyedMutex()

export class LockCounterFile {
  private readonly folder: string

  /**
   * @param folder - made by the first raise
   */
  constructor (folder: string) {
    this.folder = folder
  }

  /**
   * @throws {VoteLockDamagedError} | {VoteLockError} if it cannot be read
   */
  async read (): Promise<LockCounter | undefined> {
    return this.latest(await this.list())
  }

  /**
   * Raises the counter. It is on disk when the promise resolves.
   *
   * @throws {VoteLockDamagedError} | {VoteLockError} if it cannot be read or written
   */
  async raise (options?: RaiseOptions): Promise<LockCounter> {
    return mutex.run(this.folder, async () => {
      for (;;) {
        const names = await this.list()
        const counter = this.next(await this.latest(names), options)

        // a file below the highest, from before it was made, is no raise
        if (await this.create(counter) && (await this.list()).at(-1) === nameOf(counter)) {
          await Promise.all(names.slice(0, -KEPT).map(async name => unlink(join(this.folder, name)).catch(() => {
            // another process was as quick, or it stays, which is no harm
          })))

          return counter
        }
      }
    })
  }

  private next (before: LockCounter | undefined, options?: RaiseOptions): LockCounter {
    try {
      return nextCounter(before, options)
    } catch (err: any) {
      throw this.notRaised(err)
    }
  }

  /** Gives the counter its name unless it is taken, which is told */
  private async create (counter: LockCounter): Promise<boolean> {
    const temporary = join(this.folder, temporaryName())

    try {
      await makeFolder(this.folder)
      await writeDurably(temporary, encodeCounter(counter))
      await link(temporary, join(this.folder, nameOf(counter))).finally(async () => unlink(temporary))
      await syncFolder(this.folder)

      return true
    } catch (err: any) {
      if (err.code === 'EEXIST') {
        return false
      }

      throw this.notRaised(err)
    }
  }

  /** The names of the files, the highest last */
  private async list (): Promise<string[]> {
    try {
      return (await readdir(this.folder)).filter(name => NAME.test(name)).sort()
    } catch (err: any) {
      if (err.code === 'ENOENT') {
        return []
      }

      throw this.notRead(this.folder, err)
    }
  }

  private async latest (names: string[]): Promise<LockCounter | undefined> {
    for (let [name] = names.slice(-1); name != null; [name] = (await this.list()).slice(-1)) {
      const counter = await this.readFile(name)

      if (counter != null) {
        return counter
      }
    }
  }

  /** Undefined for a file that is gone: there are higher ones then */
  private async readFile (name: string): Promise<LockCounter | undefined> {
    const path = join(this.folder, name)
    const bytes = await readIfThere(path).catch((err: Error) => { throw this.notRead(path, err) })

    if (bytes == null) {
      return
    }

    try {
      const counter = decodeCounter(bytes)

      if (nameOf(counter) !== name) {
        throw new Error('it is of another count')
      }

      return counter
    } catch (err: any) {
      if (err instanceof StorageFormatError) {
        throw new VoteLockError(`The counter of vote locks ${path} cannot be read, and without it no vote is signed: ${err.message}`, { cause: err })
      }

      throw new VoteLockDamagedError(`The counter of vote locks ${path} is damaged (${err.message}), and without it no vote is signed: the locks may be damaged, too. Remove the folder ${this.folder} to go on as a node that was restored from a backup, which asks the other members what this key has voted`, { cause: err })
    }
  }

  private notRead (path: string, err: Error): VoteLockError {
    return new VoteLockError(`The counter of vote locks ${path} cannot be read, and without it no vote is signed: ${err.message}`, { cause: err })
  }

  private notRaised (err: Error): VoteLockError {
    return new VoteLockError(`The counter of vote locks in ${this.folder} cannot be raised, and without it no vote is signed: ${err.message}`, { cause: err })
  }
}

function nameOf ({ count }: LockCounter): string {
  return count.toString(16).padStart(14, '0')
}
