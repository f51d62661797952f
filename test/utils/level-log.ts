/**
 * LevelDB's logs as they are on disk.
 */

import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes in which a record lies where it is not longer; in the first of them a log's records can be moved about */
export const LOG_BLOCK = 32 * 1024

const HEADER = 7

/** Where the records of a log begin that is no longer than a block, and where the last one ends */
export function recordBounds (log: Uint8Array): number[] {
  const bounds = [0]

  for (let at = 0; at + HEADER <= log.byteLength;) {
    at += HEADER + (log[at + 4] | log[at + 5] << 8)
    bounds.push(at)
  }

  return bounds
}

/** The name that the next log of a store could have */
export function nextLogName (names: string[]): string {
  const numbers = names.map(name => Number(/^(?:MANIFEST-)?(\d+)/.exec(name)?.[1] ?? 0))

  return `${`${Math.max(...numbers) + 1}`.padStart(6, '0')}.log`
}

/**
 * Leaves a store's files as a loss of power does where LevelDB has gone on to another log: the first one has lost its last
 * records, and what came after them is in the second.
 *
 * @param lost - the first record that is gone; `from` the first one that is in the second log
 */
export async function loseEndOfFirstLog (location: string, lost: number, from: number): Promise<void> {
  const names = await readdir(location)
  const name = names.find(name => name.endsWith('.log')) ?? ''
  const log = await readFile(join(location, name))
  const bounds = recordBounds(log)

  await rm(join(location, 'SEAL'), { force: true })
  await writeFile(join(location, name), log.subarray(0, bounds[lost]))
  await writeFile(join(location, nextLogName(names)), log.subarray(bounds[from]))
}
