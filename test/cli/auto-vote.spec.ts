import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { generatePrivateKey } from 'viem/accounts'
import { createNode } from '../../src/node/index.ts'
import { ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { Binary } from '../utils/binary.ts'
import { now } from '../utils/messages.ts'
import { quorumProposal } from '../utils/quorum.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { JoinedScope } from '../../src/network/scope/scope.ts'
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

  it('announces on joining, and wherever the scope is shown, what the node votes for its voter', async () => {
    const file = join(folder.path, 'senate.json')
    const own = 'this node votes yes automatically, shortly before the deadline, if you have not voted'

    await writeFile(file, JSON.stringify({ name: 'senate', voters: [node.voter, identityToAddress(other.identity)], onSilence: 'yes', minLifetimeSeconds: 60 }))

    const added = await run('scope', 'add', file)

    expect(added).to.include('Joined senate (2 voters, nodes vote yes for the silent).\n')
    expect(added).to.include('Silence: the node of a voter who has not voted votes yes automatically.\n')
    expect(added).to.include(`T${own.slice(1)}.\n`)
    expect(await run('status')).to.match(/senate \(2 voters, nodes vote yes for the silent\)/)
    expect(await run('scope', 'list')).to.match(/senate +2 voters, nodes vote yes for the silent/)
    expect((await run('scope', 'show', 'senate')).replaceAll(/\s+/g, ' ')).to.include(`auto-vote ${own}`)
  })

  it('takes a side of the silent only where the proposer chooses it, and says which it is', async () => {
    const refused = await binary.run('propose', 'council', 'Go?', '--liveness', 'yes', '--data-dir', node.dataDirectory)

    expect(refused.code).to.equal(2)
    expect(refused.stderr).to.include('--liveness has no effect in scope "council": the node of a voter who has not voted votes no automatically, whatever the proposer says. Leave it out')
    expect(await run('propose', 'council', 'Go?', '--timeout', '6000')).to.not.include('Silence')

    await node.voting.join({ name: 'senate', voters: [node.voter], onSilence: 'liveness', minLifetimeSeconds: 60 })
    expect(await run('propose', 'senate', 'Go?')).to.include('Silence: the node of a voter who has not voted votes yes automatically; --liveness sets it.\n')
    expect(await run('propose', 'senate', 'Stop?', '--liveness', 'no')).to.include('Silence: the node of a voter who has not voted votes no automatically.\n')
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
