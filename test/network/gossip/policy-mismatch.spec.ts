import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { PolicyMismatches } from '../../../src/network/gossip/policy-mismatch.ts'
import { topicOf } from '../../../src/network/gossip/topic.ts'
import { TestNetwork, policyOf } from '../../utils/nodes.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('peers under another policy', () => {
  const network = new TestNetwork()

  afterEach(async () => {
    await network.stop()
  })

  function others ({ voting }: TestNode): string[] {
    return voting.scopes()[0].otherPolicies.map(({ peer, digest }) => `${peer} ${digest}`)
  }

  it('are noticed on both sides, whoever joins first, until they leave', async () => {
    const [first, second] = [await network.add(), await network.add()]
    const events: string[] = []

    for (const { voting } of [first, second]) {
      voting.addEventListener('voting:other-policy', ({ detail: { scope, peer, digest } }) => { events.push(`${scope} ${peer} ${digest}`) })
    }

    await network.connect()

    const { digest } = await first.voting.join(policyOf([first, second], { threshold: 0.6 }))

    // the second learns of the first before it joins itself
    await pWaitFor(() => second.pubsub.getSubscribers(first.voting.scopes()[0].topic).length === 1, { timeout: 10_000 })

    const other = await second.voting.join(policyOf([first, second], { threshold: 0.9 }))

    expect(others(second)).to.deep.equal([`${first.libp2p.peerId} ${bytesToHex(digest)}`])
    await pWaitFor(() => others(first).length === 1, { timeout: 10_000 })
    expect(others(first)).to.deep.equal([`${second.libp2p.peerId} ${bytesToHex(other.digest)}`])
    expect(first.voting.scopes()[0].peers).to.be.empty()
    expect(events).to.have.members([
      `council ${first.libp2p.peerId} ${bytesToHex(digest)}`,
      `council ${second.libp2p.peerId} ${bytesToHex(other.digest)}`
    ])

    // one that comes and goes is told of once
    await second.voting.leave('council')
    await pWaitFor(() => others(first).length === 0, { timeout: 10_000 })

    await second.voting.join(policyOf([first, second], { threshold: 0.9 }))
    await pWaitFor(() => others(first).length === 1, { timeout: 10_000 })
    expect(events).to.have.length(2)
    await second.libp2p.stop()
    await pWaitFor(() => others(first).length === 0, { timeout: 10_000 })
  })

  it('are forgotten when they are gone, and take bounded memory, whether anybody asks for them or not', () => {
    const connected = new Set<string>()
    const policies = new PolicyMismatches(peer => connected.has(`${peer}`))
    const meet = (name: string): void => {
      connected.add(name)
      policies.update({ toString: () => name } as any, [{ topic: topicOf('council', new Uint8Array(32)), subscribe: true }])
    }

    meet('a')
    connected.delete('a')
    meet('b')
    expect(policies.size).to.equal(1)

    for (let index = 0; index < 1_500; index++) {
      meet(`${index}`)
    }

    expect(policies.size).to.equal(1_000)
    expect(policies.of('council', 'ours').map(({ peer }) => `${peer}`)).to.include('1499').and.not.include('b')
  })

  it('are no others where the policy is the same, or the name is not', async () => {
    const [first, second] = [await network.add(), await network.add()]

    await network.connect()
    await network.join(policyOf([first, second]))
    await second.voting.join('lobby')
    await pWaitFor(() => first.pubsub.getSubscribers(second.voting.scopes()[1].topic).length === 1, { timeout: 10_000 })

    expect(others(first)).to.be.empty()
    expect(others(second)).to.be.empty()
  })
})
