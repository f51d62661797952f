import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { NodeLog } from '../../../src/node/host/log.ts'
import { TestNetwork, policyOf } from '../../utils/nodes.ts'
import type { LogLine } from '../../../src/node/host/log.ts'

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

  it('has a line of each automatic vote of the node', async () => {
    let ahead = 0n
    const node = await network.add({ clock: () => BigInt(Math.floor(Date.now() / 1_000)) + ahead, clockCheckInterval: 20 })
    const lines: LogLine[] = []
    const log = new NodeLog(node.voting, line => lines.push(line), [])

    log.start()
    await node.voting.join({ ...policyOf([node], { onSilence: 'no', decisionRule: 'quorum' }), minLifetimeSeconds: 60 })

    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 60 })

    ahead = 54n
    await node.voting.decision('council', proposalId)
    await pWaitFor(() => lines.some(({ event }) => event === 'auto-vote'))
    log.stop()
    expect(lines.find(({ event }) => event === 'auto-vote')).to.deep.include({ level: 'info', message: `this node voted no automatically on proposal ${proposalId} in scope council`, choice: 'no' })
  })
})
