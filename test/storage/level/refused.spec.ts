import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { MemoryStorage } from '../../../src/consensus/storage/memory.ts'
import { inspectStore } from '../../../src/storage/integrity/inspect.ts'
import { repairStore } from '../../../src/storage/integrity/repair-store.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { RefusedProposal } from '../../../src/consensus/storage/interface.ts'

describe('proposals that were refused', () => {
  const folder = useTempFolder()
  const location = (): string => join(folder.path, 'store')
  const refused: RefusedProposal = { proposalId: 7, name: 'Pay\u0000Eve', proposer: new Uint8Array(20).fill(1), digest: new Uint8Array(32).fill(2) }
  const another = { ...refused, proposalId: 0xffff_ffff, name: 'Another' }

  for (const [kind, open] of [['MemoryStorage', async () => new MemoryStorage()], ['LevelStorage', async () => LevelStorage.open(location())]] as const) {
    it(`are kept by id in ${kind}, scope by scope, and go with the scope`, async () => {
      const storage = await open()

      await storage.saveRefused('scope/a', { ...another, name: 'Replaced' })
      await storage.saveRefused('scope/a', another)
      await storage.saveRefused('scope/a', refused)
      await storage.saveRefused('scope', refused)
      expect(await storage.listRefused('scope/a')).to.deep.equal([refused, another])
      await storage.deleteScope('scope/a')
      expect(await storage.listRefused('scope/a')).to.deep.equal([])
      expect(await storage.listRefused('scope')).to.deep.equal([refused])

      if (storage instanceof LevelStorage) {
        await storage.close()
      }
    })
  }

  it('are still there after a restart and after a repair, and are nothing that is damaged', async () => {
    const storage = await LevelStorage.open(location())

    await storage.saveRefused('scope', refused)
    await storage.close()
    expect(await inspectStore(location())).to.deep.equal([])
    await repairStore(location(), 0n)

    const reopened = await LevelStorage.open(location())

    expect(await reopened.listRefused('scope')).to.deep.equal([refused])
    await reopened.close()
  })
})
