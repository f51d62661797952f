/**
 * A second process that is refused a store must leave no trace in it: what the first one then says of its files when it
 * closes them is what damage is noticed by.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'aegir/chai'
import { gossipsubConfig } from '../../../src/consensus/policy/config.ts'
import { ConsensusSession } from '../../../src/consensus/session/session.ts'
import { FolderManifest, MANIFEST_FILE } from '../../../src/storage/integrity/manifest.ts'
import { repairStore } from '../../../src/storage/integrity/repair-store.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { makeProposal } from '../../utils/messages.ts'
import { snapshot } from '../../utils/snapshot.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { ConsensusSigner } from '../../../src/consensus/signing.ts'
import type { ScopePolicy } from '../../../src/index.ts'

const OPENER = fileURLToPath(new URL('../../utils/open-store.ts', import.meta.url))
const NOW = 1_700_000_000n

describe('LevelDB storage that another process is refused', () => {
  const folder = useTempFolder()

  async function fill (storage: LevelStorage): Promise<void> {
    const proposal = makeProposal({ identity: new Uint8Array(20) } as unknown as ConsensusSigner, { voters: null } as unknown as ScopePolicy, { proposalId: 7, timestamp: NOW })

    await storage.saveSession('council', ConsensusSession.create(proposal, gossipsubConfig(), NOW))
  }

  async function isSealed (): Promise<boolean> {
    return JSON.parse((await readFile(join(folder.path, MANIFEST_FILE), 'utf8')).split('\n')[0]).closed
  }

  /** What a process of its own says that opens the store */
  async function openElsewhere (): Promise<string> {
    const child = fork(OPENER, [folder.path])
    const [answer] = await once(child, 'message') as [string]

    await once(child, 'close')

    return answer
  }

  it('is as it was, byte by byte, and seals its files when it is closed', async () => {
    const storage = await LevelStorage.open(folder.path)

    await fill(storage)

    const before = await snapshot(folder.path)

    expect(await openElsewhere()).to.match(/^StorageOpenError: The store \S+ is open in another process\. Stop that one first$/)
    await expect(LevelStorage.open(folder.path)).to.eventually.be.rejected().with.property('name', 'StorageOpenError')
    await expect(LevelStorage.check(folder.path)).to.eventually.be.rejected().with.property('name', 'StorageOpenError')
    await expect(repairStore(folder.path, NOW)).to.eventually.be.rejected().with.property('name', 'StorageOpenError')
    // that of this process would have cost it its lock
    expect(await openElsewhere()).to.match(/is open in another process/)
    expect(await snapshot(folder.path)).to.deep.equal(before)

    await storage.close()
    expect(await isSealed()).to.equal(true)
    expect(await openElsewhere()).to.equal('opened')
  })

  it('has damage noticed after it was closed, also where both wanted to open it at the same moment', async () => {
    const storage = await LevelStorage.open(folder.path)

    await fill(storage)
    // what the other one does before LevelDB refuses it
    await new FolderManifest(folder.path).begin()
    await storage.close()
    expect(await isSealed()).to.equal(true)

    const log = join(folder.path, (await readdir(folder.path)).find(name => name.endsWith('.log')) ?? '')
    const bytes = await readFile(log)

    bytes[bytes.byteLength - 1] ^= 1
    await writeFile(log, bytes)
    await expect(LevelStorage.open(folder.path)).to.eventually.be.rejected().with.property('name', 'StorageDamagedError')
  })

  it('is not sealed by one that had it before', async () => {
    const storage = await LevelStorage.open(folder.path)
    const manifest: FolderManifest = (storage as any).db.manifest

    await fill(storage)
    await storage.close()

    const next = await LevelStorage.open(folder.path)

    // late: the next one has it by now
    await manifest.end()
    expect(await isSealed()).to.equal(false)
    await next.close()
    expect(await isSealed()).to.equal(true)
  })
})

describe('LevelDB storage whose process was killed', () => {
  const folder = useTempFolder()

  it('has a bit of its log that is not as it was noticed, and is repaired', async () => {
    const location = join(folder.path, 'store')
    const storage = await LevelStorage.open(location)

    for (const proposalId of [1, 2, 3]) {
      const proposal = makeProposal({ identity: new Uint8Array(20) } as unknown as ConsensusSigner, { voters: null } as unknown as ScopePolicy, { proposalId, timestamp: NOW })

      await storage.saveSession('council', ConsensusSession.create(proposal, gossipsubConfig(), NOW))
    }

    const files = await Promise.all((await readdir(location)).map(async name => [name, await readFile(join(location, name))] as const))
    const [name, log] = files.find(([name]) => name.endsWith('.log')) ?? ['', Buffer.alloc(0)]

    await storage.close()
    await Promise.all(files.map(async ([name, bytes]) => writeFile(join(location, name), bytes)))
    expect(await LevelStorage.check(location), 'as it was').to.deep.equal([])

    const middle = Buffer.from(log)

    middle[middle.byteLength >> 1] ^= 1
    await Promise.all(files.map(async ([other, bytes]) => writeFile(join(location, other), other === name ? middle : bytes)))

    const [problem] = await LevelStorage.check(location)

    expect(problem).to.include({ kind: 'database' })
    expect(problem.problem).to.match(/^the file \d+\.log is not as it was written: what is at byte \d+/)
    await expect(LevelStorage.open(location)).to.eventually.be.rejectedWith(/store repair/).with.property('name', 'StorageDamagedError')
    expect((await repairStore(location, NOW)).lost[0]).to.deep.equal(problem)
    await (await LevelStorage.open(location)).close()
  })
})
