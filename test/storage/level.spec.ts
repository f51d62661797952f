import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { storageTests } from '../../src/consensus/storage-tests.ts'
import { LevelStorage } from '../../src/storage/level.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { ConsensusStorage } from '../../src/consensus/storage.ts'

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

  it('says why it cannot be opened', async () => {
    const path = join(folder.path, 'file')
    await writeFile(path, 'not a folder')

    await expect(LevelStorage.open(path)).to.eventually.be.rejectedWith(/cannot be opened: /)
      .with.property('name', 'StorageOpenError')
  })
})
