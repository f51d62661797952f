import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { generatePrivateKey } from 'viem/accounts'
import { storageTests } from '../../../src/conformance/storage-tests.ts'
import { createProposal } from '../../../src/consensus/proposal/proposal.ts'
import { ConsensusService } from '../../../src/consensus/service.ts'
import { buildVote } from '../../../src/consensus/vote/vote.ts'
import { ethereumScheme, ethereumSigner } from '../../../src/signers/ethereum.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { countReads } from '../../utils/level-reads.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { ConsensusStorage } from '../../../src/consensus/storage/interface.ts'

const locations = new Map<ConsensusStorage, string>()

async function open (location: string): Promise<LevelStorage> {
  const storage = await LevelStorage.open(location)
  locations.set(storage, location)

  return storage
}

async function reopen (storage: ConsensusStorage): Promise<LevelStorage> {
  const location = locations.get(storage) as string
  await (storage as LevelStorage).close()
  locations.delete(storage)

  return open(location)
}

async function teardown (storage: ConsensusStorage): Promise<void> {
  const location = locations.get(storage) as string
  await (storage as LevelStorage).close()
  locations.delete(storage)
  await rm(location, { recursive: true })
}

const create = async (): Promise<LevelStorage> => open(await mkdtemp(join(tmpdir(), 'libp2p-voting-')))

storageTests({ name: 'LevelDB', create, teardown })
storageTests({ name: 'LevelDB, reopened between any two steps,', create, reopen, teardown })

describe('LevelDB storage', () => {
  const folder = useTempFolder()

  it('says that another has it open', async () => {
    const storage = await LevelStorage.open(folder.path)

    await expect(LevelStorage.open(folder.path)).to.eventually.be.rejectedWith(/is open in another process. Stop that one first/)
      .with.property('name', 'StorageOpenError')
    await storage.close()
  })

  it('reads nothing again of what is not stored, until it is', async () => {
    const storage = await LevelStorage.open(folder.path)
    const other = await LevelStorage.open(join(folder.path, 'other'))
    const service = new ConsensusService({ scheme: ethereumScheme(), storage: other })
    const { proposalId } = await service.createProposal('council', { name: 'a', payload: new Uint8Array(), proposalOwner: new Uint8Array(20), expectedVotersCount: 1, expirationTimestamp: 60n, livenessCriteriaYes: true })
    const session = await other.getSession('council', proposalId)

    const ask = async (): Promise<void> => { expect(await storage.getSession('council', proposalId)).to.equal(undefined) }

    expect(await countReads(ask)).to.not.deep.equal({})
    expect(await countReads(ask)).to.deep.equal({})

    await storage.saveSession('council', session as NonNullable<typeof session>)
    expect(await storage.getSession('council', proposalId)).to.equal(session)
    await storage.removeSession('council', proposalId)
    expect(await storage.getSession('council', proposalId)).to.equal(undefined)
    await storage.saveSession('council', session as NonNullable<typeof session>)
    await storage.close()

    const reopened = await LevelStorage.open(folder.path)

    expect((await reopened.getSession('council', proposalId))?.proposal).to.deep.equal(session?.proposal)
    await Promise.all([reopened.close(), other.close()])
  })

  it('says why it cannot be opened', async () => {
    const path = join(folder.path, 'file')
    await writeFile(path, 'not a folder')

    await expect(LevelStorage.open(path)).to.eventually.be.rejectedWith(/cannot be opened: /)
      .with.property('name', 'StorageOpenError')
  })

  it('lists every session, in order, where many are saved at once in several scopes and it is reopened', async () => {
    let storage = await LevelStorage.open(folder.path)
    const ids = new Map<string, number[]>([['a', []], ['b', []], ['c', []]])

    for (let round = 0; round < 3; round++) {
      const service = new ConsensusService({ scheme: ethereumScheme(), storage, maxSessionsPerScope: Infinity })
      await Promise.all([...ids].flatMap(([scope, list]) => Array.from({ length: 20 }, async () => {
        const { proposalId } = await service.createProposal(scope, {
          name: 'Go?',
          payload: new Uint8Array(),
          proposalOwner: new Uint8Array(20),
          expectedVotersCount: 3,
          expirationTimestamp: 60n,
          livenessCriteriaYes: true
        })
        list.push(proposalId)
      })))
      await storage.close()
      storage = await LevelStorage.open(folder.path)
    }

    for (const [scope, list] of ids) {
      const sessions = await storage.listScopeSessions(scope) ?? []
      expect(sessions.map(({ proposal }) => proposal.proposalId)).to.have.members(list)
    }

    await storage.close()
  })

  it('is a vote lock that holds when it is reopened', async () => {
    const signer = ethereumSigner(generatePrivateKey())
    const proposal = createProposal({ name: 'Go?', payload: new Uint8Array(), proposalOwner: signer.identity, expectedVotersCount: 3, expirationTimestamp: 60n, livenessCriteriaYes: true }, 1n)
    const [yes, no] = [true, false].map(choice => buildVote({ proposalId: proposal.proposalId, owner: signer.identity, choice, timestamp: 1n, votes: [] }))
    let storage = await LevelStorage.open(folder.path)
    expect(await storage.find('council', proposal, signer.identity)).to.be.undefined()
    expect(await Promise.all([storage.acquire('council', proposal, yes), storage.acquire('council', proposal, no)])).to.deep.equal([yes, yes])
    await storage.close()

    storage = await LevelStorage.open(folder.path)
    expect(await storage.acquire('council', proposal, no)).to.deep.equal(yes)
    expect(await storage.find('council', proposal, signer.identity)).to.deep.equal(yes)
    expect(await storage.acquire('senate', proposal, no)).to.deep.equal(no)

    // where votes are bound to contents it is on one of them, whatever else has its id
    const [one, other] = [1, 2].map(byte => new Uint8Array(32).fill(byte))
    const [onOne, onOther] = [one, other].map((parentHash, index) => ({ ...no, vote: index === 0, parentHash }))

    expect(await storage.acquire('treasury', { ...proposal, digest: one }, onOne)).to.deep.equal(onOne)
    expect(await storage.acquire('treasury', { ...proposal, digest: other }, onOther)).to.deep.equal(onOther)
    expect(await storage.acquire('treasury', { ...proposal, digest: one }, { ...onOne, vote: false })).to.deep.equal(onOne)

    // as stores had it before
    await storage.acquire('lobby', proposal, onOne)
    expect(await storage.acquire('lobby', { ...proposal, digest: one }, { ...onOne, vote: false })).to.deep.equal(onOne)
    expect(await storage.find('lobby', { ...proposal, digest: other }, signer.identity)).to.equal(undefined)
    await storage.close()
    expect(await LevelStorage.check(folder.path)).to.deep.equal([])
  })
})
