import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Level } from 'level'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { ConsensusService } from '../../../src/consensus/service.ts'
import { buildVote } from '../../../src/consensus/vote/vote.ts'
import { scopeConfig, scopeKey } from '../../../src/network/scope/scope.ts'
import { ethereumScheme, ethereumSigner } from '../../../src/signers/ethereum.ts'
import { MANIFEST_FILE } from '../../../src/storage/integrity/manifest.ts'
import { repairStore } from '../../../src/storage/integrity/repair-store.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { recordBounds } from '../../utils/level-log.ts'
import { makeProposal, makeVote } from '../../utils/messages.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'

const NOW = 1_700_000_000n
const scheme = ethereumScheme()
const [own, ...others] = [1, 2, 3, 4].map(byte => ethereumSigner(new Uint8Array(32).fill(byte)))
const POLICY = parsePolicy({ name: 'council', decisionRule: 'reference', minLifetimeSeconds: 1 })
const SCOPE = scopeKey(POLICY)
const PATH = encodeURIComponent(SCOPE)

describe('Repairing a LevelDB store', () => {
  const folder = useTempFolder()
  let location: string

  async function raw (change: (db: Level<string, Uint8Array>) => Promise<unknown>): Promise<void> {
    const db = new Level<string, Uint8Array>(location, { valueEncoding: 'view' })

    await change(db)
    await db.close()
    await rm(join(location, MANIFEST_FILE), { force: true })
  }

  async function use <T> (task: (storage: LevelStorage) => Promise<T>): Promise<T> {
    const storage = await LevelStorage.open(location)

    try {
      return await task(storage)
    } finally {
      await storage.close()
    }
  }

  /** Proposal 1 is decided by three votes of three, 2 is active with three of ten, 3 is active and has our lock */
  beforeEach(async () => {
    location = join(folder.path, 'store')
    await use(async storage => {
      const service = new ConsensusService({ scheme, storage, clock: () => NOW, maxSessionsPerScope: Infinity })

      await storage.setScopeConfig(SCOPE, scopeConfig(POLICY))
      await storage.savePolicy(POLICY)

      for (const [proposalId, expectedVotersCount, voters] of [[1, 4, others], [2, 10, others], [3, 10, []]] as const) {
        const proposal = makeProposal(own, POLICY, { proposalId, expectedVotersCount, timestamp: NOW })

        await service.processIncomingProposal(SCOPE, proposal)

        for (const voter of voters) {
          await service.processIncomingVote(SCOPE, await makeVote(voter, proposal, true))
        }
      }

      await storage.acquire(SCOPE, makeProposal(own, POLICY, { proposalId: 3 }), buildVote({ proposalId: 3, owner: own.identity, choice: true, timestamp: NOW, votes: [] }))
    })
  })

  async function repaired (): Promise<Array<{ kind: string, proposalId?: number }>> {
    const { lost, backup } = await repairStore(location, NOW)

    expect(backup).to.equal(`${location}.damaged-${NOW}`)
    expect(await LevelStorage.check(location), 'after the repair').to.deep.equal([])

    return lost.map(({ kind, proposalId }) => ({ kind, proposalId }))
  }

  it('leaves a whole one as it is', async () => {
    expect(await repairStore(location, NOW)).to.deep.equal({ lost: [] })
    await use(async storage => expect(await storage.getSession(SCOPE, 1)).to.include({ state: 'reached', result: true }))
  })

  it('keeps an outcome whose votes are lost', async () => {
    await raw(async db => db.del(`vote/${PATH}/00000001/00000000`))
    expect(await repaired()).to.deep.equal([{ kind: 'vote', proposalId: 1 }])
    await use(async storage => {
      const session = await storage.getSession(SCOPE, 1)

      expect(session).to.include({ state: 'reached', result: true })
      expect(session?.tally).to.deep.equal({ yes: 3, no: 0 })
    })
  })

  it('goes on with the votes that are left of an active proposal', async () => {
    await raw(async db => db.put(`vote/${PATH}/00000002/00000001`, Uint8Array.of(1)))
    expect(await repaired()).to.deep.equal([{ kind: 'vote', proposalId: 2 }, { kind: 'vote', proposalId: 2 }])
    await use(async storage => {
      expect(await storage.getSession(SCOPE, 2)).to.include({ state: 'active', voteCount: 2 })

      const service = new ConsensusService({ scheme, storage, clock: () => NOW })

      await service.processIncomingVote(SCOPE, await makeVote(others[1], { proposalId: 2, timestamp: NOW }, true))
      expect((await storage.getSession(SCOPE, 2))?.voteCount).to.equal(3)
    })
  })

  it('gives up a proposal whose result is lost, rather than find another one', async () => {
    await raw(async db => db.del(`outcome/${PATH}/00000001`))
    expect(await repaired()).to.deep.equal([{ kind: 'outcome', proposalId: 1 }])
    await use(async storage => expect(await storage.getSession(SCOPE, 1)).to.equal(undefined))
  })

  it('removes what is left of a proposal that is gone, and makes indexes anew', async () => {
    await raw(async db => db.batch([
      { type: 'del', key: `proposal/${PATH}/00000001` },
      { type: 'del', key: `order/${PATH}/0000000000000002` }
    ]))
    expect(await repaired()).to.deep.equal([{ kind: 'proposal', proposalId: 1 }])
    await use(async storage => expect((await storage.listScopeSessions(SCOPE))?.map(({ proposal }) => proposal.proposalId)).to.deep.equal([2, 3]))
  })

  it('never sets a lock free: one that is damaged goes on refusing', async () => {
    await raw(async db => db.put(`lock/${PATH}/00000003/${Buffer.from(own.identity).toString('hex')}`, Uint8Array.of(1)))
    expect(await repaired()).to.deep.equal([{ kind: 'lock', proposalId: 3 }])
    await use(async storage => {
      const service = new ConsensusService({ scheme, storage, signer: own, clock: () => NOW })

      await expect(service.castVote(SCOPE, 3, false)).to.eventually.be.rejected().with.property('name', 'StorageDamagedError')
      await service.castVote(SCOPE, 2, false)
    })
  })

  it('names the proposals whose result may be gone with the end of a log, and gives up those that would be decided anew', async () => {
    const name = (await readdir(location)).find(name => name.endsWith('.log')) ?? ''
    const log = await readFile(join(location, name))
    const outcome = log.lastIndexOf(`outcome/${PATH}/00000001`)

    // what decided the first proposal, and all that came after
    await writeFile(join(location, name), log.subarray(0, recordBounds(log).findLast(at => at < outcome)))
    await cp(location, join(folder.path, 'later'), { recursive: true })

    const { lost } = await repairStore(location, NOW)

    expect(lost.filter(({ kind }) => kind === 'outcome').map(({ proposalId, problem }) => [proposalId, /may be lost: the proposal is taken for one that is being voted on/.test(problem)])).to.deep.equal([[1, true]])
    await use(async storage => expect(await storage.getSession(SCOPE, 1)).to.include({ state: 'active', voteCount: 2 }))

    // when its time is up silence would decide it, by two votes of three
    const later = await repairStore(join(folder.path, 'later'), NOW + 60n)

    expect(later.lost.filter(({ kind }) => kind === 'outcome').map(({ proposalId, problem }) => [proposalId, /may be lost, so the proposal is removed/.test(problem)])).to.deep.equal([[1, true]])
    location = join(folder.path, 'later')
    await use(async storage => expect(await storage.listScopeSessions(SCOPE)).to.equal(undefined))
    expect(await LevelStorage.check(location)).to.deep.equal([])
  })

  for (const name of ['CURRENT', 'MANIFEST']) {
    // eslint-disable-next-line no-loop-func -- mocha runs it later, on purpose
    it(`has LevelDB find its tables again without its ${name}`, async () => {
      const file = name === 'CURRENT' ? name : (await readFile(join(location, 'CURRENT'), 'utf8')).trim()

      await writeFile(join(location, file), '')
      await expect(LevelStorage.open(location)).to.eventually.be.rejected().with.property('name', 'StorageDamagedError')
      expect(await repaired()).to.deep.equal([
        { kind: 'database', proposalId: undefined },
        // results of these could be among what is gone
        { kind: 'outcome', proposalId: 2 },
        { kind: 'outcome', proposalId: 3 },
        { kind: 'lock', proposalId: undefined }
      ])
      await use(async storage => {
        expect(await storage.getSession(SCOPE, 1)).to.include({ state: 'reached', result: true })
        expect(await storage.getSession(SCOPE, 2)).to.include({ state: 'active', voteCount: 3 })

        // a lock may have been among what is gone
        const service = new ConsensusService({ scheme, storage, signer: own, clock: () => NOW, maxSessionsPerScope: Infinity })
        const next = makeProposal(own, POLICY, { proposalId: 4, timestamp: NOW + 1n })

        await expect(service.castVote(SCOPE, 2, false)).to.eventually.be.rejectedWith(/what this key has voted is not known/)
        expect((await service.castVote(SCOPE, 3, true)).vote).to.equal(true)
        await service.processIncomingProposal(SCOPE, next)
        await service.castVote(SCOPE, 4, false)
      })
    })
  }
})
