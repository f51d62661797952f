/**
 * What storing costs: votes on LevelDB against votes in memory, own votes against bare writes to disk, and how large and how
 * quick a store is that has been in use for long.
 *
 * What is compared is done in turns in one run, so that both have the same share of whatever else the machine does.
 */

import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { ConsensusService, encodeVote, MemoryStorage } from '../../src/consensus/index.ts'
import { ethereumScheme, ethereumSigner } from '../../src/signers/ethereum.ts'
import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import { FileVoteLock } from '../../src/storage/vote-lock/file-vote-lock.ts'
import { DEFAULT_VOTES, measureArchive, VOTES_PER_PROPOSAL } from './archive.ts'
import { makeQuorumBallot, QUORUM_TURN, takingIn } from './quorum-ballot.ts'
import { inParallel } from './turns.ts'
import { makeVotes, median, NOW, proposalOf, round } from './votes.ts'
import type { ArchiveFigures } from './archive.ts'
import type { Arrival } from './votes.ts'
import type { ConsensusSigner, ConsensusStorage, VoteLock } from '../../src/consensus/index.ts'

/** Calls under way at the same time, where it is not one */
const UNDER_WAY = 64

/** Votes of others that are taken in, voters of each proposal, and how often all of them are */
const VOTES = 10_000
const VOTERS = 100
const PASSES = 3

/** Votes in a turn */
const TURN = 1000

/** Voters of a proposal that is decided by quorum */
const QUORUM_VOTERS = 600

/** Own votes, each on a proposal of its own, and those in a turn */
const OWN_VOTES = 1024
const OWN_TURN = 128

/** What the kernel calls a file system that is in memory, where a flush to disk costs nothing */
const IN_MEMORY = 0x01021994

interface Comparison {
  underWay: number
  votesPerSecond: number
  /** Of what it is compared with */
  otherPerSecond: number
  /** The first divided by the second */
  ratio: number
  /** The same of the processor time of the thread that calls, which others on the machine have less part in */
  ratioOfProcessorTime: number
}

export interface StorageFigures {
  votesOfOthers: Comparison
  votesOfOthersOneByOne: Comparison
  votesOfOthersOnOne: Comparison
  quorumBallot: Comparison
  ownVotes: Comparison
  archive: ArchiveFigures
}

export async function storage (say: (line: string) => void, votes = DEFAULT_VOTES): Promise<StorageFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'libp2p-voting-bench-'))

  try {
    say(`Stores are in ${folder}${(await statfs(folder)).type === IN_MEMORY ? ', which is in memory: what is said of own votes says nothing of disks. Set TMPDIR to a folder on one' : ''}`)

    const arrivals = await makeVotes(VOTES)
    // until the compiler has seen all of it
    await measureOthers(join(folder, 'warm-up'), arrivals.slice(0, 2 * TURN), UNDER_WAY, 1)

    const votesOfOthers = await measureOthers(join(folder, 'together'), arrivals, UNDER_WAY, PASSES)
    say(`votes of others on ${VOTES / VOTERS} proposals in turn, ${UNDER_WAY} calls under way: ${show(votesOfOthers)} in memory`)

    const votesOfOthersOneByOne = await measureOthers(join(folder, 'one-by-one'), arrivals, 1, 1)
    say(`the same, one call at a time: ${show(votesOfOthersOneByOne)} in memory`)

    const votesOfOthersOnOne = await measureOthers(join(folder, 'on-one'), arrivals, UNDER_WAY, 1, { inTurn: false })
    say(`votes of others on one proposal after another, ${UNDER_WAY} calls under way, of which one at a time is stored: ${show(votesOfOthersOnOne)} in memory`)

    const quorumBallot = await measureQuorumBallot(join(folder, 'quorum'))
    say(`votes of ${QUORUM_VOTERS} voters on one proposal, decided by quorum after two thirds, up to the last, one call at a time: ${show(quorumBallot)} in memory`)

    const ownVotes = await measureOwn(folder)
    say(`own votes, ${UNDER_WAY} under way, with a vote lock of files: ${show(ownVotes)} as bare LevelDB writes with fsync, ${UNDER_WAY} under way as well`)

    const archive = await measureArchive(join(folder, 'archive'), votes)
    say(`a store of ${round(archive.votes)} votes in ${round(archive.proposals)} proposals, ${archive.active} of them active, was made without verifying anything: the signatures are random bytes`)
    say(`disk after compaction: ${round(archive.bytesPerVote)} bytes a vote, proposals of ${VOTES_PER_PROPOSAL} votes included`)
    say(`a new process opened it and knew the ${archive.active} active proposals and the result of another after ${archive.seconds.toFixed(2)} s, ${archive.processSeconds.toFixed(2)} s with the start of Node.js; at most ${round(archive.peakMiB)} MiB were resident. The files may have been in the system's cache`)

    return { votesOfOthers, votesOfOthersOneByOne, votesOfOthersOnOne, quorumBallot, ownVotes, archive }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function show ({ votesPerSecond, otherPerSecond, ratio, ratioOfProcessorTime }: Comparison): string {
  return `${round(votesPerSecond)} votes/s, ratio ${ratio.toFixed(2)} (by processor time of the thread ${ratioOfProcessorTime.toFixed(2)}) to ${round(otherPerSecond)}/s`
}

async function measureOthers (location: string, arrivals: Arrival[], underWay: number, passes: number, { inTurn = true } = {}): Promise<Comparison> {
  const turns = new Turns()
  const proposals = arrivals.length / VOTERS

  for (let pass = 0; pass < passes; pass++) {
    const level = await LevelStorage.open(`${location}-${pass}`)
    const services = await Promise.all([level, new MemoryStorage()].map(async storage => serviceOf(storage, proposals)))
    const [onLevel, inMemory] = services.map(service => async (index: number): Promise<void> => {
      await service.processIncomingVote(scopeOf(inTurn ? index % proposals : Math.floor(index / VOTERS)), arrivals[index].vote)
    })

    for (let from = 0; from < arrivals.length; from += TURN) {
      await turns.measure(TURN, async () => inParallel(underWay, from, from + TURN, onLevel), async () => inParallel(underWay, from, from + TURN, inMemory))
    }

    await level.close()
  }

  return turns.figures(underWay)
}

/** A service with a proposal in each of so many scopes, so that one set of votes serves all. Nothing is decided before the last vote. */
async function serviceOf (storage: ConsensusStorage, scopes: number): Promise<ConsensusService> {
  const service = new ConsensusService({ storage, scheme: ethereumScheme(), clock: () => NOW, maxSessionsPerScope: Infinity })

  for (let index = 0; index < scopes; index++) {
    await (await service.scope(scopeOf(index))).withThreshold(1).initialize()
    await service.processIncomingProposal(scopeOf(index), proposalOf(VOTERS))
  }

  return service
}

/** Of the length that a joined scope has in the core: name and digest */
function scopeOf (index: number): string {
  return `bench-${index}/${'0123456789abcdef'.repeat(4)}`
}

async function measureQuorumBallot (location: string): Promise<Comparison> {
  const level = await LevelStorage.open(location)
  const turns = new Turns()

  try {
    const ballot = await makeQuorumBallot(QUORUM_VOTERS)
    const [onLevel, inMemory] = await Promise.all([level, new MemoryStorage()].map(async storage => takingIn(storage, ballot)))

    for (let from = 0; from < QUORUM_VOTERS; from += QUORUM_TURN) {
      await turns.measure(QUORUM_TURN, async () => inParallel(1, from, from + QUORUM_TURN, onLevel), async () => inParallel(1, from, from + QUORUM_TURN, inMemory))
    }
  } finally {
    await level.close()
  }

  return turns.figures(1)
}

async function measureOwn (folder: string): Promise<Comparison> {
  const level = await LevelStorage.open(join(folder, 'own'))
  const bare = new Level<string, Uint8Array>(join(folder, 'bare'), { valueEncoding: 'view' })
  const turns = new Turns()
  const { service, signer } = await ownService(level, new FileVoteLock(join(folder, 'locks')))
  const written: Uint8Array[] = []

  try {
    await bare.open()

    for (let from = 0; from < OWN_VOTES; from += OWN_TURN) {
      await turns.measure(OWN_TURN, async () => inParallel(UNDER_WAY, from, from + OWN_TURN, async index => {
        written[index] = encodeVote(await service.castVote(scopeOf(0), index + 1, true, signer))
      }), async () => inParallel(UNDER_WAY, from, from + OWN_TURN, async index => {
        await bare.put(`vote/${encodeURIComponent(scopeOf(0))}/${index}`, written[index], { sync: true })
      }), { sameOrder: true })
    }
  } finally {
    await level.close()
    await bare.close()
  }

  return turns.figures(UNDER_WAY)
}

async function ownService (storage: ConsensusStorage, voteLock: VoteLock): Promise<{ service: ConsensusService, signer: ConsensusSigner }> {
  const key = new Uint8Array(32).fill(1)
  const service = new ConsensusService({ storage, voteLock, scheme: ethereumScheme(), clock: () => NOW, maxSessionsPerScope: Infinity })

  await Promise.all(Array.from({ length: OWN_VOTES }, async (_, index) => service.processIncomingProposal(scopeOf(0), { ...proposalOf(VOTERS), proposalId: index + 1 })))

  return { service, signer: ethereumSigner(key) }
}

interface Time {
  /** Milliseconds a vote */
  passed: number
  /** Microseconds that the thread was at work for a vote */
  worked: number
}

/** Two things in turns, either of them first in turn where it can be. A figure is the median of the turns. */
class Turns {
  private readonly first: Time[] = []
  private readonly second: Time[] = []

  async measure (count: number, first: () => Promise<void>, second: () => Promise<void>, { sameOrder = false } = {}): Promise<void> {
    const tasks = [{ task: first, times: this.first }, { task: second, times: this.second }]

    for (const { task, times } of sameOrder || this.first.length % 2 === 0 ? tasks : tasks.reverse()) {
      const begin = performance.now()
      const before = threadTime()

      await task()
      times.push({ passed: (performance.now() - begin) / count, worked: (threadTime() - before) / count })
    }
  }

  figures (underWay: number): Comparison {
    const [first, second] = [this.first, this.second].map(times => median(times.map(({ passed }) => passed)))
    const [work, otherWork] = [this.first, this.second].map(times => median(times.map(({ worked }) => worked)))

    return { underWay, votesPerSecond: 1000 / first, otherPerSecond: 1000 / second, ratio: second / first, ratioOfProcessorTime: otherWork / work }
  }
}

function threadTime (): number {
  // @types/node is of an older version than the one that scripts run on
  const { user, system } = (process as any).threadCpuUsage()

  return user + system
}
