/**
 * Knows whether a store's folder is in use, without changing anything in it. LevelDB finds out itself, but only once it has
 * begun to change its files.
 */

import { link, mkdtemp, realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Level } from 'level'
import { StorageOpenError } from '../errors.ts'

/** Folders within a store's that lock its lock for a moment */
const PROBE_PREFIX = '.lock-'

export const PROBE_NAME = /^\.lock-/

/** The stores that this process has open. What it tried to lock again it would lock no more. */
const inUse = new Set<string>()

/**
 * Keeps a folder for whoever calls, until the function that this gives is called.
 *
 * @throws {StorageOpenError} if a process has it open, this one or another
 */
export async function holdFolder (location: string): Promise<() => void> {
  const path = await realpath(location).catch(() => resolve(location))

  if (inUse.has(path)) {
    throw alreadyOpen(location)
  }

  inUse.add(path)

  let isHeld = true
  const release = (): void => {
    if (isHeld) {
      isHeld = false
      inUse.delete(path)
    }
  }

  try {
    await expectUnlocked(location)

    return release
  } catch (err) {
    release()
    throw err
  }
}

/**
 * @throws {StorageOpenError} if a process has the store in a folder open, this one or another
 */
export async function expectClosed (location: string): Promise<void> {
  const release = await holdFolder(location)

  release()
}

/** The error that tells that a store is open already */
export function alreadyOpen (location: string, cause?: unknown): StorageOpenError {
  return new StorageOpenError(`The store ${location} is open in another process. Stop that one first`, { cause, inUse: true })
}

/**
 * LevelDB takes its lock before it looks for anything else, and a lock is of the file, whatever its name. So whether a
 * database is open can be told without opening it. Not for one that this process has open: it would lose its lock.
 */
async function expectUnlocked (location: string): Promise<void> {
  let probe: string

  try {
    probe = await mkdtemp(join(location, PROBE_PREFIX))
  } catch {
    // opening it says why it cannot be used, where there is anything to open
    return
  }

  try {
    await link(join(location, 'LOCK'), join(probe, 'LOCK'))
    await tryToLock(location, probe)
  } catch (err: any) {
    // without a lock nobody has it open. Where the system has no hard links, only LevelDB itself can tell.
    if (err instanceof StorageOpenError) {
      throw err
    }
  } finally {
    await rm(probe, { recursive: true, force: true })
  }
}

async function tryToLock (location: string, probe: string): Promise<void> {
  const db = new Level(probe)

  try {
    await db.open({ createIfMissing: false })
  } catch (err: any) {
    if (err.cause?.code === 'LEVEL_LOCKED') {
      throw alreadyOpen(location, err)
    }
  } finally {
    await db.close()
  }
}
