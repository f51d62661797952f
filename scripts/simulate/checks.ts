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

/**
 * Results of grade `quorum` are never opposite; no results at all are where timeouts decide nothing, or where a node that has
 * decided by silence knew every honest vote then. Under the other rules every result counts as final.
 */
function disagreements (results: Results): Finding[] {
  const { plan } = results

  if (isBeyondTolerance(plan)) {
    return []
  }

  return oppositePairs(results)
    .filter(pair => plan.rule !== 'quorum' || plan.terms.timeoutPolicy === 'fail' || [pair.yes, pair.no].every(number => isFirm(results, number)))
    .map(({ yes, no, standings }) => ({
      kind: 'disagreement',
      text: `${nameOf(yes)} has decided yes${gradeOf(standings[0])} and ${nameOf(no)} has decided no${gradeOf(standings[1])}`
    }))
}

/** Whether a node has the votes of a quorum, or has decided by silence knowing every honest vote there is */
function isFirm ({ observations }: Results, number: number): boolean {
  const { outcome, decided } = observations.get(number) as Observations

  return outcome?.grade === 'quorum' || [...observations].every(([voter, { signed }]) =>
    [...signed.values()].every(choice => decided?.[choice ? 'yes' : 'no'].includes(voter)))
}

/** What a node has once shown as decided it shows ever after, with the same result and no lower grade */
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
      return after.state !== 'reached' || after.result !== before.result || (before.grade === 'quorum' && after.grade !== 'quorum') || (before.contradicted === true && after.contradicted !== true)
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

    if (outcome?.grade === 'quorum' && outcome.contradicted === true && all.size < commonVoters(plan)) {
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

    if (one.grade === 'quorum' && other.grade === 'quorum' && (common.length < commonVoters(plan) || common.some(owner => !guilty.has(owner)))) {
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

function describe ({ state, result, grade, contradicted, via, at }: Shown): string {
  const outcome = result == null ? state : `${yesOrNo(result)}${grade == null ? '' : ` by ${grade}`}${contradicted === true ? ', contradicted' : ''}`

  return `"${outcome}" in ${via} at ${(at / 1_000).toFixed(3)} s`
}

function gradeOf ({ grade }: Shown): string {
  return grade == null ? '' : ` by ${grade}`
}
