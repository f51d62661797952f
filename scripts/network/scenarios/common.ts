/**
 * What scenarios have in common.
 */

import type { ScopePolicyInput } from '../../../src/index.ts'

/** Decides by quorum, as scopes do by default, with clocks that are one and waits to match */
export const QUICK: Partial<ScopePolicyInput> = {
  defaultTimeoutSeconds: 60,
  clockSkewSeconds: 1,
  graceSeconds: 2
}

/** Milliseconds in which members that can reach each other have the same votes */
export const SETTLE_TIMEOUT = 10_000
