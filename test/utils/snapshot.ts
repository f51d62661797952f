import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * All that is in a folder: the name of each file with its bytes in hex, and of each folder. LevelDB's file `LOCK`, which is
 * empty, is not opened: a process that closes it again loses the lock it may have on it.
 */
export async function snapshot (folder: string): Promise<Record<string, string>> {
  const all: Record<string, string> = {}

  for (const name of await readdir(folder, { recursive: true })) {
    const path = join(folder, name)
    const stats = await lstat(path)

    if (stats.isDirectory()) {
      all[name] = 'a folder'
    } else {
      all[name] = stats.size === 0 ? '' : (await readFile(path)).toString('hex')
    }
  }

  return all
}
