import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { fingerprintOf } from '../../../src/consensus/proposal/fingerprint.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { announce, now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { digestOf, evidenceFile, twins } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf } from '../../utils/sync.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { newSigner } from './fixture.ts'
import type { Proposal, ScopePolicy } from '../../../src/index.ts'
import type { Alarm } from '../../../src/network/interface.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('two proposals with one id', () => {
  const folder = useTempFolder()
  const mallory = newSigner()
  let network: TestNetwork
  let storage: LevelStorage
  let nodes: TestNode[]
  let first: Proposal
  let second: Proposal
  let policy: ScopePolicy

  async function start (signer = newSigner()): Promise<TestNode> {
    return network.add({ storage, signer })
  }

  beforeEach(async () => {
    network = new TestNetwork()
    storage = await LevelStorage.open(join(folder.path, 'store'))
    nodes = [await start(), await network.add()]

    for (const { voting } of nodes) {
      await voting.join({ name: 'council', voters: [mallory, ...nodes.map(({ signer }) => signer)].map(({ identity }) => identityToAddress(identity)) })
    }

    ({ policy } = scopeOf(nodes[0]));
    [first, second] = twins(mallory, policy, { name: 'Pay', timestamp: now() })
  })

  afterEach(async () => {
    await network.stop()
    await storage.close()
  })

  async function alarms ({ voting }: TestNode): Promise<Alarm[]> {
    return voting.alarms('council')
  }

  /** What a node says that holds one of them and has refused the other */
  function collision (held: Proposal, refused: Proposal): Partial<Alarm> {
    return {
      scope: 'council',
      proposalId: held.proposalId,
      fingerprint: fingerprintOf(digestOf(policy, held)),
      name: held.name,
      proposer: mallory.identity,
      kind: 'collision',
      culprits: [],
      refused: { fingerprint: fingerprintOf(digestOf(policy, refused)), name: refused.name, proposer: mallory.identity }
    }
  }

  it('are an alarm at each member, which names both, where half hold one and half the other, and no peer is blamed', async () => {
    const faults: unknown[] = []
    const collisions: Alarm[] = []

    nodes.forEach(({ voting }) => {
      voting.addEventListener('voting:fault', ({ detail }) => { faults.push(detail) })
      voting.addEventListener('voting:collision', ({ detail }) => { collisions.push(detail) })
    })
    await know(nodes[0], [await makeSigned(mallory, policy, first)])
    await know(nodes[1], [await makeSigned(mallory, policy, second)])
    await network.connect()
    await pWaitFor(async () => (await Promise.all(nodes.map(alarms))).every(({ length }) => length === 1), { timeout: 20_000 })

    const [held, other] = await Promise.all(nodes.map(alarms))

    expect(held[0]).to.deep.include(collision(first, second))
    expect(other[0]).to.deep.include(collision(second, first))
    expect(collisions).to.have.lengthOf(2)
    expect(faults).to.be.empty()
    expect(nodes.every(({ libp2p }) => libp2p.getConnections().length > 0)).to.equal(true)
  })

  it('are still an alarm after a restart, and are not told of again', async () => {
    const [node] = nodes
    const { topic } = scopeOf(node)

    await know(node, [await makeSigned(mallory, policy, first)])
    await network.connect()
    await network.meet('council')
    await nodes[1].pubsub.publish(topic, await announce(mallory, policy, second))
    await pWaitFor(async () => (await alarms(node)).length === 1, { timeout: 20_000 })
    await network.stop()

    const restarted = await start(node.signer)
    const collisions: Alarm[] = []

    restarted.voting.addEventListener('voting:collision', ({ detail }) => { collisions.push(detail) })
    expect((await alarms(restarted))[0]).to.deep.include(collision(first, second))
    await expect(restarted.voting.importProof(await evidenceFile(mallory, policy, second, node.signer))).to.eventually.be.rejected.with.property('name', 'ProofRefusedError')
    expect(collisions).to.be.empty()
  })
})
