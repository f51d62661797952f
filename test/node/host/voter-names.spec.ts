import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { VotingClient } from '../../../src/client/index.ts'
import { createNode } from '../../../src/node/index.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { newSigner } from '../../network/quorum/fixture.ts'
import { boundVote, digestOf, twins } from '../../utils/quorum.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { NodeEvent } from '../../../src/client/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { LogLine, VotingNode } from '../../../src/node/index.ts'

describe('names of voters', function () {
  this.timeout(60_000)

  const folder = useTempFolder()
  let node: VotingNode

  afterEach(async () => {
    await node.stop()
  })

  it('stand beside addresses in events and lines of the log', async () => {
    const lines: LogLine[] = []
    const events = new Map<string, any>()
    const [zoe, other] = [newSigner(), newSigner()]
    const [address, nameless] = [zoe, other].map(({ identity }) => identityToAddress(identity))

    node = await createNode({ dataDirectory: join(folder.path, 'node'), lockDirectory: join(folder.path, 'locks'), local: true, onLog: line => { lines.push(line) } })

    const scope = await node.voting.join({ name: 'council', voters: [{ address, name: 'Zoë' }, { address: nameless, name: null }] })
    const { promise, resolve } = Promise.withResolvers<void>()

    void (async () => {
      for await (const { type, data } of new VotingClient(node.api).events({ reconnect: false, onConnect: resolve })) {
        events.set(`${type} ${'voter' in data ? data.voter : ''}`.trim(), data)
      }
    })().catch(() => {
      // the node has stopped
    })
    await promise

    const { key } = scope as JoinedScope
    const { consensus } = node.voting
    const [proposal, twin] = twins(zoe, scope.policy)

    await consensus.processIncomingProposal(key, proposal, { signature: await zoe.sign(digestOf(scope.policy, proposal)) })
    await consensus.processIncomingVote(key, await boundVote(zoe, scope.policy, proposal, true))
    await consensus.processIncomingVote(key, await boundVote(other, scope.policy, proposal, true))
    await consensus.processIncomingVote(key, await boundVote(zoe, scope.policy, proposal, false))
    await (node.voting as any).parts.validator.init.onCollision(scope, { proposalId: twin.proposalId, name: twin.name, proposer: zoe.identity, digest: digestOf(scope.policy, twin) })

    const expected: Array<NodeEvent['type'] | string> = ['proposal', `vote ${address}`, `evidence ${address}`, 'collision']

    await pWaitFor(() => [...expected, `vote ${nameless}`].every(event => events.has(event)), { timeout: 10_000 })

    for (const event of expected) {
      expect(events.get(event).names, event).to.deep.equal({ [address]: 'Zoë' })
    }

    expect(events.get(`vote ${nameless}`)).to.not.have.property('names')

    for (const event of ['proposal', 'evidence', 'collision']) {
      expect(lines.find(line => line.event === event)?.names, event).to.deep.equal({ [address]: 'Zoë' })
    }

    expect(lines.find(({ event }) => event === 'evidence')?.message).to.match(new RegExp(`^Zoë \\(${address}\\) has voted both yes and no`))
    expect(lines.find(({ event }) => event === 'collision')?.message).to.include(`by Zoë (${address}), which this node holds`)
  })
})
