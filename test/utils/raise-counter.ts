/**
 * Raises the counter of vote locks in a process of its own, once it is told to, and prints each one as it gets it.
 *
 *     node raise-counter.ts FOLDER COUNT
 */

import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { FileVoteLock } from '../../src/storage/vote-lock/file-vote-lock.ts'
import { IDENTITY } from './locks.ts'

const [, , folder, times] = process.argv
const lock = new FileVoteLock(folder)

writeSync(1, '"ready"\n')

await once(process.stdin, 'data')

for (let raise = 0; raise < Number(times); raise++) {
  const { id, count, mark } = await lock.raise(IDENTITY)

  writeSync(1, `${JSON.stringify({ id: Buffer.from(id).toString('hex'), count: Number(count), mark: Buffer.from(mark).toString('hex') })}\n`)
}

process.stdin.destroy()
