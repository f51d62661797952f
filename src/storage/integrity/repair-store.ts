/**
 * Repairs the store in a folder. The work is done on a copy, which takes the store's place when it is whole; the store as it
 * was stays beside it.
 */

import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { StorageOpenError } from '../errors.ts'
import { Database } from '../level/database.ts'
import { expectClosed, hasDatabase } from '../level/folder.ts'
import { checkStore } from './check.ts'
import { inspectStore } from './inspect.ts'
import { inProcess } from './isolated.ts'
import { manifestProblems, withCopy } from './manifest.ts'
import { repairRecords } from './repair.ts'
import type { DamagedRecord } from '../errors.ts'

export interface RepairResult {
  /** What was lost, and what became of it. Empty if the store was whole, which is then as it was. */
  lost: DamagedRecord[]
  /** Where the store is now as it was before, if anything was lost */
  backup?: string
}

/**
 * @param time - names the backup: Unix seconds
 * @throws {StorageOpenError} if there is no store, another process has it open, or not even LevelDB's own repair helps
 */
export async function repairStore (location: string, time: bigint): Promise<RepairResult> {
  const folder = resolve(location)

  if (!await hasDatabase(folder)) {
    throw new StorageOpenError(`There is no store in ${folder}`)
  }

  await expectClosed(folder)

  const files = await manifestProblems(folder)
  const found = files.length > 0 ? files : await problemsOf(folder)

  if (found.length === 0) {
    return { lost: [] }
  }

  const backup = `${folder}.damaged-${time}`
  const lost = await withCopy(folder, async copy => {
    const lost = await repairCopy(copy, files, time)

    await rename(folder, backup)
    await rename(copy, folder)

    return lost
  })

  return { lost: [...files.map(problem => ({ kind: 'database', problem })), ...lost], backup }
}

async function problemsOf (folder: string): Promise<unknown[]> {
  try {
    return await inspectStore(folder)
  } catch (err) {
    if (err instanceof Error && (err.name === 'StorageOpenError' || err.name === 'StorageDamagedError')) {
      return [err]
    }

    throw err
  }
}

async function repairCopy (copy: string, files: string[], time: bigint): Promise<DamagedRecord[]> {
  // opening a database whose files are not whole may delete what it does not know any more
  const opened = files.length > 0 ? undefined : await Database.open(copy).catch(() => undefined)

  if (opened == null) {
    try {
      await inProcess('salvage', copy)
    } finally {
      // if the process was ended it had no time to
      await rm(`${copy}.salvaged`, { recursive: true, force: true })
    }
  }

  const db = opened ?? await Database.open(copy)

  try {
    const lost = await repairRecords(db, time, opened == null)
    const [problem] = await checkStore(db)

    if (problem != null) {
      throw db.damaged(problem)
    }

    return lost
  } finally {
    await db.close()
  }
}
