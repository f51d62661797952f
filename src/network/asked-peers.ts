/**
 * Which peers this node asks where the answer counts: before a proposal ends, and before this node votes where its key may have
 * voted already. These are the members; a stranger may say anything and answer for nobody.
 */

import type { JoinedScope } from './scope.ts'
import type { PeerId } from '@libp2p/interface'

/** The connected members; in open scopes, where anybody may vote, all peers on the topic */
export function askedPeers (scope: JoinedScope): PeerId[] {
  return scope.open ? scope.peers : scope.members.connected().map(({ peer }) => peer)
}

export function isAsked (scope: JoinedScope, peer: PeerId): boolean {
  return scope.open || scope.members.isMember(peer)
}
