/**
 * How many votes a second go through full nodes, against bare gossipsub and against the core alone.
 */

import { join } from 'node:path'
import { inTurn } from '../turns.ts'
import { median } from '../votes.ts'
import { makeBallots } from './ballots.ts'
import { withMembers } from './remote.ts'
import { bareSwarm, fullSwarm, spread } from './swarm.ts'
import type { GossipSigning } from '../../../src/node/interface.ts'

/** Listed voters, all of whom vote on each proposal */
const VOTERS = 100

/** Turns before those that count: until the compiler has seen all of it */
const WARM_UP = 20

export interface ThroughputInit {
  nodes: number
  signing: GossipSigning
  /** Votes in a turn, a multiple of 100: all are sent as fast as can be */
  turn: number
  turns: number
}

export interface ThroughputFigures {
  nodes: number
  signing: GossipSigning
  /** Turns in which votes did not come to all, which do not count */
  lostTurns: { full: number, bare: number }
  /** Medians of the turns */
  votesPerSecond: number
  bareVotesPerSecond: number
  /** As many cores as there are receivers, each in a process, all at the same time */
  coreVotesPerSecond: number
  /** The first divided by that of bare gossipsub */
  ofBare: number
  /** The first divided by the lesser of bare gossipsub and the core */
  ofLesser: number
  /** The first divided by what is left if gossipsub and the core have to be done one after the other */
  ofBoth: number
}

export async function measureThroughput (folder: string, { nodes, signing, turn, turns }: ThroughputInit): Promise<ThroughputFigures> {
  return withMembers(async start => {
    const full = start('full', nodes)
    const bare = start('bare', nodes)
    const cores = start('bare', nodes - 1)
    const proposals = (WARM_UP + turns) * turn / VOTERS
    const [{ policy, announcements, votes }] = await Promise.all([
      fullSwarm(full, join(folder, `${nodes}-${signing}`), signing, 'mesh', async () => makeBallots({ proposals, voters: VOTERS })),
      bareSwarm(bare, signing, 'mesh')
    ])

    await Promise.all(cores.map(async core => core.call('prepareCore', policy, announcements)))

    const rates = { full: [] as number[], bare: [] as number[], core: [] as number[] }
    const lostTurns = { full: 0, bare: 0 }

    for (let index = 0; index < WARM_UP + turns; index++) {
      const messages = votes.slice(index * turn, (index + 1) * turn)
      const total = (index + 1) * turn
      const note = (what: keyof typeof lostTurns, milliseconds?: number): void => {
        if (milliseconds == null) {
          lostTurns[what]++
        } else if (index >= WARM_UP) {
          rates[what].push(1000 * turn / milliseconds)
        }
      }

      await inTurn(index, [
        async () => {
          note('full', await spread(full, 0, total, async sender => sender.call('publish', messages)))
          // who sends votes has them, and what it lacks would come back to it by syncs
          await full[0].call('know', policy, [], messages)
        },
        async () => { note('bare', await spread(bare, 0, total, async sender => sender.call('publish', messages))) },
        async () => { rates.core.push(turn / Math.max(...await Promise.all(cores.map(async core => core.call('takeIn', messages))))) }
      ])
    }

    const [votesPerSecond, bareVotesPerSecond, coreVotesPerSecond] = [rates.full, rates.bare, rates.core.slice(WARM_UP)].map(median)
    const figures = { votesPerSecond, bareVotesPerSecond, coreVotesPerSecond }

    return { nodes, signing, lostTurns, ...figures, ...ratios(figures) }
  })
}

type Rates = Pick<ThroughputFigures, 'votesPerSecond' | 'bareVotesPerSecond' | 'coreVotesPerSecond'>

export function ratios ({ votesPerSecond, bareVotesPerSecond, coreVotesPerSecond }: Rates): Pick<ThroughputFigures, 'ofBare' | 'ofLesser' | 'ofBoth'> {
  return {
    ofBare: votesPerSecond / bareVotesPerSecond,
    ofLesser: votesPerSecond / Math.min(bareVotesPerSecond, coreVotesPerSecond),
    ofBoth: votesPerSecond * (1 / bareVotesPerSecond + 1 / coreVotesPerSecond)
  }
}
