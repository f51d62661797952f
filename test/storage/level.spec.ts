import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { LevelStorage } from '../../src/storage/level.ts'
import { useTempFolder } from '../utils/temp-folder.ts'

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
