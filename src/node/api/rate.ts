/**
 * How many requests are taken: a program in a loop must not keep the node from voting.
 */

import { getConnInfo } from '@hono/node-server/conninfo'
import { BoundedMap } from '../../util/bounded.ts'
import { ApiError } from './problems.ts'
import type { MiddlewareHandler } from 'hono'

const second = 1_000

/** So many addresses are told apart; the one that was heard of longest ago is forgotten, which only does it good */
const MAX_ADDRESSES = 1_000

/** What an address may still ask for, and when that was counted, milliseconds */
interface Bucket {
  left: number
  at: number
}

export class RateLimit {
  private readonly perSecond: number
  private readonly clock: () => number
  private readonly buckets = new BoundedMap<string, Bucket>(MAX_ADDRESSES)

  /**
   * @param perSecond - requests of an address over time; twice as many at once
   * @param clock - milliseconds
   */
  constructor (perSecond: number, clock: () => number = Date.now) {
    this.perSecond = perSecond
    this.clock = clock
  }

  /** Takes a request, or gives the seconds after which there is room for one */
  take (address: string): number | undefined {
    const now = this.clock()
    const burst = Math.max(1, 2 * this.perSecond)
    const { left, at } = this.buckets.get(address) ?? { left: burst, at: now }
    const available = Math.min(burst, left + (Math.max(0, now - at) * this.perSecond) / second)
    const taken = available >= 1

    this.buckets.set(address, { left: taken ? available - 1 : available, at: now })

    return taken ? undefined : (1 - available) / this.perSecond
  }
}

export function limitRate (limit: RateLimit): MiddlewareHandler {
  return async (context, next) => {
    const wait = limit.take(getConnInfo(context).remote.address ?? '')

    if (wait != null) {
      throw new ApiError('TooManyRequestsError', 'There are too many requests from this address. Wait as long as Retry-After says', {
        headers: { 'retry-after': `${Math.ceil(wait)}` }
      })
    }

    await next()
  }
}
