import { expect } from 'aegir/chai'
import { defaultScopeConfig } from '../../../src/consensus/policy/scope-config.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'

describe('LevelDB storage that is watched', () => {
  const folder = useTempFolder()

  it('tells once when writes begin to fail and once when they succeed again, which it can be asked to find out', async () => {
    const storage = await LevelStorage.open(folder.path)
    const { db } = (storage as any).db
    const batch = db.batch.bind(db)
    const told: Array<string | undefined> = []

    storage.watchWrites(failure => { told.push(failure) })
    await storage.probe()
    await storage.setScopeConfig('a', defaultScopeConfig())
    expect(storage.writeFailure).to.equal(undefined)
    expect(told).to.deep.equal([])

    Object.assign(db, { batch: async () => { throw new Error('IO error: No space left on device') } })

    for (const task of [async () => storage.setScopeConfig('b', defaultScopeConfig()), async () => storage.probe()]) {
      await expect(task()).to.eventually.be.rejectedWith(/No space left on device/).with.property('name', 'StorageWriteError')
    }

    expect(storage.writeFailure).to.equal('IO error: No space left on device')
    expect(told).to.deep.equal(['IO error: No space left on device'])

    Object.assign(db, { batch })
    await storage.probe()
    expect(storage.writeFailure).to.equal(undefined)
    expect(told).to.deep.equal(['IO error: No space left on device', undefined])
    expect(await storage.getScopeConfig('b')).to.equal(undefined)
    await storage.close()
  })
})
