/**
 * Looks for damage without making it worse: LevelDB deletes what it does not know any more when it opens its files. So where
 * those are not as they were left, a copy is looked at.
 */

import { StorageFormatError, StorageOpenError } from '../errors.ts'
import { expectClosed, inProcess, manifestProblems, withCopy } from '../level/folder.ts'
import { inspectRecords } from './inspect-records.ts'
import type { DamagedRecord } from '../errors.ts'

/**
 * All that is damaged in a store that nobody has open: first LevelDB's files, then records
 *
 * @throws {StorageOpenError} | {StorageFormatError}
 */
export async function inspectStore (location: string): Promise<DamagedRecord[]> {
  await expectClosed(location)

  const problems = await manifestProblems(location)

  if (problems.length === 0) {
    return inspectRecords(location)
  }

  return [
    ...problems.map(problem => ({ kind: 'database', problem })),
    ...await withCopy(location, async copy => inProcess('inspect', copy).catch(err => [unreadable(err, location, copy)]))
  ]
}

/** Of a store that is known to be damaged, not being able to read it is one more thing to report */
function unreadable (err: unknown, location: string, copy: string): DamagedRecord {
  if (err instanceof StorageOpenError || err instanceof StorageFormatError) {
    return { kind: 'database', problem: `its records cannot be read: ${err.message.replaceAll(copy, location)}` }
  }

  throw err
}
