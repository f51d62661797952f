/**
 * Counts in how many syncs in a row a peer did not deliver what it had listed. That may happen to an honest peer and costs
 * nothing, but after {@link UNDELIVERED_LIMIT} of them others are asked first.
 */

import { BoundedMap } from '../../util/bounded.ts'
import { MAX_REMEMBERED, UNDELIVERED_LIMIT } from './constants.ts'
import type { PeerId } from '@libp2p/interface'

export class Undelivered {
  private readonly counts = new BoundedMap<string, number>(MAX_REMEMBERED)

  /** Is called after each sync that was completed, with the number of proposals that the peer had listed and not delivered */
  onCompleted (peer: PeerId, undelivered: number): void {
    const key = `${peer}`
    const count = this.counts.get(key) ?? 0

    if (undelivered > 0) {
      this.counts.set(key, count + 1)
    } else {
      this.counts.delete(key)
    }
  }

  /** Whether others are asked before this peer */
  isLast (peer: PeerId): boolean {
    return (this.counts.get(`${peer}`) ?? 0) >= UNDELIVERED_LIMIT
  }
}
