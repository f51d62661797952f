/**
 * A file that is there whole or not at all, and takes nobody's place.
 */

import { link, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { temporaryName } from '../../node/host/files.ts'
import { explain } from '../../node/host/running-node.ts'
import { syncFolder } from '../../storage/files/make-folder.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'

/** Others are to read it */
const PUBLIC_FILE = 0o644

/** @throws {CliError} if it is there already, or cannot be written */
export async function writeNewFile (path: string, content: string): Promise<void> {
  const temporary = temporaryName(path)

  try {
    const file = await open(temporary, 'wx', PUBLIC_FILE)

    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }

    // unlike a rename it fails if there is one
    await link(temporary, path)
  } catch (err: any) {
    throw err.code === 'EEXIST'
      ? existing(path, err)
      : new CliError(`The file ${path} cannot be written: ${err.code === 'ENOENT' ? 'there is no such folder' : explain(err)}`, err.code === 'ENOSPC' ? EXIT.notStored : EXIT.usage, { cause: err })
  } finally {
    await rm(temporary, { force: true })
  }

  await syncFolder(dirname(path))
}

export function existing (path: string, cause?: Error): CliError {
  return new CliError(`The file ${path} is there already, and is left as it is. Give another name with --output`, EXIT.usage, { cause })
}
