/**
 * What happens in one schedule, as data: who is there, who votes what and when, and what goes wrong. It can be made smaller piece
 * by piece while it still fails.
 */

import { quorumOf, toleranceOf } from '../../src/consensus/index.ts'
import type { DecisionRule } from '../../src/consensus/index.ts'
import type { Random } from '../fuzz/random.ts'

/** All times are milliseconds from the beginning of the schedule, unless a name says otherwise */
export interface Plan {
  seed: number
  rule: DecisionRule
  sabotage?: Sabotage
  terms: Terms
  /** Number of the voter who proposes */
  proposer: number
  proposedAt: number
  members: Member[]
  doubleVoters: DoubleVoter[]
  network: NetworkPlan
}

export interface Terms {
  threshold: string
  livenessCriteriaYes: boolean
  lifetimeSeconds: number
  clockSkewSeconds: number
  graceSeconds: number
}

/** An honest node */
export interface Member {
  number: number
  /** Whether it has a key that is among the voters */
  isVoter: boolean
  /** How far its clock is ahead of the slowest, milliseconds: at most the skew of the policy */
  clock: number
  startsAt: number
  /** What its operator votes; null to say nothing */
  choice: boolean | null
  /** Its operator votes then, or as soon as the proposal is known */
  votesAt: number
  crashes: Crash[]
}

export interface Crash {
  at: number
  /** When it is started again; null for never */
  until: number | null
}

/** A voter who has signed both yes and no, and tells whom it wants what it wants */
export interface DoubleVoter {
  number: number
  clock: number
  /** What it does when members want to sync with it: hang up, say nothing, or say that it has the same as they */
  sync: 'refuses' | 'stalls' | 'agrees'
  sends: Sending[]
}

export interface Sending {
  /** null for the proposal, if it is the proposer */
  choice: boolean | null
  to: number
  at: number
}

export interface NetworkPlan {
  /** Shortest and longest way of a message, milliseconds */
  delay: [number, number]
  /** Shares of the gossip messages that are lost, come twice, and take long */
  loss: number
  duplication: number
  slow: number
  /** How long those take at most, milliseconds */
  slowness: number
  /** How many others each node is connected to, at least */
  degree: number
  gossipSigning: 'StrictSign' | 'StrictNoSign'
  /** Longest time until something is on a disk, milliseconds */
  syncTime: number
  partitions: Partition[]
}

export interface Partition {
  from: number
  /** null where it never heals */
  until: number | null
  /** Numbers of those who hear each other and nobody else */
  group: number[]
  /** Whether connections stay open, and nothing comes through: nobody is told */
  silent: boolean
}

export interface PlanOptions {
  rule: DecisionRule
  /** Without: nothing is lost or late, nobody cheats or crashes, all clocks are equal */
  faults: boolean
  /** What nodes do wrong, to see that it is found */
  sabotage?: Sabotage
}

/**
 * - vote-lock: a node that is started again does not know what it has signed
 * - sync: its disk says that what was synced is there to stay, and it is not
 */
export type Sabotage = 'vote-lock' | 'sync'

/** How many vote */
export function votersOf ({ members, doubleVoters }: Plan): number[] {
  return [...members.filter(({ isVoter }) => isVoter), ...doubleVoters].map(({ number }) => number).sort((a, b) => a - b)
}

/** Whether there are more double voters than the rule tolerates */
export function isBeyondTolerance (plan: Plan): boolean {
  return plan.doubleVoters.length > toleranceOf(votersOf(plan).length, plan.terms.threshold)
}

/** How many voters two opposite quorums have in common, at least */
export function commonVoters (plan: Plan): number {
  const voters = votersOf(plan).length

  return 2 * quorumOf(voters, plan.terms.threshold) - voters
}

/** When the last clock has come to the end of the proposal, with the grace */
export function deadlineOf ({ proposedAt, terms: { lifetimeSeconds, graceSeconds, clockSkewSeconds } }: Plan): number {
  return proposedAt + (lifetimeSeconds + graceSeconds + clockSkewSeconds + 1) * 1_000
}

export function shuffled <T> (random: Random, list: readonly T[]): T[] {
  return list.map(item => ({ item, place: random.uint32() })).sort((a, b) => a.place - b.place).map(({ item }) => item)
}
