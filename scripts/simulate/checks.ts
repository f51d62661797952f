/**
 * What must hold after a schedule, as functions of what honest nodes have shown.
 */

import { commonVoters, isBeyondTolerance } from './plan.ts'
import { nameOf, namesOf, yesOrNo } from './world.ts'
import type { Observations, Shown } from './observations.ts'
import type { Plan } from './plan.ts'

export type FindingKind = 'disagreement' | 'reverted' | 'wrongCulprits' | 'equivocation' | 'wronged' | 'error'

export interface Finding {
  kind: FindingKind
  text: string
}

export interface Results {
  plan: Plan
  /** Of honest nodes, by number */
  observations: Map<number, Observations>
  /** The double voters that have signed both yes and no */
  guilty: Set<number>
}

export function findingsOf (results: Results): Finding[] {
  return [
    ...disagreements(results),
    ...reversals(results),
    ...wrongCulprits(results),
    ...equivocations(results),
    ...each(results, 'wronged', ({ wronged }) => wronged),
    ...each(results, 'error', ({ errors }) => errors)
  ]
}

interface OppositePair {
  /** Numbers of two honest nodes */
  yes: number
  no: number
  /** How they show the proposal in the end, yes first */
  standings: [Shown, Shown]
}

/** Pairs of honest nodes with opposite results */
export function oppositePairs ({ observations }: Pick<Results, 'observations'>): OppositePair[] {
  const ended = [...observations].flatMap(([number, { outcome }]) => outcome?.result == null ? [] : [{ number, outcome }])

  return ended.filter(({ outcome }) => outcome.result === true).flatMap(one => ended
    .filter(({ outcome }) => outcome.result === false)
    .map(other => ({ yes: one.number, no: other.number, standings: [one.outcome, other.outcome] as [Shown, Shown] })))
}

/** No two honest nodes end with opposite results, unless more voters vote both ways than the rule tolerates */
function disagreements (results: Results): Finding[] {
  if (isBeyondTolerance(results.plan)) {
    return []
  }

  return oppositePairs(results).map(({ yes, no }) => ({ kind: 'disagreement', text: `${nameOf(yes)} has decided yes and ${nameOf(no)} has decided no` }))
}

/** A node shows a result forever once it has shown it */
function reversals ({ observations }: Results): Finding[] {
  const findings: Finding[] = []

  for (const [number, { shown }] of observations) {
    for (const [index, after] of shown.entries()) {
      const before = shown[index - 1]

      if (before != null && isReversal(before, after)) {
        findings.push({ kind: 'reverted', text: `${nameOf(number)} has shown ${describe(before)}, and then ${describe(after)}` })
      }
    }
  }

  return findings
}

export function isReversal (before: Shown, after: Shown): boolean {
  switch (before.state) {
    case 'reached':
      return after.state !== 'reached' || after.result !== before.result || (before.contradicted === true && after.contradicted !== true)
    case 'failed':
      return after.state === 'active'
    case 'conflict':
      return after.state !== 'conflict'
    default:
      return false
  }
}

/** Nobody but those who have signed both is named; and two opposite quorums have enough voters in common, all of them guilty */
function wrongCulprits (results: Results): Finding[] {
  const { plan, observations, guilty } = results
  const findings: Finding[] = []
  const find = (text: string): void => { findings.push({ kind: 'wrongCulprits', text }) }

  for (const [number, { named, outcome }] of observations) {
    const all = new Set(named.flatMap(({ owners }) => owners))

    if (outcome?.contradicted === true && all.size < commonVoters(plan)) {
      find(`${nameOf(number)} knows two opposite quorums, but has named ${all.size} double voters in all, where they have ${commonVoters(plan)} voters in common`)
    }

    for (const { owners, via, ofQuorums } of named) {
      const innocent = owners.filter(owner => !guilty.has(owner))

      if (innocent.length > 0) {
        find(`${nameOf(number)} has named ${namesOf(innocent)} in ${via}, who did not sign both yes and no`)
      }

      if (ofQuorums && owners.length < commonVoters(plan)) {
        find(`${nameOf(number)} knows two opposite quorums, but has named ${owners.length} double voters, where they have ${commonVoters(plan)} voters in common`)
      }
    }
  }

  for (const { yes, no, standings: [one, other] } of plan.rule === 'quorum' ? oppositePairs(results) : []) {
    const common = one.yes.filter(owner => other.no.includes(owner))

    if (common.length < commonVoters(plan) || common.some(owner => !guilty.has(owner))) {
      find(`the opposite quorums of ${nameOf(yes)} and ${nameOf(no)} have ${common.length === 0 ? 'nobody' : namesOf(common)} in common, where ${namesOf(guilty)} have signed both`)
    }
  }

  return findings
}

function equivocations (results: Results): Finding[] {
  return each(results, 'equivocation', ({ signed }, number) => signed.size < 2 ? [] : [`${nameOf(number)} has signed ${signed.size} votes: ${[...signed.values()].map(yesOrNo).join(', ')}`])
}

function each ({ observations }: Results, kind: FindingKind, texts: (observations: Observations, number: number) => string[]): Finding[] {
  return [...observations].flatMap(([number, observations]) => texts(observations, number).map(text => ({ kind, text })))
}

function describe ({ state, result, contradicted, via, at }: Shown): string {
  const outcome = result == null ? state : `${yesOrNo(result)}${contradicted === true ? ', contradicted' : ''}`

  return `"${outcome}" in ${via} at ${(at / 1_000).toFixed(3)} s`
}
