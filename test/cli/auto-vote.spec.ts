import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { generatePrivateKey } from 'viem/accounts'
import { createNode } from '../../src/node/index.ts'
import { ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { Binary } from '../utils/binary.ts'
import { now } from '../utils/messages.ts'
import { quorumProposal } from '../utils/quorum.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { JoinedScope } from '../../src/network/scope.ts'
import type { VotingNode } from '../../src/node/index.ts'

describe('libp2p-voting, of automatic votes', () => {
  const folder = useTempFolder()
  const binary = new Binary(() => folder.path)
  const other = ethereumSigner(generatePrivateKey())
  let node: VotingNode
  let scope: JoinedScope

  beforeEach(async () => {
    node = await createNode({ dataDirectory: join(folder.path, 'data'), lockDirectory: join(folder.path, 'locks'), local: true })
    scope = await node.voting.join({ name: 'council', voters: [node.voter, identityToAddress(other.identity)], onSilence: 'no', clockSkewSeconds: 5 }) as JoinedScope
  })

  afterEach(async () => {
    await node.stop()
  })

  async function run (...args: string[]): Promise<string> {
    return (await binary.run(...args, '--data-dir', node.dataDirectory)).stdout
  }

  it('says what the node votes, and when, as long as its operator has not voted', async () => {
    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 6_000 })

    expect(await run('show', 'council', `${proposalId}`)).to.match(/\nauto-vote +no in .+, unless you vote before\n/)
    expect(JSON.parse(await run('show', 'council', `${proposalId}`, '--json')).autoVote).to.include({ choice: 'no' })

    await node.voting.vote('council', proposalId, true)
    expect(await run('show', 'council', `${proposalId}`)).to.not.include('auto-vote')
  })

  it('says why the node leaves a proposal to its operator', async () => {
    const proposal = quorumProposal(other, scope.policy, { timestamp: now() - 50n, expirationTimestamp: now() + 60n })

    await node.voting.consensus.processIncomingProposal(scope.key, proposal)
    expect(await run('show', 'council', `${proposal.proposalId}`)).to.match(/\nauto-vote +none: it reached this node after the first quarter of its life\n/)
  })

  it('says which votes it could not cast', async () => {
    scope.addMissedAutoVote({ proposalId: 5, name: 'Go\u001b[2J?', reason: 'no member has answered' })

    expect(await run('status')).to.match(/\nauto-vote +none on council 5 "Go\\u\{1b\}\[2J\?": no member has answered\n/)
    expect(JSON.parse(await run('status', '--json')).scopes[0].missedAutoVotes).to.deep.equal([{ proposalId: 5, name: 'Go\u001b[2J?', reason: 'no member has answered' }])
  })
})
