import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { generatePrivateKey } from 'viem/accounts'
import { ConsensusError } from '../../../src/consensus/errors.ts'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { VerifierUnavailableError } from '../../../src/consensus/signing.ts'
import { encodeAnnouncement, encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { Gossip } from '../../../src/pb/gossip.ts'
import { ethereumScheme, ethereumSigner } from '../../../src/signers/ethereum.ts'
import { announce, makeProposal, makeVote, now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import type { ConsensusSigner, Proposal, Scope, ScopePolicy, ScopePolicyInput, Vote } from '../../../src/index.ts'
import type { JoinedScope } from '../../../src/network/scope/scope.ts'
import type { TestNode } from '../../utils/nodes.ts'

/** What a case has to work with: a proposal that is known and one that is not */
interface Context {
  scope: Scope
  voter: ConsensusSigner
  other: ConsensusSigner
  stranger: ConsensusSigner
  proposal: Proposal
}

interface Case {
  what: string
  verdict: 'accept' | 'ignore' | 'reject'
  open?: boolean
  message (context: Context): Uint8Array | Promise<Uint8Array>
}

const OPEN_POLICY: ScopePolicyInput = { name: 'council', decisionRule: 'reference' }

const announceChanged = (changes: Partial<Proposal> | (() => Partial<Proposal>)) => async ({ voter, scope }: Context): Promise<Uint8Array> =>
  announce(voter, scope.policy, makeProposal(voter, scope.policy, typeof changes === 'function' ? changes() : changes))

const voteChanged = (changes: Partial<Vote> | ((context: Context) => Partial<Vote>)) => async (context: Context): Promise<Uint8Array> =>
  encodeVoteGossip(await makeVote(context.voter, context.proposal, true, typeof changes === 'function' ? changes(context) : changes))

const CASES: Case[] = [
  // not decodable, not canonical
  { what: 'nothing', verdict: 'reject', message: () => new Uint8Array() },
  { what: 'random bytes', verdict: 'reject', message: () => crypto.getRandomValues(new Uint8Array(100)) },
  { what: 'text', verdict: 'reject', message: () => fromString('hello') },
  { what: 'a message of a newer format', verdict: 'ignore', message: () => Uint8Array.of(0x22, 1, 0) },
  // limits that the crate does not have, whose peers are honest
  { what: 'a message over 64 KiB', verdict: 'ignore', message: () => new Uint8Array(64 * 1024 + 1) },
  { what: 'a vote cut off', verdict: 'reject', message: async context => (await voteChanged({})(context)).subarray(0, 50) },
  { what: 'a vote with an unknown field', verdict: 'reject', message: async context => concat([await voteChanged({})(context), Uint8Array.of(0x78, 1)]) },
  { what: 'two votes in one message', verdict: 'reject', message: async context => concat([await voteChanged({})(context), await voteChanged({})(context)]) },
  { what: 'an announcement of nothing', verdict: 'reject', message: () => Gossip.encode({ announcement: { signature: new Uint8Array(65) } }) },
  { what: 'evidence', verdict: 'reject', message: async ({ voter, proposal }) => Gossip.encode({ evidence: { first: await makeVote(voter, proposal, true) as any, second: await makeVote(voter, proposal, false) as any } }) },

  // announcements
  { what: 'a proposal', verdict: 'accept', message: announceChanged({}) },
  {
    what: 'a proposal with votes in it',
    verdict: 'accept',
    message: async ({ voter, other, scope }) => {
      const proposal = makeProposal(voter, scope.policy)
      proposal.votes.push(await makeVote(other, proposal, true))
      return announce(voter, scope.policy, proposal)
    }
  },
  { what: 'a proposal that is known', verdict: 'ignore', message: async ({ voter, scope, proposal }) => announce(voter, scope.policy, proposal) },
  { what: 'another proposal with an id that is known', verdict: 'ignore', message: async context => announceChanged({ proposalId: context.proposal.proposalId })(context) },
  { what: 'an expired proposal', verdict: 'ignore', message: announceChanged(() => ({ timestamp: now() - 100n })) },
  { what: 'a proposal from the future', verdict: 'ignore', message: announceChanged(() => ({ timestamp: now() + 1000n })) },
  { what: 'a proposal within the clock skew', verdict: 'accept', message: announceChanged(() => ({ timestamp: now() + 5n })) },
  { what: 'an unsigned proposal', verdict: 'reject', message: ({ voter, scope }) => encodeAnnouncement({ proposal: makeProposal(voter, scope.policy), signature: new Uint8Array() }) },
  { what: 'an unsigned proposal in an open scope', open: true, verdict: 'accept', message: ({ voter, scope }) => encodeAnnouncement({ proposal: makeProposal(voter, scope.policy), signature: new Uint8Array() }) },
  { what: 'a proposal signed by another voter', verdict: 'reject', message: async ({ voter, other, scope }) => announce(other, scope.policy, makeProposal(voter, scope.policy)) },
  {
    what: 'a proposal signed for another policy',
    verdict: 'reject',
    message: async ({ voter, scope }) => {
      const proposal = makeProposal(voter, scope.policy)
      return announce(voter, { ...scope.policy, threshold: '9/10' }, proposal)
    }
  },
  { what: 'a proposal with a broken signature', verdict: 'reject', message: ({ voter, scope }) => encodeAnnouncement({ proposal: makeProposal(voter, scope.policy), signature: new Uint8Array(65) }) },
  { what: 'a proposal of a stranger', verdict: 'reject', message: async ({ stranger, scope }) => announce(stranger, scope.policy, makeProposal(stranger, scope.policy)) },
  { what: 'a proposal of a stranger in an open scope', open: true, verdict: 'accept', message: async ({ stranger, scope }) => announce(stranger, scope.policy, makeProposal(stranger, scope.policy)) },
  {
    what: 'a proposal with a stranger\'s vote in it',
    verdict: 'reject',
    message: async ({ voter, stranger, scope }) => {
      const proposal = makeProposal(voter, scope.policy)
      proposal.votes.push(await makeVote(stranger, proposal, true))
      return announce(voter, scope.policy, proposal)
    }
  },
  {
    what: 'a proposal with a forged vote in it',
    verdict: 'reject',
    message: async ({ voter, other, stranger, scope }) => {
      const proposal = makeProposal(voter, scope.policy)
      proposal.votes.push({ ...await makeVote(stranger, proposal, true, { voteOwner: other.identity }) })
      return announce(voter, scope.policy, proposal)
    }
  },
  {
    what: 'a proposal with two votes of a voter in it',
    verdict: 'reject',
    message: async ({ voter, other, scope }) => {
      const proposal = makeProposal(voter, scope.policy)
      proposal.votes.push(await makeVote(other, proposal, true), await makeVote(other, proposal, false))
      return announce(voter, scope.policy, proposal)
    }
  },
  { what: 'a proposal with another number of voters', verdict: 'ignore', message: announceChanged({ expectedVotersCount: 4 }) },
  { what: 'a proposal of no voters in an open scope', open: true, verdict: 'ignore', message: announceChanged({ expectedVotersCount: 0 }) },
  { what: 'a proposal of too many voters in an open scope', open: true, verdict: 'ignore', message: announceChanged({ expectedVotersCount: 10_001 }) },
  { what: 'a proposal without a name', verdict: 'ignore', message: announceChanged({ name: '' }) },
  { what: 'a proposal with a name too long', verdict: 'ignore', message: announceChanged({ name: 'a'.repeat(257) }) },
  { what: 'a proposal with a payload too big', verdict: 'ignore', message: announceChanged({ payload: new Uint8Array(32 * 1024 + 1) }) },
  { what: 'a proposal that ends before it begins', verdict: 'ignore', message: announceChanged(() => ({ timestamp: now(), expirationTimestamp: now() - 1n })) },
  { what: 'a proposal that is open too long', verdict: 'ignore', message: announceChanged(() => ({ timestamp: now(), expirationTimestamp: now() + 31n * 24n * 3600n })) },
  { what: 'a proposal that ends at the end of time', verdict: 'ignore', message: announceChanged({ expirationTimestamp: 2n ** 64n - 1n }) },

  {
    what: 'a proposal announced again under another id',
    verdict: 'reject',
    message: async ({ voter, scope }) => {
      const proposal = makeProposal(voter, scope.policy)
      const signature = await voter.sign(announcementDigest(scope.policy, proposal))

      return encodeAnnouncement({ proposal: { ...proposal, proposalId: (proposal.proposalId ^ 1) >>> 0 }, signature })
    }
  },
  {
    what: 'a proposal with more votes than voters',
    verdict: 'reject',
    message: async ({ voter, other, stranger, scope }) => {
      const proposal = makeProposal(voter, scope.policy)
      const signers = [voter, other, stranger, ethereumSigner(generatePrivateKey())]
      proposal.votes.push(...await Promise.all(signers.map(async signer => makeVote(signer, proposal, true))))
      return announce(voter, scope.policy, proposal)
    }
  },
  {
    what: 'a proposal with thousands of empty votes',
    verdict: 'reject',
    message: async ({ voter, scope }) => {
      const empty = { voteId: 0, voteOwner: new Uint8Array(), proposalId: 0, timestamp: 0n, vote: false, parentHash: new Uint8Array(), receivedHash: new Uint8Array(), voteHash: new Uint8Array(), signature: new Uint8Array() }
      return announce(voter, scope.policy, makeProposal(voter, scope.policy, { votes: Array.from({ length: 20_000 }, () => empty) }))
    }
  },
  {
    what: 'a proposal whose name is no valid Unicode',
    verdict: 'reject',
    message: async context => {
      const bytes = await announceChanged({ name: 'a\ufffdb' })(context)
      const index = bytes.findIndex((byte, i) => byte === 0xef && bytes[i + 1] === 0xbf && bytes[i + 2] === 0xbd)
      // the bytes of a surrogate that stands alone
      bytes.set([0xed, 0xa0, 0x80], index)
      return bytes
    }
  },

  // votes
  { what: 'a vote with a link of another length', verdict: 'ignore', message: voteChanged({ parentHash: new Uint8Array(60_000) }) },
  { what: 'a vote', verdict: 'accept', message: voteChanged({}) },
  { what: 'a vote of a stranger', verdict: 'reject', message: async ({ stranger, proposal }) => encodeVoteGossip(await makeVote(stranger, proposal, true)) },
  { what: 'a vote of a stranger in an open scope', open: true, verdict: 'accept', message: async ({ stranger, proposal }) => encodeVoteGossip(await makeVote(stranger, proposal, true)) },
  { what: 'a vote signed by another voter', verdict: 'reject', message: async ({ other, proposal, voter }) => encodeVoteGossip(await makeVote(other, proposal, true, { voteOwner: voter.identity })) },
  { what: 'a vote with a wrong hash', verdict: 'reject', message: voteChanged({ voteHash: new Uint8Array(32) }) },
  { what: 'a vote without a signature', verdict: 'reject', message: voteChanged({ signature: new Uint8Array() }) },
  { what: 'a vote with a signature no key could make', verdict: 'reject', message: voteChanged({ signature: new Uint8Array(65).fill(255) }) },
  { what: 'a vote without an owner', verdict: 'reject', message: voteChanged({ voteOwner: new Uint8Array() }) },
  { what: 'a vote without an owner in an open scope', open: true, verdict: 'reject', message: voteChanged({ voteOwner: new Uint8Array() }) },
  { what: 'a vote older than its proposal', verdict: 'ignore', message: voteChanged(({ proposal }) => ({ timestamp: proposal.timestamp - 1n })) },
  { what: 'a vote from after the expiration', verdict: 'ignore', message: voteChanged(({ proposal }) => ({ timestamp: proposal.expirationTimestamp + 1n })) },
  { what: 'a second vote of a voter', verdict: 'ignore', message: async ({ other, proposal }) => encodeVoteGossip(await makeVote(other, proposal, true)) },
  { what: 'an opposite vote of a voter', verdict: 'ignore', message: async ({ other, proposal }) => encodeVoteGossip(await makeVote(other, proposal, false)) },
  { what: 'a listed voter\'s vote before its proposal', verdict: 'accept', message: voteChanged({ proposalId: 1 }) },
  { what: 'a vote before its proposal in an open scope', open: true, verdict: 'ignore', message: voteChanged({ proposalId: 1 }) },
  { what: 'a forged vote before its proposal', verdict: 'reject', message: voteChanged({ proposalId: 1, signature: new Uint8Array(65) }) },
  { what: 'a stranger\'s vote before its proposal', verdict: 'reject', message: async ({ stranger }) => encodeVoteGossip(await makeVote(stranger, { proposalId: 1, timestamp: now() }, true)) }
]

describe('topic validator', () => {
  const network = new TestNetwork()
  let nodes: TestNode[]

  before(async () => {
    nodes = await Promise.all([0, 1, 2].map(async () => network.add()))
  })

  after(async () => {
    await network.stop()
  })

  async function setUp (open: boolean): Promise<Context & { node: TestNode }> {
    const [node, voter, other] = nodes
    const scope = await node.voting.join(open ? OPEN_POLICY : policyOf(nodes))
    const { proposalId } = await node.voting.propose('council', { name: 'Go?', expectedVotersCount: 3 })
    const session = await node.voting.consensus.storage.getSession(`council/${scope.topic.split('/').at(-1)}`, proposalId)
    const proposal = session?.toProposal() as Proposal

    return { node, scope, proposal, voter: voter.signer, other: other.signer, stranger: ethereumSigner(generatePrivateKey()) }
  }

  async function validate ({ node, scope }: { node: TestNode, scope: Scope }, data: Uint8Array): Promise<string> {
    const validator: any = node.pubsub.topicValidators.get(scope.topic)

    return validator(nodes[1].libp2p.peerId, { topic: scope.topic, data })
  }

  afterEach(async () => {
    for (const { name } of nodes[0].voting.scopes()) {
      await nodes[0].voting.leave(name)
    }
  })

  for (const { what, verdict, open = false, message } of CASES) {
    it(`${verdict}s ${what}`, async () => {
      const context = await setUp(open)
      await validate(context, encodeVoteGossip(await makeVote(context.other, context.proposal, true)))

      expect(await validate(context, await message(context))).to.equal(verdict)
    })
  }

  it('ignores a message that it has accepted before', async () => {
    const context = await setUp(false)
    const { voter, scope, proposal } = context
    const messages = [
      await announce(voter, scope.policy, makeProposal(voter, scope.policy)),
      encodeVoteGossip(await makeVote(voter, proposal, true)),
      encodeVoteGossip(await makeVote(voter, { proposalId: 7, timestamp: now() }, true))
    ]

    for (const message of messages) {
      expect(await validate(context, message)).to.equal('accept')
      expect(await validate(context, message)).to.equal('ignore')
    }
  })

  it('passes on a vote that comes after the decision once, and does not count it', async () => {
    const context = await setUp(false)
    const { node, proposal, voter, other } = context
    await node.voting.vote('council', proposal.proposalId, true)
    await validate(context, encodeVoteGossip(await makeVote(other, proposal, true)))
    const late = encodeVoteGossip(await makeVote(voter, proposal, true))

    expect(await validate(context, late)).to.equal('accept')
    expect(await validate(context, late)).to.equal('ignore')
    expect(await validate(context, encodeVoteGossip(await makeVote(voter, proposal, false)))).to.equal('ignore')
    await expect(node.voting.get('council', proposal.proposalId)).to.eventually.deep.include({ state: 'reached', result: true, tally: { yes: 2, no: 0 } })
  })

  for (const open of [true, false]) {
    it(`counts a vote that came before its proposal in ${open ? 'an open scope' : 'a scope with a voter list'}`, async () => {
      const context = await setUp(open)
      const { node, voter, scope } = context
      const proposal = makeProposal(voter, scope.policy)
      await validate(context, encodeVoteGossip(await makeVote(voter, proposal, true)))

      expect(await validate(context, await announce(voter, scope.policy, proposal))).to.equal('accept')
      await expect(node.voting.get('council', proposal.proposalId)).to.eventually.have.property('tally').that.deep.equals({ yes: 1, no: 0 })
    })
  }

  it('counts a vote whose proposal comes while its signature is checked', async () => {
    const scheme = ethereumScheme()
    const held = pDefer()
    const [, voter, other] = nodes
    const node = await network.add({
      scheme: {
        async verify (identity, payload, signature) {
          if (equals(identity, vote.voteOwner)) {
            await held.promise
          }

          return scheme.verify(identity, payload, signature)
        }
      }
    })
    const scope = await node.voting.join(policyOf([node, voter, other]))
    const proposal = makeProposal(voter.signer, scope.policy)
    const vote = await makeVote(other.signer, proposal, true)

    const verdict = validate({ node, scope }, encodeVoteGossip(vote))
    expect(await validate({ node, scope }, await announce(voter.signer, scope.policy, proposal))).to.equal('accept')
    held.resolve()

    expect(await verdict).to.equal('accept')
    await expect(node.voting.get('council', proposal.proposalId)).to.eventually.have.property('tally').that.deep.equals({ yes: 1, no: 0 })
  })

  it('counts a vote that arrives while its proposal is being checked', async () => {
    const context = await setUp(false)
    const { node, voter, other, scope } = context
    const proposal = makeProposal(voter, scope.policy)
    const announcement = await announce(voter, scope.policy, proposal)
    const votes = await Promise.all([voter, other].map(async signer => encodeVoteGossip(await makeVote(signer, proposal, true))))

    const verdicts = await Promise.all([votes[0], announcement, votes[1]].map(async message => validate(context, message)))

    expect(verdicts).to.deep.equal(['accept', 'accept', 'accept'])
    await expect(node.voting.get('council', proposal.proposalId)).to.eventually.have.property('tally').that.deep.equals({ yes: 2, no: 0 })
  })

  it('lets at most 16 votes of a voter wait', async () => {
    const context = await setUp(false)
    const verdicts: string[] = []

    for (let proposalId = 1; proposalId <= 17; proposalId++) {
      verdicts.push(await validate(context, encodeVoteGossip(await makeVote(context.voter, { proposalId, timestamp: now() }, true))))
    }

    expect(verdicts.slice(0, 16).every(verdict => verdict === 'accept')).to.be.true()
    expect(verdicts[16]).to.equal('ignore')
  })

  it('keeps half of the room for 1,000 active proposals of an open scope for its own, and holds it against nobody', async () => {
    const node = await network.add()
    const scope = await node.voting.join(OPEN_POLICY)
    const propose = async (owner: ConsensusSigner): Promise<string> => validate({ node, scope }, await announce(owner, scope.policy, makeProposal(owner, scope.policy)))
    // anybody can name our key as the owner of what nobody has signed
    const proposeUnsigned = async (): Promise<string> => validate({ node, scope }, encodeAnnouncement({ proposal: makeProposal(node.signer, scope.policy), signature: new Uint8Array() }))

    for (let i = 0; i < 250; i++) {
      expect(await propose(node.signer)).to.equal('accept')
      expect(await propose(nodes[1].signer)).to.equal('accept')
      expect(await proposeUnsigned()).to.equal('accept')
    }

    expect(await propose(nodes[1].signer)).to.equal('ignore')
    expect(await proposeUnsigned()).to.equal('ignore')

    for (let i = 0; i < 250; i++) {
      expect(await propose(node.signer)).to.equal('accept')
    }

    expect(await propose(node.signer)).to.equal('ignore')
  })

  it('holds to the limit of active proposals when many come at once', async () => {
    const node = await network.add()
    const scope = await node.voting.join(OPEN_POLICY)
    const verdicts = await Promise.all(Array.from({ length: 600 }, async () => validate({ node, scope }, encodeAnnouncement({ proposal: makeProposal(node.signer, scope.policy), signature: new Uint8Array() }))))

    expect(verdicts.filter(verdict => verdict === 'accept')).to.have.length(500)
  })

  it('takes a proposal, and the other votes that waited, where one of them cannot be stored', async () => {
    const context = await setUp(false)
    const { node, voter, other, scope } = context
    const { storage } = node.voting.consensus
    const { appendVote } = storage
    const proposal = makeProposal(voter, scope.policy)
    await validate(context, encodeVoteGossip(await makeVote(voter, proposal, true)))
    await validate(context, encodeVoteGossip(await makeVote(other, proposal, true)))
    storage.appendVote = async () => {
      storage.appendVote = appendVote
      throw new Error('the disk is full')
    }

    expect(await validate(context, await announce(voter, scope.policy, proposal))).to.equal('accept')
    await expect(node.voting.get('council', proposal.proposalId)).to.eventually.have.property('tally').that.deep.equals({ yes: 1, no: 0 })
  })

  it('holds it against nobody that signatures cannot be verified', async () => {
    const scheme = ethereumScheme()
    let available = true
    const node = await network.add({
      scheme: {
        verify (...args) {
          if (!available) {
            throw new VerifierUnavailableError('not now')
          }

          return scheme.verify(...args)
        }
      }
    })
    const scope = await node.voting.join(policyOf([node, ...nodes]))
    const { proposalId, timestamp } = await node.voting.propose('council', { name: 'Go?' })
    const vote = encodeVoteGossip(await makeVote(nodes[0].signer, { proposalId, timestamp }, true))
    const announcement = await announce(nodes[1].signer, scope.policy, makeProposal(nodes[1].signer, scope.policy))
    available = false

    expect(await validate({ node, scope }, vote)).to.equal('ignore')
    expect(await validate({ node, scope }, announcement)).to.equal('ignore')

    available = true
    expect(await validate({ node, scope }, vote)).to.equal('accept')
    expect(await validate({ node, scope }, announcement)).to.equal('accept')
  })

  it('holds it against nobody that the verifier fails in another way, or gives no answer', async () => {
    const scheme = ethereumScheme()
    const failures: Array<() => any> = [
      () => { throw new Error('out of memory') },
      () => { throw new TypeError('verify is not a function') },
      () => { throw new ConsensusError('of some kind') },
      async () => Promise.reject(new Error('the thread has ended')),
      async () => 'valid',
      () => 1,
      () => undefined
    ]
    let fail: (() => any) | undefined
    const node = await network.add({ scheme: { verify: (...args) => fail == null ? scheme.verify(...args) : fail() } })

    const [voter, proposer] = nodes.map(({ signer }) => signer)

    for (const decisionRule of ['reference', 'quorum'] as const) {
      const scope = await node.voting.join(policyOf([node, ...nodes], { decisionRule }))
      const known = proposalOf(decisionRule, proposer, scope.policy, { timestamp: now() })
      const unknown = proposalOf(decisionRule, proposer, scope.policy, { timestamp: now() - 1n })
      const messages = [
        encodeVoteGossip(await voteOf(decisionRule, voter, scope.policy, known)),
        encodeVoteGossip(await voteOf(decisionRule, voter, scope.policy, unknown)),
        await announce(proposer, scope.policy, unknown)
      ]

      expect(await validate({ node, scope }, await announce(proposer, scope.policy, known))).to.equal('accept')

      for (const message of messages) {
        for (fail of failures) {
          expect(await validate({ node, scope }, message)).to.equal('ignore')
        }

        fail = undefined
        expect(await validate({ node, scope }, message)).to.equal('accept')
      }

      await node.voting.leave('council')
    }
  })

  it('takes in nothing once the scope is left', async () => {
    const context = await setUp(false)
    const { node, scope, voter } = context
    const validator: any = node.pubsub.topicValidators.get(scope.topic)
    const vote = encodeVoteGossip(await makeVote(voter, { proposalId: 5, timestamp: now() }, true))
    const verdict = validator(voter, { topic: scope.topic, data: vote })
    await node.voting.leave('council')

    expect(await verdict).to.equal('ignore')
    expect((scope as JoinedScope).parked.size).to.equal(0)
  })

  it('ignores what it cannot store, and takes it when it can', async () => {
    const context = await setUp(false)
    const { node, voter, proposal } = context
    const { storage } = node.voting.consensus
    const { appendVote } = storage
    const vote = encodeVoteGossip(await makeVote(voter, proposal, true))

    storage.appendVote = async () => { throw new Error('the disk is full') }
    expect(await validate(context, vote)).to.equal('ignore')

    storage.appendVote = appendVote
    expect(await validate(context, vote)).to.equal('accept')
  })

  it('is not stopped by a hostile peer on the topic', async () => {
    const [node] = nodes
    const hostile = await network.add()
    const honest = await network.add()
    const policy = policyOf([node, honest])
    await node.voting.join(policy)
    await honest.voting.join(policy)
    const { topic } = node.voting.scopes()[0]
    hostile.pubsub.subscribe(topic)
    await network.connect([node, honest, hostile])
    await pWaitFor(() => hostile.pubsub.getSubscribers(topic).length === 2 && node.pubsub.getSubscribers(topic).length === 2, { timeout: 10_000 })

    const rejected = countVerdicts(node, topic)

    for (let size = 0; size < 200; size++) {
      await hostile.pubsub.publish(topic, crypto.getRandomValues(new Uint8Array(size * 300)))
    }

    await pWaitFor(() => rejected.size > 0, { timeout: 10_000 })

    const { proposalId } = await honest.voting.propose('council', { name: 'Still here?' })
    await honest.voting.vote('council', proposalId, true)
    await pWaitFor(async () => node.voting.get('council', proposalId).then(() => true, () => false), { timeout: 20_000 })
    await node.voting.vote('council', proposalId, true)

    await expect(honest.voting.decision('council', proposalId)).to.eventually.have.property('result', true)
    await expect(node.voting.decision('council', proposalId)).to.eventually.have.property('result', true)
    expect([...rejected]).to.deep.equal(['reject', 'accept'])
  })
})

function proposalOf (rule: string, owner: ConsensusSigner, policy: ScopePolicy, changes: Partial<Proposal>): Proposal {
  return (rule === 'quorum' ? quorumProposal : makeProposal)(owner, policy, changes)
}

async function voteOf (rule: string, voter: ConsensusSigner, policy: ScopePolicy, proposal: Proposal): Promise<Vote> {
  return rule === 'quorum' ? boundVote(voter, policy, proposal, true) : makeVote(voter, proposal, true)
}

/** The kinds of verdicts of a node's validator from now on, in the order they first came */
function countVerdicts ({ pubsub }: TestNode, topic: string): Set<string> {
  const verdicts = new Set<string>()
  const validator: any = pubsub.topicValidators.get(topic)

  pubsub.topicValidators.set(topic, async (peer, message) => {
    const verdict = await validator(peer, message)
    verdicts.add(verdict)
    return verdict
  })

  return verdicts
}
