/**
 * Gets out of LevelDB's files what can be read of them.
 */

import { rename, rm } from 'node:fs/promises'
import { Level } from 'level'

/**
 * Has LevelDB find what can be read of its tables and logs, then writes all of it anew: a table that can be read may still
 * not find a key that it holds.
 */
export async function salvage (copy: string): Promise<void> {
  const salvaged = `${copy}.salvaged`

  try {
    await (Level as unknown as { repair (location: string): Promise<void> }).repair(copy)
    await rename(copy, salvaged)

    const options = { keyEncoding: 'utf8', valueEncoding: 'view' } as const
    const from = new Level<string, Uint8Array>(salvaged, options)
    const to = new Level<string, Uint8Array>(copy, options)

    try {
      // from both ends up to where something cannot be read
      const last = await copyRecords(from, to, {})

      await copyRecords(from, to, { ...last == null ? {} : { gt: last }, reverse: true })
    } finally {
      await from.close()
      await to.close()
    }
  } finally {
    await rm(salvaged, { recursive: true, force: true })
  }
}

/** @returns the last key that could be read */
async function copyRecords (from: Level<string, Uint8Array>, to: Level<string, Uint8Array>, range: { gt?: string, reverse?: boolean }): Promise<string | undefined> {
  let last: string | undefined

  try {
    for await (const [key, value] of from.iterator(range)) {
      await to.put(key, value)
      last = key
    }
  } catch (err: any) {
    if (err.code !== 'LEVEL_CORRUPTION') {
      throw err
    }
  }

  return last
}
