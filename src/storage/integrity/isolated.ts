/**
 * Does with LevelDB's files what may end the process, as LevelDB does where it comes upon what it thinks cannot be, in a
 * process of its own.
 */

import { fork } from 'node:child_process'
import { StorageFormatError, StorageOpenError } from '../errors.ts'
import type { DamagedRecord } from '../errors.ts'

/** What is done: what can be read is written anew, or all records are looked at */
export type IsolatedTask = 'salvage' | 'inspect'

/** What the process answers: what it has found, or the error it failed with */
export type IsolatedAnswer = { found: DamagedRecord[] } | { name: string, message: string }

const ERRORS: Record<string, new (message: string) => Error> = { StorageFormatError, StorageOpenError }

/**
 * Does something with a copy of a store whose files are damaged
 *
 * @throws {StorageOpenError} if it cannot be done, however that shows
 * @throws {StorageFormatError}
 */
export async function inProcess (task: IsolatedTask, copy: string): Promise<DamagedRecord[]> {
  // the file next to this one, with the extension that this one has
  const child = fork(new URL(import.meta.url.replace(/isolated(\.\w+)$/, 'isolated-process$1')), [task, copy], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let answer: IsolatedAnswer | undefined
  let lastWords = ''

  child.stderr?.setEncoding('utf8').on('data', text => { lastWords = `${lastWords}${text}`.slice(-500) })
  child.on('message', message => { answer = message as IsolatedAnswer })

  const reason = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => { resolve(signal ?? `exit code ${code}`) })
  })

  if (answer == null) {
    throw new StorageOpenError(`LevelDB gave up on the files (${reason}: ${lastWords.trim().split('\n').at(-1) ?? ''}). They are as they were. Restore the folder from a backup, or move it away and get proposals and votes from the other members again`)
  }

  if ('found' in answer) {
    return answer.found
  }

  throw new (ERRORS[answer.name] ?? StorageOpenError)(answer.message)
}
