import { cpSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Level } from 'level'
import { defaultScopeConfig } from '../../../src/consensus/policy/scope-config.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'

describe('A LevelDB store that is made', () => {
  const folder = useTempFolder()

  /** Opens a new store, and gives its folder as it was at each step: whatever is there when the process is killed */
  async function steps (location: string): Promise<string[]> {
    const proto: any = Level.prototype
    const { open, batch } = proto
    const copies: string[] = []
    const copy = (): void => {
      const to = `${location}-${copies.length}`

      cpSync(location, to, { recursive: true, filter: from => !from.endsWith('LOCK') })
      copies.push(to)
    }

    proto.open = async function (...args: any[]) {
      copy()
      await open.apply(this, args)
      copy()
    }
    proto.batch = async function (...args: any[]) {
      copy()
      await batch.apply(this, args)
      copy()
    }

    try {
      await (await LevelStorage.open(location)).close()
    } finally {
      Object.assign(proto, { open, batch })
    }

    return copies
  }

  async function expectUsable (location: string): Promise<void> {
    const storage = await LevelStorage.open(location)

    await storage.setScopeConfig('council', defaultScopeConfig())
    await storage.close()
    expect(await LevelStorage.check(location)).to.deep.equal([])

    const again = await LevelStorage.open(location)

    expect(await again.getScopeConfig('council')).to.deep.equal(defaultScopeConfig())
    await again.close()
  }

  it('is made the next time where that was cut off, at whatever step', async () => {
    const copies = await steps(join(folder.path, 'store'))

    expect(copies).to.have.length.above(3)

    for (const copy of copies) {
      await expectUsable(copy)
    }
  })

  it('is made the next time where a loss of power has left nothing that LevelDB can open', async () => {
    const [, copy] = await steps(join(folder.path, 'store'))

    await writeFile(join(copy, 'CURRENT'), 'MANIFEST-')
    await expectUsable(copy)
  })

  it('is made the next time where its form could not be stored', async () => {
    const location = join(folder.path, 'store')
    const proto: any = Level.prototype
    const { batch } = proto

    proto.batch = async () => { throw new Error('IO error: No space left on device') }

    try {
      await expect(LevelStorage.open(location)).to.eventually.be.rejectedWith(/No space left on device/)
    } finally {
      proto.batch = batch
    }

    await expect(LevelStorage.check(location)).to.eventually.be.rejectedWith(/There is no store in .* cut off before anything was stored in it/)
      .with.property('name', 'StorageOpenError')
    await expectUsable(location)
  })

  it('goes into a folder that is there and empty, and not in the place of a file', async () => {
    const location = join(folder.path, 'empty')
    const file = join(folder.path, 'file')

    await mkdir(location)
    await expectUsable(location)
    await writeFile(file, '')
    await expect(LevelStorage.open(file)).to.eventually.be.rejectedWith(/file cannot be opened: .*not a (folder|directory)/).with.property('name', 'StorageOpenError')
    expect((await readdir(folder.path)).sort()).to.deep.equal(['empty', 'file'])
  })
})
