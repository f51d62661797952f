/**
 * Makes plans from seeds: equal seeds give equal plans.
 */

import { toleranceOf } from '../../src/consensus/index.ts'
import { Random } from '../fuzz/random.ts'
import { shuffled } from './plan.ts'
import type { Crash, DoubleVoter, Member, NetworkPlan, Partition, Plan, PlanOptions, Sending, Terms } from './plan.ts'

/** Milliseconds: when nodes have started and have found each other */
const SETTLED = 1_500

const SIZES = [3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 6, 7]
const LARGE_SIZES = [8, 8, 9, 9, 10, 10, 11, 12, 13, 15, 21, 31]

/** Share of the schedules with so many: each takes the time of up to dozens of others */
const LARGE_SHARE = 0.015
const THRESHOLDS = ['2/3', '2/3', '2/3', '2/3', '2/3', '1/2', '3/5', '3/4', '9/10', '1/1']

/** Share of the schedules that have more double voters than the rule tolerates: opposite quorums must name them */
const EXCESS_SHARE = 0.08

export function makePlan (seed: number, { rule, faults, sabotage }: PlanOptions): Plan {
  const random = new Random(seed)
  const voters = random.chance(LARGE_SHARE) ? random.pick(LARGE_SIZES) : random.pick(SIZES)
  const terms = makeTerms(random, faults)
  const all = Array.from({ length: voters }, (_, number) => number)
  const cheats = faults ? makeCheats(random, all, terms) : []
  const observers = faults && random.chance(0.1) ? [voters] : []
  const honest = all.filter(number => !cheats.includes(number))
  const proposer = cheats.length > 0 && random.chance(0.2) ? random.pick(cheats) : random.pick(honest)
  const proposedAt = SETTLED + random.below(1_500)
  const span: Span = {
    random,
    faults,
    terms,
    proposer,
    proposedAt,
    expiresAt: proposedAt + terms.lifetimeSeconds * 1_000,
    syncTime: random.pick([0, 20, 200]),
    isBeyondTolerance: cheats.length > toleranceOf(voters, terms.threshold)
  }
  const members = makeMembers(span, honest, observers)

  return {
    seed,
    rule,
    sabotage,
    terms,
    proposer,
    proposedAt,
    members,
    doubleVoters: cheats.map(number => makeDoubleVoter(span, number, members)),
    network: makeNetwork(span, members)
  }
}

/** What all that is made for a schedule depends on */
interface Span {
  random: Random
  faults: boolean
  terms: Terms
  proposer: number
  proposedAt: number
  expiresAt: number
  /** Longest time until something is on a disk, milliseconds */
  syncTime: number
  /** Whether there are more double voters than the rule tolerates */
  isBeyondTolerance: boolean
}

function makeTerms (random: Random, faults: boolean): Terms {
  const clockSkewSeconds = faults ? random.pick([0, 1, 1, 2, 3]) : 0

  return {
    threshold: random.pick(THRESHOLDS),
    livenessCriteriaYes: random.chance(0.5),
    lifetimeSeconds: 5 + random.below(11),
    clockSkewSeconds,
    graceSeconds: 2 * clockSkewSeconds + random.pick([1, 2, 5])
  }
}

function makeCheats (random: Random, all: number[], { threshold }: Terms): number[] {
  const tolerated = toleranceOf(all.length, threshold)
  const count = random.chance(EXCESS_SHARE) ? tolerated + 1 : random.pick([0, tolerated, tolerated, random.below(tolerated + 1)])

  // two that can differ must be left
  return shuffled(random, all).slice(0, Math.min(count, all.length - 2))
}

function makeMembers (span: Span, honest: number[], observers: number[]): Member[] {
  const { random } = span
  // what is near a tie is where nodes can differ
  const shareOfYes = random.pick([0, 0.3, 0.5, 0.5, 0.6, 0.7, 1])
  const shareOfSilent = random.pick([0, 0, 0.1, 0.3, 0.5])
  const shareOfCrashes = random.pick([0, 0, 0.2, 0.5])
  const shareOfLate = random.pick([0, 0, 0, 0.1, 0.4])
  const window = random.pick([10, 100, 1_000, span.terms.lifetimeSeconds * 500])
  const maker: MemberMaker = { ...span, shareOfYes, shareOfSilent, shareOfCrashes, shareOfLate, window }
  const members = honest.map(number => makeMember(maker, number, true))

  if (span.isBeyondTolerance) {
    // where half of the others are on each side, each half has a quorum together with the double voters
    members.forEach((member, index) => { member.choice = index % 2 === 0 })
  }

  return [...members, ...observers.map(number => makeMember(maker, number, false))]
}

interface MemberMaker extends Span {
  shareOfYes: number
  shareOfSilent: number
  shareOfCrashes: number
  shareOfLate: number
  /** In how many milliseconds all of those vote who do so early */
  window: number
}

function makeMember (maker: MemberMaker, number: number, isVoter: boolean): Member {
  const { random, faults, terms, proposer, proposedAt, expiresAt, shareOfSilent, shareOfYes, shareOfLate, shareOfCrashes, window } = maker
  const isLate = faults && number !== proposer && random.chance(shareOfLate)
  const startsAt = isLate ? proposedAt + random.below(expiresAt - proposedAt + 15_000) : random.below(300)
  const choice = !isVoter || random.chance(shareOfSilent) ? null : random.chance(shareOfYes)
  const votesAt = faults && random.chance(0.15)
    ? expiresAt - random.below(1_500)
    : proposedAt + 500 + random.below(window)

  return {
    number,
    isVoter,
    clock: faults ? random.below(terms.clockSkewSeconds * 1_000 + 1) : 0,
    startsAt,
    choice,
    votesAt,
    crashes: faults && random.chance(shareOfCrashes) ? makeCrashes(maker, number, Math.max(startsAt, votesAt)) : []
  }
}

function makeCrashes ({ random, proposer, proposedAt, expiresAt, syncTime, terms }: Span, number: number, votesAt: number): Crash[] {
  const crashes: Crash[] = []
  const count = 1 + random.below(2)
  let earliest = number === proposer ? proposedAt + 1 : SETTLED

  while (crashes.length < count) {
    // often in the middle of something that this node does
    const moment = random.pick([proposedAt, votesAt, votesAt, votesAt, expiresAt + terms.graceSeconds * 1_000])
    const at = Math.max(earliest, random.chance(0.7) ? moment + random.below(3 * syncTime + 20) : random.below(expiresAt + 12_000))
    const until = random.chance(0.1) ? null : at + random.pick([100, 500, 2_000, 15_000]) + random.below(1_000)

    crashes.push({ at, until })

    if (until == null) {
      break
    }

    earliest = until + 1 + random.below(200)
  }

  return crashes
}

function makeDoubleVoter ({ random, terms, proposer, proposedAt, expiresAt, isBeyondTolerance }: Span, number: number, members: Member[]): DoubleVoter {
  const sends: Sending[] = []
  const style = isBeyondTolerance ? 'split' : random.pick(['split', 'split', 'random', 'late'])
  const send = (choice: boolean | null, to: number): void => {
    const span = style === 'late' ? [expiresAt - 1_000, 14_000] : [proposedAt + 10, expiresAt - proposedAt]

    sends.push({ choice, to, at: choice == null ? proposedAt + random.below(random.chance(0.8) ? 200 : 6_000) : span[0] + random.below(span[1]) })
  }

  for (const { number: to, choice } of members) {
    if (number === proposer && random.chance(0.7)) {
      send(null, to)
    }

    if (style === 'random') {
      [true, false].filter(() => random.chance(0.5)).forEach(choice => { send(choice, to) })
    } else if (random.chance(0.9)) {
      // each is told what it wants to hear
      send(choice ?? random.chance(0.5), to)
    }
  }

  return {
    number,
    clock: random.below(terms.clockSkewSeconds * 1_000 + 1),
    sync: random.pick(['refuses', 'stalls', 'agrees', 'agrees']),
    sends: sends.sort((a, b) => a.at - b.at)
  }
}

function makeNetwork (span: Span, members: Member[]): NetworkPlan {
  const { random, faults, syncTime } = span
  const size = members.length
  const isLossy = faults && random.chance(0.5)
  const isSlow = faults && random.chance(0.4)

  return {
    delay: random.pick([[1, 20], [10, 100], [20, 400]]),
    loss: isLossy ? random.pick([0.05, 0.3, 0.7]) : 0,
    duplication: faults ? random.pick([0, 0.1, 0.5]) : 0,
    slow: isSlow ? random.pick([0.05, 0.3]) : 0,
    slowness: isSlow ? random.pick([2_000, 10_000]) : 0,
    degree: size <= 6 || random.chance(0.3) ? Math.min(size - 1, 8) : 3 + random.below(3),
    gossipSigning: random.pick(['StrictSign', 'StrictNoSign']),
    syncTime,
    partitions: faults ? makePartitions(span, members.map(({ number }) => number)) : []
  }
}

function makePartitions ({ random, proposedAt, expiresAt }: Span, numbers: number[]): Partition[] {
  return Array.from({ length: random.pick([0, 0, 0, 1, 1, 2]) }, () => {
    const from = random.below(expiresAt + 3_000)

    return {
      from,
      until: random.chance(0.2) ? null : Math.max(from, random.chance(0.5) ? expiresAt : proposedAt) + random.below(12_000),
      group: shuffled(random, numbers).slice(0, 1 + random.below(Math.max(1, numbers.length - 1))).sort((a, b) => a - b),
      silent: random.chance(0.3)
    }
  })
}
