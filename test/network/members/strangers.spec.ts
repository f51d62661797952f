import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf, synced } from '../../utils/sync.ts'
import type { Proposal } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('strangers', function () {
  this.timeout(60_000)

  const network = new TestNetwork()
  let voter: TestNode
  let member: TestNode
  let strangers: TestNode[]
  let older: Proposal

  beforeEach(async () => {
    voter = await network.add({ syncWait: 1_000, sync: { interval: 200, maxRequests: 1_000 } })
    member = await network.add({ sync: { maxRequests: 1_000 } })
    strangers = [await network.add(), await network.add({ keyless: true })]

    const policy = policyOf([voter, member], { decisionRule: 'quorum' })

    for (const { voting } of network.nodes) {
      await voting.join(policy)
    }

    const scope = scopeOf(voter)

    older = quorumProposal(member.signer, scope.policy, { timestamp: now() - 100n, expirationTimestamp: now() + 600n })
    await know(voter, [await makeSigned(member.signer, scope.policy, older)])
    await network.connect([voter, ...strangers])
    await network.meet('council', [voter, ...strangers])
    await pWaitFor(() => (voter.voting as any).parts.sync.stats.completed > 2, { timeout: 20_000 })
  })

  afterEach(async () => {
    await network.stop()
  })

  it('cannot tell what this key has voted on a proposal that is older than the process', async () => {
    await expect(voter.voting.vote('council', older.proposalId, true)).to.eventually.be.rejected.with.property('name', 'NotSyncedError')
    expect((await voter.voting.get('council', older.proposalId)).votes).to.be.empty()

    await network.connect([voter, member])
    await pWaitFor(() => scopeOf(voter).members.isMember(member.libp2p.peerId), { timeout: 20_000 })
    await expect(voter.voting.vote('council', older.proposalId, true)).to.eventually.have.property('vote', true)
  })

  it('do not make the scope synced, though what they have is taken', async () => {
    const [known] = [quorumProposal(member.signer, scopeOf(voter).policy, { name: 'Told by a stranger' })]

    await know(strangers[0], [await makeSigned(member.signer, scopeOf(voter).policy, known)])
    await pWaitFor(async () => voter.voting.get('council', known.proposalId).then(() => true, () => false), { timeout: 20_000 })
    expect(scopeOf(voter).synced).to.equal(false)

    await network.connect([voter, member])
    await synced(voter)
    await pWaitFor(() => scopeOf(voter).synced, { timeout: 20_000 })
  })
})
