import { expect } from 'aegir/chai'
import { Observations } from '../../scripts/crash/observations.ts'
import type { SeenVote } from '../../scripts/crash/observations.ts'

describe('observations of the crash test', () => {
  const vote: SeenVote = { scope: 'council', proposalId: 7, voter: '0xA', choice: 'yes', timestamp: 100 }
  let observations: Observations

  beforeEach(() => {
    observations = new Observations(scope => scope === 'board')
  })

  it('take one vote that many have seen for one', () => {
    observations.addVote('an event of node-1', vote)
    observations.addVote('the gossip', { ...vote, hash: 'aa' })
    observations.addVote('an answer of node-2', vote)

    expect(observations.votes).to.equal(1)
    expect(observations.selfEquivocations).to.deep.equal([])
  })

  it('find opposite votes of one voter on one proposal, and only those', () => {
    observations.addVote('the gossip', vote)
    observations.addVote('the gossip', { ...vote, voter: '0xB', choice: 'no' })
    observations.addVote('the gossip', { ...vote, proposalId: 8, choice: 'no' })
    expect(observations.selfEquivocations).to.deep.equal([])

    observations.addVote('an event of node-2', { ...vote, choice: 'no' })
    expect(observations.selfEquivocations).to.deep.equal(['0xA has signed 2 votes on proposal 7 in council: yes at 100, seen first in the gossip; no at 100, seen first in an event of node-2'])
  })

  it('find two different votes for the same side', () => {
    observations.addVote('the gossip', { ...vote, hash: 'aa' })
    observations.addVote('the gossip', { ...vote, hash: 'bb' })

    expect(observations.selfEquivocations).to.have.lengthOf(1)
  })

  it('find decisions that a node has no more, or has otherwise', () => {
    for (const proposalId of [1, 2, 3, 4]) {
      observations.addDecision('node-1', 'an event of node-1', { scope: 'council', proposalId, state: 'reached', result: 'yes' })
    }

    expect(observations.decisionsOf('node-1', { unconfirmed: true })).to.deep.equal([1, 2, 3, 4].map(proposalId => ({ scope: 'council', proposalId })))

    observations.confirm('node-1', { scope: 'council', proposalId: 1 }, { scope: 'council', proposalId: 1, state: 'reached', result: 'yes' })
    expect(observations.lostDecisions).to.deep.equal([])

    observations.confirm('node-1', { scope: 'council', proposalId: 2 })
    observations.confirm('node-1', { scope: 'council', proposalId: 3 }, { scope: 'council', proposalId: 3, state: 'active' })
    observations.addDecision('node-1', 'an answer of node-1', { scope: 'council', proposalId: 4, state: 'reached', result: 'no' })

    expect(observations.lostDecisions).to.deep.equal([
      'node-1 showed proposal 2 in council as yes (an event of node-1), and then did not know it (when asked)',
      'node-1 showed proposal 3 in council as yes (an event of node-1), and then as active (when asked)',
      'node-1 showed proposal 4 in council as yes (an event of node-1), and then as no (an answer of node-1)'
    ])
    expect(observations.decisionsOf('node-1', { unconfirmed: true })).to.deep.equal([{ scope: 'council', proposalId: 4 }])
  })

  it('take it for right that votes that come late decide, where the rule says so, and hold on to what they decide', () => {
    for (const scope of ['council', 'board']) {
      observations.addDecision('node-1', 'an event of node-1', { scope, proposalId: 1, state: 'failed' })
      observations.addDecision('node-1', 'an event of node-1', { scope, proposalId: 1, state: 'reached', result: 'no' })
    }

    expect(observations.lostDecisions).to.deep.equal(['node-1 showed proposal 1 in council as failed (an event of node-1), and then as no (an event of node-1)'])

    observations.confirm('node-1', { scope: 'board', proposalId: 1 }, { scope: 'board', proposalId: 1, state: 'failed' })
    expect(observations.lostDecisions).to.have.lengthOf(2)
  })

  it('keep proposals of two scopes apart', () => {
    observations.addVote('the gossip', vote)
    observations.addVote('the gossip', { ...vote, scope: 'board', choice: 'no' })

    expect(observations.selfEquivocations).to.deep.equal([])
  })

  it('keep what nodes decide apart', () => {
    observations.addDecision('node-1', 'an event of node-1', { scope: 'council', proposalId: 1, state: 'reached', result: 'yes' })
    observations.addDecision('node-2', 'an event of node-2', { scope: 'council', proposalId: 1, state: 'failed' })

    expect(observations.decisions).to.equal(2)
    expect(observations.lostDecisions).to.deep.equal([])
  })
})
