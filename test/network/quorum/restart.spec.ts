import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { now } from '../../utils/messages.ts'
import { TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { makeProposals, everyVote, know, scopeOf } from '../../utils/sync.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { newSigner } from './fixture.ts'
import type { Decision, Proposal, ScopePolicyInput } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

describe('a node that was down', () => {
  const folder = useTempFolder()
  const voters = [newSigner(), newSigner(), newSigner()]
  const policy: ScopePolicyInput = {
    name: 'council',
    minLifetimeSeconds: 1,
    clockSkewSeconds: 0,
    graceSeconds: 0,
    voters: voters.map(({ identity }) => identityToAddress(identity))
  }
  let network: TestNetwork
  let storage: LevelStorage
  let node: TestNode
  let peer: TestNode
  let decided: Decision[]

  beforeEach(async () => {
    network = new TestNetwork()
    node = await start(0n)
    peer = await network.add({ signer: voters[1], sync: { maxRequests: 1000 } })
  })

  afterEach(async () => {
    await network.stop()
    await storage.close()
  })

  /**
   * @param later - seconds that the node is down, by its clock
   */
  async function start (later: bigint): Promise<TestNode> {
    storage = await LevelStorage.open(join(folder.path, 'store'))
    decided = []

    // events of scopes that are entered at start come before anybody could listen
    const started = await network.add({ start: false, storage, signer: voters[0], clock: () => now() + later, syncWait: 1_000, sync: { maxRequests: 1000 } })
    started.voting.addEventListener('voting:decided', ({ detail }) => { decided.push(detail) })
    await started.libp2p.start()

    return started
  }

  async function stop (): Promise<void> {
    await node.libp2p.stop()
    network.nodes.splice(network.nodes.indexOf(node), 1)
    await storage.close()
  }

  async function restart (later: bigint): Promise<void> {
    await stop()
    node = await start(later)
  }

  async function meet (): Promise<void> {
    await network.connect([node, peer])
    await network.meet('council', [node, peer])
  }

  async function peerHas ({ proposalId }: Proposal, votes: number): Promise<void> {
    await pWaitFor(async () => peer.voting.get('council', proposalId).then(({ votes: { length } }) => length === votes, () => false), { timeout: 10_000 })
  }

  describe('and votes on a proposal that is older than the process', () => {
    let proposal: Proposal

    beforeEach(async () => {
      await node.voting.join(policy)
      await peer.voting.join(policy)
      proposal = await node.voting.propose('council', { name: 'Go?' })
    })

    it('refuses to while nobody can be asked what it has voted, unless it is forced to', async () => {
      await restart(5n)

      await expect(node.voting.vote('council', proposal.proposalId, true)).to.eventually.be.rejectedWith(/No peer is in the scope.*vote with force/)
        .with.property('name', 'NotSyncedError')
      expect((await node.voting.get('council', proposal.proposalId)).votes).to.be.empty()
      await expect(node.voting.vote('council', proposal.proposalId, true, { force: true })).to.eventually.have.property('vote', true)
    })

    it('votes once it has synced with a peer', async () => {
      await restart(5n)
      await meet()

      await expect(node.voting.vote('council', proposal.proposalId, true)).to.eventually.have.property('vote', true)
    })

    it('gives up waiting for a sync when told to', async () => {
      await restart(5n)
      // a member that is there and cannot be synced with
      await (peer.libp2p as any).components.registrar.unhandle('/voting/sync/1.0.0')
      await meet()

      await expect(node.voting.vote('council', proposal.proposalId, true, { signal: AbortSignal.timeout(100) })).to.eventually.be.rejected.with.property('name', 'TimeoutError')
      await expect(node.voting.vote('council', proposal.proposalId, true)).to.eventually.be.rejectedWith(/Connected, without an answer yet: 0x\w{4}…\w{4}\./)
        .with.property('name', 'NotSyncedError')
    })

    it('asks about a proposal of another that may be ahead of us by the skew', async () => {
      const ahead = await node.voting.join({ ...policy, name: 'senate', clockSkewSeconds: 10, graceSeconds: 20 })
      const theirs = quorumProposal(voters[1], ahead.policy, { timestamp: now() + 5n })
      await know(node, [{ proposal: theirs, signature: await voters[1].sign(announcementDigest(ahead.policy, theirs)) }], [], 'senate')

      await expect(node.voting.vote('senate', theirs.proposalId, true)).to.eventually.be.rejected.with.property('name', 'NotSyncedError')
    })

    it('does not ask about a proposal that it has made itself', async () => {
      await expect(node.voting.vote('council', proposal.proposalId, true)).to.eventually.have.property('vote', true)
    })

    it('learns from a peer what it had voted where its store, and so its vote lock, was restored from before the vote', async () => {
      await stop()
      await cp(join(folder.path, 'store'), join(folder.path, 'backup'), { recursive: true })
      node = await start(5n)
      await meet()
      const vote = await node.voting.vote('council', proposal.proposalId, true)
      await peerHas(proposal, 1)

      await stop()
      await rm(join(folder.path, 'store'), { recursive: true })
      await cp(join(folder.path, 'backup'), join(folder.path, 'store'), { recursive: true })
      node = await start(10n)
      const alarms: unknown[] = []
      node.voting.addEventListener('voting:own-vote', ({ detail }) => { alarms.push(detail) })
      await expect(node.voting.vote('council', proposal.proposalId, false)).to.eventually.be.rejected.with.property('name', 'NotSyncedError')
      await network.connect([node, peer])
      await pWaitFor(() => scopeOf(node).peers.length === 1, { timeout: 10_000 })

      await expect(node.voting.vote('council', proposal.proposalId, false)).to.eventually.be.rejectedWith(/has voted yes already/)
        .with.property('name', 'UserAlreadyVotedError')
      expect((await storage.getSession(scopeOf(node).key, proposal.proposalId))?.lastVote?.voteHash).to.equalBytes(vote.voteHash)
      expect(alarms).to.deep.equal([{ scope: 'council', proposalId: proposal.proposalId, choice: true }])
    })
  })

  it('sends its proposal and its vote that had not got out', async () => {
    await node.voting.join(policy)
    const proposal = await node.voting.propose('council', { name: 'Go?' })
    await node.voting.vote('council', proposal.proposalId, true)
    const sent: number[] = []

    await restart(5n)
    const { publish } = node.pubsub
    node.pubsub.publish = async (...args) => {
      const result = await publish.apply(node.pubsub, args)
      sent.push(result.recipients.length)
      return result
    }
    await peer.voting.join(policy)
    await network.connect([node, peer])
    await peerHas(proposal, 1)
    await pWaitFor(() => sent.filter(recipients => recipients === 1).length === 2, { timeout: 10_000 })
    expect((node.voting as any).parts.publisher.outbox.size).to.equal(0)
  })

  it('ends under quorum what its peers have decided meanwhile as they did, each once', async () => {
    const scope = await node.voting.join(policy)
    await peer.voting.join(policy)
    const proposals = await Promise.all(Array.from({ length: 40 }, async (_, i) => node.voting.propose('council', { name: `${i}`, timeoutSeconds: 30 })))

    for (const proposal of proposals) {
      await node.voting.vote('council', proposal.proposalId, true)
      await know(peer, [{ proposal, signature: await voters[0].sign(announcementDigest(scope.policy, proposal)) }], [
        await boundVote(voters[1], scope.policy, proposal, false),
        await boundVote(voters[2], scope.policy, proposal, false)
      ])
    }

    await restart(100n)
    await network.connect([node, peer])
    await pWaitFor(async () => (await Promise.all(proposals.map(async ({ proposalId }) => node.voting.get('council', proposalId)))).every(({ state, result }) => state === 'reached' && result === false), { timeout: 10_000 })

    expect(decided).to.have.length(40)
  })

  it('ends without a result under quorum what passed while it was down, after a while without a peer', async () => {
    await node.voting.join({ ...policy, voters: policy.voters?.slice(0, 2) })
    const { proposalId } = await node.voting.propose('council', { name: 'Go?', timeoutSeconds: 30 })

    await restart(100n)
    const begun = Date.now()
    await expect(node.voting.decision('council', proposalId)).to.eventually.deep.equal({ scope: 'council', proposalId, state: 'failed' })
    expect(Date.now() - begun).to.be.above(500)
    expect(scopeOf(node).activeProposals).to.equal(0)
  })

  describe('in a reference scope', () => {
    const reference: ScopePolicyInput = { ...policy, decisionRule: 'reference', livenessCriteriaYes: false }
    let proposals: Proposal[]

    // alone it would say no, since the two whose votes it lacks are silent
    beforeEach(async () => {
      const scope = await node.voting.join(reference)
      const made = await makeProposals(40, voters[0], scope, { livenessCriteriaYes: false })

      proposals = made.map(({ proposal }) => proposal)
      await know(node, made, await everyVote(made, voters.slice(0, 1), () => true))
      await peer.voting.join(reference)
      await know(peer, made, await everyVote(made, voters.slice(1), () => true))
    })

    it('ends what its peers have decided meanwhile as they did, each once', async () => {
      await restart(100n)
      await network.connect([node, peer])
      const ends = await Promise.all(proposals.map(async ({ proposalId }) => node.voting.decision('council', proposalId)))

      expect(ends.every(({ result }) => result === true)).to.equal(true)
      expect(decided).to.have.length(40)
    })

    it('ends alone what nobody has come to tell of for a while', async () => {
      await restart(100n)
      const begun = Date.now()
      const ends = await Promise.all(proposals.map(async ({ proposalId }) => node.voting.decision('council', proposalId)))

      expect(ends.every(({ result }) => result === false)).to.equal(true)
      expect(decided).to.have.length(40)
      expect(Date.now() - begun).to.be.above(500)
    })
  })
})
