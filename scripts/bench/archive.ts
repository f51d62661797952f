/**
 * A store as it is after years: how large it is, and how soon a node that opens it can answer.
 */

import { execFile } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Level } from 'level'
import { computeVoteHash, ConsensusSession, encodeVote, gossipsubConfig } from '../../src/consensus/index.ts'
import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import { NOW, proposalOf } from './votes.ts'

export const DEFAULT_VOTES = 1_000_000

export const VOTES_PER_PROPOSAL = 100

/** The youngest proposals, if there are as many */
const ACTIVE = 100

/** Sessions that are stored at the same time, to share batches */
const TOGETHER = 16

const SCOPE = `bench/${'0123456789abcdef'.repeat(4)}`

export interface ArchiveFigures {
  votes: number
  proposals: number
  active: number
  bytesPerVote: number
  /** From opening to the answers */
  seconds: number
  /** With the start of the process */
  processSeconds: number
  peakMiB: number
}

/** What the process says that opens the store */
export interface Opening {
  active: number
  result?: boolean
  seconds: number
  peakMiB: number
}

export async function measureArchive (location: string, count: number): Promise<ArchiveFigures> {
  const proposals = Math.ceil(count / VOTES_PER_PROPOSAL)
  const votes = proposals * VOTES_PER_PROPOSAL
  const active = Math.min(ACTIVE, proposals - 1)

  await fill(location, proposals, active)

  const begin = performance.now()
  const program = fileURLToPath(new URL('./open-store.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, location, SCOPE, '1'])
  const processSeconds = (performance.now() - begin) / 1000
  const opening: Opening = JSON.parse(stdout)

  if (opening.active !== active || opening.result == null) {
    throw new Error(`expected ${active} active proposals and a result, got ${stdout}`)
  }

  return { votes, proposals, active, bytesPerVote: await sizeWhenCompact(location) / votes, seconds: opening.seconds, processSeconds, peakMiB: opening.peakMiB }
}

async function fill (location: string, proposals: number, active: number): Promise<void> {
  const storage = await LevelStorage.open(location)

  try {
    for (let from = 1; from <= proposals; from += TOGETHER) {
      const ids = Array.from({ length: Math.min(TOGETHER, proposals + 1 - from) }, (_, index) => from + index)

      await Promise.all(ids.map(async id => storage.saveSession(SCOPE, sessionOf(id, id > proposals - active))))
    }
  } finally {
    await storage.close()
  }
}

/** A session with votes in which all is as it would be, but the signatures and digests are random bytes, as hard to compress as real ones */
function sessionOf (proposalId: number, isActive: boolean): ConsensusSession {
  const { votes: none, round, ...proposal } = { ...proposalOf(VOTES_PER_PROPOSAL), proposalId, expirationTimestamp: NOW + BigInt(proposalId) * 3600n }
  const digest = randomFillSync(new Uint8Array(32))
  const votes: Uint8Array[] = []
  let receivedHash: Uint8Array = new Uint8Array(0)

  for (let voter = 0; voter < VOTES_PER_PROPOSAL; voter++) {
    const [id] = randomFillSync(new Uint32Array(1))
    const vote = {
      voteId: id,
      voteOwner: randomFillSync(new Uint8Array(20)),
      proposalId,
      timestamp: NOW,
      vote: voter % 3 > 0,
      parentHash: digest,
      receivedHash
    }

    receivedHash = computeVoteHash(vote)
    votes.push(encodeVote({ ...vote, voteHash: receivedHash, signature: randomFillSync(new Uint8Array(65)) }))
  }

  return ConsensusSession.fromParts({ proposal, config: gossipsubConfig(), createdAt: NOW, votes, ...isActive ? { state: 'active' } : { state: 'reached', result: true } })
}

/** Bytes of all files, once LevelDB has put its tables in order */
async function sizeWhenCompact (location: string): Promise<number> {
  const db: any = new Level(location)

  await db.open()
  await db.compactRange('', '\xff')
  await db.close()

  const sizes = await Promise.all((await readdir(location)).map(async name => (await stat(join(location, name))).size))

  return sizes.reduce((sum, size) => sum + size, 0)
}
