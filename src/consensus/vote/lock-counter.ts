/**
 * How often the vote locks of an identity were raised. It only grows, and members keep the highest count that the identity has
 * signed. A node whose locks were lost, or put back from an older copy, is behind that count. If it was raised beyond it since,
 * its record has another mark at that count.
 */

import { randomBytes } from '@noble/hashes/utils.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'

/** Highest count: what a double of JavaScript and JSON holds exactly */
export const MAX_LOCK_COUNT = 2n ** 53n - 1n

/** Bytes of an id and of a mark */
export const LOCK_MARK_LENGTH = 16

/** Bytes of an earlier mark that are kept: two marks agree in them by chance once in 2^32 times */
export const EARLIER_MARK_LENGTH = 4

/**
 * Earlier marks that are kept. With them a record fits in a block of 4 KiB, which a disk writes as a whole anyway. So many starts
 * and batches of locks can a restored node go through before it meets a member, and still be found.
 */
export const MAX_EARLIER_MARKS = 960

export interface LockCounter {
  /** 16 random bytes, made with the first record of the identity: other locks of the identity have another id */
  readonly id: Uint8Array
  /** How often it was raised, at most {@link MAX_LOCK_COUNT} */
  readonly count: bigint
  /** 16 random bytes, new at each raise: two copies of the locks that were raised equally often have other marks */
  readonly mark: Uint8Array
  /**
   * The first {@link EARLIER_MARK_LENGTH} bytes of the marks of the counts before this one, without a gap, the last one at the end:
   * at most {@link MAX_EARLIER_MARKS}, and none from before the last restore
   */
  readonly earlier: Uint8Array
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

  // a restore has answered for all that was counted before it, here and elsewhere: told again, it is no news
  const earlier = before == null || restoredAt != null || above > before.count ? new Uint8Array(0) : withMark(before)

  return { id: before?.id ?? id, count, mark: randomBytes(LOCK_MARK_LENGTH), earlier, ...restored === 0n ? {} : { restoredAt: restored } }
}

/**
 * Whether a claim that the identity has signed is none of this counter's past: its count is higher, or had another mark here. Of
 * a count that is older than the earlier marks it cannot be told, and false is returned.
 */
export function isOfOtherLocks ({ count, mark }: Pick<LockCounter, 'count' | 'mark'>, counter: Pick<LockCounter, 'count' | 'mark' | 'earlier'>): boolean {
  if (count >= counter.count) {
    return count > counter.count || !equals(mark, counter.mark)
  }

  const start = counter.earlier.byteLength - Number(counter.count - count) * EARLIER_MARK_LENGTH

  return start >= 0 && !equals(counter.earlier.subarray(start, start + EARLIER_MARK_LENGTH), mark.subarray(0, EARLIER_MARK_LENGTH))
}

function withMark ({ earlier, mark }: LockCounter): Uint8Array {
  return concat([earlier, mark.subarray(0, EARLIER_MARK_LENGTH)]).slice(-MAX_EARLIER_MARKS * EARLIER_MARK_LENGTH)
}

function max (a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
