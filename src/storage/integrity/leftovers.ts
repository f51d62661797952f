/**
 * What processes that were killed have left behind: temporary files that nothing depends on, and that nobody else removes.
 */

import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Milliseconds after which nobody works on a temporary file any more: writing one takes moments */
const MIN_AGE = 60 * 60 * 1_000

/**
 * Removes what has a temporary name in a folder and is old. What cannot be removed stays, which is no harm.
 *
 * @param minAge - milliseconds since it was changed
 */
export async function removeLeftovers (folder: string, temporary: RegExp, minAge = MIN_AGE): Promise<void> {
  const names = await readdir(folder).catch(() => [])

  for (const name of names.filter(name => temporary.test(name))) {
    const path = join(folder, name)
    const changed = await stat(path).then(({ mtimeMs }) => mtimeMs, () => Infinity)

    if (changed + minAge <= Date.now()) {
      await rm(path, { recursive: true, force: true }).catch(() => {})
    }
  }
}
