/**
 * Which members have given up votes, as they say with each sync: a node that comes late gets no votes of these proposals from
 * them.
 */

import { BoundedMap } from '../../util/bounded.ts'
import type { PeerId } from '@libp2p/interface'

/** Peers that are remembered for a scope: more than a node has, unless its host wants many */
const MAX_PEERS = 1_000

export class PrunedProposals {
  /** Peer id → proposals whose votes it keeps no longer */
  private readonly peers = new BoundedMap<string, number>(MAX_PEERS)

  /** Takes note of what a peer says */
  update (peer: PeerId, proposals = 0): void {
    if (proposals > 0) {
      this.peers.set(`${peer}`, proposals)
    } else {
      this.peers.delete(`${peer}`)
    }
  }

  /** On how many proposals a peer keeps the votes no longer, as far as it has said so */
  of (peer: PeerId): number {
    return this.peers.get(`${peer}`) ?? 0
  }

  clear (): void {
    this.peers.clear()
  }
}
