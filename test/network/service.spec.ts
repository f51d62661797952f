import { sha256 } from '@noble/hashes/sha2.js'
import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { toString } from 'uint8arrays/to-string'
import { generatePrivateKey } from 'viem/accounts'
import { ethereumSigner } from '../../src/signers/ethereum.ts'
import { recordEvents } from '../utils/events.ts'
import { policyOf, TestNetwork } from '../utils/nodes.ts'
import type { TestNode } from '../utils/nodes.ts'
import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'

async function knows (node: TestNode, proposalId: number): Promise<void> {
  await pWaitFor(async () => node.voting.get('council', proposalId).then(() => true, () => false), { timeout: 10_000 })
}

describe('voting service', () => {
  let network: TestNetwork

  beforeEach(() => {
    network = new TestNetwork()
  })

  afterEach(async () => {
    await network.stop()
  })

  describe('of one node', () => {
    it('refuses everything before the node has started', async () => {
      const { voting } = await network.add({ start: false })

      expect(() => voting.scopes()).to.throw().with.property('name', 'NotStartedError')
      await expect(voting.join('council')).to.eventually.be.rejected.with.property('name', 'NotStartedError')
      await expect(voting.leave('council')).to.eventually.be.rejected.with.property('name', 'NotStartedError')
      await expect(voting.configure('council', {})).to.eventually.be.rejected.with.property('name', 'NotStartedError')
      await expect(voting.propose('council', { name: 'a' })).to.eventually.be.rejected.with.property('name', 'NotStartedError')
      await expect(voting.vote('council', 1, true)).to.eventually.be.rejected.with.property('name', 'NotStartedError')
      await expect(voting.decision('council', 1)).to.eventually.be.rejected.with.property('name', 'NotStartedError')
      await expect(voting.get('council', 1)).to.eventually.be.rejected.with.property('name', 'NotStartedError')
      await expect(voting.list('council')[Symbol.asyncIterator]().next()).to.eventually.be.rejected.with.property('name', 'NotStartedError')
    })

    it('refuses a signer that is none, and a storage that keeps no policies', async () => {
      await expect(network.add({ signer: '0x01' as any })).to.eventually.be.rejectedWith(/signer must be an object/)
      await expect(network.add({ storage: {} as any })).to.eventually.be.rejectedWith(/storage must keep the policies/)
    })

    it('says whether its key may vote and propose', async () => {
      const [node, other, keyless] = [await network.add(), await network.add(), await network.add({ keyless: true })]
      const voters = policyOf([node]).voters
      const parts = async ({ voting }: TestNode, scope: Parameters<typeof voting.join>[0]): Promise<boolean[]> => {
        const { mayVote, mayPropose } = await voting.join(scope)

        return [mayVote, mayPropose]
      }

      expect(await parts(node, policyOf([node]))).to.deep.equal([true, true])
      expect(await parts(other, policyOf([node]))).to.deep.equal([false, false])
      expect(await parts(other, { name: 'senate', voters, proposers: policyOf([other]).voters?.map(voter => typeof voter === 'string' ? voter : voter.address) })).to.deep.equal([false, true])
      expect(await parts(other, 'lobby')).to.deep.equal([true, true])
      expect(await parts(keyless, 'lobby')).to.deep.equal([false, false])
    })

    it('decides alone what one voter decides', async () => {
      const { voting, signer } = await network.add()
      await voting.join('council')

      const proposal = await voting.propose('council', { name: 'Go?', expectedVotersCount: 1 })
      expect(proposal.proposalOwner).to.equalBytes(signer.identity)

      const vote = await voting.vote('council', proposal.proposalId, true)
      expect(vote).to.have.property('vote', true)

      await expect(voting.decision('council', proposal.proposalId)).to.eventually.deep.equal({
        scope: 'council', proposalId: proposal.proposalId, state: 'reached', result: true
      })
    })

    it('shows a scope with its policy, digest and topic', async () => {
      const node = await network.add()
      const scope = await node.voting.join(policyOf([node]))

      expect(scope).to.include({ name: 'council', open: false })
      expect(scope.digest).to.have.length(32)
      expect(scope.topic).to.equal(`/voting/1.0.0/council/${toString(scope.digest, 'base16')}`)
      expect(scope.peers).to.be.empty()
      expect(node.voting.scopes()).to.deep.equal([scope])
      expect(node.pubsub.getTopics()).to.include(scope.topic)
    })

    it('joins the open scope of a name, and joining again changes nothing', async () => {
      const { voting } = await network.add()
      const scope = await voting.join('council')

      expect(scope).to.have.property('open', true)
      expect(await voting.join('council')).to.equal(scope)
      expect(voting.scopes()).to.have.length(1)
    })

    it('refuses a scope that is joined under another policy', async () => {
      const node = await network.add()
      await node.voting.join('council')

      await expect(node.voting.join(policyOf([node]))).to.eventually.be.rejectedWith(/"council" is joined under another policy/)
        .with.property('name', 'ScopeConflictError')
    })

    it('refuses names and policies that are none', async () => {
      const { voting } = await network.add()

      await expect(voting.join('No spaces')).to.eventually.be.rejected.with.property('name', 'InvalidPolicyError')
      await expect(voting.join({ name: 'council', threshold: 2 })).to.eventually.be.rejectedWith(/threshold/)
      await expect(voting.join({ name: 'council', onSilence: 'no' })).to.eventually.be.rejectedWith(/voters: must list the voters/)
      expect(voting.scopes()).to.be.empty()
    })

    it('forgets a scope it has left, and keeps what was decided in it', async () => {
      const { voting, pubsub } = await network.add()
      const scope = await voting.join('council')
      const { proposalId } = await voting.propose('council', { name: 'Go?', expectedVotersCount: 1 })
      await voting.vote('council', proposalId, false)
      await voting.leave('council')

      expect(voting.scopes()).to.be.empty()
      expect(pubsub.getTopics()).to.be.empty()
      expect(pubsub.topicValidators.size).to.equal(0)
      expect(() => scope.peers).to.not.throw()
      await expect(voting.get('council', proposalId)).to.eventually.be.rejectedWith(/not in scope "council"/)
        .with.property('name', 'ScopeNotJoinedError')

      await voting.join('council')
      await expect(voting.get('council', proposalId)).to.eventually.include({ state: 'reached', result: false })
    })

    it('does not mix what was decided under another policy of the same name', async () => {
      const node = await network.add()
      await node.voting.join('council')
      const { proposalId } = await node.voting.propose('council', { name: 'Go?', expectedVotersCount: 1 })
      await node.voting.leave('council')
      await node.voting.join(policyOf([node]))

      await expect(node.voting.get('council', proposalId)).to.eventually.be.rejected.with.property('name', 'SessionNotFoundError')
    })

    it('refuses requests the policy or the limits do not allow, and stores nothing', async () => {
      const node = await network.add()
      const { voting } = node
      await voting.join(policyOf([node], { livenessCriteriaYes: false, minLifetimeSeconds: 10 }))

      const wrong: Array<[any, RegExp]> = [
        [{ name: '' }, /name must be 1 to 256 bytes/],
        [{ name: 'ü'.repeat(129) }, /name must be 1 to 256 bytes.*got 258/],
        [{ name: '\u3164' }, /name must have a visible character, .* got "\\u\{3164\}"/],
        [{ name: ' \u{e0041}\u2065' }, /name must have a visible character/],
        [{ name: 1 }, /name must be a string/],
        [{ name: 'a', payload: new Uint8Array(32 * 1024 + 1) }, /payload must be at most 32768 bytes, got 32769/],
        [{ name: 'a', payload: '0x00' }, /payload must be a Uint8Array/],
        [{ name: 'a', timeoutSeconds: 0 }, /timeoutSeconds must be a whole number of 10/],
        [{ name: 'a', timeoutSeconds: -1 }, /timeoutSeconds .* got -1/],
        [{ name: 'a', timeoutSeconds: 9 }, /timeoutSeconds .* got 9/],
        [{ name: 'a', timeoutSeconds: 10.5 }, /timeoutSeconds .* got 10.5/],
        [{ name: 'a', timeoutSeconds: 30 * 24 * 3600 + 1 }, /timeoutSeconds/],
        [{ name: 'a', expectedVotersCount: 2 }, /expectedVotersCount must be 1, the number of listed voters, got 2/],
        [{ name: 'a', livenessCriteriaYes: true }, /livenessCriteriaYes must be false/],
        [{ name: 'a', livenessCriteriaYes: 'yes' }, /livenessCriteriaYes must be true or false/]
      ]

      for (const [request, message] of wrong) {
        await expect(voting.propose('council', request), JSON.stringify(request)).to.eventually.be.rejectedWith(message)
      }

      expect(await voting.list('council')[Symbol.asyncIterator]().next()).to.have.property('done', true)
    })

    it('asks how many are to vote in an open scope', async () => {
      const { voting } = await network.add()
      await voting.join('council')

      await expect(voting.propose('council', { name: 'a' })).to.eventually.be.rejectedWith(/expectedVotersCount is needed/)
        .with.property('name', 'InvalidRequestError')
      await expect(voting.propose('council', { name: 'a', expectedVotersCount: 10_001 })).to.eventually.be.rejectedWith(/1 to 10000/)
    })

    it('refuses unknown scopes and proposals, second votes, and what is no choice', async () => {
      const { voting } = await network.add()
      await voting.join('council')
      const { proposalId } = await voting.propose('council', { name: 'a', expectedVotersCount: 3 })
      await voting.vote('council', proposalId, true)

      await expect(voting.vote('senate', proposalId, true)).to.eventually.be.rejectedWith(/not in scope "senate"; it is in council/)
      await expect(voting.vote('council', proposalId + 1, true)).to.eventually.be.rejected.with.property('name', 'SessionNotFoundError')
      await expect(voting.vote('council', -1, true)).to.eventually.be.rejectedWith(/proposalId must be a whole number/)
      await expect(voting.vote('council', proposalId, 'yes' as any)).to.eventually.be.rejectedWith(/choice must be true or false/)
      await expect(voting.vote('council', proposalId, true)).to.eventually.be.rejectedWith('(scope "council", proposal')
        .with.property('name', 'UserAlreadyVotedError')
      await expect(voting.vote('council', proposalId, false)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
      await expect(voting.get('council', proposalId)).to.eventually.have.property('tally').that.deep.equals({ yes: 1, no: 0 })
    })

    it('refuses votes and proposals of a key that is not listed', async () => {
      const node = await network.add()
      const stranger = await network.add()
      await stranger.voting.join(policyOf([node]))

      await expect(stranger.voting.propose('council', { name: 'a' })).to.eventually.be.rejectedWith(/is not among those who may propose/).with.property('name', 'NotListedError')
      await expect(stranger.voting.vote('council', 1, true)).to.eventually.be.rejectedWith(/We may not vote in scope "council": 0x[0-9a-f]{40} is not among the voters of the scope\. Vote from a node with the key of one of them, or agree/).with.property('name', 'NotListedError')
    })

    it('refuses votes after the end', async () => {
      let now = 1_700_000_000n
      const { voting } = await network.add({ clock: () => now })
      await voting.join('council')
      const { proposalId } = await voting.propose('council', { name: 'a', expectedVotersCount: 3, timeoutSeconds: 30 })
      now += 30n

      await expect(voting.vote('council', proposalId, true)).to.eventually.be.rejected.with.property('name', 'ProposalExpiredError')
    })

    it('counts the votes at the deadline, and failing is an answer', async () => {
      const node = await network.add()
      const { voting } = node
      const events = recordEvents(voting)
      await voting.join(policyOf([node, await network.add({ start: false }), await network.add({ start: false })]))

      const silent = await voting.propose('council', { name: 'the silent say yes', timeoutSeconds: 1, livenessCriteriaYes: true })
      await voting.vote('council', silent.proposalId, true)
      await expect(voting.decision('council', silent.proposalId)).to.eventually.include({ state: 'reached', result: true })

      const split = await voting.propose('council', { name: 'two thirds are missing', timeoutSeconds: 1, livenessCriteriaYes: true })
      await voting.vote('council', split.proposalId, false)
      // two silent and one no: 2 of 3 for yes
      await expect(voting.decision('council', split.proposalId)).to.eventually.include({ state: 'reached', result: true })

      expect(events.map(({ type }) => type)).to.deep.equal([
        'voting:proposal', 'voting:vote', 'voting:decided',
        'voting:proposal', 'voting:vote', 'voting:decided'
      ])
    })

    it('tells of a proposal that fails', async () => {
      const node = await network.add()
      const { voting } = node
      const others = await Promise.all([0, 1, 2, 3].map(async () => network.add({ start: false })))
      await voting.join(policyOf([node, ...others], { threshold: 1 }))
      const events = recordEvents(voting)

      const { proposalId } = await voting.propose('council', { name: 'all must agree', timeoutSeconds: 1, livenessCriteriaYes: true })
      await voting.vote('council', proposalId, false)

      const decision = await voting.decision('council', proposalId)
      expect(decision).to.deep.equal({ scope: 'council', proposalId, state: 'failed' })
      expect(events.at(-1)).to.deep.equal({ type: 'voting:failed', detail: decision })
    })

    it('stops waiting for a decision when told to, when the scope is left, and when the node stops', async () => {
      const { voting, libp2p } = await network.add()
      await voting.join('council')
      const { proposalId } = await voting.propose('council', { name: 'a', expectedVotersCount: 3 })

      // an abort while the session is read is nobody's to wait for
      const controller = new AbortController()
      const unknown = voting.decision('council', proposalId ^ 1, { signal: controller.signal })
      controller.abort()
      await expect(unknown).to.eventually.be.rejected()

      await expect(voting.decision('council', proposalId, { signal: AbortSignal.timeout(1) })).to.eventually.be.rejected.with.property('name', 'TimeoutError')

      const left = voting.decision('council', proposalId)
      await Promise.all([
        expect(left).to.eventually.be.rejected.with.property('name', 'ScopeNotJoinedError'),
        voting.leave('council')
      ])
      await voting.join('council')

      const stopped = voting.decision('council', proposalId)
      await Promise.all([
        expect(stopped).to.eventually.be.rejectedWith(/was stopped/),
        libp2p.stop()
      ])
    })

    it('takes an AbortSignal in every method', async () => {
      const { voting } = await network.add()
      await voting.join('council')
      const options = { signal: AbortSignal.abort(new Error('not now')) }

      await expect(voting.join('senate', options)).to.eventually.be.rejectedWith('not now')
      await expect(voting.leave('council', options)).to.eventually.be.rejectedWith('not now')
      await expect(voting.configure('council', { retainVotesSeconds: 1 }, options)).to.eventually.be.rejectedWith('not now')
      await expect(voting.propose('council', { name: 'a', expectedVotersCount: 1 }, options)).to.eventually.be.rejectedWith('not now')
      await expect(voting.vote('council', 1, true, options)).to.eventually.be.rejectedWith('not now')
      await expect(voting.decision('council', 1, options)).to.eventually.be.rejectedWith('not now')
      await expect(voting.get('council', 1, options)).to.eventually.be.rejectedWith('not now')
      await expect(voting.list('council', options)[Symbol.asyncIterator]().next()).to.eventually.be.rejectedWith('not now')
      expect(voting.scopes().map(({ name }) => name)).to.deep.equal(['council'])
      expect(voting.scopes()[0].settings).to.deep.equal({ retainVotesSeconds: null })
    })

    it('starts and stops again, whatever the order of services, and leaves nothing behind', async () => {
      const { voting, libp2p, pubsub } = await network.add({ votingFirst: true })
      await voting.join('council')
      const { proposalId } = await voting.propose('council', { name: 'a', expectedVotersCount: 1 })

      for (let i = 0; i < 2; i++) {
        await libp2p.stop()
        expect(() => voting.scopes()).to.throw().with.property('name', 'NotStartedError')
        expect(pubsub.topicValidators.size).to.equal(0)

        await libp2p.start()
        expect(voting.scopes().map(({ name }) => name)).to.deep.equal(['council'])
      }

      await voting.vote('council', proposalId, true)
      await expect(voting.decision('council', proposalId)).to.eventually.have.property('result', true)
    })
  })

  ;[2, 3].forEach(count => {
    describe(`of ${count} nodes`, () => {
      let nodes: TestNode[]

      beforeEach(async () => {
        nodes = await Promise.all(Array.from({ length: count }, async () => network.add()))
        await network.connect()
      })

      it('agrees on yes and on no', async () => {
        await network.join(policyOf(nodes))

        for (const choice of [true, false]) {
          const { proposalId } = await nodes[0].voting.propose('council', { name: `All say ${choice}` })
          await Promise.all(nodes.map(async node => knows(node, proposalId)))
          await Promise.all(nodes.map(async node => node.voting.vote('council', proposalId, choice)))

          const decisions = await Promise.all(nodes.map(async node => node.voting.decision('council', proposalId)))
          expect(decisions).to.deep.equal(nodes.map(() => ({ scope: 'council', proposalId, state: 'reached', result: choice })))
        }
      })

      it('gives all nodes the same proposal, votes and events', async () => {
        await network.join(policyOf(nodes))
        const events = nodes.map(({ voting }) => recordEvents(voting))
        const payload = new Uint8Array(32 * 1024).fill(7)
        const proposal = await nodes[0].voting.propose('council', { name: 'Größe', payload, timeoutSeconds: 100, livenessCriteriaYes: false })

        for (const node of nodes) {
          await knows(node, proposal.proposalId)
          const state = await node.voting.get('council', proposal.proposalId)

          expect(state).to.include({ name: 'Größe', state: 'active', livenessCriteriaYes: false, expectedVotersCount: count })
          expect(state.payload).to.equalBytes(payload)
          expect(state.proposalOwner).to.equalBytes(nodes[0].signer.identity)
          expect(state.deadline).to.equal(state.timestamp + 100n)
        }

        for (const node of nodes) {
          await node.voting.vote('council', proposal.proposalId, true)
        }

        await Promise.all(nodes.map(async node => node.voting.decision('council', proposal.proposalId)))

        for (const list of events) {
          expect(list[0]).to.have.property('type', 'voting:proposal')
          expect(list.filter(({ type }) => type === 'voting:proposal')).to.have.length(1)
          expect(list.filter(({ type }) => type === 'voting:decided')).to.have.length(1)
        }
      })

      it('works in an open scope that is joined by its name', async () => {
        await network.join('council')
        const { proposalId } = await nodes[0].voting.propose('council', { name: 'Go?', expectedVotersCount: count })
        await Promise.all(nodes.map(async node => knows(node, proposalId)))
        await Promise.all(nodes.map(async node => node.voting.vote('council', proposalId, true)))
        const decisions = await Promise.all(nodes.map(async node => node.voting.decision('council', proposalId)))

        expect(decisions.map(({ result }) => result)).to.deep.equal(nodes.map(() => true))
      })

      it('keeps peers with different policies apart', async () => {
        const [first, ...others] = nodes
        await first.voting.join(policyOf(nodes, { threshold: 0.9 }))
        await network.join(policyOf(nodes), others)
        const { proposalId } = await first.voting.propose('council', { name: 'Go?' })

        for (const other of others) {
          const own = await other.voting.propose('council', { name: 'Mine' })
          await expect(first.voting.get('council', own.proposalId)).to.eventually.be.rejected()
          await expect(other.voting.get('council', proposalId)).to.eventually.be.rejected()
        }

        expect(first.voting.scopes()[0].peers).to.be.empty()
      })

      it('lists all proposals in the order they became known', async () => {
        await network.join(policyOf(nodes))
        const ids: number[] = []

        for (let i = 0; i < 5; i++) {
          const { proposalId } = await nodes[0].voting.propose('council', { name: `Proposal ${i}` })
          ids.push(proposalId)
          await Promise.all(nodes.map(async node => knows(node, proposalId)))
        }

        for (const { voting } of nodes) {
          const listed: number[] = []

          for await (const { proposalId } of voting.list('council')) {
            listed.push(proposalId)
          }

          expect(listed).to.deep.equal(ids)
        }
      })

      it('does not hear of what happens in a scope it has left', async () => {
        await network.join(policyOf(nodes))
        const [first, second] = nodes
        const scope = first.voting.scopes()[0]
        await second.voting.leave('council')
        await pWaitFor(() => scope.peers.length === count - 2, { timeout: 10_000 })
        const { proposalId } = await first.voting.propose('council', { name: 'Go?' })
        await second.voting.join('council')

        await expect(second.voting.get('council', proposalId)).to.eventually.be.rejected()
      })
    })
  })

  it('sends what nobody was there to hear as soon as somebody is', async () => {
    const first = await network.add()
    const second = await network.add()
    const policy = policyOf([first, second])
    await first.voting.join(policy)
    await second.voting.join(policy)

    const { proposalId } = await first.voting.propose('council', { name: 'Anybody?' })
    await first.voting.vote('council', proposalId, true)
    await network.connect()
    await knows(second, proposalId)
    await second.voting.vote('council', proposalId, true)

    await expect(first.voting.decision('council', proposalId)).to.eventually.have.property('result', true)
    await expect(second.voting.decision('council', proposalId)).to.eventually.have.property('result', true)
  })

  Object.entries<Partial<GossipsubOpts>>({
    'the host does not sign messages': { globalSignaturePolicy: 'StrictNoSign' },
    'the host tells messages apart by their content': { msgIdFn: ({ data }) => sha256(data) },
    'the host has messages delivered to itself': { emitSelf: true }
  }).forEach(([name, options]) => {
    it(`sends what nobody was there to hear where ${name}`, async () => {
      const first = await network.add({ gossipsub: options })
      const second = await network.add({ gossipsub: options })
      const policy = policyOf([first, second])
      await first.voting.join(policy)
      await second.voting.join(policy)
      const { proposalId } = await first.voting.propose('council', { name: 'Anybody?' })
      await network.connect()

      await knows(second, proposalId)
    })
  })

  it('leaves nothing behind where it is stopped while it joins a scope', async () => {
    const node = await network.add()
    const { voting, pubsub, libp2p } = node
    const { storage } = voting.consensus
    const setScopeConfig = storage.setScopeConfig.bind(storage)
    const held = pDefer()
    storage.setScopeConfig = async (...args) => {
      await held.promise
      await setScopeConfig(...args)
    }
    const joining = voting.join('council')
    const stopping = libp2p.stop()
    held.resolve()

    await expect(joining).to.eventually.be.rejected.with.property('name', 'NotStartedError')
    await stopping
    expect(pubsub.topicValidators.size).to.equal(0)
  })

  it('follows without a key, and says what it cannot do', async () => {
    const voter = await network.add()
    const follower = await network.add({ keyless: true })
    await network.connect()
    await network.join(policyOf([voter]))
    const { proposalId } = await voter.voting.propose('council', { name: 'Go?' })
    await knows(follower, proposalId)

    await expect(follower.voting.vote('council', proposalId, true)).to.eventually.be.rejectedWith(/no key to vote with/)
    await expect(follower.voting.propose('council', { name: 'a' })).to.eventually.be.rejectedWith(/no key to propose with/)

    await voter.voting.vote('council', proposalId, true)
    await expect(follower.voting.decision('council', proposalId)).to.eventually.have.property('result', true)
  })

  it('takes votes of a key on two nodes as one voter\'s', async () => {
    const signer = ethereumSigner(generatePrivateKey())
    const [first, second] = [await network.add({ signer }), await network.add({ signer })]
    await network.connect()
    await network.join('council')
    const { proposalId } = await first.voting.propose('council', { name: 'Go?', expectedVotersCount: 3 })
    await first.voting.vote('council', proposalId, true)
    await pWaitFor(async () => second.voting.get('council', proposalId).then(({ votes }) => votes.length === 1, () => false), { timeout: 10_000 })

    await expect(second.voting.vote('council', proposalId, false)).to.eventually.be.rejected.with.property('name', 'UserAlreadyVotedError')
  })
})
