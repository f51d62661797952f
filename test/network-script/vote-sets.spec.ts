import { expect } from 'aegir/chai'
import { compareNodes, knownOf } from '../../scripts/network/vote-sets.ts'
import type { Knowledge, Known } from '../../scripts/network/vote-sets.ts'
import type { Choice, VoteInfo } from '../../src/client/index.ts'

function known (outcome: string, ...votes: string[]): Known {
  return { outcome, votes }
}

function nodes (...knowledge: Array<Record<number, Known>>): Map<string, Knowledge> {
  return new Map(knowledge.map((proposals, index) => [`node-${index + 1}`, new Map(Object.entries(proposals).map(([id, known]) => [Number(id), known]))]))
}

describe('comparing nodes', () => {
  it('finds nothing where all say the same', () => {
    const same = { 1: known('yes', 'a=yes', 'b=yes'), 2: known('failed') }

    expect(compareNodes(nodes(same, same, same), [1, 2])).to.deep.equal({ agree: true, voteSetsEqual: true, differences: [] })
  })

  it('says who has another result', () => {
    const { agree, voteSetsEqual, differences } = compareNodes(nodes({ 1: known('yes', 'a=yes') }, { 1: known('no', 'a=yes') }, { 1: known('yes', 'a=yes') }), [1])

    expect(agree).to.be.false()
    expect(voteSetsEqual).to.be.true()
    expect(differences).to.deep.equal(['proposal 1, result: yes at node-1, node-3; no at node-2'])
  })

  it('says who has other votes', () => {
    const { agree, voteSetsEqual, differences } = compareNodes(nodes({ 1: known('yes', 'a=yes', 'b=yes') }, { 1: known('yes', 'a=yes') }), [1])

    expect(agree).to.be.true()
    expect(voteSetsEqual).to.be.false()
    expect(differences).to.deep.equal(['proposal 1, votes: a=yes b=yes at node-1; a=yes at node-2'])
  })

  it('tells a voter who has voted both ways from one who has not', () => {
    expect(compareNodes(nodes({ 1: known('yes', 'a=no', 'a=yes') }, { 1: known('yes', 'a=yes') }), [1]).voteSetsEqual).to.be.false()
  })

  it('does not take what goes on for agreement', () => {
    expect(compareNodes(nodes({ 1: known('active') }, { 1: known('active') }), [1])).to.include({ agree: false, voteSetsEqual: true })
  })

  it('does not take what nobody knows for agreement', () => {
    expect(compareNodes(nodes({}, {}), [1])).to.include({ agree: false, voteSetsEqual: false })
    expect(compareNodes(nodes({ 1: known('yes') }, {}), [1])).to.include({ agree: false, voteSetsEqual: false })
    expect(compareNodes(nodes({}, {}), [])).to.include({ agree: false, voteSetsEqual: false })
  })

  it('takes votes in any order, and results before states', () => {
    const vote = (voter: string, choice: Choice): VoteInfo => ({ voter, choice, timestamp: 1 })

    expect(knownOf({ state: 'reached', result: 'no', votes: [vote('0xB', 'no'), vote('0xa', 'yes'), vote('0xB', 'yes')] })).to.deep.equal({ outcome: 'no', votes: ['0xa=yes', '0xb=no', '0xb=yes'] })
    expect(knownOf({ state: 'failed', votes: [] })).to.deep.equal({ outcome: 'failed', votes: [] })
  })
})
