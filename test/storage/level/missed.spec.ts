import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { MemoryStorage } from '../../../src/consensus/storage/memory.ts'
import { inspectStore } from '../../../src/storage/integrity/inspect.ts'
import { repairStore } from '../../../src/storage/integrity/repair-store.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { MissedAutoVote } from '../../../src/consensus/storage/interface.ts'

describe('automatic votes that were missed', () => {
  const folder = useTempFolder()
  const location = (): string => join(folder.path, 'store')
  const votes: MissedAutoVote[] = [{ proposalId: 0xffff_ffff, name: 'Pay\u0000Eve', reason: 'no member has answered' }, { proposalId: 7, name: 'Go?', reason: 'the disk was full' }]

  for (const [kind, open] of [['MemoryStorage', async () => new MemoryStorage()], ['LevelStorage', async () => LevelStorage.open(location())]] as const) {
    it(`are kept in their order in ${kind}, scope by scope, and go with the scope`, async () => {
      const storage = await open()

      await storage.saveMissed('scope/a', votes.slice(1))
      await storage.saveMissed('scope/a', votes)
      await storage.saveMissed('scope', votes.slice(1))
      expect(await storage.listMissed('scope/a')).to.deep.equal(votes)
      await storage.deleteScope('scope/a')
      expect(await storage.listMissed('scope/a')).to.deep.equal([])
      expect(await storage.listMissed('scope')).to.deep.equal(votes.slice(1))

      if (storage instanceof LevelStorage) {
        await storage.close()
      }
    })
  }

  it('are still there after a restart and after a repair, and are nothing that is damaged', async () => {
    const storage = await LevelStorage.open(location())

    await storage.saveMissed('scope', votes)
    await storage.close()
    expect(await inspectStore(location())).to.deep.equal([])
    await repairStore(location(), 0n)

    const reopened = await LevelStorage.open(location())

    expect(await reopened.listMissed('scope')).to.deep.equal(votes)
    await reopened.close()
  })
})
