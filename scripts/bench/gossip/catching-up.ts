/**
 * How fast a node that comes late takes in what it lacks, and what that costs on the line.
 */

import { join } from 'node:path'
import { median } from '../votes.ts'
import { makeBallots } from './ballots.ts'
import { withMembers } from './remote.ts'
import type { BallotsInit } from './ballots.ts'

/** Milliseconds */
const TIMEOUT = 120_000

export interface CatchingUpInit extends Pick<BallotsInit, 'proposals' | 'voters' | 'decided'> {
  /** Nodes that come late, one after the other, each with a run of the core alone before or after it */
  passes: number
}

export interface CatchingUpFigures {
  proposals: number
  votes: number
  decided: boolean
  /** Medians of the passes. Seconds are from dialling until votes and proposals are equal. */
  seconds: number
  votesPerSecond: number
  coreVotesPerSecond: number
  /** The first rate divided by that of the core alone, on LevelDB as well, 64 votes under way */
  ofCore: number
  /** Both ways, from the first sync to the end of the last that followed */
  bytes: number
  bytesOfVotes: number
  /** The former divided by the latter */
  ofVotes: number
}

export async function measureCatchingUp (folder: string, { passes, ...init }: CatchingUpInit): Promise<CatchingUpFigures> {
  const { proposals, voters, decided = false } = init
  const ballots = await makeBallots(init)
  const { policy, announcements, votes, bytesOfVotes } = ballots

  return withMembers(async start => {
    const [teacher] = start('full', 1)
    const { addresses } = await teacher.call('start', join(folder, 'teacher'), 'StrictSign')

    await teacher.call('join', policy)
    await teacher.call('know', policy, announcements, votes)

    const seconds: number[] = []
    const coreSeconds: number[] = []
    const bytes: number[] = []

    for (let pass = 0; pass < passes; pass++) {
      await withMembers(async start => {
        const [late] = start('full', 1)
        const [core] = start('bare', 1)
        const alone = async (): Promise<void> => { coreSeconds.push(await core.call('takeInOnDisk', join(folder, `core-${pass}`), policy, announcements, votes)) }

        await late.call('start', join(folder, `late-${pass}`), 'StrictSign')
        await late.call('join', policy)

        if (pass % 2 === 0) {
          await alone()
        }

        const begin = process.hrtime.bigint()

        await late.call('connect', addresses)

        const end = await late.call('counted', votes.length, TIMEOUT)

        if (end == null) {
          throw new Error(`a node that came late has not got ${votes.length} votes within ${TIMEOUT / 1000} s`)
        }

        seconds.push(Number(end - begin) / 1e9)

        const { bytesIn, bytesOut } = await late.call('syncStats')
        const roots = await Promise.all([late, teacher].map(async member => member.call('root')))

        if (roots[0] !== roots[1]) {
          throw new Error('the node that came late has something else')
        }

        bytes.push(bytesIn + bytesOut)

        if (pass % 2 === 1) {
          await alone()
        }
      })
    }

    const [time, coreTime, length] = [seconds, coreSeconds, bytes].map(median)

    return {
      proposals,
      votes: proposals * voters,
      decided,
      seconds: time,
      votesPerSecond: votes.length / time,
      coreVotesPerSecond: votes.length / coreTime,
      ofCore: coreTime / time,
      bytes: length,
      bytesOfVotes,
      ofVotes: length / bytesOfVotes
    }
  })
}
