import { expect } from 'aegir/chai'
import { RateBudget } from '../../src/util/rate-budget.ts'

describe('a rate budget', () => {
  it('lets each key take its amount in the time, and again in the next', () => {
    let now = 5_000
    const budget = new RateBudget({ amount: 3, seconds: 10, clock: () => now })

    expect(budget.take('a', 2)).to.equal(true)
    expect(budget.take('a', 2)).to.equal(true)
    expect(budget.take('a')).to.equal(false)
    expect(budget.take('b', 3)).to.equal(true)

    now = 14_999
    expect(budget.take('a')).to.equal(false)
    now = 15_000
    expect(budget.take('a', 3)).to.equal(true)
  })

  it('leaves nothing to a key that is exhausted until its time ends', () => {
    let now = 0
    const budget = new RateBudget({ amount: 3, seconds: 10, clock: () => now })

    budget.exhaust('a')
    expect(budget.take('a')).to.equal(false)
    now = 10_000
    expect(budget.take('a')).to.equal(true)
  })

  it('starts again where the clock was set back', () => {
    let now = 3_600_000
    const budget = new RateBudget({ amount: 1, seconds: 10, clock: () => now })

    budget.take('a')
    now = 0
    expect(budget.take('a')).to.equal(true)
  })

  it('forgets the key that took something longest ago when there are too many', () => {
    const budget = new RateBudget({ amount: 1, seconds: 10, clock: () => 0, max: 2 })

    budget.take('a')
    budget.take('b')
    budget.take('c')

    expect(['c', 'b', 'a'].map(key => budget.take(key))).to.deep.equal([false, false, true])
  })
})
