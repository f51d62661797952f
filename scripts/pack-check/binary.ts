/**
 * The command of the installed package: it runs a node, and talks to it.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Project } from './project.ts'

const second = 1_000
const START_TIMEOUT = 60 * second

export async function checkBinary (project: Project): Promise<string> {
  const { version } = project.manifest
  const printed = (await project.run(project.command, ['--version'])).trim()

  if (printed !== version) {
    throw new Error(`--version prints ${JSON.stringify(printed)}, and the version is ${version}`)
  }

  const dataDirectory = join(project.path, 'node')
  const child = spawn(project.command, ['start', '--local', '--json', '--data-dir', dataDirectory], { cwd: project.path, env: project.env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close') as Promise<[code: number | null, signal: string | null]>

  try {
    const line = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line', { signal: AbortSignal.timeout(START_TIMEOUT) }).then(([line]) => String(line)),
      ended.then(([code, signal]) => { throw new Error(`start ended with ${signal ?? code} before it said that the node runs`) })
    ])
    const { voter } = JSON.parse(line)
    const id = JSON.parse(await project.run(project.command, ['id', '--json', '--data-dir', dataDirectory]))

    if (id.voter !== voter) {
      throw new Error(`The node says that its voter is ${voter}, and id says ${id.voter}`)
    }
  } finally {
    child.kill('SIGTERM')
  }

  const [code, signal] = await ended

  if (code !== 0) {
    throw new Error(`The node ended with ${signal ?? code} when it was asked to stop`)
  }

  return `version ${version}; a node started, answered and stopped`
}
