import { once } from 'node:events'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { DataDirectory } from '../../src/node/host/data-directory.ts'
import { loadIdentity } from '../../src/node/host/identity.ts'
import { createNode, defaultDataDirectory, defaultLockDirectory, readRunning } from '../../src/node/index.ts'
import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { NodeInit } from '../../src/node/index.ts'
import type { AddressInfo } from 'node:net'

describe('node', () => {
  const folder = useTempFolder()

  function init (name = 'data'): NodeInit {
    return { dataDirectory: join(folder.path, name), lockDirectory: join(folder.path, 'locks'), local: true }
  }

  it('tells who runs while it runs, and nothing afterwards', async () => {
    const node = await createNode(init())

    expect(await readRunning(node.dataDirectory)).to.deep.equal({ pid: process.pid, startedAt: node.startedAt, url: node.api.url })

    await node.stop()
    await node.stop()
    expect(await readRunning(node.dataDirectory)).to.equal(undefined)
  })

  it('has another token at each start', async () => {
    const first = await createNode(init())
    await first.stop()

    const second = await createNode(init())
    await second.stop()

    expect(first.voter).to.equal(second.voter)
    expect(first.api.token).to.match(/^[0-9a-f]{64}$/).and.not.equal(second.api.token)
  })

  it('gives everything free again if it cannot start', async () => {
    const server = createServer()

    server.listen(0, '127.0.0.1')
    await once(server, 'listening')

    const { port } = server.address() as AddressInfo

    await expect(createNode({ ...init(), apiPort: port })).to.eventually.be.rejected.with.property('name', 'ListenError')
    await expect(createNode({ ...init(), listen: [`/ip4/127.0.0.1/tcp/${port}`] })).to.eventually.be.rejected.with.property('name', 'ListenError')
    expect(await readdir(join(folder.path, 'data'))).to.have.members(['format', 'keys', 'lock-directory', 'store'])
    server.close()

    const node = await createNode(init())
    await node.stop()
  })

  it('can be told to end its start', async () => {
    const reason = new Error('enough')

    await expect(createNode({ ...init(), signal: AbortSignal.abort(reason) })).to.eventually.be.rejectedWith(reason)

    const node = await createNode(init())
    await node.stop()
  })

  it('names nobody as holder of a store that another part of a process has open', async () => {
    const directory = await DataDirectory.open(join(folder.path, 'data'))
    const storage = await LevelStorage.open(directory.store)

    await expect(directory.lock(0)).to.eventually.be.rejectedWith(/in use by another process/).with.property('name', 'DataDirectoryInUseError')
    await storage.close()
  })

  it('makes its keys once, also when two processes begin together', async () => {
    const keys = join(folder.path, 'keys')
    const identities = await Promise.all(Array.from({ length: 5 }, async () => loadIdentity(keys, true)))

    for (const { privateKey, signer } of identities) {
      expect(privateKey.publicKey.equals(identities[0].privateKey.publicKey)).to.equal(true)
      expect(signer.identity).to.deep.equal(identities[0].signer.identity)
    }

    expect(await readdir(folder.path)).to.deep.equal(['keys'])
    expect(await readFile(join(keys, 'voter.key'), 'utf8')).to.match(/^0x[0-9a-f]{64}\n$/)
  })

  it('takes an empty directory, and what a start that was cut off has left', async () => {
    const path = join(folder.path, 'data')

    await mkdir(path)
    await writeFile(join(path, 'format.0123456789ab.tmp'), 'libp2p')

    const node = await createNode(init())
    await node.stop()
  })

  it('looks for its directories in the environment, then in the user\'s state, then at home', () => {
    expect(defaultDataDirectory({ LIBP2P_VOTING_DATA_DIR: '/a', XDG_STATE_HOME: '/b' })).to.equal('/a')
    expect(defaultDataDirectory({ LIBP2P_VOTING_DATA_DIR: '', XDG_STATE_HOME: '/b' })).to.equal('/b/libp2p-voting')
    expect(defaultDataDirectory({})).to.match(/\/\.libp2p-voting$/)
    expect(defaultLockDirectory({ LIBP2P_VOTING_LOCK_DIR: '/a' })).to.equal('/a')
    expect(defaultLockDirectory({ XDG_STATE_HOME: '/b' })).to.equal('/b/libp2p-voting-locks')
  })

  it('scores what peers send on its topics', async () => {
    const node = await createNode(init())
    const { topic } = await node.voting.join('lobby')
    const { score } = node.libp2p.services.pubsub as any

    expect(score.params.topics[topic]).to.include({ invalidMessageDeliveriesWeight: -10, meshMessageDeliveriesWeight: 0 })
    await node.voting.leave('lobby')
    expect(score.params.topics).to.not.have.property(topic)
    await node.stop()
  })

  it('leaves no timer, socket or other handle when it has stopped', async () => {
    /** How many more of a kind there are than before */
    const added = (before: string[]): string[] => {
      const left = [...before]

      return process.getActiveResourcesInfo().filter(kind => {
        const index = left.indexOf(kind)

        left.splice(index, index === -1 ? 0 : 1)

        return index === -1
      })
    }
    // what the first node of a process makes for all
    const first = await createNode(init('first'))
    await first.stop()

    const before = process.getActiveResourcesInfo()
    const node = await createNode(init())
    await node.voting.join('lobby')
    await node.voting.propose('lobby', { name: 'Go?', expectedVotersCount: 2 })
    expect(added(before)).to.include('TCPServerWrap').and.include('Timeout')
    await node.stop()
    await pWaitFor(() => added(before).length === 0, { timeout: 5_000 }).catch(() => {})
    expect(added(before)).to.be.empty()
  })
})
