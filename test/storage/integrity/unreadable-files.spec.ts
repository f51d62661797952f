import { mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { defaultScopeConfig } from '../../../src/consensus/policy/scope-config.ts'
import { MANIFEST_FILE } from '../../../src/storage/integrity/manifest.ts'
import { repairStore } from '../../../src/storage/integrity/repair-store.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'

describe('A LevelDB store with a file that the system does not give', () => {
  const folder = useTempFolder()
  let location: string

  beforeEach(async () => {
    location = join(folder.path, 'store')

    for (const scope of ['council', 'senate']) {
      const storage = await LevelStorage.open(location)

      await storage.setScopeConfig(scope, defaultScopeConfig())
      await storage.close()
    }
  })

  async function nameOf (pattern: RegExp): Promise<string> {
    return (await readdir(location)).find(name => pattern.test(name)) ?? ''
  }

  /** As a disk does that is broken: the file is there, and reading it is an error */
  async function makeUnreadable (name: string): Promise<void> {
    await rm(join(location, name))
    await symlink(name, join(location, name))
  }

  for (const pattern of [/\.ldb$/, /\.log$/, /^MANIFEST/, /^CURRENT$/, /^SEAL$/]) {
    // eslint-disable-next-line no-loop-func -- mocha runs it later, on purpose
    it(`is reported as damaged, not as an error of the system: ${pattern.source}`, async () => {
      const name = await nameOf(pattern)

      await makeUnreadable(name)

      await expect(LevelStorage.open(location)).to.eventually.be.rejectedWith(new RegExp(`is damaged: the file ${name}.* cannot be read: ELOOP.*store repair`))
        .with.property('name', 'StorageDamagedError')

      const found = await LevelStorage.check(location)

      expect(found[0]).to.include({ kind: 'database' })
      expect(found[0].problem).to.match(new RegExp(`^the file ${name}.* cannot be read: ELOOP`))
    })
  }

  it('is reported where it was not closed as well', async () => {
    const name = await nameOf(/\.log$/)

    await rm(join(location, MANIFEST_FILE))
    await rm(join(location, name))
    await mkdir(join(location, name))
    await expect(LevelStorage.open(location)).to.eventually.be.rejectedWith(new RegExp(`the file ${name} cannot be read: EISDIR`)).with.property('name', 'StorageDamagedError')
  })

  it('is repaired with what is left', async () => {
    await makeUnreadable(await nameOf(/^MANIFEST/))
    expect((await repairStore(location, 1_700_000_000n)).lost[0].problem).to.match(/cannot be read/)

    const storage = await LevelStorage.open(location)

    expect(await storage.getScopeConfig('council')).to.deep.equal(defaultScopeConfig())
    await storage.close()
  })
})
