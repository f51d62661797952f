/**
 * The types of a running node that its parts share. It imports no other file of the node, so that types have no cycles either.
 */

import type { Voting } from '../index.ts'
import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { Identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import type { Ping } from '@libp2p/ping'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Whether gossipsub signs its messages. All members of a mesh need the same: the two cannot talk to each other. */
export type GossipSigning = 'StrictSign' | 'StrictNoSign'

export type VotingLibp2p = Libp2p<{ identify: Identify, ping: Ping, pubsub: GossipSub, voting: Voting }>

/** A bootstrap address, and whether the node is connected with its peer */
export interface BootstrapPeer {
  address: Multiaddr
  connected: boolean
}

/** Since when nothing can be stored, Unix seconds, and why */
export interface ReadOnly {
  since: number
  reason: string
}

/**
 * A node that runs
 */
export interface VotingNode {
  readonly libp2p: VotingLibp2p
  readonly voting: Voting
  /** The address it votes as, with its checksum */
  readonly voter: string
  readonly dataDirectory: string
  /** Whether its keys were made by this start */
  readonly firstStart: boolean
  readonly api: { readonly url: string, readonly token: string }
  /** Unix seconds */
  readonly startedAt: number
  /** Returns the state of each bootstrap address but its own */
  readonly bootstrap: { status (): BootstrapPeer[] }
  /** Whether it can store: `readOnly` is undefined while it can */
  readonly storage: { readonly readOnly?: ReadOnly }

  /** Ends it within a few seconds and gives the data directory free. Calling it twice is fine. */
  stop (): Promise<void>
}

/** What the control API needs of a node */
export type ApiNode = Omit<VotingNode, 'api' | 'stop' | 'firstStart'>
