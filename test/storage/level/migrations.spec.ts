import { expect } from 'aegir/chai'
import { Database } from '../../../src/storage/level/database.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { bringUpToDate, OLDEST_VERSION, SCHEMA_VERSION, writeSchema } from '../../../src/storage/level/schema.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { Migration } from '../../../src/storage/level/migrations.ts'

describe('The form of a LevelDB store', () => {
  const folder = useTempFolder()

  beforeEach(async () => {
    await (await LevelStorage.open(folder.path)).close()
  })

  async function use <T> (task: (database: Database) => Promise<T>): Promise<T> {
    const database = await Database.open(folder.path)

    try {
      return await task(database)
    } finally {
      await database.close()
    }
  }

  /** A step that writes two records, in two batches */
  function step (name: string, cutOff?: () => void): Migration {
    return async database => {
      for (const part of ['a', 'b']) {
        if (await database.get(`${name}/${part}`) == null) {
          await database.write(name, [{ type: 'put', key: `${name}/${part}`, value: Uint8Array.of(1) }])
          cutOff?.()
        }
      }
    }
  }

  async function written (): Promise<string[]> {
    return use(async database => (await database.keys({})).filter(key => /^(first|second)\//.test(key)))
  }

  it('is brought up to date a step at a time, and nothing is left to do then', async () => {
    const steps = [step('first'), step('second')]

    await use(async database => bringUpToDate(database, steps))
    expect(await written()).to.deep.equal(['first/a', 'first/b', 'second/a', 'second/b'])

    await use(async database => bringUpToDate(database, steps.map(() => async () => { throw new Error('is done already') })))
    // a version that knows fewer steps does not touch it
    await expect(LevelStorage.open(folder.path)).to.eventually.be.rejectedWith(`has form ${SCHEMA_VERSION + 2}, this version reads forms up to ${SCHEMA_VERSION}`)
      .with.property('name', 'StorageFormatError')
  })

  it('is brought up to date from where it was cut off, wherever that was', async () => {
    for (let count = 0; count < 4; count++) {
      const cutOff = (): void => { throw new Error('cut off') }

      await expect(use(async database => bringUpToDate(database, [step('first', cutOff), step('second', cutOff)]))).to.eventually.be.rejectedWith('cut off')
      expect(await written()).to.have.lengthOf(count + 1)
    }

    await use(async database => bringUpToDate(database, [step('first'), step('second')]))
    expect(await written()).to.have.lengthOf(4)
  })

  it('is refused where no release has written it, by a word that says so, and the store stays as it is', async () => {
    for (let version = 1; version < OLDEST_VERSION; version++) {
      await use(async database => writeSchema(database, version))

      for (const open of [LevelStorage.open, LevelStorage.check]) {
        await expect(open(folder.path)).to.eventually.be.rejectedWith(`has form ${version}, which a version of libp2p-voting wrote that was never released. No version reads it: move the store away, and start with a new one`)
          .with.property('name', 'StorageFormatError')
      }

      await use(async database => { await expect(bringUpToDate(database)).to.eventually.be.rejectedWith(`has form ${version}`) })
    }
  })
})
