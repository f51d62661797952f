/**
 * Asks for vote locks on the proposals 1 to COUNT at once in a process of its own, once it is told to, and prints what it is
 * bound to on each, or the error, as soon as it knows.
 *
 *     node acquire-locks.ts FOLDER yes|no COUNT
 */

import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { FileVoteLock } from '../../src/storage/vote-lock/file-vote-lock.ts'
import { lockVote, SCOPE, subjectOf, upTo } from './locks.ts'
import type { LockAnswer } from './lock-process.ts'

const [, , folder, choice, count] = process.argv
const lock = new FileVoteLock(folder)

function print (what: 'ready' | LockAnswer): void {
  // whoever kills this process gets what was known before
  writeSync(1, `${JSON.stringify(what)}\n`)
}

print('ready')

await once(process.stdin, 'data')
await Promise.all(upTo(Number(count)).map(async proposalId => {
  try {
    const { vote } = await lock.acquire(SCOPE, subjectOf(proposalId), lockVote(proposalId, choice === 'yes'))

    print({ proposalId, choice: vote ? 'yes' : 'no' })
  } catch (err: any) {
    print({ proposalId, error: err.name })
  }
}))
