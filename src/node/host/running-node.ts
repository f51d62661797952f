/**
 * What programs need to find the node that runs on a data directory. Without the node itself, so that commands begin at once.
 */

import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import * as z from 'zod'
import { DataDirectoryError } from '../errors.ts'
import { isErrorWithCode } from './files.ts'

const runningSchema = z.object({
  pid: z.int().positive(),
  startedAt: z.int(),
  url: z.string().optional()
})

/** In a data directory, of which it may have one; read by `libp2p-voting start` */
export const CONFIG_FILES = ['config.yaml', 'config.yml', 'config.json']

/**
 * What `running.json` says. It is there while a node runs, and may be left behind by one that was killed.
 */
export interface RunningNode {
  pid: number
  /** Unix seconds */
  startedAt: number
  /** Where the control API answers; absent until it does */
  url?: string
}

/**
 * `LIBP2P_VOTING_DATA_DIR`, else `libp2p-voting` in `XDG_STATE_HOME`, else `.libp2p-voting` in the home directory
 */
export function defaultDataDirectory (env: NodeJS.ProcessEnv = process.env): string {
  return stateDirectory(env, 'LIBP2P_VOTING_DATA_DIR', 'libp2p-voting')
}

/**
 * Where the user's nodes keep what binds their keys to votes: `LIBP2P_VOTING_LOCK_DIR`, else `libp2p-voting-locks` in
 * `XDG_STATE_HOME`, else `.libp2p-voting-locks` in the home directory. Not in a data directory: two nodes that were given
 * one key must meet there, and a backup that is restored must not bring back what was free once.
 */
export function defaultLockDirectory (env: NodeJS.ProcessEnv = process.env): string {
  return stateDirectory(env, 'LIBP2P_VOTING_LOCK_DIR', 'libp2p-voting-locks')
}

function stateDirectory (env: NodeJS.ProcessEnv, variable: string, name: string): string {
  const path = env[variable]

  if (path != null && path !== '') {
    return resolve(path)
  }

  if (env.XDG_STATE_HOME != null && env.XDG_STATE_HOME !== '') {
    return resolve(env.XDG_STATE_HOME, name)
  }

  return join(homedir(), `.${name}`)
}

/**
 * Who runs on a data directory, undefined if nobody says so. A process that was killed may still be named.
 *
 * @throws {DataDirectoryError} if the file cannot be read or is damaged
 */
export async function readRunning (path: string): Promise<RunningNode | undefined> {
  const file = runningFile(path)

  try {
    const content = await readIfThere(file)

    return content == null ? undefined : runningSchema.parse(JSON.parse(content))
  } catch (err) {
    throw new DataDirectoryError(`The file ${file} cannot be read: ${explain(err)}`, { cause: err })
  }
}

/** The token of the control API. Throws DataDirectoryError where it cannot be read, undefined if there is none. */
export async function readToken (path: string): Promise<string | undefined> {
  try {
    return (await readIfThere(tokenFile(path)))?.trim()
  } catch (err) {
    throw new DataDirectoryError(`The file ${tokenFile(path)} cannot be read: ${explain(err)}`, { cause: err })
  }
}

/**
 * Returns the lock directory that the last node on a data directory was started with, undefined if that is not known.
 *
 * @throws {DataDirectoryError} if the file cannot be read
 */
export async function readLockDirectory (path: string): Promise<string | undefined> {
  const file = lockDirectoryFile(path)

  try {
    return (await readIfThere(file))?.trimEnd()
  } catch (err) {
    throw new DataDirectoryError(`The file ${file} cannot be read: ${explain(err)}`, { cause: err })
  }
}

export function lockDirectoryFile (path: string): string {
  return join(path, 'lock-directory')
}

export function runningFile (path: string): string {
  return join(path, 'running.json')
}

export function tokenFile (path: string): string {
  return join(path, 'api.token')
}

/** The content of a file, undefined if there is none */
export async function readIfThere (file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (err) {
    if (isErrorWithCode(err, 'ENOENT')) {
      return
    }

    throw err
  }
}

/** Why a file or directory cannot be used, in a few words */
export function explain (err: unknown): string {
  if (isErrorWithCode(err, 'EACCES', 'EPERM')) {
    return 'permission denied'
  }

  if (isErrorWithCode(err, 'ENOTDIR', 'EEXIST')) {
    return 'it is not a directory'
  }

  if (isErrorWithCode(err, 'ENOSPC')) {
    return 'the disk is full'
  }

  // reading takes what is not there for an answer, so this is about making a directory where the system allows none
  if (isErrorWithCode(err, 'ENOENT')) {
    return 'no directory can be made there'
  }

  if (isErrorWithCode(err, 'EROFS')) {
    return 'the file system is read-only'
  }

  return err instanceof z.ZodError || err instanceof SyntaxError ? 'it is damaged' : String((err as Error).message)
}
