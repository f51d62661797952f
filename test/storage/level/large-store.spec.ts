import { readFileSync } from 'node:fs'
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { gossipsubConfig } from '../../../src/consensus/policy/config.ts'
import { ConsensusSession } from '../../../src/consensus/session/session.ts'
import { StorageWatch } from '../../../src/node/host/storage-watch.ts'
import { MANIFEST_FILE } from '../../../src/storage/integrity/manifest.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'

const NOW = 1_700_000_000n
const MEBIBYTE = 1024 * 1024

function session (proposalId: number, payload: number): ConsensusSession {
  return ConsensusSession.create({
    name: 'Go?',
    // what is random is not compressed
    payload: crypto.getRandomValues(new Uint8Array(payload)),
    proposalId,
    proposalOwner: new Uint8Array(20),
    votes: [],
    expectedVotersCount: 10,
    round: 1,
    timestamp: NOW,
    expirationTimestamp: NOW + 60n,
    livenessCriteriaYes: true
  }, gossipsubConfig(), NOW)
}

describe('A LevelDB store with large files', () => {
  const folder = useTempFolder()
  let location: string

  /** Some tables of 2 MiB */
  beforeEach(async () => {
    location = join(folder.path, 'store')
    await mkdir(location)

    const storage = await LevelStorage.open(location)

    for (let proposalId = 1; proposalId <= 400; proposalId += 20) {
      await Promise.all(Array.from({ length: 20 }, async (_, index) => storage.saveSession('council', session(proposalId + index, 32 * 1024))))
    }

    await (storage as any).db.db.compactRange('', '\xff')
    await storage.close()
  })

  async function largeTable (): Promise<string> {
    for (const name of await readdir(location)) {
      if (name.endsWith('.ldb') && (await stat(join(location, name))).size > MEBIBYTE) {
        return name
      }
    }

    throw new Error('there is no large table')
  }

  async function flipInTheMiddle (name: string): Promise<void> {
    const file = await open(join(location, name), 'r+')
    const { size } = await file.stat()
    const byte = new Uint8Array(1)

    await file.read(byte, 0, 1, size >> 1)
    byte[0] ^= 1
    await file.write(byte, 0, 1, size >> 1)
    await file.close()
  }

  /** Bytes that this process has read from files, those in the system's cache included */
  function bytesRead (): number {
    return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  }

  it('is opened without reading them all (where the system counts what is read)', async function () {
    if (process.platform !== 'linux') {
      return this.skip()
    }

    const files = await Promise.all((await readdir(location)).map(async name => stat(join(location, name))))
    const size = files.reduce((sum, { size }) => sum + size, 0)
    const before = bytesRead()
    const storage = await LevelStorage.open(location)
    const whileOpening = bytesRead() - before

    expect(size).to.be.above(12 * MEBIBYTE)
    expect(whileOpening).to.be.below(3 * MEBIBYTE)
    await storage.filesChecked()
    expect(bytesRead() - before).to.be.above(size - MEBIBYTE)
    expect(storage.damage).to.equal(undefined)
    await storage.close()
  })

  it('says what is damaged once it is known, and stores nothing from then on', async () => {
    const name = await largeTable()
    const warnings: string[] = []

    await flipInTheMiddle(name)

    const storage = await LevelStorage.open(location)
    const watch = new StorageWatch(storage, message => { warnings.push(message) })

    await storage.filesChecked()
    expect(storage.damage).to.include({ name: 'StorageDamagedError', kind: 'database', problem: `the file ${name} is not as it was written` })
    expect(warnings).to.have.lengthOf(1)
    expect(warnings[0]).to.match(/^The node is read-only: no vote and no proposal is taken.* is damaged: the file \d+\.ldb is not as it was written\..*store repair/)
    expect(watch.readOnly?.reason).to.equal(storage.damage?.problem)

    for (const task of [storage.saveSession('council', session(9_999, 3)), storage.probe()]) {
      await expect(task).to.eventually.be.rejected().with.property('name', 'StorageDamagedError')
    }

    expect(await storage.getSession('council', 9_999)).to.equal(undefined)
    await watch.stop()
    await storage.close()

    // closing it has not made it whole
    expect(await LevelStorage.check(location)).to.deep.include({ kind: 'database', problem: `the file ${name} is not as it was written` })
    await expect(LevelStorage.open(location)).to.eventually.be.rejected().with.property('name', 'StorageDamagedError')
  })

  it('has all of it looked at the next time where it is closed at once', async () => {
    await flipInTheMiddle(await largeTable())
    await (await LevelStorage.open(location)).close()

    const storage = await LevelStorage.open(location)

    await storage.filesChecked()
    expect(storage.damage).to.have.property('name', 'StorageDamagedError')
    await storage.close()
    expect(await readdir(location)).to.include(MANIFEST_FILE)
  })
})
