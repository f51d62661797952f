/**
 * Remembers which peers send what only a later version of this software can read, by gossip or by sync: this node is to be
 * updated then.
 */

import { BoundedMap } from '../../util/bounded.ts'
import type { NewerFormat } from '../interface.ts'
import type { PeerId } from '@libp2p/interface'

/** Peers that are remembered: after the first an operator has to look */
const MAX_PEERS = 20

export class NewerFormats {
  private readonly clock: () => bigint
  private readonly seen = new BoundedMap<string, NewerFormat>(MAX_PEERS)

  /**
   * @param clock - Unix seconds
   */
  constructor (clock: () => bigint) {
    this.clock = clock
  }

  add (peer: PeerId, scope?: string): void {
    const key = `${peer} ${scope ?? ''}`

    this.seen.set(key, this.seen.get(key) ?? { peer, ...scope == null ? {} : { scope }, since: this.clock() })
  }

  /** The latest since the service was made, the latest last */
  list (): NewerFormat[] {
    return [...this.seen.values()]
  }
}
