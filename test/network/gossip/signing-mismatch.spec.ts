import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { SigningMismatches } from '../../../src/network/gossip/signing-mismatch.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('members that sign their gossip in another way', () => {
  const network = new TestNetwork()

  afterEach(async () => {
    await network.stop()
  })

  function others ({ voting }: TestNode): string[] {
    return voting.scopes()[0].otherSigning.map(({ peer, signing }) => `${peer} ${signing}`)
  }

  it('are shown on both sides, until they are gone', async () => {
    const first = await network.add()
    const second = await network.add({ gossipsub: { globalSignaturePolicy: 'StrictNoSign' } })
    const third = await network.add()
    const events: string[] = []

    first.voting.addEventListener('voting:other-signing', ({ detail: { scope, peer } }) => { events.push(`${scope} ${peer}`) })
    await network.connect()
    await network.join(policyOf([first, second, third]))

    await pWaitFor(() => others(first).length === 1 && others(second).length === 2, { timeout: 10_000 })
    expect(others(first)).to.deep.equal([`${second.libp2p.peerId} StrictNoSign`])
    expect(others(second)).to.have.members([first, third].map(({ libp2p }) => `${libp2p.peerId} StrictSign`))
    expect(events).to.deep.equal([`council ${second.libp2p.peerId}`])

    await second.libp2p.stop()
    await pWaitFor(() => others(first).length === 0, { timeout: 10_000 })
  })

  it('are forgotten when they do as we do, when their scope is left, and beyond a number', () => {
    const others = new SigningMismatches(() => true)
    const peers = Array.from({ length: 1_100 }, (_, index) => ({ toString: () => `${index}` }) as any)

    peers.forEach(peer => { others.update('council', peer, 'StrictSign') })
    expect(others.of('council')).to.have.length(1_000)
    others.update('council', peers[1_099])
    expect(others.of('council')).to.have.length(999)
    others.clear('council')
    expect(others.of('council')).to.be.empty()
  })
})
