/**
 * What becomes of something that came from others, and why.
 */

import { ConsensusError } from '../consensus/errors.ts'
import type { Verdict } from './pubsub.ts'

/** A verdict and, where it is not to accept, the reason */
export interface Judgement {
  verdict: Verdict
  reason?: string
  /** It is ignored since it is here already */
  isKnown?: boolean
  /** It waits for its proposal */
  isParked?: boolean
  /** It is ignored for a reason that passes: by our clock, our room, our load or our storage */
  passes?: boolean
}

export const ACCEPT: Judgement = { verdict: 'accept' }

/** Not now, by our clock, our limits or our troubles */
export function ignore (reason: string): Judgement {
  return { verdict: 'ignore', reason }
}

/** Here already */
export function known (reason: string): Judgement {
  return { verdict: 'ignore', reason, isKnown: true }
}

/** Wrong by the protocol's constants and the policy, the same at every member */
export function reject (reason: string): Judgement {
  return { verdict: 'reject', reason }
}

/** What the core finds wrong is the sender's fault; anything else is not, and is thrown again */
export function rejectConsensusError (err: unknown): Judgement {
  if (err instanceof ConsensusError) {
    return reject(err.message)
  }

  throw err
}
