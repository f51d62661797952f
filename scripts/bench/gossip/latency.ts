/**
 * How long it takes until the last node knows a vote, against bare gossipsub with messages of the same length.
 */

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { inTurn } from '../turns.ts'
import { median } from '../votes.ts'
import { makeBallots } from './ballots.ts'
import { withMembers } from './remote.ts'
import { bareSwarm, fullSwarm, spread } from './swarm.ts'
import type { FullMember } from './full-member.ts'
import type { Remote } from './remote.ts'

/** Votes before those that count: until the compiler has seen all of it */
const WARM_UP = 100

/** Milliseconds between one and the next, of either swarm: nothing that it leaves to do is counted for the other */
const PAUSE = 20

/** The star has the first in its middle, and this one votes */
const SENDER = 1

export interface LatencyInit {
  nodes: number
  votes: number
}

export interface LatencyFigures {
  nodes: number
  votes: number
  /** Medians, from when a vote that was made before is sent until the last node has stored it */
  ms: number
  bareMs: number
  /** The median of the ratios of each vote and the bare message sent before or after it */
  ratio: number
  /** Medians, from the call to vote: it is bound, signed and stored on disk before it is sent */
  ownVote: { ms: number, bareMs: number, ratio: number }
}

export async function measureLatency (folder: string, { nodes, votes }: LatencyInit): Promise<LatencyFigures> {
  return withMembers(async start => {
    const full = start('full', nodes)
    const bare = start('bare', nodes)
    const [ballots] = await Promise.all([
      fullSwarm(full, join(folder, 'latency'), 'StrictSign', 'star', async others => makeBallots({ proposals: WARM_UP + votes, voters: 1, others })),
      bareSwarm(bare, 'StrictSign', 'star')
    ])
    const sent = { full: 0, bare: 0 }

    // all in one swarm have the same number of votes before the next is sent
    const measure = async (index: number, send: (sender: Remote<FullMember>) => Promise<bigint>): Promise<Pair> => {
      const message = ballots.votes[index]
      const pair: Pair = {}

      // gossipsub tells no two messages apart that are equal, but only where they are not signed
      await inTurn(index, [
        async () => { pair.full = await spread(full, SENDER, sent.full + 1, send) },
        async () => { pair.bare = await spread(bare, SENDER, sent.bare + 1, async sender => sender.call('publish', [message])) }
      ].map(task => async () => {
        await pause(PAUSE)
        await task()
      }))

      sent.full++
      sent.bare++

      return pair
    }
    const made: Pair[] = []
    const own: Pair[] = []

    for (let index = 0; index < WARM_UP + votes; index++) {
      const message = ballots.votes[index]

      made.push(await measure(index, async sender => sender.call('publish', [message])))
      await full[SENDER].call('know', ballots.policy, [], [message])
      own.push(await measure(index, async sender => sender.call('vote', ballots.proposalIds[index])))
    }

    return { nodes, votes, ...figures(made.slice(WARM_UP)), ownVote: figures(own.slice(WARM_UP)) }
  })
}

/** Milliseconds; undefined if the message was lost */
interface Pair {
  full?: number
  bare?: number
}

function figures (pairs: Pair[]): { ms: number, bareMs: number, ratio: number } {
  const whole = pairs.filter((pair): pair is Required<Pair> => pair.full != null && pair.bare != null)

  return {
    ms: median(whole.map(({ full }) => full)),
    bareMs: median(whole.map(({ bare }) => bare)),
    ratio: median(whole.map(({ full, bare }) => full / bare))
  }
}
