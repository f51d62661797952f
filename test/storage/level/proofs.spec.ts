import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Level } from 'level'
import { evidenceOf, makeCertificate, streamEvidence, verifyCertificate } from '../../../src/consensus/index.ts'
import { MANIFEST_FILE } from '../../../src/storage/integrity/manifest.ts'
import { repairStore } from '../../../src/storage/integrity/repair-store.ts'
import { Database } from '../../../src/storage/level/database.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { ProvingScope } from '../../consensus/fixtures/proofs.ts'
import { hashScheme, hashSigner } from '../../consensus/fixtures/schemes.ts'
import { countReads } from '../../utils/level-reads.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { ConsensusSession, Vote } from '../../../src/consensus/index.ts'

const SCOPE = 'council'
const members = new ProvingScope(7)
const NOW = 1_700_000_000n

describe('Proofs in LevelDB', () => {
  const folder = useTempFolder()
  let location: string

  /** Decided with a double voter, decided without, undecided with a double voter, and active with one */
  let sessions: ConsensusSession[]

  async function use <T> (task: (storage: LevelStorage) => Promise<T>): Promise<T> {
    const storage = await LevelStorage.open(location)

    try {
      return await task(storage)
    } finally {
      await storage.close()
    }
  }

  async function raw (change: (db: Level<string, Uint8Array>) => Promise<unknown>): Promise<void> {
    const db = new Level<string, Uint8Array>(location, { valueEncoding: 'view' })

    await change(db)
    await db.close()
    await rm(join(location, MANIFEST_FILE), { force: true })
  }

  async function tables (): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}

    await raw(async db => {
      for await (const key of db.keys()) {
        const [table] = key.split('/')

        counts[table] = (counts[table] ?? 0) + 1
      }
    })

    return counts
  }

  async function evidence (storage: LevelStorage): Promise<Array<[number, number]>> {
    const found: Array<[number, number]> = []

    for await (const { session, evidence: { first } } of streamEvidence(storage, SCOPE)) {
      found.push([sessions.findIndex(({ proposal }) => proposal.proposalId === session.proposal.proposalId), first.voteOwner[19]])
    }

    return found.sort(([a, c], [b, d]) => a - b || c - d)
  }

  async function pruneAll (storage: LevelStorage): Promise<void> {
    for (const { proposal: { proposalId } } of sessions) {
      await storage.pruneVotes(SCOPE, proposalId)
    }
  }

  before(async () => {
    const on = (name: string): ReturnType<ProvingScope['proposal']> => members.proposal({ name })

    sessions = [
      await members.session([7, 6, 5, -5, 3, 2, -1], on('decided, with a double voter')),
      await members.session([-7, -6, -5, -4, -3, -2, -1], on('decided')),
      (await members.session([7, -7, -6, -5, -4], on('undecided, with two double voters'))).timeOut().session,
      await members.session([4, -4], on('active, with a double voter'))
    ]
    sessions[2] = sessions[2].addVote(await members.vote(on('undecided, with two double voters'), 6, true), NOW).session
  })

  beforeEach(async () => {
    location = join(folder.path, 'store')
    await use(async storage => {
      for (const session of sessions) {
        await storage.saveSession(SCOPE, session)
      }
    })
  })

  it('are there for ever, and the same, when votes are pruned', async () => {
    const before = sessions.slice(0, 2).map(session => makeCertificate(session, members.policy))
    const doubles = sessions.map(evidenceOf)

    await use(pruneAll)
    await use(async storage => {
      const after = await Promise.all(sessions.map(async ({ proposal }) => storage.getSession(SCOPE, proposal.proposalId) as Promise<ConsensusSession>))

      expect(after.slice(0, 2).map(session => makeCertificate(session, members.policy))).to.deep.equal(before)
      expect(after.map(evidenceOf)).to.deep.equal(doubles)
      expect((await verifyCertificate(before[1], { policyDigest: members.digest, scheme: hashScheme })).result).to.equal(false)
      expect(await evidence(storage)).to.deep.equal([[0, 5], [2, 6], [2, 7], [3, 4]])
    })
    // five of a quorum and one opposite; five; four; nothing else but the active session's
    expect(await tables()).to.include({ proof: 15, vote: 2, double: 3 })
    expect(await LevelStorage.check(location)).to.deep.equal([])
  })

  it('go with the session', async () => {
    await use(pruneAll)
    await use(async storage => { await storage.deleteScope(SCOPE) })

    expect(await tables()).to.not.have.any.keys(['proof', 'double', 'vote', 'proposal'])
  })

  it('are found without reading the sessions that have none', async () => {
    const reads = await countReads(async () => { await use(evidence) })

    expect(reads).to.include({ double: 3, proposal: 3 })
    expect(reads).to.not.have.property('order')
  })

  it('are whole or not there when pruning is cut off', async () => {
    const write = Database.prototype.write
    const [decided] = sessions
    const { proposalId } = decided.proposal

    for (const cutOff of [0, 1]) {
      let writes = 0

      Database.prototype.write = async function (...args) {
        if (writes++ === cutOff) {
          throw new Error('cut off')
        }

        return write.apply(this, args)
      }

      try {
        await use(async storage => { await expect(storage.pruneVotes(SCOPE, proposalId)).to.eventually.be.rejectedWith('cut off') })
      } finally {
        Database.prototype.write = write
      }

      const session = await use(async storage => storage.getSession(SCOPE, proposalId)) as ConsensusSession

      expect(makeCertificate(session, members.policy)).to.deep.equal(makeCertificate(decided, members.policy))
      expect(session.voteCount).to.equal(cutOff === 0 ? 7 : 6)
      expect(await LevelStorage.check(location)).to.deep.equal([])
    }
  })

  describe('of votes that were not cast in time', () => {
    let session: ConsensusSession
    let keys: string[]

    /** The first session, which is decided, with evidence against two voters */
    beforeEach(async () => {
      const untimely = async (voter: number, choice: boolean): Promise<Vote> => members.vote(members.proposal({ name: 'decided' }), voter, choice, { timestamp: 1n })

      session = sessions[1]
      await use(async storage => {
        for (const voter of [1, 3]) {
          const next = session.addEvidence({ first: await untimely(voter, true), second: await untimely(voter, false) }, NOW)

          await storage.appendVote(SCOPE, next, { count: 0, evidence: next.evidence.slice(session.evidence.length) })
          session = next
        }
      })
      keys = []
      await raw(async db => {
        for await (const key of db.keys({ gt: 'evidence/', lt: 'evidence/\xff' })) {
          keys.push(key)
        }
      })
      expect(keys).to.have.length(2)
    })

    it('are kept beside them, in a store that is whole', async () => {
      expect(await LevelStorage.check(location)).to.deep.equal([])
      await use(async storage => { expect((await storage.getSession(SCOPE, session.proposal.proposalId))?.evidence).to.deep.equal(session.evidence) })
      await use(pruneAll)
      await use(async storage => { expect((await storage.getSession(SCOPE, session.proposal.proposalId))?.evidence).to.deep.equal(session.evidence) })
      expect(await LevelStorage.check(location)).to.deep.equal([])
      await use(async storage => { await storage.deleteScope(SCOPE) })
      expect(await tables()).to.not.have.any.keys(['evidence', 'double', 'proposal'])
    })

    /** One of two records is lost, and the other stays */
    async function expectRepaired (damage: (db: Level<string, Uint8Array>) => Promise<unknown>): Promise<void> {
      const { proposalId } = session.proposal

      await raw(damage)
      expect((await LevelStorage.check(location)).map(({ kind, proposalId }) => ({ kind, proposalId }))).to.deep.include({ kind: 'evidence', proposalId })
      await use(async storage => { await expect(storage.getSession(SCOPE, proposalId)).to.eventually.be.rejected().with.property('name', 'StorageDamagedError') })

      const { lost } = await repairStore(location, NOW)

      expect(lost.map(({ problem }) => problem)).to.include('is there 1 times of 2, and these are kept')
      expect(await LevelStorage.check(location)).to.deep.equal([])
      await use(async storage => {
        const left = await storage.getSession(SCOPE, proposalId) as ConsensusSession

        expect(left).to.include({ state: 'reached', result: false })
        expect(left.votes()).to.deep.equal(session.votes())
        expect(left.evidence).to.deep.equal(session.evidence.slice(1))
      })
    }

    it('are reported where one is missing, and the others are kept by a repair', async () => {
      await expectRepaired(async db => db.del(keys[0]))
    })

    it('are reported where one is damaged, and the others are kept by a repair', async () => {
      await expectRepaired(async db => db.put(keys[0], new Uint8Array(20)))
    })

    it('are reported where their proposal is gone, and go with it in a repair', async () => {
      await raw(async db => {
        await db.del(keys[0].replace('evidence', 'proposal').split('/').slice(0, 3).join('/'))
      })
      expect((await LevelStorage.check(location)).map(({ problem }) => problem)).to.include('is missing, though there is evidence')
      await repairStore(location, NOW)
      expect(await LevelStorage.check(location)).to.deep.equal([])
      expect(await tables()).to.not.have.property('evidence')
    })
  })

  describe('that are damaged', () => {
    const keyOf = async (table: string): Promise<string> => {
      let found = ''

      await raw(async db => {
        for await (const key of db.keys({ gt: `${table}/`, lt: `${table}/\xff`, limit: 1 })) {
          found = key
        }
      })

      return found
    }

    it('are reported, and what needs them is refused', async () => {
      await use(pruneAll)
      const key = await keyOf('proof')
      const proposalId = Number.parseInt(key.split('/')[2], 16)

      await raw(async db => db.del(key))
      expect(await LevelStorage.check(location)).to.deep.include({ kind: 'proof', scope: SCOPE, proposalId, problem: 'at position 0 is missing' })
      await use(async storage => { await expect(storage.getSession(SCOPE, proposalId)).to.eventually.be.rejected().with.property('name', 'StorageDamagedError') })
    })

    it('are reported where the list of double voters lacks them, or names others', async () => {
      const double = await keyOf('double')

      await raw(async db => {
        const record = await db.get(double) as Uint8Array

        await db.del(double)
        await db.put(`double/${SCOPE}/zz`, record)
      })

      const problems = (await LevelStorage.check(location)).map(({ problem }) => problem)

      expect(problems).to.include('is not in the table double, though somebody has voted both ways')
      expect(problems).to.include('has a checksum that does not fit')
    })

    it('are repaired: what is left is kept, and what it proves is said', async () => {
      await use(pruneAll)
      const key = await keyOf('proof')
      const proposalId = Number.parseInt(key.split('/')[2], 16)

      await raw(async db => db.put(key, new Uint8Array(20)))

      const { lost } = await repairStore(location, NOW)

      expect(lost.map(({ kind, proposalId }) => [kind, proposalId])).to.deep.include.members([['proof', proposalId]])
      expect(await LevelStorage.check(location)).to.deep.equal([])
      await use(async storage => {
        const session = await storage.getSession(SCOPE, proposalId) as ConsensusSession
        const before = sessions.find(session => session.proposal.proposalId === proposalId) as ConsensusSession

        expect(session.tally).to.deep.equal(before.tally)
        expect(session.voteCount).to.be.above(0)
      })
    })

    it('are made of the votes that are left when others are lost', async () => {
      const { proposalId } = sessions[1].proposal
      const path = `vote/${SCOPE}/${proposalId.toString(16).padStart(8, '0')}`

      await raw(async db => db.put(`${path}/00000000`, new Uint8Array(20)))
      await repairStore(location, NOW)

      expect(await LevelStorage.check(location)).to.deep.equal([])
      await use(async storage => {
        const session = await storage.getSession(SCOPE, proposalId) as ConsensusSession

        expect(session.pruned).to.not.equal(undefined)
        expect(session.decidedAt).to.equal(sessions[1].decidedAt).and.to.not.equal(undefined)
        expect((await verifyCertificate(makeCertificate(session, members.policy), { policyDigest: members.digest, scheme: hashScheme })).result).to.equal(false)
        // voter 7's vote was the one that is lost
        expect(session.hasVoted(hashSigner(7).identity)).to.equal(false)
      })
    })
  })
})
