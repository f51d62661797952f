/**
 * What a sync costs between nodes that have the same finished proposals, many of them.
 */

import { join } from 'node:path'
import { makeBallots } from './ballots.ts'
import { PROPOSALS_PER_DAY } from './filler.ts'
import { withMembers } from './remote.ts'
import type { Memory } from './full-member.ts'

const VOTERS = 3

/** Syncs once all is in memory */
const WARM = 4

export interface EqualFigures {
  proposals: number
  votesEach: number
  perDay: number
  /** The very first sync, which has to read all votes: seconds from dialling */
  firstSeconds: number
  /** The first one after a start: seconds from dialling */
  coldSeconds: number
  /** Later ones: medians */
  warmMs: number
  warmBytes: number
  /** Of the node that began the later ones, after them; the peak is that of a process which has made nothing but syncs */
  memory: Memory
  /** The same before the first sync */
  memoryBefore: Memory
}

export async function measureEqual (folder: string, proposals: number): Promise<EqualFigures> {
  const { policy } = await makeBallots({ proposals: 0, voters: VOTERS, decided: true })
  const folders = [join(folder, 'a'), join(folder, 'b')]

  await withMembers(async start => {
    await Promise.all(start('full', 2).map(async (member, index) => {
      await member.call('start', folders[index], 'StrictSign')
      await member.call('fill', policy, proposals)
      await member.call('join', policy)
    }))
  })

  const first = await syncs(folders, 0)
  const { seconds: coldSeconds, ...warm } = await syncs(folders, WARM)

  return { proposals, votesEach: VOTERS, perDay: PROPOSALS_PER_DAY, firstSeconds: first.seconds, coldSeconds, ...warm }
}

/** Starts two nodes on their folders, and syncs as they meet and so many times more */
async function syncs (folders: string[], times: number): Promise<{ seconds: number } & Pick<EqualFigures, 'warmMs' | 'warmBytes' | 'memory' | 'memoryBefore'>> {
  return withMembers(async start => {
    const [a, b] = start('full', 2)
    const [{ addresses }] = await Promise.all([a, b].map(async (member, index) => member.call('start', folders[index], 'StrictSign')))
    const memoryBefore = await b.call('memory')
    const begin = process.hrtime.bigint()

    await b.call('connect', addresses)

    // each begins one as they meet, so that two come to an end at both
    const stats = await Promise.all([a, b].map(async member => member.call('synced', 2)))
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9

    if (stats.some(({ faults, completed, votes }) => faults > 0 || completed === 0 || votes > 0)) {
      throw new Error(`nodes with the same proposals did not find that out: ${JSON.stringify(stats)}`)
    }

    const warm = []

    for (let time = 0; time < times; time++) {
      warm.push(await b.call('syncNow'))
    }

    warm.sort((x, y) => x.ms - y.ms)

    const { ms = 0, bytesIn = 0, bytesOut = 0 } = warm[warm.length >> 1] ?? {}

    return { seconds, warmMs: ms, warmBytes: bytesIn + bytesOut, memory: await b.call('memory'), memoryBefore }
  })
}
