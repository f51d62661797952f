import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { DataDirectory } from '../../../src/node/host/data-directory.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { FileVoteLock } from '../../../src/storage/vote-lock/file-vote-lock.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'

/** Seconds: longer ago than anybody works on a temporary file */
const LONG_AGO = Date.now() / 1_000 - 2 * 60 * 60

describe('What a process that was killed has left behind', () => {
  const folder = useTempFolder()

  async function leave (names: string[], isOld = true): Promise<void> {
    for (const name of names) {
      const path = join(folder.path, name)

      await (name.endsWith('/') ? mkdir(path, { recursive: true }) : writeFile(path, ''))

      if (isOld) {
        await utimes(path, LONG_AGO, LONG_AGO)
      }
    }
  }

  it('is removed from a folder of locks, but no lock, and nothing that somebody may be making', async () => {
    await mkdir(join(folder.path, 'aa'))
    await leave(['123.aa.tmp', '123.aa.tmp.link', 'aa/bb', 'aa/bb.123.cc.tmp'])
    await leave(['456.aa.tmp', 'aa/bb.456.cc.tmp'], false)

    await new FileVoteLock(folder.path).prepare()
    expect((await readdir(folder.path)).sort()).to.deep.equal(['456.aa.tmp', 'aa'])
    expect((await readdir(join(folder.path, 'aa'))).sort()).to.deep.equal(['bb', 'bb.456.cc.tmp'])
  })

  it('is removed from a store when it is opened', async () => {
    await (await LevelStorage.open(folder.path)).close()
    await leave(['.lock-abc/'])
    await leave(['.lock-def/'], false)
    await (await LevelStorage.open(folder.path)).close()
    expect((await readdir(folder.path)).filter(name => name.startsWith('.lock'))).to.deep.equal(['.lock-def'])
  })

  it('is removed from a data directory by whoever has its store', async () => {
    const directory = await DataDirectory.open(folder.path)

    await leave(['store.copy-abc/', 'store.copy-abc.salvaged/'])
    await leave(['libp2p-voting-import-abc/', 'store.copy-def/', 'other/'], false)

    const storage = await directory.lock(0)

    await directory.withdraw()
    await storage.close()
    expect((await readdir(folder.path)).sort()).to.deep.equal(['format', 'other', 'store', 'store.copy-def'])
  })
})
