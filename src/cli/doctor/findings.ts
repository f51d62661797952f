/**
 * What `doctor` looks at, and what it finds.
 */

import { VotingClient } from '../../client/index.ts'
import { isErrorWithCode } from '../../node/host/files.ts'
import { readLockDirectory, readRunning, readToken } from '../../node/host/running-node.ts'
import type { StatusInfo } from '../../client/index.ts'
import type { RunningNode } from '../../node/host/running-node.ts'
import type { Settings } from '../config/settings.ts'

/**
 * - `ok`: as it should be
 * - `warning`: it works, or cannot be told, but somebody should look at it
 * - `problem`: the node does not work, or not for long
 */
export type Level = 'ok' | 'warning' | 'problem'

export interface Finding {
  check: string
  level: Level
  message: string
  /** What to do about it */
  advice?: string
}

export type Check = (subject: Subject) => Promise<Finding[]>

export interface Subject {
  settings: Settings & { dataDirectory: string }
  /** The lock directory of the node that runs, else the one that was given, else the last one */
  lockDirectory?: string
  /** What the data directory says about a node, which may have been killed */
  running?: RunningNode
  /** Whether that process is there */
  alive: boolean
  /** Of a node that answers */
  client?: VotingClient
  status?: StatusInfo
  /** Why a node that is there does not answer */
  failure?: Error
}

export interface ExamineOptions {
  /** Whether somebody has said where the locks are */
  locksAreGiven: boolean
}

export async function examine (settings: Subject['settings'], { locksAreGiven }: ExamineOptions): Promise<Subject> {
  const node = await examineNode(settings)
  const last = node.status == null && locksAreGiven ? undefined : await readLockDirectory(settings.dataDirectory).catch(() => undefined)

  return { ...node, lockDirectory: last ?? settings.lockDirectory }
}

async function examineNode (settings: Subject['settings']): Promise<Subject> {
  const { dataDirectory } = settings

  try {
    const running = await readRunning(dataDirectory)
    const token = await readToken(dataDirectory)

    if (running?.url == null || token == null) {
      return { settings, running, alive: running != null && isAlive(running.pid) }
    }

    const client = new VotingClient({ url: running.url, token })
    const status = await client.status({ signal: AbortSignal.timeout(ANSWER_TIMEOUT) })

    return { settings, running, alive: true, client, status }
  } catch (err) {
    const running = await readRunning(dataDirectory).catch(() => undefined)

    return { settings, running, alive: running != null && isAlive(running.pid), failure: err as Error }
  }
}

/** Milliseconds a node that is well never needs */
const ANSWER_TIMEOUT = 5_000

function isAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)

    return true
  } catch (err) {
    // it is there, and somebody else's
    return isErrorWithCode(err, 'EPERM')
  }
}

export function ok (check: string, message: string): Finding {
  return { check, level: 'ok', message }
}

export function warning (check: string, message: string, advice: string): Finding {
  return { check, level: 'warning', message, advice }
}

export function problem (check: string, message: string, advice: string): Finding {
  return { check, level: 'problem', message, advice }
}
