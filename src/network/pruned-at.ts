/**
 * Which members have given up votes, as they say with each sync: a node that comes late gets no votes of these proposals from
 * them.
 */

import type { PeerId } from '@libp2p/interface'

/** Peers that are remembered for a scope: more than a node has, unless its host wants many */
const MAX_PEERS = 1_000

export class PrunedAt {
  /** Peer id → proposals whose votes it keeps no longer */
  private readonly peers = new Map<string, number>()

  /** Takes note of what a peer says */
  update (peer: PeerId, proposals = 0): void {
    this.peers.delete(`${peer}`)

    if (proposals > 0) {
      this.peers.set(`${peer}`, proposals)
    }

    if (this.peers.size > MAX_PEERS) {
      const [oldest] = this.peers.keys()
      this.peers.delete(oldest)
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
