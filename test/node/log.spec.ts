import { expect } from 'aegir/chai'
import { parsePolicy } from '../../src/consensus/policy.ts'
import { NodeLog } from '../../src/node/log.ts'
import { TestNetwork } from '../utils/nodes.ts'
import type { LogLine } from '../../src/node/log.ts'

describe('the log of a node', () => {
  let network: TestNetwork

  beforeEach(() => {
    network = new TestNetwork()
  })

  afterEach(async () => {
    await network.stop()
  })

  it('has lines of what happens while the service starts and stops, too, and names open scopes as such in them', async () => {
    const node = await network.add({ start: false })
    const lines: LogLine[] = []
    const log = new NodeLog(node.voting, line => lines.push(line), [parsePolicy({ name: 'lobby' })])
    const fails = (scope: string): void => { node.voting.dispatchEvent(new CustomEvent('voting:failed', { detail: { scope, proposalId: 7, state: 'failed' } })) }

    log.start()
    fails('lobby')
    await node.libp2p.start()
    await node.voting.join('square')
    fails('square')
    await node.libp2p.stop()
    fails('square')
    fails('council')
    log.stop()

    expect(lines.map(({ message }) => message)).to.deep.equal(['open scope lobby', 'open scope square', 'open scope square', 'scope council'].map(scope => `proposal 7 in ${scope} has ended without a result`))
  })
})
