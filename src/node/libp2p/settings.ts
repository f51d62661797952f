/**
 * How a node sets up libp2p and gossipsub, and why. Besides what is in this file, options of an operator are in host/config.ts, what
 * messages on a voting topic are worth in network/gossip/score.ts, for hosts with a gossipsub of their own, and the bounds of the sync
 * protocol in network/sync/constants.ts.
 */

import { availableParallelism } from 'node:os'
import { messageIds } from './message-ids.ts'
import type { GossipSigning } from '../interface.ts'
import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'
import type { PeerScoreParams, PeerScoreThresholds } from '@chainsafe/libp2p-gossipsub/score'
import type { TCPOptions } from '@libp2p/tcp'
import type { ConnectionManagerInit } from 'libp2p'

const second = 1_000
const minute = 60 * second
const KiB = 1_024
const MiB = 1_024 * KiB

/** How long a start waits for a bootstrap peer to answer: a dial and a handshake across the world, several times over */
export const BOOTSTRAP_TIMEOUT = 10 * second

/**
 * How often bootstrap peers that are not connected are dialled again: what a partition has kept apart is to be told soon after
 * it ends. libp2p itself gives up after five times.
 */
export const BOOTSTRAP_INTERVAL = 5 * second

/** How long a stop may take before connections are cut */
export const STOP_TIMEOUT = 2 * second

/** Threads that verify votes, at most: the event loop has one core to itself, and four verify more than it can take in */
export const VERIFIER_THREADS = Math.min(4, Math.max(1, availableParallelism() - 1))

/** How often a store that cannot be written is tried again: asking how much room there is costs next to nothing */
export const STORAGE_PROBE_INTERVAL = 2 * second

/** Below this gossipsub does not listen to a peer, and we do not stay connected with it */
export const GRAYLIST_THRESHOLD = -80

/** How long a peer that was cut off is kept out: sending rubbish is never worth it, and an honest peer with a fault that is mended is back */
export const BAN_TIME = 10 * minute

/** How often peers are looked at: a flooder is to be gone within seconds, and it takes two looks to see that its pubsub has ended */
export const BAN_CHECK_INTERVAL = second / 2

/**
 * How long a peer that says it speaks gossipsub may take to begin, after that another connection is tried. On a slow link the
 * handshakes of identify and gossipsub take seconds after a connection is there, and what it speaks is known from before.
 */
export const SILENCE_PATIENCE = 10 * second

/** After this half of a peer's faults is forgotten */
export const FAULT_HALF_LIFE = 10 * minute

/** What faults take from a peer's score */
export const FAULT_POINTS = {
  /** A frame beyond the limit, after which the stream cannot be read: three and the peer is out */
  frameTooLong: 40,
  /** A frame that cannot be read, or that holds more than decodeRpcLimits allow */
  brokenFrame: 10,
  /** What the sync protocol does not allow */
  sync: 20
}

/** Bytes of a frame of gossipsub: honest peers answer an IWANT in one frame */
export const MAX_FRAME_LENGTH = 4 * MiB

/** Frames beyond these are dropped whole, so they exceed what honest peers send: IHAVE of up to 5,000 ids */
const DECODE_RPC_LIMITS = {
  maxSubscriptions: 256,
  maxMessages: 5_000,
  maxIhaveMessageIDs: 5_000,
  maxIwantMessageIDs: 5_000,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 5_000,
  maxPeerInfos: 16
}

/** The same for the decoder that gossipsub calls with them */
export const RPC_LIMITS = {
  subscriptions: DECODE_RPC_LIMITS.maxSubscriptions,
  messages: DECODE_RPC_LIMITS.maxMessages,
  control: {
    ihave: DECODE_RPC_LIMITS.maxControlMessages,
    ihave$: { messageIDs: DECODE_RPC_LIMITS.maxIhaveMessageIDs },
    iwant: DECODE_RPC_LIMITS.maxControlMessages,
    iwant$: { messageIDs: DECODE_RPC_LIMITS.maxIwantMessageIDs },
    graft: DECODE_RPC_LIMITS.maxControlMessages,
    prune: DECODE_RPC_LIMITS.maxControlMessages,
    prune$: { peers: DECODE_RPC_LIMITS.maxPeerInfos },
    idontwant: DECODE_RPC_LIMITS.maxControlMessages,
    idontwant$: { messageIDs: DECODE_RPC_LIMITS.maxIdontwantMessageIDs }
  }
}

export const FLOOD_WINDOW_SECONDS = 10

/** How much of it a peer may do in the window above */
export const FLOOD_LIMITS = {
  /** Topics subscribed to or left: a frame has 256 at most, and few nodes have as many topics. Who does more is cut off. */
  subscriptions: 1_000,
  /** Streams opened, one for each sync: some hundred scopes, each tried again when we were busy. Who does more is cut off. */
  streams: 500
}

/** Other libp2p nodes on the local network have nothing to vote on with us, so they are not found */
export const MDNS_SERVICE_TAG = '_libp2p-voting._udp.local'

/** Loopback addresses: in a network on one machine all peers have them */
const LOOPBACK = ['127.0.0.1', '::1', '::ffff:127.0.0.1']

/**
 * @param local - whether all peers are on this machine
 */
export function connectionManagerSettings (local: boolean): ConnectionManagerInit {
  return {
    // a mesh needs 16 peers a topic at most, a voting group is rarely larger than this
    maxConnections: 100,
    // a handshake costs CPU: strangers get no more than so many at a time
    maxIncomingPendingConnections: 10,
    // per second and address. 15 peers of one machine that dial at once: 5 of 14 got through with 5
    inboundConnectionThreshold: local ? 50 : 5,
    // who has not finished the handshake by then holds a place that others need
    inboundUpgradeTimeout: 5 * second
  }
}

export function tcpSettings (): TCPOptions {
  return {
    // more than maxConnections, so that libp2p is the one who chooses
    maxConnections: 120,
    // connections that wait to be accepted: all members that dial again at once after a restart, and no more
    backlog: 64
  }
}

export interface GossipsubSettings {
  /** Whether all peers are on this machine */
  local: boolean
  signing: GossipSigning
  /**
   * Whether the voting service reports the verdict on each message; false for a gossipsub without the service
   *
   * @default true
   */
  asyncValidation?: boolean
  /** What we hold against a peer: 0 or less */
  scoreOf (peer: string): number
}

export function gossipsubSettings ({ local, signing, asyncValidation = true, scoreOf }: GossipsubSettings): Partial<GossipsubOpts> {
  return {
    // nodes of other languages sign by default. Votes sign themselves, so a mesh that agrees on it can save that.
    globalSignaturePolicy: signing,
    ...messageIds(signing),
    // a vote must not be taken for sent when nobody got it
    allowPublishToZeroTopicPeers: false,
    // sending the same bytes again after a crash is normal
    ignoreDuplicatePublishError: true,
    // votes are verified and stored side by side, see network/gossip/async-validation.ts, and peers that sent one get no copy
    asyncValidation,
    // heartbeats of a second: later verdicts are lost. By default they are after five, less than a busy disk may take.
    mcacheLength: 30,
    // back-pressure: while the gate of the validation waits, no more is read of the peer
    awaitRpcHandler: true,
    awaitRpcMessageHandler: true,
    // a longer frame silently ends pubsub with its sender
    maxInboundDataLength: MAX_FRAME_LENGTH,
    maxOutboundBufferSize: 4 * MiB,
    decodeRpcLimits: DECODE_RPC_LIMITS,
    // as many topics as a frame may have, by names as long as ours, twice over
    maxTopicBytesPerPeer: 64 * KiB,
    // groups are small, and losing a vote costs a sync: up to 16 members are all neighbours, which takes one hop
    D: 8,
    Dlo: 6,
    Dhi: 16,
    // links that we have chosen ourselves, so that those who dial us cannot be all we hear
    Dout: 2,
    // members outside of the mesh that are told of ids at each heartbeat: as many as are in it
    Dlazy: 8,
    // our own votes go to all peers of the topic at once
    floodPublish: true,
    // peers are found by bootstrap and mdns; addresses from strangers would let them choose our neighbours
    doPX: false,
    // floodsub knows no scores, so nothing that is sent by it could be held against anybody
    fallbackToFloodsub: false,
    // as long as an ignored message is not looked at again
    seenTTL: 10 * minute,
    scoreParams: scoreSettings(local, scoreOf),
    scoreThresholds: scoreThresholds()
  }
}

function scoreSettings (local: boolean, scoreOf: (peer: string) => number): Partial<PeerScoreParams> {
  return {
    // faults that gossipsub does not see, for instance in the sync protocol
    appSpecificScore: scoreOf,
    appSpecificWeight: 1,
    // one machine that pretends to be many: five may share an address, as behind a NAT, then the square of those beyond counts.
    // Nine lose 80 and are not listened to; nobody is banned for it, see bans.ts.
    IPColocationFactorThreshold: 5,
    IPColocationFactorWeight: -5,
    // a star of 15 peers on 127.0.0.1 scored its hub −80, and delivered 1 of 14 messages, without this
    IPColocationFactorWhitelist: new Set(local ? LOOPBACK : []),
    // answers to an IWANT that are late, or a GRAFT that is early: an honest peer that was suspended has some of either, as we
    // have when we were. Only more than these count, squared.
    behaviourPenaltyThreshold: 6
  }
}

function scoreThresholds (): Partial<PeerScoreThresholds> {
  return {
    // one invalid message: no ids are exchanged with it until that is half forgotten
    gossipThreshold: -10,
    // two or three: our own messages are not sent to it either
    publishThreshold: -50,
    // four, whatever good it has done
    graylistThreshold: GRAYLIST_THRESHOLD,
    // no score reaches it: peers are not taken from others
    acceptPXThreshold: 1_000
  }
}
