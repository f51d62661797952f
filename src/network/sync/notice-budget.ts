/**
 * What is told of a peer is told once in a while, and so much of each peer: who makes up something new each time is not
 * listened to without end.
 */

import { BoundedMap } from '../../util/bounded.ts'
import { ExpiringSet } from '../../util/expiring-set.ts'
import { REFUSAL_SECONDS } from './constants.ts'
import type { PeerId } from '@libp2p/interface'

/** NoticeBudget of one peer in ten minutes: more than an honest one gives reason for, unless all is wrong with it */
const MAX_PER_PEER = 32

/** Peers of which notices are remembered, then the one that was told of longest ago is forgotten */
const MAX_PEERS = 1_000

export class NoticeBudget {
  private readonly clock: () => bigint
  private readonly peers = new BoundedMap<string, ExpiringSet>(MAX_PEERS)

  /**
   * @param clock - Unix seconds
   */
  constructor (clock: () => bigint) {
    this.clock = clock
  }

  /** How many peers are remembered */
  get size (): number {
    return this.peers.size
  }

  /** Whether something is to be told of a peer; it has been told from then on */
  isNew (peer: PeerId, what: string): boolean {
    const key = `${peer}`
    const told = this.peers.get(key) ?? new ExpiringSet(this.clock, REFUSAL_SECONDS, MAX_PER_PEER)

    if (told.has(what) || told.isFull) {
      return false
    }

    told.add(what)
    this.peers.set(key, told)

    return true
  }

  clear (): void {
    this.peers.clear()
  }
}
