/**
 * Whether the control API stays quick: pages of lists at a node with many proposals, voting while many follow it, and the start.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measurePages } from './api/pages.ts'
import { RemoteNode } from './api/remote.ts'
import { measureStart } from './api/start.ts'
import { fill } from './api/store.ts'
import { measureStreams } from './api/streams.ts'
import { round } from './votes.ts'
import type { PageFigures } from './api/pages.ts'
import type { StartFigures } from './api/start.ts'
import type { StreamFigures } from './api/streams.ts'

const SIZES = {
  full: { finished: 100_000, active: 1_000, requests: 300, streams: 100, turns: 40, decisions: 200, starts: 5 },
  quick: { finished: 500, active: 20, requests: 20, streams: 10, turns: 2, decisions: 20, starts: 1 }
}

export interface ApiFigures {
  pages: PageFigures[]
  streams: StreamFigures
  start: StartFigures
}

export async function api (say: (line: string) => void, quick = false): Promise<ApiFigures> {
  const { finished, active, requests, streams, turns, decisions, starts } = quick ? SIZES.quick : SIZES.full
  const folder = await mkdtemp(join(tmpdir(), 'libp2p-voting-bench-'))

  try {
    const start = await measureStart(folder, starts)
    say(`start to ready: ${start.first.toFixed(2)} s the first time, ${start.again.toFixed(2)} s with keys and an empty store (medians of ${starts})`)

    const pages = await measureListed(folder, finished, active, requests, say)
    const ratio = await measureFollowed(folder, streams, turns, decisions)
    say(`${streams} event streams: ${round(ratio.withStreams)} decisions/s, ${round(ratio.without)} without: ${(100 * (1 - ratio.ratio)).toFixed(1)} % slower, ${(100 * (ratio.ratioOfProcessorTime - 1)).toFixed(1)} % more processor time (medians of ${turns} turns of ${decisions} decisions)`)

    return { start, pages, streams: ratio }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureListed (folder: string, finished: number, active: number, requests: number, say: (line: string) => void): Promise<PageFigures[]> {
  const directories = { dataDirectory: join(folder, 'listed'), lockDirectory: join(folder, 'locks') }

  await fill(directories, finished, active)

  const node = await RemoteNode.start(directories)

  try {
    const pages = await measurePages(node.api, requests)

    say(`pages of 100 of ${round(finished)} proposals that have ended and ${round(active)} that are active, milliseconds:`)
    pages.forEach(({ name, requests, median, p99, max }) => {
      say(`  ${name.padEnd(32)} median ${median.toFixed(1).padStart(6)}  p99 ${p99.toFixed(1).padStart(6)}  max ${max.toFixed(1).padStart(6)}  (${requests} requests)`)
    })

    return pages
  } finally {
    await node.stop()
  }
}

async function measureFollowed (folder: string, streams: number, turns: number, decisions: number): Promise<StreamFigures> {
  const directories = { dataDirectory: join(folder, 'followed'), lockDirectory: join(folder, 'locks') }

  await fill(directories, 0, 0)

  const node = await RemoteNode.start(directories)

  try {
    return await measureStreams(node, streams, turns, decisions)
  } finally {
    await node.stop()
  }
}
