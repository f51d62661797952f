import { once } from 'node:events'
import { cp } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { VotingClient } from '../../../src/client/index.ts'
import { createNode } from '../../../src/node/index.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { NodeInit, VotingNode } from '../../../src/node/index.ts'
import type { AddressInfo, Server } from 'node:net'

const WAIT = { timeout: 30_000, interval: 50 }

describe('the peer id of a node', function () {
  this.timeout(60_000)

  const folder = useTempFolder()
  const nodes: VotingNode[] = []

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => node.stop()))
  })

  async function start (name: string, bootstrap: string[] = [], init: NodeInit = {}): Promise<VotingNode> {
    const node = await createNode({ dataDirectory: join(folder.path, name), lockDirectory: join(folder.path, `${name}-locks`), local: true, ...init, bootstrap })

    nodes.push(node)

    return node
  }

  function addressOf ({ libp2p }: VotingNode): string {
    return `${libp2p.getMultiaddrs()[0]}`
  }

  async function kinds (node: VotingNode): Promise<string[]> {
    return (await new VotingClient(node.api).status()).keyAlarms.map(({ kind, address, scope }) => [kind, address == null ? scope : 'address'].join(' '))
  }

  it('is an alarm at both nodes where a data directory was copied and one of them finds the other', async () => {
    await (await start('first')).stop()
    await cp(join(folder.path, 'first'), join(folder.path, 'second'), { recursive: true })

    const first = await start('first')
    const events: unknown[] = []

    first.voting.addEventListener('voting:own-key', ({ detail: { kind, peer } }) => { events.push({ kind, peer }) })

    // a list of nodes to bootstrap from that all nodes share names the own node as well
    const second = await start('second', [addressOf(first)])

    expect(`${second.libp2p.peerId}`).to.equal(`${first.libp2p.peerId}`)
    await pWaitFor(async () => (await kinds(first)).length === 1 && (await kinds(second)).length === 1, WAIT)
    expect([...await kinds(first), ...await kinds(second)]).to.deep.equal(['peer address', 'peer address'])
    expect(events).to.deep.equal([{ kind: 'peer', peer: `${first.libp2p.peerId}` }])

    const { keyAlarms: [{ reason, address }] } = await new VotingClient(second.api).status()

    expect(address).to.equal(addressOf(first).replace(/\/p2p\/.*/, ''))
    expect(reason).to.match(/another node runs with a copy of this node's keys.*Stop one of the two, and start it again with an empty data directory/)

    // it lasts when the other one is gone
    await second.stop()
    expect(await kinds(first)).to.have.length(1)
  })

  it('is an alarm at both nodes where mDNS finds it elsewhere', async () => {
    const init = { local: false, mdns: true, listen: ['/ip4/0.0.0.0/tcp/0'] }

    await (await start('first')).stop()
    await cp(join(folder.path, 'first'), join(folder.path, 'second'), { recursive: true })

    const [first, second] = [await start('first', [], init), await start('second', [], init)]

    await pWaitFor(async () => (await kinds(first)).length === 1 && (await kinds(second)).length === 1, WAIT)
  })

  describe('that leads back to the node itself', () => {
    let relay: Server | undefined

    afterEach(async () => {
      relay?.close()
      relay = undefined
    })

    it('is none', async () => {
      const node = await start('first')
      const port = Number(/\/tcp\/(\d+)/.exec(addressOf(node))?.[1])

      // as a router is that the node is reached by, or anybody on the way
      relay = relayTo(port).listen(0, '127.0.0.1')
      await once(relay, 'listening')

      for (const through of [port, (relay.address() as AddressInfo).port]) {
        await expect(node.libp2p.dial(multiaddr(`/ip4/127.0.0.1/tcp/${through}`))).to.eventually.be.rejectedWith(/self/)
      }

      expect(await kinds(node)).to.be.empty()
    })
  })
})

function relayTo (port: number): Server {
  return createServer(socket => {
    const onward = connect(port, '127.0.0.1')

    socket.pipe(onward).pipe(socket)
    socket.on('error', () => { onward.destroy() })
    onward.on('error', () => { socket.destroy() })
  })
}
