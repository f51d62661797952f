/**
 * Plays one schedule and says what was found. Equal plans give equal outcomes.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { parsePolicy, policyDigest } from '../../src/consensus/index.ts'
import { topicOf } from '../../src/network/gossip/topic.ts'
import { Random } from '../fuzz/random.ts'
import { findingsOf, oppositePairs } from './checks.ts'
import { DoubleVoter } from './double-voter.ts'
import { Network } from './network.ts'
import { Observations } from './observations.ts'
import { deadlineOf, isBeyondTolerance, votersOf } from './plan.ts'
import { Process } from './process.ts'
import { identityOf } from './scheme.ts'
import { Disk } from './storage.ts'
import { SimulatedTime } from './time.ts'
import { elapsed, nameOf, namesOf } from './world.ts'
import type { Finding } from './checks.ts'
import type { Member, Plan } from './plan.ts'
import type { World } from './world.ts'
import type { ProposalHead, ScopePolicy } from '../../src/consensus/index.ts'

/** When schedules begin, milliseconds from 1970 */
const BEGIN = 1_700_000_000_000

/** How long it goes on at most when nothing more is to happen by the plan, milliseconds: syncs before a deadline take up to 15 s */
const AFTERMATH = 20_000

/** How long it goes on where nothing more is to be decided, milliseconds */
const SETTLING = 3_000

export interface ScheduleOutcome {
  findings: Finding[]
  /** Whether an honest node has come to a result */
  decided: boolean
  /** Whether some honest nodes have come to a result, and others to none */
  mixed: boolean
  /** Whether there were more double voters than the rule tolerates */
  beyondTolerance: boolean
  /** Whether honest nodes have the votes of opposite quorums */
  oppositeQuorums: boolean
  /** Lines for people, with the times */
  story: string[]
}

export interface ScheduleOptions {
  /** Whether a story is told */
  withStory?: boolean
}

export async function runSchedule (plan: Plan, { withStory = false }: ScheduleOptions = {}): Promise<ScheduleOutcome> {
  const time = new SimulatedTime(BEGIN)
  const uninstall = time.install(plan.seed)

  try {
    const schedule = new Schedule(plan, time, withStory)

    await time.runUntil(BEGIN + schedule.end)

    return await schedule.finish()
  } finally {
    uninstall()
  }
}

interface Node {
  member: Member
  disk: Disk
  observations: Observations
  process?: Process
}

class Schedule {
  readonly end: number
  private readonly world: World
  private readonly nodes: Node[]
  private readonly doubleVoters: DoubleVoter[]
  private readonly story: string[] = []
  private proposal?: ProposalHead

  constructor (plan: Plan, time: SimulatedTime, withStory: boolean) {
    const policy = policyOf(plan)
    const network = new Network(time, plan.seed, plan.network, plan.members.map(({ number }) => number), plan.doubleVoters.map(({ number }) => number))
    const random = new Random(plan.seed)

    this.end = lastMoment(plan) + AFTERMATH
    this.world = {
      plan,
      policy,
      time,
      network,
      begin: time.now,
      tell: text => {
        if (withStory) {
          this.tell(text)
        }
      }
    }
    this.nodes = plan.members.map(member => ({
      member,
      disk: new Disk(time, () => random.below(plan.network.syncTime + 1), plan.sabotage === 'sync'),
      observations: new Observations()
    }))
    this.doubleVoters = this.makeDoubleVoters(policy)
    this.nodes.forEach(node => { this.planNode(node) })
    this.planStory(plan)
    this.stopWhenDone(time.now + lastMoment(plan) + SETTLING)
  }

  async finish (): Promise<ScheduleOutcome> {
    const { world: { plan }, nodes, doubleVoters, story } = this
    const results = {
      plan,
      observations: new Map(nodes.map(({ member, observations }) => [member.number, observations])),
      guilty: new Set(doubleVoters.filter(({ signed }) => signed.size === 2).map(({ number }) => number))
    }

    await Promise.all(nodes.map(async ({ process }) => process?.look('get at the end')))
    nodes.forEach(({ process }) => process?.isRunning === true && process.kill())

    const outcomes = nodes.map(({ observations: { outcome } }) => outcome)

    return {
      findings: findingsOf(results),
      decided: outcomes.some(outcome => outcome?.result != null),
      mixed: new Set(outcomes.map(outcome => outcome?.result != null)).size > 1,
      beyondTolerance: isBeyondTolerance(plan),
      oppositeQuorums: plan.rule === 'quorum' && oppositePairs(results).length > 0,
      story
    }
  }

  /** There is no use in waiting for what will not come */
  private stopWhenDone (at: number): void {
    const { time } = this.world

    time.at(at, () => {
      if (this.nodes.every(({ process }) => process?.isRunning !== true || process.hasEnded)) {
        time.stop()
      } else {
        this.stopWhenDone(time.now + SETTLING)
      }
    })
  }

  private makeDoubleVoters (policy: ScopePolicy): DoubleVoter[] {
    const { world, world: { plan, time, network, begin } } = this
    const digest = policyDigest(policy)
    const question = { topic: topicOf(policy.name, digest), proposal: () => this.proposal, policyDigest: digest }

    return plan.doubleVoters.map(doubleVoter => {
      const voter = new DoubleVoter(world, doubleVoter, question)

      network.up(voter)

      if (doubleVoter.number === plan.proposer) {
        time.at(begin + plan.proposedAt, () => { this.proposal = voter.propose() })
      }

      return voter
    })
  }

  private planNode (node: Node): void {
    const { world: { time, begin } } = this
    const { member: { startsAt, crashes } } = node

    time.at(begin + startsAt, () => { this.start(node) })

    for (const { at, until } of crashes) {
      time.at(begin + at, () => { this.crash(node) })

      if (until != null) {
        time.at(begin + until, () => { this.start(node) })
      }
    }
  }

  private start (node: Node): void {
    const { member, disk, observations } = node
    const isFirst = node.process == null

    if (node.process?.isRunning !== true) {
      observations.forgetVotes()
      const process = new Process({ world: this.world, member, disk, observations, isFirst, onProposal: proposal => { this.proposal ??= proposal } })

      node.process = process
      this.world.tell(`${nameOf(member.number)} starts${isFirst ? '' : ' again'}`)
      process.start().catch(err => {
        // who crashes while starting does not come to the end of it
        if (process.isRunning) {
          observations.errors.push(`${nameOf(member.number)} could not start: ${err.stack}`)
        }
      })
    }
  }

  private crash ({ process, member: { number } }: Node): void {
    if (process?.isRunning === true) {
      const lost = process.kill()

      this.world.tell(`${nameOf(number)} crashes${lost === 0 ? '' : `, and loses the last ${lost === 1 ? 'write' : `${lost} writes`}`}`)
    }
  }

  private planStory ({ network: { partitions }, members }: Plan): void {
    const { time, begin, tell } = this.world

    for (const { from, until, group, silent } of partitions) {
      const rest = members.map(({ number }) => number).filter(number => !group.includes(number))
      const sides = `${namesOf(group)} and ${rest.length === 0 ? 'nobody' : namesOf(rest)}`

      time.at(begin + from, () => { tell(`${silent ? 'nothing comes through any more between' : 'the connections are lost between'} ${sides}`) })

      if (until != null) {
        time.at(begin + until, () => { tell(`${sides} can reach each other again`) })
      }
    }
  }

  private tell (text: string): void {
    this.story.push(`${(elapsed(this.world) / 1_000).toFixed(3).padStart(7)} s  ${text}`)
  }
}

/** When the last thing happens that the plan says, milliseconds from the beginning */
function lastMoment (plan: Plan): number {
  const { members, doubleVoters, network: { partitions } } = plan

  return Math.max(
    deadlineOf(plan),
    ...partitions.flatMap(({ from, until }) => until ?? from),
    ...members.flatMap(({ startsAt, crashes }) => [startsAt, ...crashes.flatMap(({ at, until }) => until ?? at)]),
    ...doubleVoters.flatMap(({ sends }) => sends.map(({ at }) => at))
  )
}

function policyOf (plan: Plan): ScopePolicy {
  const { terms: { threshold, clockSkewSeconds, graceSeconds }, rule } = plan

  return parsePolicy({
    name: 'council',
    decisionRule: rule,
    threshold,
    voters: votersOf(plan).map(number => `0x${bytesToHex(identityOf(number))}`),
    minLifetimeSeconds: 1,
    clockSkewSeconds,
    graceSeconds
  })
}
