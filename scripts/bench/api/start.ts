/**
 * How long it takes from the start of the process until the node can take votes.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { median } from '../votes.ts'

const BINARY = fileURLToPath(new URL('../../../src/cli/index.js', import.meta.url))

export interface StartFigures {
  starts: number
  /** Seconds, of a node that makes its keys first */
  first: number
  /** Seconds, of a node that has keys and an empty store */
  again: number
}

export async function measureStart (folder: string, starts: number): Promise<StartFigures> {
  const first: number[] = []
  const again: number[] = []

  for (let index = 0; index < starts; index++) {
    const dataDirectory = join(folder, `start-${index}`)

    first.push(await start(dataDirectory, join(folder, 'start-locks')))
    again.push(await start(dataDirectory, join(folder, 'start-locks')))
    await rm(dataDirectory, { recursive: true })
  }

  return { starts, first: median(first), again: median(again) }
}

async function start (dataDirectory: string, lockDirectory: string): Promise<number> {
  const begin = performance.now()
  const child = spawn(process.execPath, [BINARY, 'start', '--local', '--json', '--data-dir', dataDirectory, '--lock-dir', lockDirectory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout), 'line')
  const { api } = JSON.parse(line)
  const { status } = await fetch(`${api}/health/ready`)
  const seconds = (performance.now() - begin) / 1_000

  child.kill()
  await ended

  if (status !== 200) {
    throw new Error(`the node has started and is not ready: status ${status}`)
  }

  return seconds
}
