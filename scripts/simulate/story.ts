/**
 * Tells people what happens in a schedule.
 */

import { quorumOf, toleranceOf } from '../../src/consensus/index.ts'
import { makePlan } from './make-plan.ts'
import { votersOf } from './plan.ts'
import { runSchedule } from './schedule.ts'
import { shrink } from './shrink.ts'
import { namesOf, yesOrNo } from './world.ts'
import type { Plan, PlanOptions } from './plan.ts'

/**
 * The story of one schedule, and whether everything held. One that fails is made as small as it goes first.
 */
export async function tell (seed: number, options: PlanOptions): Promise<{ lines: string[], isRight: boolean }> {
  const whole = makePlan(seed, options)
  const [finding] = (await runSchedule(whole)).findings
  const plan = finding == null
    ? whole
    : await shrink(whole, async plan => (await runSchedule(plan)).findings.some(({ kind }) => kind === finding.kind))
  const { story, findings } = await runSchedule(plan, { withStory: true })

  return {
    isRight: finding == null,
    lines: [
      `Schedule ${seed}${finding == null ? '' : ', without what does not matter'}: ${describe(plan)}`,
      ...story,
      ...findings.length === 0 ? ['Everything holds.'] : findings.map(({ text }) => `It must not be that ${text}.`)
    ]
  }
}

/** Who votes, and by what rule */
function describe (plan: Plan): string {
  const { rule, terms: { threshold, livenessCriteriaYes, lifetimeSeconds, graceSeconds, clockSkewSeconds }, doubleVoters, network } = plan
  const voters = votersOf(plan)
  const needed = quorumOf(voters.length, threshold)
  const silence = rule === 'quorum' ? 'silence decides nothing' : `silence counts for ${yesOrNo(livenessCriteriaYes)} at the deadline`
  const troubles = [
    ...network.loss > 0 ? [`${network.loss * 100} % of the gossip messages are lost`] : [],
    ...network.slow > 0 ? [`${network.slow * 100} % take up to ${network.slowness / 1_000} s`] : [],
    ...network.duplication > 0 ? [`${network.duplication * 100} % come twice`] : [],
    ...clockSkewSeconds > 0 ? [`clocks differ by up to ${clockSkewSeconds} s`] : []
  ]

  return [
    `rule ${rule}, ${voters.length} voters, of whom ${needed} decide; ${silence}; ${lifetimeSeconds} s to vote, and ${graceSeconds} s more`,
    ...doubleVoters.length === 0 ? [] : [`${namesOf(doubleVoters.map(({ number }) => number))} ${doubleVoters.length === 1 ? 'votes' : 'vote'} both ways, where ${toleranceOf(voters.length, threshold)} may`],
    ...troubles
  ].join('; ')
}
