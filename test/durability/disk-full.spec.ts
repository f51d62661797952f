import { mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { ApiProblemError } from '../../src/client/index.ts'
import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import { Binary, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import { fillUp, makeReadOnly, makeWritable, mountTmpfs, unmount } from '../utils/tmpfs.ts'
import type { VotingClient } from '../../src/client/index.ts'
import type { StartedNode } from '../utils/binary.ts'

/** A voter who never votes, so that proposals stay open */
const SILENT = '0x00000000000000000000000000000000000000AA'

describe('a node whose disk is full (skipped where no file system can be mounted)', () => {
  const binary = new Binary(() => folder.path)
  const mounted: string[] = []

  // after the processes have ended, before the folder goes
  afterEach(() => {
    mounted.splice(0).forEach(unmount)
  })

  const folder = useTempFolder()
  let node: StartedNode
  let client: VotingClient

  beforeEach(async function () {
    for (const name of ['data', 'locks']) {
      const path = join(folder.path, name)

      await mkdir(path)

      if (!mountTmpfs(path, '6m')) {
        return this.skip()
      }

      mounted.unshift(path)
    }

    node = await binary.start('data/node', '--lock-dir', join(folder.path, 'locks'))
    client = await clientOf(node)
    await client.join({ policy: { name: 'council', decisionRule: 'reference', voters: [(await client.id()).voter, SILENT], minLifetimeSeconds: 1 } })
  })

  const ballast = (name: string): string => join(folder.path, name, 'ballast')

  async function propose (): Promise<number> {
    return (await client.propose('council', { name: 'Go?', timeoutSeconds: 3_600, payload: `0x${'ab'.repeat(32 * 1024)}` })).proposalId
  }

  /** Fills the disk, and what LevelDB has reserved on it */
  async function fill (): Promise<ApiProblemError> {
    await fillUp(ballast('data'))

    for (;;) {
      try {
        await propose()
      } catch (err) {
        return err as ApiProblemError
      }
    }
  }

  async function expectRefused (task: Promise<unknown>, kind: string, message: RegExp): Promise<void> {
    const err: ApiProblemError = await task.then(() => { throw new Error('was not refused') }, err => err)

    expect(err).to.be.instanceOf(ApiProblemError)
    expect(err.kind).to.equal(kind)
    expect(err.status).to.equal(507)
    expect(err.message).to.match(message)
  }

  it('refuses what it cannot store, says that it is read-only, answers, and recovers by itself once there is room', async () => {
    const proposalId = await propose()
    const refused = await fill()
    const known = (await client.proposals('council')).items

    expect(refused.kind).to.equal('StorageWriteError')
    expect(refused.status).to.equal(507)
    expect(refused.message).to.match(/could not store proposal \d+ .*make sure that the disk has room/)
    await expectRefused(client.vote('council', proposalId, 'yes'), 'StorageWriteError', /could not store a vote on proposal \d+/)
    await expectRefused(client.join({ name: 'lobby' }), 'StorageWriteError', /could not store/)

    // it shows nothing that is not on disk
    expect(await client.proposal('council', proposalId)).to.include({ state: 'active' }).and.have.property('votes').that.is.empty()
    expect((await client.proposals('council')).items).to.deep.equal(known)
    expect(await client.scopes()).to.have.lengthOf(1)

    const { storage } = await client.status()

    expect(storage).to.include({ writable: false })
    expect(storage.since).to.be.closeTo(Date.now() / 1_000, 60)
    expect(storage.reason).to.match(/No space left on device|the disk is full/)
    expect((await binary.run('status', '--data-dir', node.dataDirectory)).stdout).to.match(/storage +read-only since \S+ \(.*\): no vote and no proposal is taken\n/)
    expect(await binary.json('status', '--data-dir', node.dataDirectory)).to.have.nested.property('storage.writable', false)
    expect(node.stderr).to.match(/^warning: The node is read-only: the store cannot be written \(.*\)\. .*Make room on the disk/)

    const { code, stderr } = await binary.run('vote', 'council', `${proposalId}`, 'yes', '--data-dir', node.dataDirectory)

    expect(stderr).to.match(/^error: .*could not store a vote/)
    expect(code).to.equal(9)

    await rm(ballast('data'))
    await pWaitFor(async () => (await client.status()).storage.writable, { timeout: 30_000 })
    expect((await client.status()).storage).to.deep.equal({ writable: true })
    expect(node.stderr).to.match(/\nwarning: The node can store again\..*\n$/)
    expect((await binary.run('status', '--data-dir', node.dataDirectory)).stdout).to.not.include('storage')
    expect(await client.vote('council', proposalId, 'yes')).to.include({ choice: 'yes' })

    // what it says is what is stored
    const answered = await client.proposal('council', proposalId)

    await node.end('SIGKILL')
    expect(await LevelStorage.check(join(node.dataDirectory, 'store'))).to.deep.equal([])
    node = await binary.start('data/node', '--lock-dir', join(folder.path, 'locks'))
    client = await clientOf(node)
    expect(await client.proposal('council', proposalId)).to.deep.equal(answered)
  })

  it('stops in order', async () => {
    await fill()

    const { code, stdout } = await node.end('SIGTERM')

    expect(stdout).to.match(/\nStopped\n$/)
    expect(code).to.equal(0)
  })

  it('signs nothing while it cannot keep what its key votes, and votes either way once it can', async () => {
    const proposalId = await propose()
    const locks = join(folder.path, 'locks')

    await fillUp(ballast('locks'))
    await expectRefused(client.vote('council', proposalId, 'yes'), 'VoteLockError', /vote lock.* cannot be (written|raised), and without it no vote is signed: .*no space left/i)
    await rm(ballast('locks'))

    makeReadOnly(locks)
    await expectRefused(client.vote('council', proposalId, 'yes'), 'VoteLockError', /cannot be (written|raised), and without it no vote is signed: .*read-only/i)
    expect((await client.proposal('council', proposalId)).votes).to.deep.equal([])
    makeWritable(locks)

    expect(await client.vote('council', proposalId, 'no')).to.include({ choice: 'no' })
    expect((await readdir(locks, { recursive: true })).filter(name => name.endsWith('.tmp'))).to.deep.equal([])
  })
})

describe('a node whose first start has no room (skipped where no file system can be mounted)', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  it('makes no keys, says what to do, and starts once there is room', async function () {
    const path = join(folder.path, 'small')

    await mkdir(path)

    if (!mountTmpfs(path, '1m')) {
      return this.skip()
    }

    try {
      const directory = join(path, 'node')

      await (await binary.start('small/node')).end('SIGTERM')
      await rm(join(directory, 'keys'), { recursive: true })
      await rm(join(directory, 'store'), { recursive: true })
      await fillUp(join(path, 'ballast'))

      const { code, stderr } = await binary.run('start', '--local', '--data-dir', directory)

      expect(stderr).to.match(/^error: The keys cannot be written to \S+keys: the disk is full\. Make room there.*No keys were made\n$/)
      expect(code).to.equal(6)
      expect(await readdir(directory)).to.deep.equal(['format', 'lock-directory'])

      await rm(join(path, 'ballast'))

      const node = await binary.start('small/node')

      expect(await readFile(join(directory, 'keys', 'voter.key'), 'utf8')).to.match(/^0x[0-9a-f]{64}\n$/)
      await node.end('SIGTERM')
    } finally {
      await binary.end()
      unmount(path)
    }
  })
})
