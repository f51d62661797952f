/**
 * Which peers this node asks where the answer counts: before a proposal ends, and before it votes automatically.
 */

import type { JoinedScope } from './scope.ts'
import type { PeerId } from '@libp2p/interface'

export function askedPeers (scope: JoinedScope): PeerId[] {
  return scope.peers
}

export function isAsked (scope: JoinedScope, peer: PeerId): boolean {
  return askedPeers(scope).some(asked => asked.equals(peer))
}
