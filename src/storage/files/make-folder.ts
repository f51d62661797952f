/**
 * Folders that are on disk when they are needed.
 */

import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Read and written by their owner only */
const PRIVATE = 0o700

/**
 * Makes a folder and those above it that are not there, one by one, durably. (Node's recursive mkdir never comes back where
 * the system says of a folder that is there that it is not, as in /proc.)
 */
export async function makeFolder (folder: string): Promise<void> {
  if (await isFolder(folder)) {
    return
  }

  const parent = dirname(folder)

  if (parent !== folder) {
    await makeFolder(parent)
  }

  try {
    await mkdir(folder, PRIVATE)
  } catch (err: any) {
    // somebody else may have made it meanwhile
    if (err.code !== 'EEXIST') {
      throw err
    }

    if (!await isFolder(folder)) {
      throw Object.assign(new Error(`${folder} is not a folder`), { code: 'ENOTDIR' })
    }
  }

  await syncFolder(parent)
}

/** Makes new names in a folder durable */
export async function syncFolder (folder: string): Promise<void> {
  if (process.platform === 'win32') {
    // folders cannot be opened there, and NTFS journals names by itself
    return
  }

  const handle = await open(folder, 'r')

  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function isFolder (path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (err: any) {
    if (err.code === 'ENOENT') {
      return false
    }

    throw err
  }
}
