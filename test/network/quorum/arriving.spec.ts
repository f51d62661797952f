import { expect } from 'aegir/chai'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { announce } from '../../utils/messages.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { Fixture, START } from './fixture.ts'

describe('a vote that comes while its proposal is validated', () => {
  const fixture = new Fixture()

  before(async () => { await fixture.start() })

  after(async () => { await fixture.stop() })

  afterEach(async () => { await fixture.leaveAll() })

  it('is taken in after the proposal, and nobody is asked for the proposal', async () => {
    const scope = await fixture.join()
    const proposal = quorumProposal(fixture.voter, scope.policy, { timestamp: START, expectedVotersCount: 4 })
    const messages = [
      await announce(fixture.voter, scope.policy, proposal),
      encodeVoteGossip(await boundVote(fixture.voter, scope.policy, proposal, true)),
      encodeVoteGossip(await boundVote(fixture.other, scope.policy, proposal, false))
    ]
    const verdicts = messages.map(async message => fixture.deliver(scope, message))

    // no vote waits at any time
    const add = scope.parked.add.bind(scope.parked)
    let parked = 0

    scope.parked.add = vote => {
      parked++
      add(vote)
    }

    expect(await Promise.all(verdicts)).to.deep.equal(['accept', 'accept', 'accept'])
    expect(parked).to.equal(0)
    expect(await fixture.tally(scope, proposal.proposalId)).to.deep.equal({ yes: 1, no: 1 })
    expect(scope.arriving.size).to.equal(0)
  })

  it('waits for the proposal if that one turns out to be forged', async () => {
    const scope = await fixture.join()
    const proposal = quorumProposal(fixture.voter, scope.policy, { timestamp: START, expectedVotersCount: 4 })
    const vote = encodeVoteGossip(await boundVote(fixture.voter, scope.policy, proposal, true))
    const forged = await announce(fixture.other, scope.policy, proposal)

    expect(await Promise.all([forged, vote].map(async message => fixture.deliver(scope, message)))).to.deep.equal(['reject', 'accept'])
    expect(scope.parked.size).to.equal(1)

    expect(await fixture.deliver(scope, await announce(fixture.voter, scope.policy, proposal))).to.equal('accept')
    expect(await fixture.tally(scope, proposal.proposalId)).to.deep.equal({ yes: 1, no: 0 })
  })
})
