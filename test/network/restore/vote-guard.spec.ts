import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import { announcementDigest, parsePolicy, policyDigest } from '../../../src/consensus/policy/policy.ts'
import { AskedMembers, ClockWatch, VoteGuard } from '../../../src/network/restore/index.ts'
import { identityToAddress } from '../../../src/signers/ethereum.ts'
import { quorumProposal } from '../../utils/quorum.ts'
import { newSigner } from '../quorum/fixture.ts'
import type { Proposal, ScopePolicyInput } from '../../../src/index.ts'
import type { Restored } from '../../../src/network/restore/own-locks.ts'

const VOTERS = Array.from({ length: 7 }, () => newSigner())

/** When the process began, by the wall clock in seconds and by the monotonic one in milliseconds */
const BEGUN = 1_700_000_000n
const BEGUN_AT = 5_000

const SKEW = 10n

describe('what has to be asked before a vote', () => {
  let wall: bigint
  let at: number
  let restored: Restored | undefined
  let asked: AskedMembers
  let clocks: ClockWatch
  let guard: VoteGuard
  let scope: any

  beforeEach(() => {
    [wall, at] = [BEGUN, BEGUN_AT]
    restored = undefined
    asked = new AskedMembers()
    clocks = new ClockWatch({ clock: () => wall, monotonic: () => at })
    guard = new VoteGuard({ locks: { check: async () => restored } as any, asked, clocks, sync: { request: () => {} }, monotonic: () => at, syncWait: 0 })
    enter(7)
  })

  /** Enters a scope of so many voters, our own among them */
  function enter (voters: number, policy: Partial<ScopePolicyInput> = {}): void {
    const parsed = parsePolicy({ name: 'council', clockSkewSeconds: Number(SKEW), graceSeconds: 20, voters: VOTERS.slice(0, voters).map(({ identity }) => identityToAddress(identity)), ...policy })

    scope = {
      key: 'council/digest',
      name: 'council',
      policy: parsed,
      digest: policyDigest(parsed),
      open: parsed.voters == null,
      peers: ['peer'],
      members: { connected: () => [], votersOf: (peer: number) => [`${peer}`] }
    }
  }

  function pass (seconds: number): void {
    wall += BigInt(seconds)
    at += seconds * 1_000
  }

  function restore (): void {
    restored = { restoredAt: wall, learnedAt: at }
  }

  function proposalAt (timestamp: bigint): Proposal {
    return quorumProposal(VOTERS[1], scope.policy, { timestamp, expirationTimestamp: timestamp + 3_600n })
  }

  function answer (member: number, { told = true, begun = at, pruned = [] }: { told?: boolean, begun?: number, pruned?: Proposal[] } = {}): void {
    asked.add({ scope, peer: member as any, begun, told, untold: new Set(pruned.map(proposal => bytesToHex(announcementDigest(scope.policy, proposal, scope.digest)))) })
  }

  async function isFree (proposal: Proposal): Promise<boolean> {
    return await guard.unasked(scope, { proposal, voteCount: 0, voterCount: 0 }) == null
  }

  /** How many members have to answer before a vote on a proposal */
  async function needed (proposal: Proposal): Promise<number> {
    for (let members = 0; members < VOTERS.length; members++) {
      if (await isFree(proposal)) {
        return members
      }

      answer(members)
    }

    return Infinity
  }

  describe('on what is as old as the process', () => {
    it('is one member, up to the skew', async () => {
      pass(60)
      expect(await isFree(proposalAt(BEGUN + SKEW + 1n))).to.equal(true)
      expect(await needed(proposalAt(BEGUN + SKEW))).to.equal(1)
    })

    it('is a member that has told what it holds of our key, in a sync since then', async () => {
      const proposal = proposalAt(BEGUN)

      pass(60)
      answer(1, { told: false })
      answer(2, { begun: BEGUN_AT })
      expect(await isFree(proposal)).to.equal(false)
      answer(2, { begun: BEGUN_AT + 1 })
      expect(await isFree(proposal)).to.equal(true)
    })

    it('is one member again where the wall clock moves and the monotonic one does not, by more than the skew', async () => {
      answer(1, { begun: at + 1 })

      const proposal = proposalAt(BEGUN + 60n)

      pass(60)
      wall += SKEW
      expect(await isFree(proposal)).to.equal(true)
      wall += SKEW + 1n
      expect(await needed(proposal)).to.equal(Infinity)
      pass(1)
      expect(await needed(proposal)).to.equal(1)
    })

    it('is nobody for what the process has made itself since then, and for the only voter', async () => {
      const proposal = proposalAt(BEGUN)

      pass(1)
      expect(await isFree(proposal)).to.equal(false)
      guard.onMade(scope, proposal.proposalId)
      expect(await isFree(proposal)).to.equal(true)
      wall += SKEW + 1n
      expect(await isFree(proposal)).to.equal(false)
      enter(1)
      expect(await isFree(proposalAt(BEGUN))).to.equal(true)
    })

    it('is any peer in an open scope', async () => {
      enter(0, { voters: null })

      const proposal = { ...proposalAt(BEGUN), expectedVotersCount: 7 }

      pass(1)
      expect(await isFree(proposal)).to.equal(false)
      answer(1, { told: false })
      expect(await isFree(proposal)).to.equal(true)
    })
  })

  describe('on what is as old as a restore', () => {
    const counts: Array<[voters: number, threshold: string, members: number]> = [[2, '1/2', 1], [3, '1/2', 2], [4, '2/3', 3], [5, '1/2', 3], [7, '1/2', 4], [7, '2/3', 5], [7, '1', 6]]

    counts.forEach(([voters, threshold, members]) => {
      it(`is ${members} of ${voters} voters where ${threshold} of them decide`, async () => {
        enter(voters, { threshold })
        pass(60)
        restore()
        pass(1)
        expect(await needed(proposalAt(wall))).to.equal(members)
      })
    })

    it('is a quorum up to the skew, and nobody after it', async () => {
      pass(60)
      restore()

      const edge = wall + SKEW

      pass(20)
      expect(await isFree(proposalAt(edge + 1n))).to.equal(true)
      expect(await isFree(proposalAt(edge))).to.equal(false)
    })

    it('is nobody again who was asked before it, has not told, or calls the votes pruned', async () => {
      const [proposal, other] = [proposalAt(BEGUN), proposalAt(BEGUN + 1n)]

      pass(60)
      ;[1, 2, 3, 4, 5].forEach(member => { answer(member) })
      expect(await isFree(proposal)).to.equal(true)
      restore()
      expect(await isFree(proposal)).to.equal(false)
      pass(1)
      ;[1, 2].forEach(member => { answer(member) })
      answer(3, { told: false })
      answer(4, { pruned: [proposal] })
      answer(5, { begun: (restored?.learnedAt ?? 0) })
      expect((await guard.unasked(scope, { proposal, voteCount: 0, voterCount: 0 }))?.reason).to.match(/; 2 have/)
      expect((await guard.unasked(scope, { proposal: other, voteCount: 0, voterCount: 0 }))?.reason).to.match(/; 3 have/)
      ;[3, 5].forEach(member => { answer(member) })
      expect(await isFree(proposal)).to.equal(false)
      expect(await isFree(other)).to.equal(true)
      answer(6)
      expect(await isFree(proposal)).to.equal(true)
    })

    it('is nobody who could change it for the only voter, and in an open scope', async () => {
      pass(60)
      restore()
      pass(1)
      enter(1)
      expect(await guard.unasked(scope, { proposal: proposalAt(BEGUN), voteCount: 0, voterCount: 0 })).to.include.keys('reason').and.not.have.any.keys('since')
      enter(0, { voters: null })
      answer(1)
      expect(await guard.unasked(scope, { proposal: { ...proposalAt(BEGUN), expectedVotersCount: 7 }, voteCount: 0, voterCount: 0 })).to.include.keys('reason').and.not.have.any.keys('since')
    })

    it('is looked at again where a sync is completed meanwhile', async () => {
      const proposal = proposalAt(BEGUN)

      pass(60)
      answer(1)
      guard = new VoteGuard({
        locks: {
          check: async () => {
            const before = restored

            // a sync has found that it was restored while the locks were being read
            if (before == null) {
              restore()
              answer(2)
            }

            return before
          }
        } as any,
        asked,
        clocks,
        sync: { request: () => {} },
        monotonic: () => at,
        syncWait: 0
      })
      expect(await isFree(proposal)).to.equal(false)
    })
  })
})
