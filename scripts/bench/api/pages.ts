/**
 * How long pages of lists take, at a node with many proposals.
 */

import { SCOPE } from './store.ts'

const WARM_UP = 20

/** A search that finds nothing looks at all proposals: so many pages of it are enough */
const MAX_PAGES = 300

export interface PageFigures {
  name: string
  requests: number
  /** Milliseconds */
  median: number
  p99: number
  max: number
}

const LISTS = {
  'newest first': { order: 'newest', limit: '100' },
  'oldest first': { order: 'oldest', limit: '100' },
  active: { state: 'active', limit: '100' },
  'active, newest first': { state: 'active', order: 'newest', limit: '100' },
  'failed, one in fifty': { state: 'failed', order: 'newest', limit: '100' },
  'a search that finds one in ten': { search: 'treasury', order: 'newest', limit: '100' },
  'a search that finds one': { search: 'treasury 7777', order: 'newest', limit: '100' },
  'a search that finds nothing': { search: 'nothing like it', order: 'newest', limit: '100' }
}

export async function measurePages ({ url, token }: { url: string, token: string }, requests: number): Promise<PageFigures[]> {
  const figures: PageFigures[] = []

  for (const [name, query] of Object.entries(LISTS)) {
    await follow(url, token, query, WARM_UP)

    const times = (await follow(url, token, query, Math.min(requests, MAX_PAGES))).sort((a, b) => a - b)

    figures.push({ name, requests: times.length, median: times[times.length >> 1], p99: times[Math.ceil(times.length * 0.99) - 1], max: times[times.length - 1] })
  }

  return figures
}

/** Goes from page to page, and to the first one again after the last; gives the milliseconds of each */
async function follow (url: string, token: string, query: Record<string, string>, count: number): Promise<number[]> {
  const times: number[] = []
  let cursor: string | undefined

  while (times.length < count) {
    const begin = performance.now()
    const response = await fetch(`${url}/scopes/${SCOPE}/proposals?${new URLSearchParams({ ...query, ...cursor == null ? {} : { cursor } })}`, { headers: { authorization: `Bearer ${token}` } })
    const page: any = await response.json()

    times.push(performance.now() - begin)

    if (!response.ok) {
      throw new Error(page.detail)
    }

    cursor = page.cursor
  }

  return times
}
