import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

export { alreadyOpen, expectClosed, holdFolder, PROBE_NAME } from '../integrity/folder-lock.ts'
export { inProcess } from '../integrity/isolated.ts'
export { removeLeftovers } from '../integrity/leftovers.ts'
export { FolderManifest, isUnfinished, manifestOwnership, manifestProblems, withCopy } from '../integrity/manifest.ts'

/** Bytes that opening takes besides what is in the logs */
const MARGIN = 256 * 1024

/** Whether LevelDB can be opened: it writes what is in its logs to a table then */
export async function hasRoomToOpen (location: string): Promise<boolean> {
  const logs = (await readdir(location)).filter(name => name.endsWith('.log'))
  const sizes = await Promise.all(logs.map(async name => (await stat(join(location, name))).size))
  const { bavail, bsize } = await statfs(location)

  return bavail * bsize >= sizes.reduce((sum, size) => sum + size, MARGIN)
}

/** Whether a folder has files of LevelDB, also where the one is missing that LevelDB knows a database by */
export async function hasDatabase (location: string): Promise<boolean> {
  try {
    return (await readdir(location)).some(name => /^MANIFEST-|^CURRENT$|^SEAL$|\.(ldb|log)$/.test(name))
  } catch {
    // opening it says why it cannot be read
    return false
  }
}
