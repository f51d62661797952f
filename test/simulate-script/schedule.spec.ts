import { expect } from 'aegir/chai'
import { makePlan } from '../../scripts/simulate/make-plan.ts'
import { isBeyondTolerance, votersOf } from '../../scripts/simulate/plan.ts'
import { runSchedule } from '../../scripts/simulate/schedule.ts'
import { shrink } from '../../scripts/simulate/shrink.ts'
import { tell } from '../../scripts/simulate/story.ts'
import { isRight, play, scheduleSeed } from '../../scripts/simulate/summary.ts'
import { shareOf } from '../../src/consensus/rules/threshold.ts'
import type { Plan, PlanOptions } from '../../scripts/simulate/plan.ts'
import type { Summary } from '../../scripts/simulate/summary.ts'

const QUORUM = { rule: 'quorum', faults: true } as const

/** Schedules whose plans are looked at */
const PLANS = 3_000

/** Schedules that are played at most until one is found that fails, and so many at a time */
const SEARCHED = 2_000
const STEP = 50

/** What comes of schedules, up to the first that fail */
async function searched (options: PlanOptions): Promise<Summary> {
  let { summary } = await play(1, 0, STEP, options)

  for (let from = STEP; isRight(summary) && from < SEARCHED; from += STEP) {
    summary = (await play(1, from, from + STEP, options)).summary
  }

  return summary
}

describe('schedules', function () {
  // hundreds of them, of some milliseconds each, on a machine that may have other things to do
  this.timeout(120_000)

  it('have 3 to 31 voters, mostly few, clocks within the skew, and everything that may go wrong', () => {
    const plans = Array.from({ length: PLANS }, (_, index) => makePlan(scheduleSeed(1, index), QUORUM))
    const share = (is: (plan: Plan) => boolean): number => plans.filter(is).length / PLANS
    const voters = plans.map(plan => votersOf(plan).length)

    expect(Math.min(...voters)).to.equal(3)
    expect(Math.max(...voters)).to.equal(31)
    expect(share(plan => votersOf(plan).length <= 7)).to.be.greaterThan(0.8)
    expect(plans.every(({ members, terms: { clockSkewSeconds } }) => members.every(({ clock }) => clock >= 0 && clock <= clockSkewSeconds * 1_000))).to.equal(true)
    expect(plans.every(({ terms: { clockSkewSeconds, graceSeconds } }) => graceSeconds >= 2 * clockSkewSeconds)).to.equal(true)

    for (const is of [
      (plan: Plan) => !plan.terms.livenessCriteriaYes,
      (plan: Plan) => shareOf(plan.terms.threshold) < 2 / 3,
      (plan: Plan) => plan.doubleVoters.length > 0 && !isBeyondTolerance(plan),
      (plan: Plan) => isBeyondTolerance(plan),
      ({ doubleVoters, proposer }: Plan) => doubleVoters.some(({ number }) => number === proposer),
      ({ members, proposedAt }: Plan) => members.some(({ startsAt }) => startsAt > proposedAt),
      ({ members }: Plan) => members.some(({ crashes }) => crashes.length > 0),
      ({ members }: Plan) => members.some(({ crashes }) => crashes.some(({ until }) => until == null)),
      ({ network: { loss } }: Plan) => loss > 0,
      ({ network: { duplication } }: Plan) => duplication > 0,
      ({ network: { slow } }: Plan) => slow > 0,
      ({ network: { partitions } }: Plan) => partitions.some(({ until }) => until == null),
      ({ network: { partitions } }: Plan) => partitions.some(({ until, silent }) => until != null && silent)
    ]) {
      expect(share(is)).to.be.within(0.02, 0.9, `${is}`)
    }
  })

  it('have no faults where none are asked for', () => {
    for (let index = 0; index < 100; index++) {
      const { doubleVoters, members, network, terms } = makePlan(scheduleSeed(1, index), { ...QUORUM, faults: false })

      expect(doubleVoters).to.deep.equal([])
      expect(members.every(({ crashes, clock, startsAt }) => crashes.length === 0 && clock === 0 && startsAt < 1_000)).to.equal(true)
      expect(network).to.include({ loss: 0, duplication: 0, slow: 0 }).and.to.have.property('partitions').that.is.empty()
      expect(terms.clockSkewSeconds).to.equal(0)
    }
  })

  it('are the same each time they are played', async () => {
    for (let index = 0; index < 20; index++) {
      const plan = makePlan(scheduleSeed(2, index), QUORUM)
      const first = await runSchedule(plan, { withStory: true })

      expect(await runSchedule(plan, { withStory: true })).to.deep.equal(first)
      expect(first.story).to.have.property('length').that.is.greaterThan(3)
    }
  })

  it('hold under the rule quorum, and end in all ways', async () => {
    const { summary, failures } = await play(3, 0, 200, QUORUM)

    expect(failures).to.deep.equal([])
    expect(summary).to.include({ schedules: 200, disagreements: 0, reverted: 0, wrongCulprits: 0, equivocations: 0, wronged: 0, errors: 0 })

    for (const count of [summary.decided, summary.failed, summary.mixed, summary.beyondTolerance, summary.oppositeQuorums]) {
      expect(count).to.be.greaterThan(0)
    }
  })

  it('end with opposite results under the rule legacy without any fault, and not under reference and quorum', async () => {
    const options = { faults: false } as const

    expect(await searched({ ...options, rule: 'legacy' })).to.include({ reverted: 0, wrongCulprits: 0, equivocations: 0 }).and.to.have.property('disagreements').that.is.greaterThan(0)

    for (const rule of ['reference', 'quorum'] as const) {
      expect((await play(1, 0, 100, { ...options, rule })).summary).to.include({ disagreements: 0, reverted: 0, wrongCulprits: 0, equivocations: 0 })
    }
  })

  it('end with opposite results under the rule reference with faults', async () => {
    expect((await searched({ rule: 'reference', faults: true })).disagreements).to.be.greaterThan(0)
  })

  it('find nodes that forget what they have signed', async () => {
    expect((await searched({ ...QUORUM, sabotage: 'vote-lock' })).equivocations).to.be.greaterThan(0)
  })

  it('find nodes that lose what they have decided', async () => {
    expect((await searched({ ...QUORUM, sabotage: 'sync' })).reverted).to.be.greaterThan(0)
  })

  it('tell a short story of why they fail, the same each time', async () => {
    const options = { rule: 'legacy', faults: true } as const
    const { failures } = await play(1, 0, 100, options)
    const { lines, isRight } = await tell(failures[0].seed, options)

    expect(isRight).to.equal(false)
    expect(lines[0]).to.include(`Schedule ${failures[0].seed}, without what does not matter: rule legacy`)
    expect(lines.join('\n')).to.match(/node-\d+.* proposes/).and.to.match(/node-\d+ decides yes, knowing/).and.to.match(/node-\d+ decides no, knowing/)
    expect(lines.at(-1)).to.match(/^It must not be that node-\d+ has decided yes and node-\d+ has decided no\.$/)
    expect(lines.length).to.be.lessThan(25)
    expect((await tell(failures[0].seed, options)).lines).to.deep.equal(lines)
  })
})

describe('making schedules smaller', () => {
  it('leaves what a failure needs, and nothing else', async () => {
    const isBusy = ({ members, doubleVoters, network }: Plan): boolean => votersOf({ members, doubleVoters } as any).length >= 6 && network.partitions.length > 1 && network.loss > 0
    const plan = Array.from({ length: 3_000 }, (_, seed) => makePlan(seed, QUORUM)).find(isBusy) as Plan
    const [partition] = plan.network.partitions
    const needed = plan.members.find(({ number }) => number !== plan.proposer)?.number as number
    const smallest = await shrink(plan, async ({ members, network: { partitions, loss } }) =>
      members.some(({ number, choice }) => number === needed && choice === plan.members.find(({ number }) => number === needed)?.choice) &&
      partitions.some(({ from }) => from === partition.from) && loss > 0)

    expect(votersOf(smallest)).to.have.lengthOf(3)
    expect(smallest.members.map(({ number }) => number)).to.include(needed)
    expect(smallest.proposer).to.equal(plan.proposer)
    expect(smallest.network.partitions).to.have.lengthOf(1)
    expect(smallest.network.loss).to.equal(plan.network.loss)
    expect(smallest.network).to.include({ duplication: 0, slow: 0 })
    expect(smallest.members.filter(({ number }) => number !== needed).every(({ choice, crashes, clock }) => choice == null && crashes.length === 0 && clock === 0)).to.equal(true)
  })
})
