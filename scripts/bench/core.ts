/**
 * How fast the consensus core is, and how much of that is cryptography which any implementation has to do.
 */

import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 as keccak256 } from '@noble/hashes/sha3.js'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { ConsensusService, decodeVote, gossipsubConfig, signedPayload } from '../../src/consensus/index.ts'
import { ethereumScheme } from '../../src/signers/ethereum.ts'
import { curve } from '../../src/signers/secp256k1.ts'
import { verifierPool } from '../../src/signers/verifier-pool.ts'
import { makeVotes, median, NOW, proposalOf, round } from './votes.ts'
import type { Arrival } from './votes.ts'
import type { ConsensusConfig, Proposal, SignatureScheme, Vote } from '../../src/consensus/index.ts'

const SCOPE = 'bench'

/** Votes that each figure comes from, at least */
const VOTES = 10_000

/**
 * Votes that the service and the bare cryptography take in turns, so that both have the same share of whatever else the
 * machine does. A figure is the median of the turns.
 */
const TURN = 250

/** How often all votes are taken */
const PASSES = 3

/** Nothing is decided before the last vote, so every vote is stored */
const CONFIG: ConsensusConfig = { ...gossipsubConfig(), consensusThreshold: 1 }

interface Rates {
  votesPerSecond: number
  bareVotesPerSecond: number
  /** The first divided by the second */
  ofBare: number
}

export interface CoreFigures {
  curve: string
  cores: number
  incomingVotes: Array<Rates & { voters: number }>
  growth: { withCryptography: number, withoutCryptography: number }
  workers: { threads: number, votesPerSecond: number, onOneThread: number, gain: number, gainOfService: number }
  embedded: Array<Rates & { votes: number }>
  memory: { bytesPerVote: number }
}

export async function core (say: (line: string) => void): Promise<CoreFigures> {
  const votes = await makeVotes(VOTES)

  say(`${curve.name}, ${availableParallelism()} cores, ${VOTES} votes a figure`)

  // until the compiler has seen all of it
  await measureIncomingVotes(votes, 100)

  const incomingVotes = []

  for (const voters of [10, 100, 1_000, 10_000]) {
    const figures = await measureIncomingVotes(votes, voters)

    incomingVotes.push({ voters, ...figures })
    say(`processIncomingVote, ${voters} voters: ${round(figures.votesPerSecond)} votes/s, bare cryptography ${round(figures.bareVotesPerSecond)} votes/s, ratio ${figures.ofBare.toFixed(3)}`)
  }

  const growth = {
    withCryptography: await measureGrowth(votes, ethereumScheme()),
    withoutCryptography: await measureGrowth(votes, { verify: () => true })
  }

  say(`vote 10,000 costs ${growth.withCryptography.toFixed(2)} times vote 100; without the verification ${growth.withoutCryptography.toFixed(2)} times`)

  const embedded = []

  for (const count of [10, 100, 1_000]) {
    const figures = await measureEmbedded(votes, count)

    embedded.push({ votes: count, ...figures })
    say(`processIncomingProposal with ${count} votes: ${round(figures.votesPerSecond)} votes/s, ratio ${figures.ofBare.toFixed(3)}`)
  }

  const workers = await measureWorkers(votes)

  say(`verification in ${workers.threads} threads: ${round(workers.votesPerSecond)} votes/s, on one ${round(workers.onOneThread)} votes/s, gain ${workers.gain.toFixed(2)}; whole service ${workers.gainOfService.toFixed(2)}`)

  const memory = { bytesPerVote: await measureMemory(votes) }

  say(`heap and external memory per stored vote: ${round(memory.bytesPerVote)} bytes`)

  return { curve: curve.name, cores: availableParallelism(), incomingVotes, growth, workers, embedded, memory }
}

/** Each proposal is in a scope of its own, so that one set of votes serves all */
async function open (service: ConsensusService, scope: string, voters: number): Promise<void> {
  await (await service.scope(scope)).withThreshold(CONFIG.consensusThreshold).initialize()
  await service.processIncomingProposal(scope, proposalOf(voters))
}

function makeService (scheme: SignatureScheme = ethereumScheme()): ConsensusService {
  return new ConsensusService({ scheme, clock: () => NOW, maxSessionsPerScope: Infinity })
}

async function measureIncomingVotes (arrivals: Arrival[], voters: number): Promise<Rates> {
  const times = new Times()

  for (let pass = 0; pass < PASSES; pass++) {
    const service = makeService()

    for (let index = 0; index < arrivals.length; index += voters) {
      await open(service, `${SCOPE} ${index / voters}`, voters)
    }

    await inTurns(arrivals, times, async (from, to) => {
      for (let index = from; index < to; index++) {
        await service.processIncomingVote(`${SCOPE} ${Math.floor(index / voters)}`, arrivals[index].vote)
      }
    })
  }

  return times.rates()
}

async function measureEmbedded (arrivals: Arrival[], count: number): Promise<Rates> {
  const times = new Times()

  for (let pass = 0; pass < PASSES; pass++) {
    const service = makeService()
    const proposals = new Map<number, Proposal>()

    for (let index = 0; index < arrivals.length; index += count) {
      await (await service.scope(`${SCOPE} ${index}`)).withThreshold(1).initialize()
      // the first link of a list is not checked, so any stretch of the votes is a list
      proposals.set(index, proposalOf(count, arrivals.slice(index, index + count).map(({ vote }) => vote)))
    }

    await inTurns(arrivals, times, async (from, to) => {
      for (let index = from; index < to; index += count) {
        await service.processIncomingProposal(`${SCOPE} ${index}`, proposals.get(index) as Proposal)
      }
    }, count * Math.ceil(TURN / count))
  }

  return times.rates()
}

/** Milliseconds a vote, of each turn */
class Times {
  readonly service: number[] = []
  readonly bare: number[] = []

  rates (): Rates {
    const service = median(this.service)
    const bare = median(this.bare)

    return { votesPerSecond: 1000 / service, bareVotesPerSecond: 1000 / bare, ofBare: bare / service }
  }
}

async function inTurns (arrivals: Arrival[], times: Times, task: (from: number, to: number) => Promise<void>, turn = TURN): Promise<void> {
  const inputs = arrivals.map(({ vote }) => bareInputs(vote))

  for (let from = 0; from < arrivals.length; from += turn) {
    const to = Math.min(from + turn, arrivals.length)
    const begin = performance.now()

    await task(from, to)

    const middle = performance.now()

    for (let index = from; index < to; index++) {
      bareCryptography(inputs[index])
    }

    times.service.push((middle - begin) / (to - from))
    times.bare.push((performance.now() - middle) / (to - from))
  }
}

interface BareInputs {
  hashed: Uint8Array
  message: Uint8Array
  signature: Uint8Array
  recovery: number
}

function bareInputs (vote: Vote): BareInputs {
  const payload = signedPayload(vote)

  return {
    // as long as what the vote hash is of; what is in it makes no difference
    hashed: new Uint8Array(17 + vote.voteOwner.byteLength + vote.parentHash.byteLength + vote.receivedHash.byteLength),
    message: concat([fromString(`\x19Ethereum Signed Message:\n${payload.byteLength}`), payload]),
    signature: vote.signature.subarray(0, 64),
    recovery: vote.signature[64] - 27
  }
}

/** What nobody can do without: one SHA-256, two keccak-256, one recovery */
function bareCryptography ({ hashed, message, signature, recovery }: BareInputs): void {
  sha256(hashed)
  keccak256(curve.recover(keccak256(message), signature, recovery).subarray(1))
}

/** Cost of the last of 10,000 votes divided by that of those after the hundredth, medians over 400 votes each and several proposals */
async function measureGrowth (arrivals: Arrival[], scheme: SignatureScheme): Promise<number> {
  const early: number[] = []
  const late: number[] = []

  for (let run = 0; run < 3; run++) {
    const service = makeService(scheme)
    await open(service, SCOPE, arrivals.length)

    for (const [index, { vote }] of arrivals.entries()) {
      const begin = performance.now()

      await service.processIncomingVote(SCOPE, vote)

      const time = performance.now() - begin

      if (run > 0 && index >= 100 && index < 500) {
        early.push(time)
      } else if (run > 0 && index >= arrivals.length - 400) {
        late.push(time)
      }
    }
  }

  return median(late) / median(early)
}

async function measureWorkers (arrivals: Arrival[]): Promise<CoreFigures['workers']> {
  const threads = availableParallelism()
  const one = ethereumScheme()
  const pool = verifierPool({ workers: threads })
  const tasks = arrivals.map(({ vote }) => [vote.voteOwner, signedPayload(vote), vote.signature] as const)
  const verifyAll = async (scheme: SignatureScheme): Promise<void> => {
    const verdicts = await Promise.all(tasks.map(async task => scheme.verify(...task)))

    if (!verdicts.every(Boolean)) {
      throw new Error('a vote is not valid')
    }
  }
  const serveAll = async (scheme: SignatureScheme): Promise<void> => {
    const service = makeService(scheme)

    await open(service, SCOPE, arrivals.length)
    await Promise.all(arrivals.map(async ({ vote }) => service.processIncomingVote(SCOPE, vote)))
  }

  try {
    await verifyAll(pool)

    const times = { verifyOne: [] as number[], verifyAll: [] as number[], serveOne: [] as number[], serveAll: [] as number[] }

    for (let run = 0; run < 5; run++) {
      times.verifyOne.push(await time(async () => verifyAll(one)))
      times.verifyAll.push(await time(async () => verifyAll(pool)))
      times.serveOne.push(await time(async () => serveAll(one)))
      times.serveAll.push(await time(async () => serveAll(pool)))
    }

    return {
      threads,
      votesPerSecond: 1000 * arrivals.length / median(times.verifyAll),
      onOneThread: 1000 * arrivals.length / median(times.verifyOne),
      gain: median(times.verifyOne) / median(times.verifyAll),
      gainOfService: median(times.serveOne) / median(times.serveAll)
    }
  } finally {
    await pool.close()
  }
}

/** What 10,000 stored votes leave behind */
async function measureMemory (arrivals: Arrival[]): Promise<number> {
  const service = makeService({ verify: () => true })
  await open(service, SCOPE, arrivals.length)

  const before = memoryInUse()

  for (const { encoded } of arrivals) {
    await service.processIncomingVote(SCOPE, decodeVote(encoded))
  }

  const after = memoryInUse()
  const session = await service.storage.getSession(SCOPE, 1)

  if (session?.voteCount !== arrivals.length) {
    throw new Error(`expected ${arrivals.length} stored votes, got ${session?.voteCount}`)
  }

  return (after - before) / arrivals.length
}

function memoryInUse (): number {
  setFlagsFromString('--expose-gc')

  const gc: () => void = runInNewContext('gc')

  for (let i = 0; i < 3; i++) {
    gc()
  }

  const { heapUsed, external } = process.memoryUsage()

  return heapUsed + external
}

async function time (task: () => Promise<void>): Promise<number> {
  const begin = performance.now()

  await task()

  return performance.now() - begin
}
