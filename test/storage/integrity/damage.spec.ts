import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Level } from 'level'
import { gossipsubConfig } from '../../../src/consensus/policy/config.ts'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { defaultScopeConfig } from '../../../src/consensus/policy/scope-config.ts'
import { ConsensusSession } from '../../../src/consensus/session/session.ts'
import { buildVote } from '../../../src/consensus/vote/vote.ts'
import { withChecksum } from '../../../src/storage/integrity/checksum.ts'
import { MANIFEST_FILE } from '../../../src/storage/integrity/manifest.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { encodeOutcome } from '../../../src/storage/level/records.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { SummaryQuery } from '../../../src/consensus/storage/interface.ts'

const NOW = 1_700_000_000n
const SCOPE = 'council/1'
const PATH = encodeURIComponent(SCOPE)
const SCHEMA = 'schema'
const PROPOSAL = `proposal/${PATH}/00000007`
const VOTE = `vote/${PATH}/00000007/00000001`
const POLICY = parsePolicy({ name: 'council', voters: ['0x00000000000000000000000000000000000000aa'] })

function owner (voter: number): Uint8Array {
  return new Uint8Array(20).fill(voter)
}

function session (proposalId: number, votes: number, expectedVotersCount = 10): ConsensusSession {
  let session = ConsensusSession.create({
    name: 'Go?',
    payload: new Uint8Array(3),
    proposalId,
    proposalOwner: owner(0),
    votes: [],
    expectedVotersCount,
    round: 1,
    timestamp: NOW,
    expirationTimestamp: NOW + 60n,
    livenessCriteriaYes: true
  }, gossipsubConfig(), NOW)

  for (let voter = 0; voter < votes; voter++) {
    session = withVote(session, voter)
  }

  return session
}

function withVote (session: ConsensusSession, voter: number): ConsensusSession {
  const { proposalId } = session.proposal
  const vote = buildVote({ proposalId, owner: owner(voter), choice: true, timestamp: NOW, votes: [] })

  return session.addVote({ ...vote, signature: new Uint8Array(65).fill(voter) }, NOW).session
}

async function activeIds (storage: LevelStorage): Promise<number[]> {
  const ids: number[] = []

  for await (const { proposal } of storage.streamActiveSessions(SCOPE)) {
    ids.push(proposal.proposalId)
  }

  return ids
}

async function dayIds (storage: LevelStorage): Promise<number[]> {
  const ids: number[] = []

  for (const day of await storage.listDays(SCOPE)) {
    for await (const { proposal } of storage.streamDay(SCOPE, day)) {
      ids.push(proposal.proposalId)
    }
  }

  return ids
}

async function summaryIds (storage: LevelStorage, query: SummaryQuery = {}): Promise<number[]> {
  const ids: number[] = []

  for await (const { proposal } of storage.streamSummaries(SCOPE, query)) {
    ids.push(proposal.proposalId)
  }

  return ids
}

describe('A damaged LevelDB store', () => {
  const folder = useTempFolder()

  /** Changes records as they are on disk, past the storage */
  async function raw <T> (change: (db: Level<string, Uint8Array>) => Promise<T>): Promise<T> {
    const db = new Level<string, Uint8Array>(folder.path, { valueEncoding: 'view' })

    try {
      return await change(db)
    } finally {
      await db.close()
      // these are faults that happen while LevelDB has the files
      await rm(join(folder.path, MANIFEST_FILE), { force: true })
    }
  }

  async function record (db: Level<string, Uint8Array>, key: string): Promise<Uint8Array> {
    const value = await db.get(key)

    if (value == null) {
      throw new Error(`there is no record ${key}`)
    }

    return new Uint8Array(value)
  }

  async function use <T> (task: (storage: LevelStorage) => Promise<T>): Promise<T> {
    const storage = await LevelStorage.open(folder.path)

    try {
      return await task(storage)
    } finally {
      await storage.close()
    }
  }

  /** Proposal 7 with 3 votes and active, proposal 8 decided by 2, proposal 9 active without votes */
  async function fill (): Promise<void> {
    await use(async storage => {
      await storage.saveSession(SCOPE, session(7, 2))
      await storage.saveSession(SCOPE, session(8, 2, 2))
      await storage.saveSession(SCOPE, session(9, 0))
      await storage.appendVote(SCOPE, withVote(await storage.getSession(SCOPE, 7) as ConsensusSession, 2))
      await storage.setScopeConfig(SCOPE, defaultScopeConfig())
      await storage.acquire(SCOPE, session(9, 0).proposal, buildVote({ proposalId: 9, owner: owner(1), choice: true, timestamp: NOW, votes: [] }))
    })
  }

  async function everything (): Promise<string> {
    return raw(async db => JSON.stringify(await db.iterator().all()))
  }

  describe('of another form', () => {
    it('is refused if it is newer, and stays as it was', async () => {
      await fill()
      await raw(async db => db.put(SCHEMA, withChecksum(SCHEMA, Uint8Array.of(8, 6))))
      const before = await everything()

      await expect(LevelStorage.open(folder.path)).to.eventually.be.rejectedWith(/has form 6, this version reads forms up to 5. Use the version .* or a newer one/)
        .with.property('name', 'StorageFormatError')
      expect(await everything()).to.equal(before)
    })

    it('is refused if it is not ours, and stays as it was', async () => {
      await raw(async db => db.put('their key', Uint8Array.of(1)))
      const before = await everything()

      for (const open of [LevelStorage.open, LevelStorage.check]) {
        await expect(open(folder.path)).to.eventually.be.rejectedWith(/begins with the key "their key" and has no record that says it is a store of libp2p-voting/)
          .with.property('name', 'StorageFormatError')
      }

      expect(await everything()).to.equal(before)
    })

    it('is refused if the form cannot be read', async () => {
      await fill()
      await raw(async db => db.put(SCHEMA, Uint8Array.of(8, 1)))

      await expect(LevelStorage.open(folder.path)).to.eventually.be.rejected().with.property('name', 'StorageDamagedError')
      expect((await LevelStorage.check(folder.path)).map(({ kind }) => kind)).to.include('schema')
    })

    it('is refused if it is empty, since it may have lost all it had', async () => {
      await raw(async () => {})
      await expect(LevelStorage.open(folder.path)).to.eventually.be.rejectedWith(/is empty and has no record .* if nothing was ever stored there, remove it/)
        .with.property('name', 'StorageFormatError')
    })

    it('is refused, not made anew, if LevelDB does not know it by its files any more', async () => {
      await fill()
      await rm(join(folder.path, 'CURRENT'))
      const before = await readdir(folder.path)

      await expect(LevelStorage.open(folder.path)).to.eventually.be.rejectedWith(/the file CURRENT is missing/).with.property('name', 'StorageDamagedError')
      await rm(join(folder.path, MANIFEST_FILE))
      await expect(LevelStorage.open(folder.path)).to.eventually.be.rejected().with.property('name', 'StorageOpenError')
      expect((await readdir(folder.path)).filter(name => /^(CURRENT|MANIFEST)/.test(name))).to.deep.equal(before.filter(name => name.startsWith('MANIFEST')))
    })

    it('cannot be checked if it is not there', async () => {
      await expect(LevelStorage.check(join(folder.path, 'none'))).to.eventually.be.rejected().with.property('name', 'StorageOpenError')
    })
  })

  it('is checked without a word if it is whole', async () => {
    await fill()
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
  })

  it('names the record in the error, and what to do', async () => {
    await fill()
    await raw(async db => db.del(VOTE))

    await use(async storage => {
      const err: any = await storage.getSession(SCOPE, 7).catch(err => err)

      expect(err).to.include({ name: 'StorageDamagedError', kind: 'vote', scope: SCOPE, proposalId: 7, problem: 'at position 1 is missing' })
      expect(err.message).to.include(folder.path).and.to.include('LevelStorage.check').and.to.include('backup')
      expect(err.message).to.include('vote record of proposal 7 in scope "council/1" at position 1 is missing')
    })
  })

  it('gives no answer from a record with a byte flipped, cut off or added, or from another key', async () => {
    await fill()

    for (const key of (await raw(async db => db.keys().all())).filter(key => key !== SCHEMA)) {
      const table = key.slice(0, key.indexOf('/'))
      const whole = await raw(async db => record(db, key))
      const others = await raw(async db => db.iterator({ gt: table, lt: `${table}/\xff` }).all())
      const damages = [
        ...Array.from(whole, (byte, index) => whole.with(index, byte ^ (1 << index % 8))),
        whole.subarray(0, -1),
        whole.subarray(1),
        new Uint8Array(0),
        Uint8Array.of(...whole, 0),
        ...others.filter(([other]) => other !== key).map(([, value]) => new Uint8Array(value))
      ]

      // one byte of each kind of place is enough where opening takes its time
      for (const damage of damages.filter((_, index) => index % 24 === 0 || index >= whole.byteLength)) {
        await raw(async db => db.put(key, damage))

        const found = await LevelStorage.check(folder.path)
        expect(found.map(({ kind }) => kind), `${key} ${damage}`).to.include(table)

        await use(async storage => {
          const results = await Promise.allSettled([
            storage.listScopes(),
            storage.listScopeSessions(SCOPE),
            activeIds(storage),
            dayIds(storage),
            storage.getScopeConfig(SCOPE),
            storage.find(SCOPE, session(9, 0).proposal, owner(1)),
            storage.counter(owner(1))
          ])
          const errors = results.filter(result => result.status === 'rejected').map(({ reason }) => reason.name)

          expect(errors, `${key} ${damage}`).to.have.length.above(0)
          expect(new Set(errors)).to.deep.equal(new Set(['StorageDamagedError']))
        })
      }

      await raw(async db => db.put(key, whole))
    }

    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
  })

  it('still answers from what is whole, and stores new things', async () => {
    await fill()
    await raw(async db => db.put(VOTE, Uint8Array.of(1)))

    await use(async storage => {
      expect((await storage.getSession(SCOPE, 8))?.result).to.equal(true)
      await storage.saveSession(SCOPE, session(10, 1))
      expect((await storage.getSession(SCOPE, 10))?.voteCount).to.equal(1)
      await expect(storage.listScopeSessions(SCOPE)).to.eventually.be.rejected().with.property('proposalId', 7)
      // lists read no votes
      expect(await summaryIds(storage, { state: 'reached' })).to.deep.equal([8])
    })
  })

  it('is not voted from where a lock is damaged', async () => {
    await fill()
    await raw(async db => db.put(`lock/${PATH}/00000009/${'01'.repeat(20)}`, Uint8Array.of(1)))

    await use(async storage => {
      const no = buildVote({ proposalId: 9, owner: owner(1), choice: false, timestamp: NOW, votes: [] })

      await expect(storage.acquire(SCOPE, session(9, 0).proposal, no)).to.eventually.be.rejected().with.property('name', 'StorageDamagedError')
    })
  })

  it('gives no policies if one is damaged', async () => {
    await use(async storage => storage.savePolicy(POLICY))
    await raw(async db => db.put('policy/council', Uint8Array.of(1)))
    await use(async storage => {
      await expect(storage.listPolicies()).to.eventually.be.rejected().with.property('name', 'StorageDamagedError')
    })
  })

  const losses: Record<string, { keys: string[], kind: string, problem: RegExp, read (storage: LevelStorage): Promise<unknown> }> = {
    'the first vote': { keys: [`vote/${PATH}/00000007/00000000`], kind: 'vote', problem: /at position 0 is missing/, read: async storage => storage.getSession(SCOPE, 7) },
    'a last vote that was there when the session was stored': { keys: [VOTE, `vote/${PATH}/00000007/00000002`], kind: 'vote', problem: /is there 1 times, where 2 votes were stored/, read: async storage => storage.getSession(SCOPE, 7) },
    'the vote that decided': { keys: [`vote/${PATH}/00000008/00000001`], kind: 'vote', problem: /is there 1 times, where 2 votes were stored/, read: async storage => storage.getSession(SCOPE, 8) },
    'a proposal with votes': { keys: [PROPOSAL], kind: 'proposal', problem: /is missing, though there are votes/, read: async storage => storage.getSession(SCOPE, 7) },
    'a proposal with an outcome': { keys: [`proposal/${PATH}/00000008`], kind: 'proposal', problem: /is missing, though there is an outcome/, read: async storage => storage.getSession(SCOPE, 8) },
    'a proposal with votes, and all that lists it': { keys: [PROPOSAL, `order/${PATH}/0000000000000001`, `active/${PATH}/0000000000000001`, `day/${PATH}/000000004cdb/00000007`], kind: 'proposal', problem: /is missing, though there are votes/, read: async storage => storage.getSession(SCOPE, 7) },
    'a proposal without votes': { keys: [`proposal/${PATH}/00000009`], kind: 'proposal', problem: /is missing, though it is in the table order/, read: async storage => storage.listScopeSessions(SCOPE) },
    'an active proposal': { keys: [`proposal/${PATH}/00000009`], kind: 'proposal', problem: /is missing, though it is in the table active/, read: activeIds },
    'a proposal of a day': { keys: [`proposal/${PATH}/00000009`], kind: 'proposal', problem: /is missing, though it is in the table day/, read: dayIds },
    'an outcome': { keys: [`outcome/${PATH}/00000008`], kind: 'proposal', problem: /has no outcome and is not in the table active/, read: async storage => storage.getSession(SCOPE, 8) },
    'an outcome, which a list would show': { keys: [`outcome/${PATH}/00000008`], kind: 'proposal', problem: /has no outcome and is not in the table active/, read: async storage => summaryIds(storage, { state: 'failed' }) }
  }

  for (const [what, { keys, kind, problem, read }] of Object.entries(losses)) {
    it(`shows the loss of ${what}`, async () => {
      await fill()
      await raw(async db => db.batch(keys.map(key => ({ type: 'del', key }))))

      await use(async storage => {
        const err: any = await read(storage).catch(err => err)

        expect(err).to.include({ name: 'StorageDamagedError', kind })
        expect(err.problem).to.match(problem)
      })
      const found = await LevelStorage.check(folder.path)
      expect(found.filter(record => record.kind === kind && problem.test(record.problem)), JSON.stringify(found)).to.not.be.empty()
    })
  }

  for (const [key, problem] of [
    [`order/${PATH}/0000000000000001`, 'is not at its place in the table order'],
    [`active/${PATH}/0000000000000001`, 'has no outcome and is not in the table active'],
    [`day/${PATH}/000000004cdb/00000007`, 'is not in the table day']
  ]) {
    it(`has a proposal reported that ${problem}`, async () => {
      await fill()
      await raw(async db => db.del(key))

      expect(await LevelStorage.check(folder.path)).to.deep.equal([{ kind: 'proposal', scope: SCOPE, proposalId: 7, problem }])
    })
  }

  it('has a proposal reported that is listed at a day that is not its own', async () => {
    await fill()
    const key = `day/${PATH}/000000004cdc/00000007`
    await raw(async db => db.put(key, withChecksum(key, Uint8Array.of(0x37))))

    expect(await LevelStorage.check(folder.path)).to.deep.equal([{ kind: 'day', scope: SCOPE, proposalId: 7, problem: 'is not where the proposal says' }])
  })

  it('has an outcome reported that the votes contradict, and gives no answer from it', async () => {
    await fill()
    const key = `outcome/${PATH}/00000008`
    const outcome = (values: object): Uint8Array => withChecksum(key, encodeOutcome({ parts: { state: 'reached', result: true }, tally: { yes: 2, no: 0 }, voteCount: 2, pruned: false, evidence: 0, ...values }))

    await raw(async db => db.put(key, outcome({ tally: { yes: 1, no: 1 } })))
    const problem = 'says 1 yes and 1 no, where the votes are 2 yes and 0 no'
    expect(await LevelStorage.check(folder.path)).to.deep.equal([{ kind: 'outcome', scope: SCOPE, proposalId: 8, problem }])
    await use(async storage => {
      await expect(storage.getSession(SCOPE, 8)).to.eventually.be.rejected().with.property('problem', problem)
    })

    await raw(async db => db.put(key, outcome({ voteSetHash: new Uint8Array(32) })))
    expect(await LevelStorage.check(folder.path)).to.deep.equal([{ kind: 'outcome', scope: SCOPE, proposalId: 8, problem: 'has a hash of votes that does not fit' }])

    await raw(async db => db.put(key, outcome({ pruned: true })))
    await use(async storage => {
      await expect(storage.getSession(SCOPE, 8)).to.eventually.be.rejected().with.property('problem', 'lacks the hash of the votes that were pruned')
    })
  })

  it('has votes reported whose proposal is lost with all that lists it', async () => {
    await fill()
    await raw(async db => db.batch([PROPOSAL, `order/${PATH}/0000000000000001`, `active/${PATH}/0000000000000001`, `day/${PATH}/000000004cdb/00000007`].map(key => ({ type: 'del', key }))))

    expect(await LevelStorage.check(folder.path)).to.deep.equal([{ kind: 'proposal', scope: SCOPE, proposalId: 7, problem: 'is missing, though there are votes' }])
  })

  it('has an outcome reported whose proposal is lost with all that lists it, and its votes', async () => {
    await fill()
    await raw(async db => db.batch([`proposal/${PATH}/00000008`, `order/${PATH}/0000000000000002`, `day/${PATH}/000000004cdb/00000008`, `vote/${PATH}/00000008/00000000`, `vote/${PATH}/00000008/00000001`].map(key => ({ type: 'del', key }))))

    expect(await LevelStorage.check(folder.path)).to.deep.equal([{ kind: 'proposal', scope: SCOPE, proposalId: 8, problem: 'is missing, though there is an outcome' }])
  })

  it('has an ended session in the table of active ones reported, and not given', async () => {
    await fill()
    const key = `active/${PATH}/0000000000000002`
    await raw(async db => db.put(key, withChecksum(key, Uint8Array.of(0x38))))

    expect(await LevelStorage.check(folder.path)).to.deep.equal([{ kind: 'active', scope: SCOPE, proposalId: 8, problem: 'is of a session that has ended' }])
    await use(async storage => {
      expect(await activeIds(storage)).to.deep.equal([7, 9])
    })
  })

  it('reports every damaged record at once, and those that are none of ours', async () => {
    await fill()
    await raw(async db => db.batch([
      { type: 'put', key: VOTE, value: Uint8Array.of(1) },
      { type: 'put', key: `config/${PATH}`, value: Uint8Array.of(1) },
      { type: 'put', key: `lock/${PATH}/00000009/${'01'.repeat(20)}`, value: Uint8Array.of(1) },
      { type: 'put', key: 'zebra/%zz', value: Uint8Array.of(1) }
    ]))
    const problem = 'has a checksum that does not fit'

    expect(await LevelStorage.check(folder.path)).to.have.deep.members([
      { kind: 'vote', scope: SCOPE, proposalId: 7, problem },
      { kind: 'config', scope: SCOPE, problem },
      { kind: 'lock', scope: SCOPE, proposalId: 9, problem },
      { kind: 'zebra', scope: '%zz', problem: 'has the key "zebra/%zz", which is none of this version' }
    ])
  })

  it('opens, or refuses with a report, whatever byte of its tables is flipped', async () => {
    await fill()
    await raw(async db => (db as any).compactRange('', '\xff'))

    const files = await Promise.all((await readdir(folder.path)).map(async name => [join(folder.path, name), await readFile(join(folder.path, name))] as const))
    const [[path, whole]] = files.filter(([path]) => path.endsWith('.ldb'))
    const names = new Set<string>()

    for (let index = 0; index < whole.byteLength; index += 13) {
      await Promise.all(files.map(async ([path, bytes]) => writeFile(path, bytes)))
      await writeFile(path, whole.with(index, whole[index] ^ (1 << index % 8)))

      const err: any = await use(async storage => storage.listScopeSessions(SCOPE)).catch(err => err)

      if (err instanceof Error) {
        expect(err.name, `byte ${index}: ${err.message}`).to.be.oneOf(['StorageDamagedError', 'StorageFormatError', 'StorageOpenError'])
        names.add(err.name)
      }
    }

    expect([...names]).to.include('StorageDamagedError')
  })
})
