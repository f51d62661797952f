import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Level } from 'level'
import { gossipsubConfig } from '../../../src/consensus/policy/config.ts'
import { defaultScopeConfig } from '../../../src/consensus/policy/scope-config.ts'
import { ConsensusSession } from '../../../src/consensus/session/session.ts'
import { sessionVoteSetHash } from '../../../src/consensus/vote/vote-set.ts'
import { buildVote, encodeVote } from '../../../src/consensus/vote/vote.ts'
import { MANIFEST_FILE } from '../../../src/storage/integrity/manifest.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { countReads } from '../../utils/level-reads.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { ProposalHead } from '../../../src/consensus/session/session.ts'
import type { Write } from '../../../src/storage/level/write-queue.ts'

const NOW = 1_700_000_000n
const SCOPE = 'council'
const DAY = 19_675

/** A session with yes votes, which lies so many days after the first */
function session (proposalId: number, votes: number, state: 'active' | 'reached' | 'failed', days = 0n): ConsensusSession {
  const proposal: ProposalHead = {
    name: 'Go?',
    payload: new Uint8Array(3),
    proposalId,
    proposalOwner: new Uint8Array(20),
    expectedVotersCount: 10_000,
    timestamp: NOW,
    expirationTimestamp: NOW + days * 86_400n + 60n,
    livenessCriteriaYes: true
  }

  return ConsensusSession.fromParts({
    proposal,
    config: gossipsubConfig(),
    createdAt: NOW,
    state,
    ...state === 'reached' ? { result: true } : {},
    votes: Array.from({ length: votes }, (_, voter) => encodedVote(proposalId, voter))
  })
}

function encodedVote (proposalId: number, voter: number): Uint8Array {
  const owner = new Uint8Array(20)

  new DataView(owner.buffer).setUint32(0, voter)

  return encodeVote({ ...buildVote({ proposalId, owner, choice: true, timestamp: NOW, votes: [] }), signature: new Uint8Array(65) })
}

async function ids (stream: AsyncIterable<{ proposal: ProposalHead }>): Promise<number[]> {
  const ids: number[] = []

  for await (const { proposal } of stream) {
    ids.push(proposal.proposalId)
  }

  return ids
}

/** The tables that a batch puts records in */
function tablesOf (batch: Write[]): string[] {
  return batch.filter(({ type }) => type === 'put').map(({ key }) => key.split('/')[0])
}

describe('An archive in LevelDB', () => {
  const folder = useTempFolder()
  let storage: LevelStorage

  /** Runs a task on a store that was just opened, and counts the records that are read for it, opening included */
  async function reads (task: () => Promise<void>): Promise<Record<string, number>> {
    await storage.close()

    return countReads(async () => {
      storage = await LevelStorage.open(folder.path)
      await task()
    })
  }

  beforeEach(async () => {
    storage = await LevelStorage.open(folder.path)
  })

  afterEach(async () => {
    await storage.close()
  })

  describe('of many sessions and few that are asked for', () => {
    beforeEach(async () => {
      for (const scope of [SCOPE, 'council2', 'senate']) {
        for (let index = 0; index < 60; index++) {
          await storage.saveSession(scope, session(index, 5, index % 2 === 0 ? 'reached' : 'failed', BigInt(index % 6)))
        }

        await storage.saveSession(scope, session(100, 4, 'active'))
        await storage.saveSession(scope, session(101, 0, 'active'))
      }
    })

    it('is opened with the record of its form alone', async () => {
      expect(await reads(async () => {})).to.deep.equal({ schema: 1 })
    })

    it('gives the active sessions without reading the others', async () => {
      const expected = { schema: 1, proposal: 2, outcome: 2, vote: 4 }

      expect(await reads(async () => { expect(await ids(storage.streamActiveSessions(SCOPE))).to.deep.equal([100, 101]) })).to.deep.include(expected)
      expect(await reads(async () => { expect(await ids(storage.streamSummaries(SCOPE, { state: 'active' }))).to.deep.equal([100, 101]) })).to.include({ schema: 1, vote: 4 }).and.to.not.have.property('order')
      expect(await reads(async () => { expect(await ids(storage.streamSummaries(SCOPE, { state: 'active', after: 100 }))).to.deep.equal([101]) })).to.not.have.property('vote')
    })

    it('reads of active sessions that are in use nothing but where they are', async () => {
      await ids(storage.streamActiveSessions(SCOPE))

      expect(await countReads(async () => { await ids(storage.streamSummaries(SCOPE, { state: 'active' })) })).to.have.all.keys(['active'])
      expect(await countReads(async () => { await storage.getSession(SCOPE, 100) })).to.deep.equal({})
    })

    it('gives one session without reading the others', async () => {
      expect(await reads(async () => { expect((await storage.getSession(SCOPE, 7))?.voteCount).to.equal(5) })).to.deep.equal({ schema: 1, proposal: 1, outcome: 1, vote: 5 })
    })

    it('gives summaries of a scope without any vote of ended sessions or another scope', async () => {
      const counts = await reads(async () => { expect(await ids(storage.streamSummaries(SCOPE))).to.have.lengthOf(62) })

      expect(counts.vote).to.equal(4)
      // those that are active and not in use yet are found out one by one
      expect(counts.outcome).to.be.at.most(66)
      expect(counts.proposal).to.be.at.most(66)
    })

    it('gives summaries after a session without reading those before', async () => {
      const all = await ids(storage.streamSummaries(SCOPE))
      const counts = await reads(async () => { expect(await ids(storage.streamSummaries(SCOPE, { after: all[57] }))).to.deep.equal(all.slice(58)) })

      // two that have ended, two that are active, and the one they come after
      expect(counts.order).to.be.at.most(6)
      expect(counts.proposal).to.be.at.most(9)
    })

    it('gives ended sessions in one state by their outcomes', async () => {
      const counts = await reads(async () => { expect(await ids(storage.streamSummaries(SCOPE, { state: 'failed' }))).to.have.lengthOf(30) })

      expect(counts).to.not.have.property('vote')
      // 30 that are asked for and 2 that have no outcome
      expect(counts.proposal).to.equal(32)
    })

    it('gives days without reading their sessions, and a day without reading those of others', async () => {
      const days = Array.from({ length: 6 }, (_, index) => DAY + index)

      expect(await reads(async () => { expect(await storage.listDays(SCOPE)).to.deep.equal(days) })).to.deep.equal({ schema: 1, day: 6 })

      const first = await reads(async () => { expect(await ids(storage.streamDay(SCOPE, DAY + 3))).to.have.lengthOf(10) })
      expect(first).to.include({ proposal: 10, outcome: 10, vote: 50, day: 10 })
      // the hashes are known by now
      const second = await reads(async () => { expect(await ids(storage.streamDay(SCOPE, DAY + 3))).to.have.lengthOf(10) })
      expect(second).to.include({ proposal: 10, outcome: 10, day: 10 }).and.to.not.have.property('vote')
    })
  })

  it('writes one record for a vote on an active session, and two for one that has ended', async () => {
    const writes: Write[][] = []
    const { queue } = (storage as any).db
    const write = queue.write.bind(queue)

    await storage.saveSession(SCOPE, session(1, 3, 'active'))
    await storage.saveSession(SCOPE, session(2, 3, 'failed'))
    queue.write = async (batch: Write[], durable: boolean) => {
      writes.push(batch)
      await write(batch, durable)
    }

    expect(await countReads(async () => { await storage.appendVote(SCOPE, session(1, 4, 'active')) })).to.deep.equal({})
    await storage.appendVote(SCOPE, session(2, 4, 'failed'))
    expect(writes.map(tablesOf)).to.deep.equal([['vote'], ['vote', 'outcome']])
  })

  it('has no outcome of a session that a vote has made active again', async () => {
    await storage.saveSession(SCOPE, session(1, 3, 'failed'))
    await storage.appendVote(SCOPE, session(1, 4, 'active'))
    await storage.close()

    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
    storage = await LevelStorage.open(folder.path)
    expect(await ids(storage.streamSummaries(SCOPE, { state: 'active' }))).to.deep.equal([1])
  })

  it('gives hashes also where they cannot be stored', async () => {
    const saved = session(1, 3, 'failed')

    await storage.saveSession(SCOPE, saved)
    const { queue } = (storage as any).db
    const { write } = queue
    queue.write = async () => { throw new Error('No space left on device') }

    for await (const { voteSetHash } of storage.streamDay(SCOPE, DAY)) {
      expect(voteSetHash).to.deep.equal(sessionVoteSetHash(saved))
    }

    queue.write = write
  })

  it('prunes many votes in batches, and one that was cut off anywhere leaves a store that reads right', async () => {
    const saved = session(1, 2500, 'reached')
    const { queue } = (storage as any).db
    const write = queue.write.bind(queue)
    let left = Infinity
    const batches: number[] = []
    const cut = async (batch: Write[], durable: boolean): Promise<void> => {
      if (left-- <= 0) {
        throw new Error('cut off')
      }

      batches.push(batch.length)
      await write(batch, durable)
    }

    for (const cutOff of [0, 1, 2, 3]) {
      await storage.saveSession(SCOPE, saved)
      left = cutOff
      queue.write = cut
      await expect(storage.pruneVotes(SCOPE, 1)).to.eventually.be.rejected().with.property('name', 'StorageWriteError')
      queue.write = write

      const found = await storage.getSession(SCOPE, 1)
      expect(found).to.deep.include({ state: 'reached', result: true, tally: { yes: 2500, no: 0 } })
      expect(sessionVoteSetHash(found as ConsensusSession)).to.deep.equal(sessionVoteSetHash(saved))
      expect(found?.voteCount).to.equal(cutOff === 0 ? 2500 : 0)
    }

    await storage.close()
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
    storage = await LevelStorage.open(folder.path)

    // what is left is removed by the next call
    await storage.pruneVotes(SCOPE, 1)
    await storage.close()
    const db = new Level(folder.path)
    expect((await db.keys().all()).filter(key => key.startsWith('vote/'))).to.deep.equal([])
    await db.close()
    await rm(join(folder.path, MANIFEST_FILE), { force: true })
    expect(Math.max(...batches)).to.equal(1000)
    storage = await LevelStorage.open(folder.path)
  })

  it('takes up nothing of what pruning has left', async () => {
    await storage.saveSession(SCOPE, session(1, 3, 'reached'))
    await storage.pruneVotes(SCOPE, 1)
    await storage.close()

    const db = new Level<string, Uint8Array>(folder.path, { valueEncoding: 'view' })
    await db.put('vote/council/00000001/00000001', Uint8Array.of(1))
    await db.close()
    await rm(join(folder.path, MANIFEST_FILE), { force: true })

    storage = await LevelStorage.open(folder.path)
    expect((await storage.getSession(SCOPE, 1))?.voteCount).to.equal(0)
    await storage.saveSession(SCOPE, session(1, 1, 'active'))
    await storage.appendVote(SCOPE, session(1, 2, 'active'))
    expect((await storage.getSession(SCOPE, 1))?.voteCount).to.equal(2)
  })

  it('keeps that a result is contradicted, that there is a conflict, and the policy digest', async () => {
    const contradicted = Object.assign(session(1, 3, 'reached'), { contradicted: true, config: { ...gossipsubConfig(), policyDigest: new Uint8Array(32).fill(3) } })
    const conflict = Object.assign(session(2, 3, 'failed'), { state: 'conflict' })

    await storage.saveSession(SCOPE, contradicted)
    await storage.saveSession(SCOPE, conflict)

    const found: any[] = []

    for await (const summary of storage.streamSummaries(SCOPE)) {
      found.push(summary)
    }

    expect(found[0]).to.deep.include({ state: 'reached', result: true, contradicted: true })
    expect(found[0].config).to.deep.equal(contradicted.config)
    expect(found[1]).to.include({ state: 'conflict' }).and.to.not.have.any.keys(['contradicted'])

    await storage.setScopeConfig(SCOPE, { ...defaultScopeConfig(), policyDigest: new Uint8Array(32) })
    expect(await storage.getScopeConfig(SCOPE)).to.deep.include({ policyDigest: new Uint8Array(32) })
  })
})
