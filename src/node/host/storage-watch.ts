/**
 * Knows whether the node can store, and says when that changes: a node whose disk is full goes on answering, and would sit
 * there without a word. Nobody has to vote for it to recover.
 */

import { StorageWriteError } from '../../storage/errors.ts'
import { STORAGE_PROBE_INTERVAL } from '../libp2p/settings.ts'
import type { LevelStorage } from '../../storage/level/level-storage.ts'
import type { ReadOnly } from '../interface.ts'

export class StorageWatch {
  private readonly storage: LevelStorage
  private readonly onWarning: (message: string) => void
  private current?: ReadOnly
  private timer?: ReturnType<typeof setInterval>
  private probing?: Promise<void>

  /**
   * @param onWarning - told once when nothing can be stored any more, and once when it can again
   */
  constructor (storage: LevelStorage, onWarning: (message: string) => void) {
    this.storage = storage
    this.onWarning = onWarning
    storage.watchWrites(failure => { this.onChange(failure) })

    if (storage.lostVotes.length > 0) {
      onWarning(`Power was lost while the node ran, and with it votes of others on ${storage.lostVotes.length === 1 ? 'one proposal' : `${storage.lostVotes.length} proposals`}. What was decided stands; the votes come back from the other members`)
    }

    // what was found before anybody watched
    if (storage.writeFailure != null) {
      this.onChange(storage.writeFailure)
    }
  }

  /** Undefined while the node can store */
  get readOnly (): ReadOnly | undefined {
    return this.current
  }

  /** When this resolves the storage is not used any more */
  async stop (): Promise<void> {
    this.storage.watchWrites()
    clearInterval(this.timer)
    await this.probing
  }

  private onChange (reason?: string): void {
    clearInterval(this.timer)

    if (reason == null) {
      this.onWarning(`The node can store again. It could not since ${new Date((this.current?.since ?? 0) * 1_000).toISOString()}; votes and proposals that were refused meanwhile have to be made again`)
      this.current = undefined

      return
    }

    this.current = { since: Math.floor(Date.now() / 1_000), reason }

    if (this.storage.damage != null) {
      this.onWarning(`The node is read-only: no vote and no proposal is taken, and what it answers may lack something. ${this.storage.damage.message}`)

      return
    }

    this.timer = setInterval(() => { this.probe() }, STORAGE_PROBE_INTERVAL)
    this.onWarning(`The node is read-only: the store cannot be written (${reason}). What was stored can be read, but no vote and no proposal is taken. Make room on the disk, or let it be written; the node finds out by itself`)
  }

  private probe (): void {
    this.probing ??= this.storage.probe().catch((err: Error) => {
      // it is known, and was said
      if (!(err instanceof StorageWriteError)) {
        this.onWarning(`The store could not be tried: ${err.message}`)
      }
    }).finally(() => { this.probing = undefined })
  }
}
