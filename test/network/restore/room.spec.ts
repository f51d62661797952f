import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { FileVoteLock } from '../../../src/storage/vote-lock/file-vote-lock.ts'
import { announce, now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf } from '../../utils/sync.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { newSigner } from '../quorum/fixture.ts'
import type { Proposal } from '../../../src/index.ts'

/** What a proposer may have open at a node */
const SHARE = 100

describe('a restored node that has no room for a proposal', () => {
  const network = new TestNetwork()
  const folder = useTempFolder()

  afterEach(async () => {
    await network.stop()
  })

  it('does not take its members for asked about it, and never votes the opposite', async () => {
    const [key, hostile] = [newSigner(), newSigner()]
    const members = [await network.add(), await network.add()]
    const proposer = await network.add({ signer: hostile })
    const voters = [key, ...members.map(({ signer }) => signer), hostile].map(({ identity }) => identityToAddress(identity))
    const policy = { name: 'council', minLifetimeSeconds: 1, clockSkewSeconds: 1, graceSeconds: 2, voters }

    await Promise.all([...members, proposer].map(async node => node.voting.join(policy)))

    const { policy: parsed } = scopeOf(proposer)
    const began = now()
    const propose = async (count: number, name: string, life: bigint): Promise<Array<{ proposal: Proposal, signature: Uint8Array }>> => Promise.all(Array.from({ length: count }, async (_, i) => {
      const proposal = quorumProposal(hostile, parsed, { name: `${name} ${i}`, timestamp: began, expirationTimestamp: began + life })

      return makeSigned(hostile, parsed, proposal)
    }))
    const open = await propose(1, 'Known to the members', 3_600n)
    const [{ proposal }] = open

    // the key has voted yes before the machine was lost
    for (const member of members) {
      await know(member, open, [await boundVote(key, parsed, proposal, true)])
    }

    // only the proposer shows these, and the last makes room when it ends
    await know(proposer, [...await propose(SHARE - 1, 'Takes room', 3_600n), ...await propose(1, 'Takes room for a while', 10n)])

    const restored = await network.add({ signer: key, brought: true, voteLock: new FileVoteLock(folder.path) })

    await restored.voting.join(policy)
    await restored.libp2p.dial(proposer.libp2p.getMultiaddrs())
    await pWaitFor(() => scopeOf(restored).active.size === SHARE, { timeout: 9_000 })
    await Promise.all(members.map(async ({ libp2p }) => restored.libp2p.dial(libp2p.getMultiaddrs())))
    await pWaitFor(() => (restored.voting as any).parts.asked.voters(scopeOf(restored), -Infinity).length === 3, { timeout: 9_000 })
    await expect(restored.voting.get('council', proposal.proposalId)).to.eventually.be.rejected()

    await pWaitFor(() => scopeOf(restored).active.size < SHARE, { timeout: 20_000 })
    await pWaitFor(async () => {
      await proposer.pubsub.publish(scopeOf(restored).topic, await announce(hostile, parsed, proposal)).catch(() => {})

      return restored.voting.get('council', proposal.proposalId).then(() => true, () => false)
    }, { timeout: 9_000 })

    await expect(restored.voting.vote('council', proposal.proposalId, false)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
    expect((await members[0].voting.get('council', proposal.proposalId)).tally).to.deep.include({ yes: 1, no: 0 })
  })
})
