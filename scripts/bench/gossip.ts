/**
 * What a network of nodes does, each in a process of its own: votes through full nodes against bare gossipsub, the time until
 * the last knows a vote, and what syncs cost.
 *
 * What is compared is done in turns in one run, so that all have the same share of whatever else the machine does.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureCatchingUp } from './gossip/catching-up.ts'
import { measureEqual } from './gossip/equal.ts'
import { measureLatency } from './gossip/latency.ts'
import { measureThroughput } from './gossip/throughput.ts'
import { round } from './votes.ts'
import type { CatchingUpFigures, CatchingUpInit } from './gossip/catching-up.ts'
import type { EqualFigures } from './gossip/equal.ts'
import type { LatencyFigures, LatencyInit } from './gossip/latency.ts'
import type { ThroughputFigures, ThroughputInit } from './gossip/throughput.ts'

interface Sizes {
  throughput: Array<Pick<ThroughputInit, 'nodes' | 'signing'>>
  turns: Pick<ThroughputInit, 'turn' | 'turns'>
  latency: LatencyInit
  catchingUp: CatchingUpInit[]
  bytes: CatchingUpInit
  finished: number
}

const SIZES: Sizes = {
  throughput: [
    { nodes: 2, signing: 'StrictSign' },
    { nodes: 5, signing: 'StrictSign' },
    { nodes: 2, signing: 'StrictNoSign' },
    { nodes: 5, signing: 'StrictNoSign' }
  ],
  turns: { turn: 500, turns: 21 },
  latency: { nodes: 7, votes: 301 },
  catchingUp: [
    { proposals: 100, voters: 100, passes: 3 },
    // a second of a process that has just begun, and three: some of the first goes to connecting, a thread and the compiler
    { proposals: 100, voters: 300, passes: 1 },
    { proposals: 1, voters: 10_000, passes: 3 },
    { proposals: 10, voters: 1_000, decided: true, passes: 3 }
  ],
  bytes: { proposals: 10, voters: 100, passes: 1 },
  finished: 100_000
}

/** To try whether all of it works: the figures say nothing */
const QUICK: Sizes = {
  throughput: [{ nodes: 2, signing: 'StrictSign' }],
  turns: { turn: 100, turns: 1 },
  latency: { nodes: 3, votes: 1 },
  catchingUp: [{ proposals: 2, voters: 50, passes: 1 }],
  bytes: { proposals: 2, voters: 10, passes: 1 },
  finished: 200
}

export interface GossipFigures {
  cores: number
  /** Processes that wanted to run in the minute before, at the start and at the end */
  load: number[]
  throughput: ThroughputFigures[]
  latency: LatencyFigures
  catchingUp: CatchingUpFigures[]
  bytes: CatchingUpFigures
  equal: EqualFigures
}

export async function gossip (say: (line: string) => void, { quick = false, throughputOnly = false } = {}): Promise<Partial<GossipFigures>> {
  const sizes = quick ? QUICK : SIZES
  const folder = await mkdtemp(join(tmpdir(), 'libp2p-voting-bench-'))
  const load = loadavg().slice(0, 1)

  try {
    say(`${availableParallelism()} cores, which all processes of a network share, bare gossipsub and full nodes alike; load before the start ${load[0].toFixed(1)}. Stores are in ${folder}`)

    if (quick) {
      say('Quick: just to see whether all of it works, the figures say nothing')
    }

    const throughput = await throughputs(say, folder, sizes)

    if (throughputOnly) {
      load.push(loadavg()[0])

      return { cores: availableParallelism(), load, throughput }
    }

    const latency = await measureLatency(folder, sizes.latency)

    say(`time from a vote that is sent until the last of ${latency.nodes} nodes around a first one has stored it: ${latency.ms.toFixed(1)} ms, bare gossipsub ${latency.bareMs.toFixed(1)} ms for a message as long, ratio ${latency.ratio.toFixed(2)} (median of ${latency.votes} pairs)`)
    say(`the same from the call to vote, where a node binds, signs and stores its vote on disk before it sends it: ${latency.ownVote.ms.toFixed(1)} ms, bare ${latency.ownVote.bareMs.toFixed(1)} ms, ratio ${latency.ownVote.ratio.toFixed(2)}`)

    const catchingUp = []

    for (const [index, init] of sizes.catchingUp.entries()) {
      const figures = await measureCatchingUp(join(folder, `catching-up-${index}`), init)

      catchingUp.push(figures)
      say(`a node that comes late takes in ${round(figures.votes)} votes on ${figures.proposals} proposals${figures.decided ? ', which are decided by two thirds of them,' : ''} in ${figures.seconds.toFixed(2)} s from dialling: ${round(figures.votesPerSecond)} votes/s; the core alone on LevelDB, 64 under way: ${round(figures.coreVotesPerSecond)} votes/s, ratio ${figures.ofCore.toFixed(2)}`)
    }

    const bytes = await measureCatchingUp(join(folder, 'bytes'), sizes.bytes)

    say(`bytes of syncs both ways for ${round(bytes.votes)} votes and ${bytes.proposals} proposals: ${round(bytes.bytes)}, the votes have ${round(bytes.bytesOfVotes)}, ratio ${bytes.ofVotes.toFixed(3)}`)

    const equal = await measureEqual(join(folder, 'equal'), sizes.finished)

    say(`a sync between nodes with the same ${round(equal.proposals)} finished proposals, ${equal.perDay} a day with ${equal.votesEach} votes each, which were stored without verifying anything as their signatures are random bytes: ${round(equal.warmBytes)} bytes both ways`)
    say(`time from dialling until both that two peers begin as they meet are over: ${equal.firstSeconds.toFixed(2)} s the very first time, when all votes are read, ${equal.coldSeconds.toFixed(2)} s after a restart; later ones take ${equal.warmMs.toFixed(1)} ms each. All processes are on this machine`)
    say(`memory of the process after them: ${round(equal.memory.residentMiB)} MiB resident, at most ${round(equal.memory.peakMiB)}; before the first it had ${round(equal.memoryBefore.residentMiB)}`)

    load.push(loadavg()[0])
    say(`load at the end ${load[1].toFixed(1)}`)

    return { cores: availableParallelism(), load, throughput, latency, catchingUp, bytes, equal }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function throughputs (say: (line: string) => void, folder: string, { throughput, turns }: Sizes): Promise<ThroughputFigures[]> {
  const all = []

  say(`Votes of 100 listed voters, signed before: one process sends ${turns.turn} through its gossipsub as fast as it can, and the turn ends when the last of the others has stored all (bare: was given all). Medians of ${turns.turns} turns each; everybody is connected with everybody. "Bare" is gossipsub alone, with the settings of a full node. "Core" is as many cores alone as there are receivers, all at the same time, each in a process, in memory: the bound of verification on these processors`)

  for (const init of throughput) {
    const figures = await measureThroughput(folder, { ...init, ...turns })

    all.push(figures)
    say(`${figures.nodes} full nodes, ${figures.signing}: ${round(figures.votesPerSecond)} votes/s; bare gossipsub ${round(figures.bareVotesPerSecond)}, ratio ${figures.ofBare.toFixed(2)}; core ${round(figures.coreVotesPerSecond)}, ratio to the lesser of bare and core ${figures.ofLesser.toFixed(2)}, to gossipsub and the core done one after the other ${figures.ofBoth.toFixed(2)}; turns in which votes did not come to all: ${figures.lostTurns.full}, bare ${figures.lostTurns.bare}`)
  }

  return all
}
