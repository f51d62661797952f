/**
 * Which peers this node asks where the answer counts: before a proposal ends, and before this node votes where its key may have
 * voted already. These are the members; a stranger may say anything and answer for nobody.
 */

import type { Members } from '../members/registry.ts'
import type { PeerId } from '@libp2p/interface'

/** The parts of a joined scope that tell whom to ask */
interface AskedScope {
  open: boolean
  peers: PeerId[]
  members: Members
}

/** The connected members; in open scopes, where anybody may vote, all peers on the topic */
export function askedPeers (scope: AskedScope): PeerId[] {
  return scope.open ? scope.peers : scope.members.connected().map(({ peer }) => peer)
}

export function isAsked (scope: AskedScope, peer: PeerId): boolean {
  return scope.open || scope.members.isMember(peer)
}
