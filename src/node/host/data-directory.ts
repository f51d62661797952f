/**
 * Where a node keeps what must survive it, and who may use it: one process at a time.
 *
 * | name | what |
 * |---|---|
 * | `format` | says that the directory is a node's, and which version of it |
 * | `keys/` | see identity.ts |
 * | `store/` | LevelDB: scopes, proposals, votes |
 * | `config.yaml` | what its operator says about it, if anything; see src/cli/config |
 * | `running.json` | the process that runs here; see running-node.ts |
 * | `lock-directory` | the path of the lock directory that the last start used, outside of here |
 * | `api.token` | lets the bearer use the control API; made anew at each start |
 * | `api.sessions` | hashes of the cookies of browsers that were let in, and when they end |
 */

import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { StorageDamagedError, StorageNetworkError, StorageOpenError, StorageOwnerError } from '../../storage/errors.ts'
import { makeFolder } from '../../storage/files/make-folder.ts'
import { removeLeftovers } from '../../storage/integrity/leftovers.ts'
import { LevelStorage } from '../../storage/level/level-storage.ts'
import { DataDirectoryError, DataDirectoryInUseError } from '../errors.ts'
import { isErrorWithCode, PRIVATE_DIRECTORY, replaceFile } from './files.ts'
import { CONFIG_FILES, explain, lockDirectoryFile, readIfThere, readRunning, runningFile, tokenFile } from './running-node.ts'
import type { RunningNode } from './running-node.ts'
import type { LevelStorageOptions } from '../../storage/level/level-storage.ts'

const FORMAT = 'libp2p-voting data directory, format 1\n'

/** Temporary stores of imports, and copies of damaged ones that were looked at, by processes that were killed */
const IMPORT_NAME = /^libp2p-voting-import-/
const COPY_NAME = /^store\.copy-/

/**
 * A data directory that exists and has the right format. Nothing in it is locked yet.
 */
export class DataDirectory {
  readonly path: string

  private constructor (path: string) {
    this.path = path
  }

  get keys (): string {
    return join(this.path, 'keys')
  }

  get store (): string {
    return join(this.path, 'store')
  }

  get sessions (): string {
    return join(this.path, 'api.sessions')
  }

  /**
   * Makes the directory if there is none.
   *
   * @throws {DataDirectoryError} if it cannot be used, or holds files that are not a node's
   */
  static async open (path: string): Promise<DataDirectory> {
    const directory = new DataDirectory(resolve(path))

    try {
      await makeFolder(directory.path)
      await directory.checkFormat()
      // LevelDB leaves its files readable to all, so the directory must not be
      await chmod(directory.path, PRIVATE_DIRECTORY)
    } catch (err) {
      if (err instanceof DataDirectoryError) {
        throw err
      }

      throw new DataDirectoryError(`The data directory ${directory.path} cannot be used: ${explain(err)}. Give another one with --data-dir`, { cause: err })
    }

    return directory
  }

  /**
   * A directory that is there already and has a store, which nobody has open. Nothing is changed.
   *
   * @throws {DataDirectoryError}
   */
  static async find (path: string): Promise<DataDirectory> {
    const directory = new DataDirectory(resolve(path))

    try {
      await readdir(directory.path)

      if (await readIfThere(join(directory.path, 'format')) !== FORMAT || !(await stat(directory.store)).isDirectory()) {
        throw new DataDirectoryError(`There is no store in ${directory.path}: it is no data directory of this version of libp2p-voting. Give another one with --data-dir`)
      }
    } catch (err) {
      if (err instanceof DataDirectoryError) {
        throw err
      }

      throw new DataDirectoryError(`There is no store in ${directory.path}: ${isErrorWithCode(err, 'ENOENT') ? 'no node has run there' : explain(err)}. Give another directory with --data-dir`, { cause: err })
    }

    return directory
  }

  /**
   * Opens the store. That is the lock as well: LevelDB holds one of the system's, which ends with the process however it
   * ends.
   *
   * @param options - the node's voter and network
   * @throws {DataDirectoryInUseError} with the process that holds it
   * @throws {DataDirectoryError}
   */
  async lock (startedAt: number, options: LevelStorageOptions = {}): Promise<LevelStorage> {
    let storage: LevelStorage

    try {
      storage = await LevelStorage.open(this.store, options)
    } catch (err: any) {
      if (err instanceof StorageDamagedError) {
        throw err
      }

      if (err instanceof StorageOwnerError) {
        throw new DataDirectoryError(`${err.message}: put the key back into ${this.keys}, give another directory with --data-dir, or say with --new-key that the key was replaced on purpose`, { cause: err })
      }

      if (err instanceof StorageNetworkError) {
        throw new DataDirectoryError(`${err.message}: start it with the swarm key and the gossip signing that it had, give another directory with --data-dir, or say with --new-network that its scopes have moved on purpose`, { cause: err })
      }

      if (!(err instanceof StorageOpenError && err.inUse)) {
        throw new DataDirectoryError(`The data directory ${this.path} cannot be used: ${err.message}`, { cause: err })
      }

      const holder = await readRunning(this.path)

      throw new DataDirectoryInUseError(`The data directory ${this.path} is in use by ${holder == null ? 'another process' : `process ${holder.pid}`}. Stop that one first, or give another directory with --data-dir`, { cause: err })
    }

    // who imports has the store open, so nobody does
    await removeLeftovers(this.path, IMPORT_NAME, 0)
    await removeLeftovers(this.path, COPY_NAME)

    try {
      await this.announce({ pid: process.pid, startedAt })
    } catch (err) {
      await storage.close()

      throw new DataDirectoryError(`The data directory ${this.path} cannot be written: ${explain(err)}`, { cause: err })
    }

    return storage
  }

  /** Tells other processes who runs here. For the holder of the lock. */
  async announce (running: RunningNode): Promise<void> {
    await replaceFile(runningFile(this.path), `${JSON.stringify(running)}\n`)
  }

  async writeToken (token: string): Promise<void> {
    await replaceFile(tokenFile(this.path), `${token}\n`)
  }

  /** Stores which lock directory the node uses, so that other commands find it and name it, also after the node has stopped. */
  async writeLockDirectory (path: string): Promise<void> {
    await replaceFile(lockDirectoryFile(this.path), `${path}\n`)
  }

  /** Takes back what {@link DataDirectory.announce} and {@link DataDirectory.writeToken} have written, before the lock is given up */
  async withdraw (): Promise<void> {
    await rm(runningFile(this.path), { force: true })
    await rm(tokenFile(this.path), { force: true })
  }

  private async checkFormat (): Promise<void> {
    const file = join(this.path, 'format')
    const format = await readIfThere(file)

    if (format === FORMAT) {
      return
    }

    if (format != null) {
      throw new DataDirectoryError(`The data directory ${this.path} has a format that this version does not know: ${JSON.stringify(format.slice(0, 80))}. Use the version that made it, or give another directory with --data-dir`)
    }

    const others = (await readdir(this.path)).filter(name => !/^format\.[0-9a-f]+\.tmp$/.test(name) && !CONFIG_FILES.includes(name))

    if (others.length > 0) {
      throw new DataDirectoryError(`The directory ${this.path} holds other files (${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}) and was not made by libp2p-voting. Give an empty or a new directory with --data-dir`)
    }

    await replaceFile(file, FORMAT)
  }
}
