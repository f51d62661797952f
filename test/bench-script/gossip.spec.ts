import { expect } from 'aegir/chai'
import { makeBallots } from '../../scripts/bench/gossip/ballots.ts'
import { Counter } from '../../scripts/bench/gossip/counter.ts'
import { ratios } from '../../scripts/bench/gossip/throughput.ts'
import { inParallel, inTurn } from '../../scripts/bench/turns.ts'
import { proposalProblem, scopeRules, voteProblem } from '../../src/consensus/policy/scope-rules.ts'
import { decodeGossip } from '../../src/network/gossip/envelope.ts'

describe('figures of the gossip benchmark', () => {
  it('compare with either bound, and with both one after the other', () => {
    const rates = { votesPerSecond: 500, bareVotesPerSecond: 800, coreVotesPerSecond: 2000 }

    expect(ratios(rates)).to.deep.equal({ ofBare: 0.625, ofLesser: 0.625, ofBoth: 0.875 })
    expect(ratios({ ...rates, bareVotesPerSecond: 4000, coreVotesPerSecond: 1000 }).ofLesser).to.equal(0.5)
  })

  it('come from tasks of which each is first in its turn', async () => {
    const done: string[] = []
    const tasks = ['a', 'b', 'c'].map(name => async () => { done.push(name) })

    for (let turn = 0; turn < 3; turn++) {
      await inTurn(turn, tasks)
    }

    expect(done.join('')).to.equal('abcbcacab')
  })

  it('come from so many calls at a time, one for each number', async () => {
    const seen: number[] = []
    let [now, most] = [0, 0]

    await inParallel(3, 5, 20, async index => {
      now++
      most = Math.max(most, now)
      seen.push(index)
      await Promise.resolve()
      now--
    })

    expect(most).to.equal(3)
    expect(seen).to.deep.equal(Array.from({ length: 15 }, (_, index) => index + 5))
  })

  it('come from the moment when the last has come', async () => {
    const counter = new Counter()
    const before = process.hrtime.bigint()
    const two = counter.reached(2)

    counter.count()
    counter.count()

    const after = process.hrtime.bigint()

    expect(Number(await two as bigint - before)).to.be.within(0, Number(after - before))
    expect(await counter.reached(1)).to.equal(await two)
    expect(await counter.reached(3, 1)).to.equal(undefined)
    expect(await counter.reached(3)).to.equal(await two)
  })

  it('come from proposals and votes that members take in', async () => {
    const { policy, proposalIds, announcements, votes } = await makeBallots({ proposals: 2, voters: 3, others: ['0x1111111111111111111111111111111111111111'] })
    const rules = scopeRules(policy)

    for (const [index, message] of announcements.entries()) {
      const content = decodeGossip(message)

      if (content.type !== 'announcement') {
        throw new Error(content.type)
      }

      expect(content.announcement.proposal.proposalId).to.equal(proposalIds[index])
      expect(proposalProblem(rules, content.announcement.proposal)).to.equal(undefined)
    }

    expect(votes).to.have.length(6)

    for (const message of votes) {
      const content = decodeGossip(message)

      if (content.type !== 'vote') {
        throw new Error(content.type)
      }

      expect(voteProblem(rules, content.vote)).to.equal(undefined)
    }
  })
})
