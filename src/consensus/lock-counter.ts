/**
 * How often the vote locks of an identity were raised. It only grows, and members keep the highest count that the identity has
 * signed: a node whose locks were lost, or put back from an older copy, is behind it.
 */

import { randomBytes } from '@noble/hashes/utils.js'

/** Highest count: what a double of JavaScript and JSON holds exactly */
export const MAX_LOCK_COUNT = 2n ** 53n - 1n

/** Bytes of an id and of a mark */
export const LOCK_MARK_LENGTH = 16

export interface LockCounter {
  /** 16 random bytes, made with the first record of the identity: other locks of the identity have another id */
  readonly id: Uint8Array
  /** How often it was raised, at most {@link MAX_LOCK_COUNT} */
  readonly count: bigint
  /** 16 random bytes, new at each raise: two copies of the locks that were raised equally often have other marks */
  readonly mark: Uint8Array
  /** When a node last found that it was restored, Unix seconds. What the identity has signed before may be unknown here. */
  readonly restoredAt?: bigint
}

export interface RaiseOptions {
  /**
   * The count is higher than this one afterwards, too
   *
   * @default 0n
   */
  above?: bigint

  /**
   * Set where a node has found that it was restored, Unix seconds. A later time in the record stays.
   *
   * @default what the record says
   */
  restoredAt?: bigint
}

/**
 * Returns the counter after a raise, the first one where there is none before. Throws a RangeError if it cannot be higher.
 */
export function nextCounter (before: LockCounter | undefined, { above = 0n, restoredAt }: RaiseOptions = {}, id = randomBytes(LOCK_MARK_LENGTH)): LockCounter {
  const count = max(before?.count ?? 0n, above) + 1n
  const restored = max(before?.restoredAt ?? 0n, restoredAt ?? 0n)

  if (count > MAX_LOCK_COUNT) {
    throw new RangeError(`its count would be ${count}, and ${MAX_LOCK_COUNT} is the highest`)
  }

  return { id: before?.id ?? id, count, mark: randomBytes(LOCK_MARK_LENGTH), ...restored === 0n ? {} : { restoredAt: restored } }
}

function max (a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
