/**
 * Whether the node's folders and keys are there, for its owner only, and have room.
 */

import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { DataDirectory } from '../../node/host/data-directory.ts'
import { isErrorWithCode } from '../../node/host/files.ts'
import { loadIdentity } from '../../node/host/identity.ts'
import { explain } from '../../node/host/running-node.ts'
import { commandLine } from '../command.ts'
import { ok, problem, warning } from './findings.ts'
import type { Finding, Subject } from './findings.ts'

const MiB = 1024 * 1024

/** A busy scope fills this within days */
const LITTLE_ROOM = 500 * MiB

/** LevelDB needs as much for a while whenever it tidies up */
const NO_ROOM = 20 * MiB

/** Docker and Podman make them in each container */
const CONTAINER_FILES = ['/.dockerenv', '/run/.containerenv']

export async function checkFiles ({ settings: { dataDirectory }, lockDirectory }: Subject): Promise<Finding[]> {
  return [
    ...await checkDataDirectory(dataDirectory),
    ...lockDirectory == null ? [] : await checkLockDirectory(lockDirectory)
  ]
}

async function checkDataDirectory (path: string): Promise<Finding[]> {
  const mode = await modeOf(path)

  if (mode == null) {
    return [warning('data', `there is no ${path}: no node has run there`, `The first start makes it: ${commandLine(path, 'start')}`)]
  }

  try {
    await DataDirectory.find(path)
  } catch (err) {
    return [problem('data', (err as Error).message, 'Give the directory that the node was started with')]
  }

  return [
    await checkAccess('data', path, mode),
    await checkRoom(path),
    await checkKeys(join(path, 'keys'))
  ]
}

async function checkLockDirectory (path: string): Promise<Finding[]> {
  const mode = await modeOf(path)

  return mode == null
    ? [warning('locks', `there is no ${path}, where it is kept what the keys of this user have voted`, 'If this key has not voted before, the next start makes it. If it has, give the lock directory that it has voted with, by --lock-dir. Do not put one back from a backup: an old copy frees votes that were cast meanwhile')]
    : [await checkAccess('locks', path, mode), ...await checkMount(path)]
}

/** What is not on a volume is gone with the container, and the key may vote again where it has voted */
async function checkMount (path: string): Promise<Finding[]> {
  const isContainer = (await Promise.all(CONTAINER_FILES.map(async file => modeOf(file)))).some(mode => mode != null)

  if (!isContainer || (await stat(path)).dev !== (await stat('/')).dev) {
    return []
  }

  return [warning('locks', `${path} is part of the container, and lost with it: what the key has voted would be forgotten`, `Mount a volume there: docker run -v voter-locks:${path}, as deploy/compose.yaml does`)]
}

async function checkAccess (check: string, path: string, mode: number): Promise<Finding> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (err) {
    return problem(check, `${path} cannot be used: ${explain(err)}`, `Let this user read and write it: chmod 700 ${path}`)
  }

  return process.platform !== 'win32' && (mode & 0o077) !== 0
    ? warning(check, `${path} can be used by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`, `Run: chmod 700 ${path}`)
    : ok(check, `${path} is there, for this user only`)
}

async function checkRoom (path: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(path)
  const room = bavail * bsize
  const message = `${Math.floor(room / MiB)} MiB are free for ${path}`
  const advice = 'Make room: a node with a full disk takes no votes'

  if (room < NO_ROOM) {
    return problem('room', message, advice)
  }

  return room < LITTLE_ROOM ? warning('room', message, advice) : ok('room', message)
}

async function checkKeys (folder: string): Promise<Finding> {
  try {
    await loadIdentity(folder, false)

    return ok('keys', 'both are there, valid, and for this user only')
  } catch (err) {
    // it says what to do
    return problem('keys', (err as Error).message, 'The node does not start before that')
  }
}

async function modeOf (path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode
  } catch (err) {
    if (isErrorWithCode(err, 'ENOENT')) {
      return
    }

    throw err
  }
}
