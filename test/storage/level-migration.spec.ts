import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Level } from 'level'
import { gossipsubConfig } from '../../src/consensus/config.ts'
import { ConsensusSession } from '../../src/consensus/session.ts'
import { dayOf } from '../../src/consensus/storage.ts'
import { buildVote } from '../../src/consensus/vote.ts'
import { Database } from '../../src/storage/database.ts'
import { LevelStorage } from '../../src/storage/level.ts'
import { SEAL_FILE } from '../../src/storage/seal.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import { form1, form1Record, writeForm1 } from './fixtures/form-1.ts'

const NOW = 1_700_000_000n
const SCOPE = 'council'

/** Every state, and more sessions than are brought to another form in one batch */
function sessions (count = 200): ConsensusSession[] {
  return Array.from({ length: count }, (_, index) => {
    const votes = index % 5
    let session = ConsensusSession.create({
      name: `Proposal ${index}`,
      payload: new Uint8Array(3),
      proposalId: 1000 - index,
      proposalOwner: new Uint8Array(20),
      votes: [],
      expectedVotersCount: index % 3 === 0 ? 3 : 10,
      round: 1,
      timestamp: NOW,
      expirationTimestamp: NOW + BigInt(index % 4) * 86_400n + 60n,
      livenessCriteriaYes: index % 2 === 0
    }, gossipsubConfig(), NOW)

    for (let voter = 0; voter < votes && session.state === 'active'; voter++) {
      const vote = buildVote({ proposalId: 1000 - index, owner: new Uint8Array(20).fill(voter), choice: (index + voter) % 3 > 0, timestamp: NOW, votes: [] })

      session = session.addVote({ ...vote, signature: new Uint8Array(65).fill(voter) }, NOW).session
    }

    if (index % 11 === 10) {
      return ConsensusSession.fromParts({ ...session, state: 'failed', result: undefined, votes: session.encodedVotes() })
    }

    return index % 7 === 0 ? session.timeOut().session : session
  })
}

function show (session: ConsensusSession): unknown {
  const { proposal, config, createdAt, state, result, tally } = session

  return { proposal, config, createdAt, state, result, tally, votes: session.encodedVotes() }
}

function isForm (version: number): (record?: Uint8Array) => boolean {
  return record => record?.[1] === version
}

describe('A LevelDB store of form 1', () => {
  const folder = useTempFolder()

  async function use <T> (task: (storage: LevelStorage) => Promise<T>): Promise<T> {
    const storage = await LevelStorage.open(folder.path)

    try {
      return await task(storage)
    } finally {
      await storage.close()
    }
  }

  async function records (): Promise<Map<string, Uint8Array>> {
    const db = new Level<string, Uint8Array>(folder.path, { valueEncoding: 'view' })
    const all = await db.iterator().all()

    await db.close()
    await rm(join(folder.path, SEAL_FILE), { force: true })

    return new Map(all)
  }

  async function expectAll (saved: ConsensusSession[]): Promise<void> {
    await use(async storage => {
      expect((await storage.listScopeSessions(SCOPE))?.map(show)).to.deep.equal(saved.map(show))

      const active: number[] = []
      const listed: number[] = []
      const tallies: unknown[] = []

      for await (const { proposal } of storage.streamActiveSessions(SCOPE)) {
        active.push(proposal.proposalId)
      }

      for (const day of await storage.listDays(SCOPE)) {
        for await (const { proposal } of storage.streamDay(SCOPE, day)) {
          expect(dayOf(proposal)).to.equal(day)
          listed.push(proposal.proposalId)
        }
      }

      for await (const { tally } of storage.streamSummaries(SCOPE)) {
        tallies.push(tally)
      }

      expect(active).to.deep.equal(saved.filter(({ state }) => state === 'active').map(({ proposal }) => proposal.proposalId))
      expect(listed).to.have.members(saved.map(({ proposal }) => proposal.proposalId))
      expect(tallies).to.deep.equal(saved.map(({ tally }) => tally))
    })
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
    expect([...(await records()).keys()].filter(key => key.startsWith('session/'))).to.be.empty()
  }

  it('is what the version wrote that had it', async () => {
    const { hex, votes } = JSON.parse(await readFile('test/storage/fixtures/form-1.json', 'utf8'))
    const [first, second] = sessions(2).map(session => session.proposal)
    const written = form1(SCOPE, [
      ConsensusSession.fromParts({ proposal: first, config: gossipsubConfig(), createdAt: NOW, state: 'reached', result: false, votes: votes.map((vote: string) => Buffer.from(vote, 'hex')) }),
      ConsensusSession.fromParts({ proposal: second, config: gossipsubConfig(), createdAt: NOW, state: 'active', votes: [] })
    ])

    expect(Object.fromEntries([...written].map(([key, value]) => [key, Buffer.from(value).toString('hex')]))).to.deep.equal(hex)
  })

  it('is brought to the present form when it is opened, with all it has', async () => {
    const saved = sessions()

    expect(new Set(saved.map(({ state, result }) => `${state} ${result}`))).to.have.lengthOf(4)
    await writeForm1(folder.path, form1(SCOPE, saved))
    await expectAll(saved)
    expect((await records()).get('schema')?.subarray(0, 2)).to.satisfy(isForm(3))
    // nothing is left to do
    const before = await records()
    await use(async () => {})
    expect(await records()).to.deep.equal(before)
  })

  it('goes on where it was cut off, wherever that was', async () => {
    const saved = sessions()
    const write = Database.prototype.write

    await writeForm1(folder.path, form1(SCOPE, saved))

    for (let cutOff = 0; ; cutOff++) {
      let writes = 0

      // a batch a time, then it ends
      Database.prototype.write = async function (...args) {
        if (writes++ === 1) {
          throw new Error('cut off')
        }

        return write.apply(this, args)
      }

      try {
        await use(async () => {})
        expect(cutOff).to.equal(5)
        break
      } catch (err: any) {
        expect(err.message).to.equal('cut off')
        expect((await records()).get('schema')).to.satisfy(isForm(cutOff < 4 ? 1 : 2))
      } finally {
        Database.prototype.write = write
      }
    }

    await expectAll(saved)
  })

  it('keeps what is damaged, as damaged, and gives the rest', async () => {
    const saved = sessions(20)
    const all = form1(SCOPE, saved)
    const keyOf = (index: number): string => `session/${SCOPE}/${(1000 - index).toString(16).padStart(8, '0')}`
    const decided = saved.findIndex(({ state, voteCount }) => state === 'reached' && voteCount > 1)
    const ids = [1000 - 5, 1000 - 10, 1000 - decided]

    // without votes, not to be decoded, and one vote short
    all.get(keyOf(5))?.fill(1, 0, 1)
    all.set(keyOf(10), form1Record(keyOf(10), Uint8Array.of(255)))
    all.delete(`${keyOf(decided).replace('session', 'vote')}/00000000`)
    await writeForm1(folder.path, all)

    await use(async storage => {
      for (const [index, session] of saved.entries()) {
        if (ids.includes(1000 - index)) {
          await expect(storage.getSession(SCOPE, 1000 - index)).to.eventually.be.rejected().with.property('name', 'StorageDamagedError')
        } else {
          expect(show(await storage.getSession(SCOPE, 1000 - index) as ConsensusSession)).to.deep.equal(show(session))
        }
      }
    })
    const found = await LevelStorage.check(folder.path)
    expect(new Set(found.map(({ proposalId }) => proposalId))).to.deep.equal(new Set(ids))
    expect(new Set(found.filter(({ kind }) => kind === 'session').map(({ proposalId }) => proposalId))).to.deep.equal(new Set(ids))
  })

  it('is not changed by a check, which says what to do', async () => {
    await writeForm1(folder.path, form1(SCOPE, sessions(3)))
    const before = await records()

    await expect(LevelStorage.check(folder.path)).to.eventually.be.rejectedWith(/has form 1, this version works with form 3. Open it once/)
      .with.property('name', 'StorageFormatError')
    expect(await records()).to.deep.equal(before)
  })
})
