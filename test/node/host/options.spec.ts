import { join } from 'node:path'
import { generateKey } from '@libp2p/pnet'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { createNode } from '../../../src/node/index.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { NodeInit, VotingNode } from '../../../src/node/index.ts'

describe('node options', () => {
  const folder = useTempFolder()
  const nodes: VotingNode[] = []

  async function start (name: string, options: NodeInit): Promise<VotingNode> {
    const node = await createNode({ dataDirectory: join(folder.path, name), lockDirectory: join(folder.path, 'locks'), local: true, ...options })

    nodes.push(node)

    return node
  }

  function addresses (node: VotingNode): string[] {
    return node.libp2p.getMultiaddrs().map(address => address.toString())
  }

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => node.stop()))
  })

  for (const gossipSigning of ['StrictSign', 'StrictNoSign'] as const) {
    it(`decides under ${gossipSigning}`, async () => {
      const first = await start('first', { gossipSigning })
      const second = await start('second', { gossipSigning, bootstrap: addresses(first) })

      for (const { voting } of [first, second]) {
        await voting.join('lobby')
      }

      await pWaitFor(() => [first, second].every(({ voting }) => voting.scopes()[0].peers.length === 1), { timeout: 10_000 })
      expect((first.libp2p.services.pubsub as any).globalSignaturePolicy).to.equal(gossipSigning)

      const { proposalId } = await first.voting.propose('lobby', { name: 'Go?', expectedVotersCount: 2 })

      await pWaitFor(async () => second.voting.get('lobby', proposalId).then(() => true, () => false), { timeout: 10_000 })
      await first.voting.vote('lobby', proposalId, true)
      await second.voting.vote('lobby', proposalId, true)

      for (const { voting } of [first, second]) {
        expect(await voting.decision('lobby', proposalId, { signal: AbortSignal.timeout(10_000) })).to.include({ state: 'reached', result: true })
      }
    })
  }

  it('lets only those in who have its swarm key', async () => {
    const [swarmKey, other] = [new Uint8Array(95), new Uint8Array(95)]

    generateKey(swarmKey)
    generateKey(other)

    const first = await start('first', { swarmKey })
    const second = await start('second', { swarmKey, bootstrap: addresses(first) })

    expect(second.libp2p.getConnections(first.libp2p.peerId)).to.have.lengthOf(1)
    await expect(start('third', { swarmKey: other, bootstrap: addresses(first) })).to.eventually.be.rejected.with.property('name', 'BootstrapUnreachableError')
    await expect(start('fourth', { bootstrap: addresses(first) })).to.eventually.be.rejected.with.property('name', 'BootstrapUnreachableError')
  })

  it('says what a swarm key and a signing policy must be', async () => {
    await expect(start('first', { swarmKey: new TextEncoder().encode('secret') })).to.eventually.be.rejectedWith(/^swarmKey must be the content of a swarm key file/).with.property('name', 'InvalidOptionError')
    await expect(start('first', { gossipSigning: 'None' as any })).to.eventually.be.rejectedWith(/"StrictSign" or "StrictNoSign", got "None"/)
  })
})
