/**
 * What many schedules come to.
 */

import { Random } from '../fuzz/random.ts'
import { makePlan } from './make-plan.ts'
import { runSchedule } from './schedule.ts'
import type { FindingKind } from './checks.ts'
import type { PlanOptions } from './plan.ts'
import type { ScheduleOutcome } from './schedule.ts'

/** How many schedules were so, and what was found */
export interface Summary {
  schedules: number
  /** Opposite results of honest nodes where there must be none */
  disagreements: number
  /** A node has shown a decision, and later another or none */
  reverted: number
  /** Somebody was named who did not vote both ways, or opposite quorums have named nobody */
  wrongCulprits: number
  /** An honest node has signed two votes */
  equivocations: number
  /** An honest node was rejected or said to be at fault by another */
  wronged: number
  /** Something else went wrong that should not */
  errors: number
  /** In how many an honest node came to a result, and in how many none did */
  decided: number
  failed: number
  /** In how many some honest nodes came to a result, and others to none */
  mixed: number
  /** How many had more double voters than the rule tolerates, and in how many there were opposite quorums */
  beyondTolerance: number
  oppositeQuorums: number
}

/** A schedule that fails */
export interface Failure {
  /** Of the schedule */
  seed: number
  kind: FindingKind
  text: string
}

const COUNTER: Record<FindingKind, keyof Summary> = {
  disagreement: 'disagreements',
  reverted: 'reverted',
  wrongCulprits: 'wrongCulprits',
  equivocation: 'equivocations',
  wronged: 'wronged',
  error: 'errors'
}

/** What each must be for a run to pass */
export const FAULTS = Object.values(COUNTER)

export function emptySummary (): Summary {
  return { schedules: 0, disagreements: 0, reverted: 0, wrongCulprits: 0, equivocations: 0, wronged: 0, errors: 0, decided: 0, failed: 0, mixed: 0, beyondTolerance: 0, oppositeQuorums: 0 }
}

export function add (summary: Summary, other: Summary): void {
  for (const key of Object.keys(other) as Array<keyof Summary>) {
    summary[key] += other[key]
  }
}

/** Whether everything holds that must */
export function isRight (summary: Summary): boolean {
  return FAULTS.every(key => summary[key] === 0)
}

/** The seed of the schedule with this number in a run with this seed */
export function scheduleSeed (seed: number, index: number): number {
  return new Random(new Random(seed).uint32() + Math.imul(index, 0x9e37_79b9)).uint32()
}

/** Plays the schedules from one number up to another */
export async function play (seed: number, from: number, to: number, options: PlanOptions): Promise<{ summary: Summary, failures: Failure[] }> {
  const summary = emptySummary()
  const failures: Failure[] = []

  for (let index = from; index < to; index++) {
    const own = scheduleSeed(seed, index)
    const outcome = await runSchedule(makePlan(own, options))

    count(summary, outcome)
    failures.push(...outcome.findings.slice(0, 1).map(finding => ({ seed: own, ...finding })))
  }

  return { summary, failures }
}

function count (summary: Summary, { findings, decided, mixed, beyondTolerance, oppositeQuorums }: ScheduleOutcome): void {
  summary.schedules++
  summary[decided ? 'decided' : 'failed']++
  summary.mixed += mixed ? 1 : 0
  summary.beyondTolerance += beyondTolerance ? 1 : 0
  summary.oppositeQuorums += oppositeQuorums ? 1 : 0

  for (const kind of new Set(findings.map(({ kind }) => kind))) {
    summary[COUNTER[kind]]++
  }
}
