import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { MemoryStorage } from '../../../src/consensus/storage/memory.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { FileVoteLock } from '../../../src/storage/vote-lock/file-vote-lock.ts'
import { createGossipPeer } from '../../utils/gossip-peer.ts'
import { now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf, synced } from '../../utils/sync.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { newSigner } from '../quorum/fixture.ts'
import type { Proposal, ScopePolicyInput } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

const TIMEOUT = { timeout: 20_000 }

describe('a vote on what is older than the process, or than a restore', function () {
  this.timeout(60_000)

  const folder = useTempFolder()
  const key = newSigner()
  let network: TestNetwork
  let storage: MemoryStorage
  let found: string[]

  beforeEach(() => {
    network = new TestNetwork()
    storage = new MemoryStorage()
    found = []
  })

  afterEach(async () => { await network.stop() })

  function policyOf (signers: Array<{ identity: Uint8Array }>, policy: Partial<ScopePolicyInput> = {}): ScopePolicyInput {
    return { name: 'council', minLifetimeSeconds: 1, clockSkewSeconds: 1, graceSeconds: 2, voters: signers.map(({ identity }) => identityToAddress(identity)), ...policy }
  }

  /** The node with the key on the same store, and on the vote locks in a folder, which were lost if it is another one */
  async function start (locks: string, brought = true): Promise<TestNode> {
    const node = await network.add({ start: false, storage, voteLock: new FileVoteLock(join(folder.path, locks)), signer: key, brought, syncWait: 1_000, sync: { maxRequests: 1_000 } })

    node.voting.addEventListener('voting:restored', ({ detail: { reason } }) => { found.push(reason) })
    await node.libp2p.start()

    return node
  }

  async function stop (node: TestNode): Promise<void> {
    await node.libp2p.stop()
    network.nodes.splice(network.nodes.indexOf(node), 1)
  }

  /** Makes a proposal in a scope, and stops the node that has made it */
  async function propose (scope: string | ScopePolicyInput): Promise<number> {
    const node = await start('locks', false)

    await node.voting.join(scope)

    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 3_600, ...typeof scope === 'string' ? { expectedVotersCount: 3 } : {} })

    await stop(node)

    return proposalId
  }

  async function refused (node: TestNode, proposalId: number, reason: RegExp): Promise<void> {
    await expect(node.voting.vote('council', proposalId, false)).to.eventually.be.rejectedWith(reason).with.property('name', 'NotSyncedError')
  }

  async function forced (node: TestNode, proposalId: number): Promise<void> {
    await expect(node.voting.vote('council', proposalId, false, { force: true })).to.eventually.have.property('vote', false)
  }

  describe('of the only voter', () => {
    it('needs nobody after a start', async () => {
      const proposalId = await propose(policyOf([key]))
      const node = await start('locks')

      await expect(node.voting.vote('council', proposalId, false)).to.eventually.have.property('vote', false)
      expect(found).to.be.empty()
    })

    it('needs force after a restore, whoever is connected', async () => {
      const policy = policyOf([key])
      const proposalId = await propose(policy)
      const peer = await network.add({ keyless: true })
      const node = await start('lost')

      expect(found).to.have.lengthOf(1)
      expect(found[0]).to.match(/^the vote locks that its store was used with are gone: there are none in \//)
      await peer.voting.join(policy)
      await network.connect()
      await synced(node)
      await refused(node, proposalId, /was restored at .*It is the only voter, so that nobody can be asked/)
      await forced(node, proposalId)
    })
  })

  describe('in an open scope', () => {
    it('needs a sync with any peer after a start', async () => {
      const proposalId = await propose('council')
      const node = await start('locks')

      await refused(node, proposalId, /no peer has told since.*No peer is in the scope/)

      const peer = await network.add({ keyless: true })

      await peer.voting.join('council')
      await network.connect()
      await pWaitFor(() => scopeOf(node).peers.length === 1, TIMEOUT)
      await expect(node.voting.vote('council', proposalId, false)).to.eventually.have.property('vote', false)
      expect(found).to.be.empty()
    })

    it('needs force after a restore, whoever is connected', async () => {
      const proposalId = await propose('council')
      const peer = await network.add()
      const node = await start('lost')

      await peer.voting.join('council')
      await network.connect()
      await synced(node)
      await refused(node, proposalId, /was restored at .*In an open scope no member can be asked/)
      await forced(node, proposalId)
    })
  })

  it('needs force in a reference scope among peers that do not sync', async () => {
    const policy = policyOf([key, newSigner()], { decisionRule: 'reference' })

    for (const [locks, reason] of [['locks', /no member has told since.*No peer here can be asked/], ['lost', /was restored at .*No peer here can be asked/]] as const) {
      storage = new MemoryStorage()

      const proposalId = await propose(policy)
      const peer = await createGossipPeer()
      const node = await start(locks)

      try {
        peer.services.pubsub.subscribe(scopeOf(node).topic)
        await peer.dial(node.libp2p.getMultiaddrs())
        await pWaitFor(() => scopeOf(node).peers.length === 1, TIMEOUT)
        await refused(node, proposalId, reason)
        await forced(node, proposalId)
        expect(found).to.have.lengthOf(locks === 'lost' ? 1 : 0)
      } finally {
        await stop(node)
        await peer.stop()
      }
    }
  })

  it('counts no member for a proposal whose votes it has pruned, after a restore', async () => {
    const [member, ...others] = [newSigner(), newSigner(), newSigner(), newSigner()]
    const policy = policyOf([key, member, ...others], { threshold: '1/2' })
    const asked = await network.add({ signer: member, sync: { maxRequests: 1_000 } })

    await asked.voting.join(policy)

    const { key: scope, policy: rules } = scopeOf(asked)
    const [pruned, kept] = await Promise.all(['pruned', 'kept'].map(async name => make(asked, name)))
    const votes = await Promise.all([member, ...others].map(async (voter, index) => boundVote(voter, rules, pruned.proposal, index !== 3)))

    // what is pruned is the vote for no: three of five decide
    await know(asked, [pruned, kept], [votes[3], ...votes.slice(0, 3)])
    await asked.voting.consensus.storage.pruneVotes?.(scope, pruned.proposal.proposalId)

    const node = await start('lost')
    const reason = async ({ proposal: { proposalId } }: typeof pruned): Promise<string | undefined> => (await node.voting.get('council', proposalId)).unasked

    await node.voting.join(policy)
    await network.connect()
    await pWaitFor(async () => reason(kept).then(text => text?.includes('in a sync since then; 1 has') === true, () => false), TIMEOUT)
    expect(await reason(pruned)).to.include('in a sync since then; 0 have')
  })

  it('is not cast where a vote of the own key arrives that the locks know nothing of: the node was restored', async () => {
    const [member, ...others] = [newSigner(), newSigner(), newSigner()]
    const policy = policyOf([key, member, ...others])
    const asked = await network.add({ signer: member, sync: { maxRequests: 1_000 } })

    await asked.voting.join(policy)

    const [voted, free] = await Promise.all(['voted', 'free'].map(async name => make(asked, name)))

    await know(asked, [voted, free], [await boundVote(key, scopeOf(asked).policy, voted.proposal, true)])

    // as far as its locks and its store know, the key is used here for the first time, and was made here
    const node = await start('locks', false)

    expect(found).to.be.empty()
    await node.voting.join(policy)
    await network.connect()
    await pWaitFor(() => found.length > 0, TIMEOUT)
    expect(found).to.deep.equal(['a vote by this key arrived that its vote locks know nothing of'])
    await expect(node.voting.vote('council', voted.proposal.proposalId, false)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
    await refused(node, free.proposal.proposalId, /was restored at .*once the nodes of 3 other voters/)
  })

  /** A proposal of a member, from before any node was started */
  async function make ({ signer, voting }: TestNode, name: string): Promise<{ proposal: Proposal, signature: Uint8Array }> {
    const [{ policy }] = voting.scopes()

    return makeSigned(signer, policy, quorumProposal(signer, policy, { name, timestamp: now() - 60n, expirationTimestamp: now() + 3_600n }))
  }
})
