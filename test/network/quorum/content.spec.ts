import { expect } from 'aegir/chai'
import { equals } from 'uint8arrays/equals'
import { computeVoteHash, encodeVote } from '../../../src/consensus/vote/vote.ts'
import { encodeAnnouncement, encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { announce } from '../../utils/messages.ts'
import { boundVote, digestOf, quorumProposal } from '../../utils/quorum.ts'
import { Fixture, newSigner, START } from './fixture.ts'
import type { Proposal, Vote } from '../../../src/index.ts'

/** What a liar changes under votes that were cast */
const CHANGES: Record<string, Partial<Proposal>> = {
  payload: { payload: Uint8Array.of(1) },
  name: { name: 'Stop?' },
  'number of voters': { expectedVotersCount: 3 },
  'liveness side': { livenessCriteriaYes: false },
  'time it was made': { timestamp: START + 1n },
  'time it ends': { expirationTimestamp: START + 3600n },
  proposer: { proposalOwner: newSigner().identity }
}

describe('votes under quorum', () => {
  const fixture = new Fixture()
  const voters = [newSigner(), newSigner(), newSigner(), newSigner()]
  const [liar] = voters

  before(async () => { await fixture.start() })

  after(async () => { await fixture.stop() })

  afterEach(async () => { await fixture.leaveAll() })

  // an open scope: nothing but what the votes are bound to stands in the way
  async function setUp (): Promise<{ scope: Awaited<ReturnType<Fixture['join']>>, proposal: Proposal, votes: Vote[] }> {
    const scope = await fixture.join({ voters: null })
    const proposal = quorumProposal(liar, scope.policy, { timestamp: START, expectedVotersCount: 4 })

    return { scope, proposal, votes: await Promise.all(voters.map(async voter => boundVote(voter, scope.policy, proposal, true))) }
  }

  it('count for the content they were cast on', async () => {
    const { scope, proposal, votes } = await setUp()

    expect(await fixture.deliver(scope, await announce(liar, scope.policy, proposal))).to.equal('accept')

    for (const vote of votes) {
      expect(await fixture.deliver(scope, encodeVoteGossip(vote))).to.equal('accept')
    }

    expect(await fixture.tally(scope, proposal.proposalId)).to.deep.equal({ yes: 4, no: 0 })
  })

  for (const [what, changes] of Object.entries(CHANGES)) {
    it(`count for nothing else: another ${what}`, async () => {
      const { scope, proposal, votes } = await setUp()
      const { policy } = scope

      // the old id does not follow from what is new
      expect(await fixture.deliver(scope, await announce(liar, policy, { ...proposal, ...changes }))).to.equal('reject')

      // with the right id the liar can announce what it has made, but not what it says that another has made
      const changed = quorumProposal(liar, policy, { ...proposal, ...changes, proposalId: undefined })
      const verdict = await fixture.deliver(scope, await announce(liar, policy, changed))

      expect(verdict).to.equal(what === 'proposer' ? 'reject' : 'accept')
      expect(changed.proposalId).to.not.equal(proposal.proposalId)

      if (verdict === 'accept') {
        await aimAt(scope, changed, votes)
        expect(await fixture.tally(scope, changed.proposalId)).to.deep.equal({ yes: 0, no: 0 })
      }
    })
  }

  it('count for nothing else: another id', async () => {
    const { scope, proposal, votes } = await setUp()
    const changed = { ...proposal, proposalId: (proposal.proposalId ^ 1) >>> 0 }

    expect(await fixture.deliver(scope, await announce(liar, scope.policy, changed))).to.equal('reject')
    await aimAt(scope, changed, votes)
    await expect(fixture.node.voting.get(scope.name, changed.proposalId)).to.eventually.be.rejected.with.property('name', 'SessionNotFoundError')
  })

  for (const [what, policy] of Object.entries({ 'another scope': {}, 'the same scope under another policy': { threshold: 0.9 } })) {
    it(`count for nothing else: ${what}`, async () => {
      const { scope: first, proposal, votes } = await setUp()
      await fixture.node.voting.leave(first.name)
      const scope = await fixture.join({ voters: null, ...policy, ...what === 'another scope' ? {} : { name: first.name } })

      // as it is its id is not that of this scope
      expect(await fixture.deliver(scope, await announce(liar, scope.policy, proposal))).to.equal('reject')
      expect(await fixture.deliver(scope, encodeAnnouncement({ proposal, signature: await liar.sign(digestOf(first.policy, proposal)) }))).to.equal('reject')

      const changed = quorumProposal(liar, scope.policy, { ...proposal, proposalId: undefined })
      expect(await fixture.deliver(scope, await announce(liar, scope.policy, changed))).to.equal('accept')
      await aimAt(scope, changed, votes)
      expect(await fixture.tally(scope, changed.proposalId)).to.deep.equal({ yes: 0, no: 0 })
    })
  }

  /** Tries all that can be done to have votes count for another proposal, by gossip and by sync */
  async function aimAt (scope: Awaited<ReturnType<Fixture['join']>>, proposal: Proposal, votes: Vote[]): Promise<void> {
    const { validator } = (fixture.node.voting as any).parts
    const digest = digestOf(scope.policy, proposal)

    for (const vote of votes) {
      // as it is it waits for the proposal that it was cast on
      expect(await fixture.deliver(scope, encodeVoteGossip(vote))).to.equal('ignore')

      for (const changes of [{ proposalId: proposal.proposalId }, { parentHash: digest }, { proposalId: proposal.proposalId, parentHash: digest }]) {
        for (const rehash of [true, false]) {
          const changed = { ...vote, ...changes }
          const aimed = rehash ? { ...changed, voteHash: computeVoteHash(changed) } : changed

          if (equals(encodeVote(aimed), encodeVote(vote))) {
            // where only the id is another, the votes are on the content
            continue
          }

          // a whole vote outside the proposal's time is not verified
          const isUntimely = rehash && equals(aimed.parentHash, digest) && aimed.proposalId === proposal.proposalId && aimed.timestamp < proposal.timestamp

          expect(await fixture.deliver(scope, encodeVoteGossip(aimed))).to.equal(isUntimely ? 'ignore' : 'reject')
          expect(await validator.takeInLateVotes(scope, aimed.proposalId, [aimed])).to.be.deep.oneOf([['invalid'], ['refused']])
        }
      }
    }

    expect(await fixture.deliver(scope, await announce(liar, scope.policy, { ...proposal, votes: votes.map(vote => ({ ...vote, proposalId: proposal.proposalId })) }))).to.equal('reject')
  }
})
