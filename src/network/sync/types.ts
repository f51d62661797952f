/**
 * What client and server of the sync protocol work with.
 */

import type { SyncIndex } from './digests.ts'
import type { SyncIntake } from './intake.ts'
import type { ConsensusStorage } from '../../consensus/storage/interface.ts'
import type { GossipSigning } from '../../pb/sync.ts'
import type { ExpiringSet } from '../../util/expiring-set.ts'
import type { MemberExchange } from '../members/index.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { PeerId } from '@libp2p/interface'

/** How much a sync has brought that was new */
export interface Taught {
  proposals: number
  votes: number
}

/** How a sync ended: one that we began, or the last two one that the peer began */
export type SyncOutcome = 'complete' | 'elsewhere' | 'busy' | 'failed' | 'served' | 'broken off'

export interface SyncCallbacks {
  /** A peer is in a scope of this name under another policy: told once for each peer and policy in ten minutes */
  onPolicyMismatch (peer: PeerId, scopeName: string, theirDigest: Uint8Array): void

  /** A peer signs its gossip in another way, so that neither sees what the other publishes: as often */
  onSigningMismatch (peer: PeerId, scopeName: string, theirs: GossipSigning): void

  /** How a member of a scope signs its gossip, told with each hello: undefined if it is as we do, or not known */
  onSigning (peer: PeerId, scopeName: string, theirs?: GossipSigning): void

  /** A peer asks for what this version does not know, which is no fault: as often; without a scope where it has named none yet */
  onNewerFormat (peer: PeerId, scopeName?: string): void

  /** A peer has ended a proposal in another way than we: as often */
  onDisagreement (scope: JoinedScope, proposalId: number, peer: PeerId): void
}

export interface SyncParts extends SyncCallbacks {
  storage: ConsensusStorage
  index: SyncIndex
  intake: SyncIntake
  /** Unix seconds */
  clock (): bigint
  /** What is said of members in a hello, both ways */
  members: MemberExchange
  /** How our gossipsub signs */
  signing (): GossipSigning
  /** Deliveries that were refused, see `refusalKey` */
  refused: ExpiringSet
  /** Differences about which all was done that can be, while they stay as they are */
  fruitless: ExpiringSet
}
