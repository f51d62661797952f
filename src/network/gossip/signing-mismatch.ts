/**
 * Keeps in mind which members sign their gossip in another way: gossipsub drops what they publish, as theirs does with ours,
 * and without this it would look as if they were silent.
 */

import { BoundedMap } from '../../util/bounded.ts'
import type { OtherSigningPeer } from '../interface.ts'
import type { PeerId } from '@libp2p/interface'

/** Peers that are remembered for a scope: more than a node has, unless its host wants many */
const MAX_PEERS = 1_000

export class SigningMismatches {
  /** Scope name → peer id → the peer */
  private readonly scopes = new Map<string, Map<string, OtherSigningPeer>>()
  private readonly isConnected: (peer: PeerId) => boolean

  constructor (isConnected: (peer: PeerId) => boolean) {
    this.isConnected = isConnected
  }

  /**
   * Takes note of how a member of a scope signs
   *
   * @param signing - undefined if it is as we do, or not known
   */
  update (name: string, peer: PeerId, signing?: OtherSigningPeer['signing']): void {
    const peers = this.scopes.get(name) ?? new BoundedMap<string, OtherSigningPeer>(MAX_PEERS)

    if (signing != null) {
      this.forgetDisconnected(peers)
      peers.set(`${peer}`, { peer, signing })
      this.scopes.set(name, peers)
    } else {
      peers.delete(`${peer}`)
    }
  }

  /** The connected peers of a scope that sign in another way */
  of (name: string): OtherSigningPeer[] {
    const peers = this.scopes.get(name) ?? new Map<string, OtherSigningPeer>()

    this.forgetDisconnected(peers)

    return [...peers.values()]
  }

  /** Forgets a scope, or all */
  clear (name?: string): void {
    if (name == null) {
      this.scopes.clear()
    } else {
      this.scopes.delete(name)
    }
  }

  private forgetDisconnected (peers: Map<string, OtherSigningPeer>): void {
    for (const [key, { peer }] of peers) {
      if (!this.isConnected(peer)) {
        peers.delete(key)
      }
    }
  }
}
