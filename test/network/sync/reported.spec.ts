import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { announcementDigest } from '../../../src/consensus/policy.ts'
import { encodeProposal } from '../../../src/consensus/proposal.ts'
import { dayOf } from '../../../src/consensus/storage.ts'
import { MAX_REPORTED, MAX_REPORTERS, ReportedOutcomes } from '../../../src/network/reported.ts'
import { ENDED, PRUNED } from '../../../src/network/sync/digests.ts'
import { outcomeNumber, outcomeOfNumber } from '../../../src/network/sync/outcomes.ts'
import { ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { Liar } from '../../utils/liar.ts'
import { now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, makeProposals, scopeOf } from '../../utils/sync.ts'
import type { Proposal, ProposalState, ReportedOutcome, ScopePolicyInput, Vote } from '../../../src/index.ts'
import type { SyncRequest } from '../../../src/pb/sync.ts'
import type { Lie } from '../../utils/liar.ts'
import type { TestNode } from '../../utils/nodes.ts'
import type { PeerId } from '@libp2p/interface'

interface Known {
  proposal: Proposal
  signature: Uint8Array
}

const YES_BY_SILENCE = { state: 'reached', result: true, grade: 'timeout' } as const
const HASH = new Uint8Array(32).fill(9)

const voters = Array.from({ length: 5 }, () => ethereumSigner(generatePrivateKey()))
const policyInput = policyOf([], { decisionRule: 'quorum', voters: voters.map(({ identity }) => identityToAddress(identity)) })

function syncOf ({ voting }: TestNode): any {
  return (voting as any).sync
}

/** What is reported, with the numbers of those who say so */
function named (reported: ReportedOutcome[] | undefined, nodes: Array<{ libp2p: { peerId: PeerId } }>): unknown {
  return reported?.map(({ peers, ...outcome }) => ({ ...outcome, peers: peers.map(peer => nodes.findIndex(node => node.libp2p.peerId.equals(peer))).sort() }))
}

describe('reported outcomes', function () {
  this.timeout(60_000)

  const network = new TestNetwork()
  let question: Known
  let time: bigint

  beforeEach(() => {
    time = now()
  })

  afterEach(async () => {
    await network.stop()
  })

  async function member (policy: ScopePolicyInput = policyInput): Promise<TestNode> {
    const node = await network.add({ clock: () => time, sync: { maxRequests: 1_000 } })

    await node.voting.join(policy)

    return node
  }

  /** Asked a while ago, and its time is up */
  async function ask (node: TestNode, name = 'Long ago?'): Promise<Known> {
    const { policy } = scopeOf(node)
    const proposal = quorumProposal(voters[0], policy, { name, timestamp: now() - 100_000n, expirationTimestamp: now() - 90_000n, livenessCriteriaYes: true })

    return { proposal, signature: await voters[0].sign(announcementDigest(policy, proposal)) }
  }

  /** Votes said by the numbers of voters from 1 on, below 0 for no */
  async function votesOf (node: TestNode, ...numbers: number[]): Promise<Vote[]> {
    return Promise.all(numbers.map(async number => boundVote(voters[Math.abs(number) - 1], scopeOf(node).policy, question.proposal, number > 0)))
  }

  /** A node that was there when it was asked and got these votes, and counted them in its time */
  async function witness (node: TestNode, ...numbers: number[]): Promise<void> {
    time = question.proposal.timestamp
    await know(node, [question], await votesOf(node, ...numbers))
    time = now()
    await node.voting.consensus.handleConsensusTimeout(scopeOf(node).key, question.proposal.proposalId).catch(() => {})
  }

  async function prune (node: TestNode): Promise<void> {
    await node.voting.configure('council', { retainVotesSeconds: 60 })
  }

  async function stateOf (node: TestNode): Promise<ProposalState | undefined> {
    return node.voting.get('council', question.proposal.proposalId).catch((err: Error) => {
      expect(err.name).to.equal('SessionNotFoundError')

      return undefined
    })
  }

  /** Resolves when a node has been told by so many, and has ended it by itself */
  async function told (node: TestNode, peers: number): Promise<ProposalState> {
    await pWaitFor(async () => {
      const state = await stateOf(node)

      return state?.state !== 'active' && (state?.reported ?? []).reduce((sum, { peers }) => sum + peers.length, 0) === peers
    }, { timeout: 30_000 })

    return await stateOf(node) as ProposalState
  }

  it('show one who comes late what was decided by silence, where all have given up the votes, and are no decision', async () => {
    const [first, second, late] = [await member(), await member(), await member()]
    const events: string[] = []

    question = await ask(first)
    await Promise.all([first, second].map(async node => {
      await witness(node, 1, -2)
      await prune(node)
      expect(await stateOf(node)).to.include({ ...YES_BY_SILENCE, votesPruned: true })
    }))

    for (const type of ['voting:decided', 'voting:confirmed', 'voting:conflict', 'voting:failed'] as const) {
      late.voting.addEventListener(type, () => { events.push(type) })
    }

    await network.connect()

    const state = await told(late, 2)

    expect(named(state.reported, [first, second])).to.deep.equal([{ ...YES_BY_SILENCE, peers: [0, 1] }])
    expect(state).to.deep.include({ name: 'Long ago?', state: 'failed', tally: { yes: 0, no: 0 }, votes: [], votesPruned: false })
    expect(state).to.not.have.any.keys('result', 'grade')
    expect(await late.voting.decision('council', state.proposalId)).to.deep.equal({ scope: 'council', proposalId: state.proposalId, state: 'failed' })
    await expect(late.voting.certificate('council', state.proposalId)).to.eventually.be.rejected.with.property('name', 'ProofUnavailableError')
    expect(events).to.deep.equal(['voting:failed'])
    expect([first, second, late].map(node => syncOf(node).stats.faults)).to.deep.equal([0, 0, 0])

    // kept in memory only: who says it says it again
    await late.libp2p.stop()
    await late.libp2p.start()
    expect((await stateOf(late))?.reported).to.equal(undefined)
    await network.connect([first, second, late])
    expect(named((await told(late, 2)).reported, [first, second])).to.deep.equal([{ ...YES_BY_SILENCE, peers: [0, 1] }])
  })

  it('contradict each other where members ended it in different ways', async () => {
    const [decided, failed, late] = [await member(), await member(), await member()]

    question = await ask(decided)
    await witness(decided, 1, -2)
    await witness(failed, 1, -2, -3)
    await Promise.all([decided, failed].map(prune))
    await network.connect()

    expect(named((await told(late, 2)).reported, [decided, failed])).to.have.deep.members([{ ...YES_BY_SILENCE, peers: [0] }, { state: 'failed', peers: [1] }])
    // those who have given up the votes cannot check each other either
    expect(named((await told(decided, 1)).reported, [decided, failed])).to.deep.equal([{ state: 'failed', peers: [1] }])
    expect(await stateOf(decided)).to.include(YES_BY_SILENCE)
  })

  it('stay apart from what is proved, and from what is counted when votes come after all', async () => {
    const [silent, keeper, late] = [await member(), await member(), await member()]

    question = await ask(silent)
    await witness(silent, 1, -2)
    await prune(silent)
    await network.connect([silent, late])
    await told(late, 1)

    await know(keeper, [question], await votesOf(keeper, -1, -2, -3, -4))
    expect(await stateOf(keeper)).to.include({ state: 'reached', result: false, grade: 'quorum' })
    await network.connect([keeper, late])
    await pWaitFor(async () => (await stateOf(late))?.state === 'reached', { timeout: 20_000 })

    const state = await stateOf(late)

    expect(state).to.deep.include({ result: false, grade: 'quorum', tally: { yes: 0, no: 4 } })
    expect(state).to.not.have.property('contradicted')
    expect(named(state?.reported, [silent, keeper])).to.deep.equal([{ ...YES_BY_SILENCE, peers: [0] }])
  })

  it('are not kept of what nobody has given up the votes of', async () => {
    const [early, late] = [await member(), await member()]

    question = await ask(early)
    await witness(early, 1, -2)
    await network.connect()
    await pWaitFor(async () => (await stateOf(late))?.state === 'failed', { timeout: 20_000 })

    expect(await stateOf(late)).to.deep.include({ tally: { yes: 1, no: 1 } })
    expect((await stateOf(late))?.reported).to.equal(undefined)
    expect(late.voting.scopes()[0].prunedBy(early.libp2p.peerId)).to.equal(0)
  })

  it('come with how many proposals a peer has given up the votes of, also when nothing else differs', async () => {
    const [early, equal] = [await member(), await member()]

    question = await ask(early)
    await Promise.all([early, equal].map(async node => witness(node, 1, -2)))
    await network.connect()
    await Promise.all([early, equal].map(async node => syncOf(node).completed(scopeOf(node))))
    await prune(early)
    time += 1n
    syncOf(equal).request(scopeOf(equal))
    await pWaitFor(() => scopeOf(equal).prunedBy(early.libp2p.peerId) === 1, { timeout: 20_000 })
    expect(scopeOf(early).prunedBy(equal.libp2p.peerId)).to.equal(0)
    expect((await stateOf(equal))?.reported).to.equal(undefined)
  })

  describe('by liars', () => {
    let liar: Liar
    let node: TestNode

    beforeEach(async () => {
      liar = await Liar.create()
    })

    afterEach(async () => {
      await liar.stop()
    })

    /** Lists a proposal with an outcome, and delivers it as somebody would who has given up the votes */
    async function claim ({ proposal, signature }: Known, { outcome, flags = ENDED | PRUNED, announcement = true }: { outcome?: number, flags?: number, announcement?: boolean }): Promise<number> {
      const scope = scopeOf(node)
      const { proposalId } = proposal
      const day = dayOf(proposal)
      let pulls = 0

      await liar.answer(scope, ({ days, summaries, pull }: SyncRequest): Lie | undefined => {
        pulls += pull == null ? 0 : 1

        if (days != null) {
          return { days: { days: [{ day, digest: HASH }] } }
        }

        if (summaries != null) {
          return { summaries: { days: [{ day, summaries: [{ proposalId, digest: announcementDigest(scope.policy, proposal) as any, entry: HASH, flags, outcome }] }] } }
        }

        if (pull != null) {
          return { deliveries: { deliveries: [{ proposalId, announcement: announcement ? { proposal: encodeProposal(proposal) as any, signature: signature as any } : undefined, holding: { have: new Uint8Array(), entry: HASH, flags }, votes: [] }] } }
        }
      })

      if (liar.libp2p.getPeers().length === 0) {
        await node.libp2p.dial(liar.libp2p.getMultiaddrs())
      }

      const { begun } = syncOf(node).stats

      syncOf(node).driver.request(scope, liar.libp2p.peerId)
      await pWaitFor(() => syncOf(node).stats.begun > begun && syncOf(node).driver.running.size === 0, { timeout: 20_000 })

      return pulls
    }

    beforeEach(async () => {
      node = await member()
      question = await ask(node)
    })

    it('change nothing but what is shown of them, and are gone when they say otherwise', async () => {
      await witness(node, 1, -2)
      await claim(question, { outcome: outcomeNumber({ state: 'reached', result: false, grade: 'timeout' }), announcement: false })
      expect(await stateOf(node)).to.deep.include({ ...YES_BY_SILENCE, tally: { yes: 1, no: 1 } })
      expect(named((await stateOf(node))?.reported, [liar])).to.deep.equal([{ state: 'reached', result: false, grade: 'timeout', peers: [0] }])

      await claim(question, { outcome: outcomeNumber({ state: 'conflict' }), announcement: false })
      expect(named((await stateOf(node))?.reported, [liar])).to.deep.equal([{ state: 'conflict', peers: [0] }])

      await claim(question, {})
      expect((await stateOf(node))?.reported).to.equal(undefined)
      expect(syncOf(node).stats.faults).to.equal(0)
    })

    it('are shown as what one peer says of a proposal that its owner has made, and that one peer has given', async () => {
      await claim(question, { outcome: outcomeNumber(YES_BY_SILENCE) })

      expect(named((await told(node, 1)).reported, [liar])).to.deep.equal([{ ...YES_BY_SILENCE, peers: [0] }])
      expect(await stateOf(node)).to.include({ state: 'failed' })
    })

    const unheard: Array<[string, Parameters<typeof claim>[1], number]> = [
      ['that the votes are there', { outcome: 3, flags: ENDED }, 1],
      ['that it has not ended', { outcome: 3, flags: PRUNED }, 0],
      ['an outcome that there is not', { outcome: 99 }, 0],
      ['no outcome, as older nodes do', {}, 0],
      ['an outcome, and does not give the proposal', { outcome: 3, announcement: false }, 1]
    ]

    unheard.forEach(([what, lie, pulls]) => {
      it(`are not kept of one who says ${what}`, async () => {
        expect(await claim(question, lie)).to.equal(pulls)
        expect(scopeOf(node).reported.size).to.equal(0)
      })
    })

    it('are not kept of proposals that nobody has signed', async () => {
      await claim({ ...question, signature: new Uint8Array(65) }, { outcome: 3 })

      expect(scopeOf(node).reported.size).to.equal(0)
      expect(await stateOf(node)).to.equal(undefined)
      expect(syncOf(node).stats.faults).to.equal(1)
    })

    ;[policyOf([], { ...policyInput, decisionRule: 'reference' }), policyOf([], { decisionRule: 'quorum', voters: null })].forEach(policy => {
      it(`bring nothing into ${policy.voters == null ? 'an open scope' : 'a scope that decides by another rule'}, where silence or anybody would decide`, async () => {
        await node.voting.leave('council')
        await node.voting.join(policy)

        if (policy.voters == null) {
          question = await ask(node)
        } else {
          [question] = await makeProposals(1, voters[0], scopeOf(node), { timestamp: now() - 100_000n })
        }

        expect(await claim(question, { outcome: 3 })).to.equal(0)
        expect(await stateOf(node)).to.equal(undefined)
        expect(scopeOf(node).reported.size).to.equal(0)
      })
    })
  })

  describe('in memory', () => {
    it('are those of the peers that spoke last, on the proposals that were spoken of last', async () => {
      const reported = new ReportedOutcomes()
      const peers = await Promise.all(Array.from({ length: MAX_REPORTERS + 1 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))))
      const [yes, no] = [outcomeOfNumber(3), outcomeOfNumber(2)] as any[]

      peers.forEach(peer => { reported.add(1, peer, yes) })
      expect(reported.of(1)).to.deep.equal([{ ...YES_BY_SILENCE, peers: peers.slice(1) }])

      reported.add(1, peers[1], no)
      expect(reported.of(1).map(({ result, peers }) => [result, peers.length])).to.deep.equal([[true, MAX_REPORTERS - 1], [false, 1]])

      for (let proposalId = 2; proposalId <= MAX_REPORTED + 1; proposalId++) {
        reported.add(proposalId, peers[0], yes)
      }

      expect(reported.size).to.equal(MAX_REPORTED)
      expect(reported.of(1)).to.deep.equal([])
      expect(reported.of(2)).to.have.length(1)

      reported.delete(2, peers[0])
      expect(reported.size).to.equal(MAX_REPORTED - 1)
    })
  })
})
