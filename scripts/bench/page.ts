/**
 * How soon the operator's page shows something, and what is being decided, at a node with many proposals.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VotingClient } from '../../src/client/index.ts'
import { chromiumProblem, launchChromium } from '../chromium.ts'
import { RemoteNode } from './api/remote.ts'
import { fill } from './api/store.ts'
import type { Browser } from 'playwright-core'

const SIZES = {
  full: { finished: 100_000, active: 1_000, loads: 20 },
  quick: { finished: 500, active: 20, loads: 3 }
}

/** Milliseconds from when the page is asked for */
export interface Load {
  /** Until anything is painted */
  firstPaint: number
  /** Until the proposals are in view */
  proposals: number
}

export interface PageBenchFigures {
  median: Load
  max: Load
  loads: number
}

export async function page (say: (line: string) => void, quick = false): Promise<PageBenchFigures> {
  const problem = await chromiumProblem()

  if (problem != null) {
    throw new Error(`The page cannot be measured: ${problem}`)
  }

  const { finished, active, loads } = quick ? SIZES.quick : SIZES.full
  const folder = await mkdtemp(join(tmpdir(), 'libp2p-voting-bench-'))
  const directories = { dataDirectory: join(folder, 'data'), lockDirectory: join(folder, 'locks') }

  try {
    await fill(directories, finished, active)

    const figures = await measure(directories, loads)

    say(`the page at a node with ${finished} proposals that have ended and ${active} that are active, milliseconds (${loads} loads, each with an empty cache):`)
    say(`  first paint         median ${figures.median.firstPaint.toFixed(0).padStart(6)}  max ${figures.max.firstPaint.toFixed(0).padStart(6)}`)
    say(`  proposals in view   median ${figures.median.proposals.toFixed(0).padStart(6)}  max ${figures.max.proposals.toFixed(0).padStart(6)}`)

    return figures
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure (directories: { dataDirectory: string, lockDirectory: string }, loads: number): Promise<PageBenchFigures> {
  const node = await RemoteNode.start(directories)
  const browser = await launchChromium()
  const measured: Load[] = []

  try {
    const client = new VotingClient(node.api)

    for (let index = 0; index < loads; index++) {
      measured.push(await load(browser, client, node.api.url))
    }
  } finally {
    await browser.close()
    await node.stop()
  }

  const pick = (choose: (sorted: number[]) => number): Load => ({
    firstPaint: choose(measured.map(({ firstPaint }) => firstPaint).sort((one, other) => one - other)),
    proposals: choose(measured.map(({ proposals }) => proposals).sort((one, other) => one - other))
  })

  return { loads, median: pick(sorted => sorted[Math.floor(sorted.length / 2)]), max: pick(sorted => sorted[sorted.length - 1]) }
}

async function load (browser: Browser, client: VotingClient, url: string): Promise<Load> {
  const context = await browser.newContext({ viewport: { width: 1_200, height: 900 } })

  try {
    const page = await context.newPage()

    // noted in the page, as soon as they are there: what asks from outside learns of it late
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (document.querySelector('.row') != null) {
          observer.disconnect()
          requestAnimationFrame(() => { performance.mark('proposals') })
        }
      }).observe(document, { childList: true, subtree: true })
    })
    await page.goto((await client.createLink()).url)
    await page.waitForURL(`${url}/`)
    await page.locator('.row').first().waitFor()
    await page.waitForFunction(() => performance.getEntriesByName('proposals').length > 0 && performance.getEntriesByName('first-contentful-paint').length > 0)

    return await page.evaluate(() => ({
      firstPaint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
      proposals: performance.getEntriesByName('proposals')[0].startTime
    }))
  } finally {
    await context.close()
  }
}
