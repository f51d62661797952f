import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { VotingClient } from '../../src/client/index.ts'
import { createNode } from '../../src/node/index.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { NodeInit, VotingNode } from '../../src/node/index.ts'

const WAIT = { timeout: 30_000, interval: 50 }

describe('members in the control API', function () {
  this.timeout(60_000)

  const folder = useTempFolder()
  const nodes: VotingNode[] = []

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => node.stop()))
  })

  async function start (name: string, bootstrap: VotingNode[] = [], init: NodeInit = {}): Promise<VotingNode> {
    const node = await createNode({
      dataDirectory: join(folder.path, name),
      lockDirectory: join(folder.path, `${name}-locks`),
      local: true,
      ...init,
      bootstrap: bootstrap.map(({ libp2p }) => `${libp2p.getMultiaddrs()[0]}`)
    })

    nodes.push(node)

    return node
  }

  it('say whose voter a peer is, by name, or that it is a stranger', async () => {
    const first = await start('first')
    const [second, stranger] = [await start('second', [first]), await start('stranger', [first])]
    const clients = [first, second, stranger].map(node => new VotingClient(node.api))
    const policy = { name: 'council', voters: [{ address: first.voter, name: 'Alice' }, { address: second.voter, name: 'Bob' }] }

    for (const client of clients) {
      await client.join({ policy })
    }

    await pWaitFor(async () => (await clients[0].scope('council')).members.length === 1 && (await clients[0].scope('council')).peers.length === 2, WAIT)

    const peers = await clients[0].peers()
    const votersOf = ({ libp2p }: VotingNode): unknown => peers.find(({ peerId }) => peerId === `${libp2p.peerId}`)?.voters
    const member = { peer: `${second.libp2p.peerId}`, voter: second.voter, name: 'Bob' }

    expect(votersOf(second)).to.deep.equal([{ scope: 'council', ...member, counts: true }])
    expect(votersOf(stranger)).to.deep.equal([])
    expect((await clients[0].scope('council')).members).to.deep.equal([member])
    expect((await clients[0].status()).keyAlarms).to.deep.equal([])
  })

  it('raise an alarm where another node has the key of this one', async () => {
    const first = await start('first')

    await (await start('second')).stop()
    await cp(join(folder.path, 'first', 'keys', 'voter.key'), join(folder.path, 'second', 'keys', 'voter.key'))

    const second = await start('second', [first], { newKey: true })
    const client = new VotingClient(first.api)
    const policy = { name: 'council', voters: [first.voter, '0x00000000000000000000000000000000000000aa'] }

    await client.join({ policy })
    await new VotingClient(second.api).join({ policy })
    await pWaitFor(async () => (await client.status()).keyAlarms.length === 1, WAIT)

    const { keyAlarms: [alarm], scopes } = await client.status()
    const [{ voters }] = await client.peers()

    expect(alarm).to.include({ scope: 'council', peer: `${second.libp2p.peerId}` })
    expect(alarm.reason).to.match(/two nodes with one key may vote both yes and no, so stop one of them/)
    expect(scopes[0].members).to.deep.equal([])
    expect(voters).to.deep.include({ scope: 'council', peer: `${second.libp2p.peerId}`, voter: first.voter, name: null, counts: false })
  })
})
