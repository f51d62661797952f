/**
 * Files that are there whole or not at all, also after a crash.
 */

import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../../storage/files/make-folder.ts'

/** Read and written by their owner only */
export const PRIVATE_FILE = 0o600
export const PRIVATE_DIRECTORY = 0o700

/** Makes a file that did not exist and waits until it is on disk */
export async function createFile (path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', PRIVATE_FILE)

  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Puts a file in the place of the one that is there, if any: readers see the old content or the new */
export async function replaceFile (path: string, content: string): Promise<void> {
  const temporary = temporaryName(path)

  try {
    await createFile(temporary, content)
    await rename(temporary, path)
  } catch (err) {
    await rm(temporary, { force: true })

    throw err
  }

  await syncFolder(dirname(path))
}

/** A name beside `path` that nobody else uses */
export function temporaryName (path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.tmp`
}

export function isErrorWithCode (err: unknown, ...codes: string[]): err is NodeJS.ErrnoException {
  return err instanceof Error && 'code' in err && codes.includes(String(err.code))
}
