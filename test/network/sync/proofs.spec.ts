import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { evidenceOf, makeCertificate } from '../../../src/consensus/index.ts'
import { announcementDigest } from '../../../src/consensus/policy/policy.ts'
import { encodeProposal } from '../../../src/consensus/proposal/proposal.ts'
import { dayOf } from '../../../src/consensus/storage/interface.ts'
import { encodeVote } from '../../../src/consensus/vote/vote.ts'
import { ENDED, PROVEN, PRUNED } from '../../../src/network/sync/digests.ts'
import { ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { Liar } from '../../utils/liar.ts'
import { now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, scopeOf, synced } from '../../utils/sync.ts'
import type { ConsensusSession, Proposal, ScopePolicy, Vote } from '../../../src/index.ts'
import type { Sync } from '../../../src/network/sync/index.ts'
import type { SyncRequest } from '../../../src/pb/sync.ts'
import type { Lie } from '../../utils/liar.ts'
import type { TestNode } from '../../utils/nodes.ts'

const voters = Array.from({ length: 5 }, () => ethereumSigner(generatePrivateKey()))

interface Known {
  proposal: Proposal
  signature: Uint8Array
}

async function propose (policy: ScopePolicy, name: string, timestamp = now()): Promise<Known> {
  const proposal = quorumProposal(voters[0], policy, { name, timestamp })

  return { proposal, signature: await voters[0].sign(announcementDigest(policy, proposal)) }
}

/** Votes said by the numbers of voters from 1 on, below 0 for no */
async function vote (policy: ScopePolicy, { proposal }: Known, ...numbers: number[]): Promise<Vote[]> {
  return Promise.all(numbers.map(async number => boundVote(voters[Math.abs(number) - 1], policy, proposal, number > 0)))
}

async function sessionOf (node: TestNode, { proposal }: Known): Promise<ConsensusSession> {
  return await node.voting.consensus.storage.getSession(scopeOf(node).key, proposal.proposalId) as ConsensusSession
}

function syncOf ({ voting }: TestNode): Sync {
  return (voting as any).parts.sync
}

describe('sync of what proves a result', function () {
  this.timeout(60_000)

  const network = new TestNetwork()
  const policyInput = policyOf([], { decisionRule: 'quorum', voters: voters.map(({ identity }) => identityToAddress(identity)) })

  afterEach(async () => {
    await network.stop()
  })

  /** Two members; of two that meet the one with the smaller peer id asks */
  async function members (asks: 'the late one' | 'the early one'): Promise<{ early: TestNode, late: TestNode, policy: ScopePolicy }> {
    const nodes = [await network.add(), await network.add()].sort((a, b) => `${a.libp2p.peerId}` < `${b.libp2p.peerId}` ? -1 : 1)
    const [early, late] = asks === 'the late one' ? nodes.reverse() : nodes

    for (const node of nodes) {
      await node.voting.join(policyInput)
    }

    return { early, late, policy: scopeOf(early).policy }
  }

  async function prune (node: TestNode, ...proposals: Known[]): Promise<void> {
    for (const { proposal } of proposals) {
      await node.voting.consensus.storage.pruneVotes?.(scopeOf(node).key, proposal.proposalId)
    }
  }

  for (const asks of ['the late one', 'the early one'] as const) {
    it(`gives one who joins late the proposal, the votes of a quorum and evidence, where all else is pruned and ${asks} asks`, async () => {
      const { early, late, policy } = await members(asks)
      const decided = await propose(policy, 'Decided', now() - 1_000n)
      const undecided = await propose(policy, 'Undecided', now() - 1_000n)

      await know(early, [decided, undecided], [...await vote(policy, decided, 1, 2, -3, 3, 4, -5), ...await vote(policy, undecided, 1, -2)])
      await early.voting.consensus.handleConsensusTimeout(scopeOf(early).key, undecided.proposal.proposalId).catch(() => {})
      await prune(early, decided, undecided)

      const certificate = makeCertificate(await sessionOf(early, decided), policy)

      expect(await sessionOf(early, decided)).to.include({ voteCount: 5 })
      await network.connect([early, late])
      await pWaitFor(async () => (await sessionOf(late, decided))?.result != null, { timeout: 20_000 })
      await pWaitFor(async () => (await sessionOf(late, decided)).voteCount === 5, { timeout: 20_000 })

      const session = await sessionOf(late, decided)

      expect(session).to.deep.include({ state: 'reached', result: true, tally: { yes: 4, no: 1, doubles: 1 } })
      expect(makeCertificate(session, policy)).to.deep.equal(certificate)
      expect(evidenceOf(session)).to.deep.equal(evidenceOf(await sessionOf(early, decided)))
      // nothing is left that says anything of the other one
      expect(await sessionOf(late, undecided)).to.equal(undefined)
      expect(syncOf(early).stats.faults + syncOf(late).stats.faults).to.equal(0)
    })

    it(`gives a member that came to no result the votes that prove it, and takes none, where ${asks} asks`, async () => {
      const { early, late, policy } = await members(asks)
      const proposal = await propose(policy, 'Decided', now() - 1_000n)

      await know(early, [proposal], await vote(policy, proposal, -1, -2, -3, -4))
      await prune(early, proposal)
      await know(late, [proposal], await vote(policy, proposal, -2, 5))
      await late.voting.consensus.handleConsensusTimeout(scopeOf(late).key, proposal.proposal.proposalId).catch(() => {})
      expect(await sessionOf(late, proposal)).to.include({ state: 'failed' })

      await network.connect([early, late])
      await pWaitFor(async () => (await sessionOf(late, proposal)).state === 'reached', { timeout: 20_000 })
      await pWaitFor(async () => (await sessionOf(late, proposal)).voteCount === 5, { timeout: 20_000 })
      expect(await sessionOf(late, proposal)).to.deep.include({ result: false, tally: { yes: 1, no: 4 } })
      expect(await sessionOf(early, proposal)).to.deep.include({ voteCount: 4, tally: { yes: 0, no: 4 } })
      expect(syncOf(early).stats.faults + syncOf(late).stats.faults).to.equal(0)
    })
  }

  for (const asks of ['the late one', 'the early one'] as const) {
    it(`holds nothing against a member that gives up votes after it has listed them, where ${asks} asks`, async () => {
      const { early, late, policy } = await members(asks)
      const [undecided, known, decided] = await Promise.all(['Undecided', 'Known', 'Decided'].map(async name => propose(policy, name, now() - 1_000n)))
      const { storage } = early.voting.consensus
      const getSession = storage.getSession.bind(storage)
      const faults: string[] = []

      await know(early, [undecided, known, decided], [...await vote(policy, undecided, 1, -2), ...await vote(policy, known, 1, -2), ...await vote(policy, decided, 1, 2, 3, 4, 5)])
      await know(late, [known], await vote(policy, known, 3))

      for (const [node, proposal] of [[early, undecided], [early, known], [late, known]] as const) {
        await node.voting.consensus.handleConsensusTimeout(scopeOf(node).key, proposal.proposal.proposalId).catch(() => {})
      }

      for (const node of [early, late]) {
        node.voting.addEventListener('voting:fault', ({ detail }) => { faults.push(detail.reason) })
      }

      // lists are made without this
      storage.getSession = async (key, proposalId) => {
        await storage.pruneVotes?.(key, proposalId)

        return getSession(key, proposalId)
      }
      await network.connect([early, late])
      await pWaitFor(async () => (await sessionOf(late, decided))?.result != null, { timeout: 20_000 })
      await Promise.all([early, late].map(synced))

      expect(faults).to.deep.equal([])
      expect(await sessionOf(early, known)).to.have.property('pruned').that.is.an('object')
      expect([[early, late], [late, early]].map(([node, other]) => (syncOf(node) as any).driver.init.isTrusted(other.libp2p.peerId))).to.deep.equal([true, true])
    })
  }

  describe('with liars', () => {
    let liar: Liar
    let node: TestNode
    let policy: ScopePolicy
    let proposal: Known
    let faults: string[]

    beforeEach(async () => {
      liar = await Liar.create()
      node = await network.add({ sync: { frameTimeout: 500, maxFrames: 40 } })
      await node.voting.join(policyInput)
      policy = scopeOf(node).policy
      proposal = await propose(policy, 'Decided?')
      faults = []
      node.voting.addEventListener('voting:fault', ({ detail }) => { faults.push(detail.reason) })
      await node.libp2p.dial(liar.libp2p.getMultiaddrs())
    })

    afterEach(async () => {
      await liar.stop()
    })

    /** Tells of a proposal as somebody would who has pruned it, and has these votes */
    async function tell (votes: Vote[], { listed = ENDED | PRUNED | PROVEN, held = listed, sent = votes }: { listed?: number, held?: number, sent?: Vote[] } = {}): Promise<void> {
      const scope = scopeOf(node)
      const day = dayOf(proposal.proposal)
      const entry = new Uint8Array(32).fill(9)
      const have = scope.haveSets.of(votes).encode()
      const lie = ({ days, summaries, pull }: SyncRequest): Lie | undefined => {
        if (days != null) {
          return { days: { days: [{ day, digest: entry }] } }
        }

        if (summaries != null) {
          return { summaries: { days: [{ day, summaries: [{ proposalId: proposal.proposal.proposalId, digest: announcementDigest(policy, proposal.proposal) as any, entry, flags: listed }] }] } }
        }

        return pull == null
          ? undefined
          : {
              deliveries: {
                deliveries: [{
                  proposalId: proposal.proposal.proposalId,
                  announcement: pull.wants[0].announcement ? { proposal: encodeProposal(proposal.proposal) as any, signature: proposal.signature as any } : undefined,
                  holding: { have: have as any, entry, flags: held },
                  votes: sent.map(encodeVote) as any
                }]
              }
            }
      }

      await liar.answer(scope, lie)
      ;(syncOf(node) as any).driver.request(scope, liar.libp2p.peerId)
      await pWaitFor(() => syncOf(node).stats.begun > 0 && (syncOf(node) as any).driver.running.size === 0, { timeout: 20_000 })
    }

    it('takes what proves a result from whoever has it', async () => {
      await tell(await vote(policy, proposal, 1, 2, 3, 4))

      expect(faults).to.deep.equal([])
      expect(await sessionOf(node, proposal)).to.include({ state: 'reached', result: true })
    })

    const lies: Array<[string, RegExp, () => Promise<void>]> = [
      ['claims a proof and has fewer votes than a quorum', /has no quorum of 4 votes/, async () => tell(await vote(policy, proposal, 1, 2, 3))],
      ['claims a proof and has a quorum only of both sides together', /has no quorum of 4 votes/, async () => tell(await vote(policy, proposal, 1, 2, 3, -4, -5))],
      ['claims votes that it does not send', /said it has 4 votes, of which 1 did not come/, async () => tell(await vote(policy, proposal, 1, 2, 3, 4), { sent: await vote(policy, proposal, 1, 2, 3) })],
      ['says it has pruned the votes, and sends them', /did not say it has/, async () => tell(await vote(policy, proposal, 1, 2, 3, 4), { held: ENDED | PRUNED })],
      ['claims what others voted', /not valid/, async () => {
        const votes = await vote(policy, proposal, 1, 2, 3, 4)

        await tell(votes, { sent: [...votes.slice(0, 3), { ...votes[3], signature: votes[2].signature }] })
      }]
    ]

    for (const [what, reason, lie] of lies) {
      it(`blames one who ${what}`, async () => {
        await lie()
        expectFault(reason)
      })
    }

    function expectFault (reason: RegExp): void {
      expect(faults).to.have.length(1)
      expect(faults[0]).to.match(reason)
    }

    it('holds nothing against one who lists a proof for a proposal that is known, and has none any more', async () => {
      await know(node, [proposal], await vote(policy, proposal, 1))
      await tell(await vote(policy, proposal, 1, 2, 3, 4), { held: ENDED | PRUNED, sent: [] })

      expect(faults).to.deep.equal([])
    })

    it('asks nothing of one whose votes are pruned, and who has no proof', async () => {
      await tell([], { listed: ENDED | PRUNED, sent: [] })

      expect(faults).to.deep.equal([])
      expect(await sessionOf(node, proposal)).to.equal(undefined)
    })
  })
})
