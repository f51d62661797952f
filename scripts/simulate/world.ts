/**
 * What all who take part in a schedule share.
 */

import type { Network } from './network.ts'
import type { Plan } from './plan.ts'
import type { SimulatedTime } from './time.ts'
import type { ScopePolicy } from '../../src/consensus/index.ts'

export interface World {
  plan: Plan
  policy: ScopePolicy
  time: SimulatedTime
  network: Network
  /** When the schedule began, milliseconds from 1970 */
  begin: number
  /** Takes note of something that people may want to read */
  tell (text: string): void
}

/** Milliseconds from the beginning of the schedule */
export function elapsed ({ time, begin }: World): number {
  return time.now - begin
}

/** Unix seconds by a clock that is so many milliseconds ahead */
export function clockOf ({ time }: World, ahead: number): bigint {
  return BigInt(Math.floor((time.now + ahead) / 1_000))
}

export function nameOf (number: number): string {
  return `node-${number + 1}`
}

export function namesOf (numbers: Iterable<number>): string {
  return [...numbers].sort((a, b) => a - b).map(nameOf).join(', ')
}

export function yesOrNo (choice: boolean): string {
  return choice ? 'yes' : 'no'
}
