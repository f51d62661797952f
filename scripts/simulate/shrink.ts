/**
 * Makes a schedule that fails smaller: whatever can be left out, so that it still fails in the same way, is left out.
 */

import { votersOf } from './plan.ts'
import type { Member, NetworkPlan, Plan } from './plan.ts'

/** So many schedules are tried at most */
const MAX_TRIALS = 1_000

/** Under the crate's rules fewer voters than this decide in another way: silence never counts */
const MIN_VOTERS = 3

/**
 * @param fails - plays a schedule, and says whether it fails in the same way
 */
export async function shrink (plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let trials = 0
  let smallest = plan

  for (let isSmaller = true; isSmaller;) {
    isSmaller = false

    for (const make of simplifications(smallest)) {
      const candidate = make(smallest)

      if (JSON.stringify(candidate) === JSON.stringify(smallest)) {
        continue
      }

      if (trials++ >= MAX_TRIALS) {
        return smallest
      }

      if (await fails(candidate)) {
        smallest = candidate
        isSmaller = true
      }
    }
  }

  return smallest
}

type Simplification = (plan: Plan) => Plan

/**
 * What may be left out, the most first. Each is a function of the plan as it is by then, in which other things are gone already.
 */
function simplifications ({ members, doubleVoters, network: { partitions } }: Plan): Simplification[] {
  return [
    ...[...members, ...doubleVoters].map(({ number }) => (plan: Plan) => without(plan, number)),
    ...partitions.map(partition => changing(network => ({ partitions: network.partitions.filter(other => other !== partition) }))),
    ...partitions.filter(({ silent }) => silent).map(partition => changing(network => ({ partitions: network.partitions.map(other => other === partition ? { ...other, silent: false } : other) }))),
    ...members.flatMap(({ number, crashes }) => crashes.map(crash => changingMember(number, member => ({ crashes: member.crashes.filter(other => other !== crash) })))),
    ...members.map(({ number }) => changingMember(number, ({ isVoter }) => isVoter ? { choice: null } : {})),
    ...doubleVoters.flatMap(({ number, sends }) => sends.map(sending => (plan: Plan): Plan => ({
      ...plan,
      doubleVoters: plan.doubleVoters.map(voter => voter.number === number ? { ...voter, sends: voter.sends.filter(other => other !== sending) } : voter)
    }))),
    ...members.map(({ number }) => changingMember(number, () => ({ startsAt: 0 }))),
    ...members.map(({ number }) => changingMember(number, () => ({ clock: 0 }))),
    changing(() => ({ loss: 0 })),
    changing(() => ({ duplication: 0 })),
    changing(() => ({ slow: 0, slowness: 0 })),
    changing(() => ({ syncTime: 0 })),
    changing(() => ({ degree: Infinity })),
    changing(() => ({ delay: [10, 10] }))
  ]
}

/** Leaves out somebody, where there are others enough */
function without (plan: Plan, number: number): Plan {
  const isOther = (one: { number: number }): boolean => one.number !== number
  const smaller: Plan = {
    ...plan,
    members: plan.members.filter(isOther),
    doubleVoters: plan.doubleVoters.filter(isOther).map(voter => ({ ...voter, sends: voter.sends.filter(({ to }) => to !== number) })),
    network: { ...plan.network, partitions: plan.network.partitions.map(partition => ({ ...partition, group: partition.group.filter(other => other !== number) })) }
  }

  return number === plan.proposer || smaller.members.length === 0 || votersOf(smaller).length < MIN_VOTERS ? plan : smaller
}

function changingMember (number: number, change: (member: Member) => Partial<Member>): Simplification {
  return plan => ({ ...plan, members: plan.members.map(member => member.number === number ? { ...member, ...change(member) } : member) })
}

function changing (change: (network: NetworkPlan) => Partial<NetworkPlan>): Simplification {
  return plan => ({ ...plan, network: { ...plan.network, ...change(plan.network) } })
}
