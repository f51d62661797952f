/**
 * Cuts off peers that misbehave and keeps them out for a while. Gossipsub only stops listening to them: they stay
 * connected, and go on costing what connections and requests cost.
 */

import { peerIdFromString } from '@libp2p/peer-id'
import { PeerScores } from '../../network/gossip/runtime-members.ts'
import { BoundedMap } from '../../util/bounded.ts'
import { BAN_CHECK_INTERVAL, BAN_TIME, FAULT_HALF_LIFE, FAULT_POINTS, GRAYLIST_THRESHOLD, SILENCE_PATIENCE } from './settings.ts'
import type { VotingLibp2p } from '../interface.ts'
import type { Connection, ConnectionGater, Logger, PeerId } from '@libp2p/interface'

/** So many bans and faults are remembered; who has more peer ids than this to spend is not kept out by peer ids */
const MAX_REMEMBERED = 10_000

interface Faults {
  points: number
  /** When the points were counted, milliseconds */
  at: number
}

export class Bans {
  /** Peer id → when the ban ends, milliseconds */
  private readonly banned = new BoundedMap<string, number>(MAX_REMEMBERED)
  private readonly faults = new BoundedMap<string, Faults>(MAX_REMEMBERED)
  /** The peers that should have taken part in gossip and did not, at the last check */
  private silent = new Set<string>()
  /** Connections on which a peer's pubsub stream has ended, and whether by a frame that is at fault */
  private readonly ended = new WeakMap<Connection, boolean>()
  private libp2p?: VotingLibp2p
  private scores?: PeerScores
  private log?: Logger
  private timer?: ReturnType<typeof setInterval>

  /** For libp2p: nobody who is banned gets a connection, whoever dials */
  readonly gater: ConnectionGater = {
    denyDialPeer: async peerId => this.has(peerId),
    denyInboundEncryptedConnection: async peerId => this.has(peerId),
    denyOutboundEncryptedConnection: async peerId => this.has(peerId),
    // it may be banned while the handshake goes on
    denyInboundUpgradedConnection: async peerId => this.has(peerId),
    denyOutboundUpgradedConnection: async peerId => this.has(peerId)
  }

  start (libp2p: VotingLibp2p): void {
    this.libp2p = libp2p
    this.scores = new PeerScores(libp2p.services.pubsub)
    this.log = libp2p.logger.forComponent('libp2p:voting:bans')
    this.timer = setInterval(() => {
      this.check().catch(err => { this.log?.error('could not look at the peers - %e', err) })
    }, BAN_CHECK_INTERVAL)
  }

  stop (): void {
    clearInterval(this.timer)
  }

  has (peerId: PeerId): boolean {
    const key = peerId.toString()
    const end = this.banned.get(key)

    if (end != null && end <= Date.now()) {
      this.banned.delete(key)
    }

    return this.banned.has(key)
  }

  /** The peers that are kept out now */
  list (): PeerId[] {
    return [...this.banned.keys()].map(peer => peerIdFromString(peer)).filter(peerId => this.has(peerId))
  }

  /**
   * Counts a fault of a peer against it, and cuts it off where that is the end
   *
   * @param points - what it takes from the peer's score, where −80 is the end; half is forgotten after a while
   */
  addFault (peerId: PeerId, points: number): void {
    const key = peerId.toString()
    const total = this.pointsOf(key) + points

    this.faults.set(key, { points: total, at: Date.now() })

    // what good it has done does not weigh as much, and a flooder sends much until the next look at all peers
    if (-total <= GRAYLIST_THRESHOLD && !this.has(peerId)) {
      this.ban(peerId, 'it has been at fault too often')
    }
  }

  /** Returns what gossipsub is to add to the score of a peer: 0 or less. It reads no more of what a banned peer had sent. */
  scoreOf (peer: string): number {
    return this.banned.has(peer) ? GRAYLIST_THRESHOLD : -this.pointsOf(peer)
  }

  /** Cuts a peer off and keeps it out for a while */
  ban (peerId: PeerId, reason: string): void {
    this.banned.set(peerId.toString(), Date.now() + BAN_TIME)
    this.log?.error('cut off %p, and keep it out for %d minutes: %s', peerId, BAN_TIME / 60_000, reason)
    this.hangUp(peerId, reason)
  }

  /**
   * Call when a pubsub stream has ended that the other side opened on a connection
   *
   * @param isFault - whether a frame of the peer ended it. Streams are also reset by a peer whose buffer is full since we were
   * suspended or read slowly.
   */
  onPubSubEnded (connection: Connection, isFault: boolean): void {
    this.ended.set(connection, isFault)
  }

  private pointsOf (peer: string): number {
    const faults = this.faults.get(peer)

    return faults == null ? 0 : faults.points * 0.5 ** ((Date.now() - faults.at) / FAULT_HALF_LIFE)
  }

  private async check (): Promise<void> {
    const { libp2p } = this

    if (libp2p == null) {
      return
    }

    const silent = new Set<string>()

    for (const peerId of libp2p.getPeers()) {
      if (this.has(peerId)) {
        // its connection came to be while it was banned
        this.hangUp(peerId, 'it is kept out')
        continue
      }

      const score = this.scores?.of(`${peerId}`) ?? 0

      if (score <= GRAYLIST_THRESHOLD && !signsOtherwise(libp2p, peerId)) {
        this.ban(peerId, `its score is ${Math.round(score)}`)
      } else if (await this.isSilent(libp2p, peerId)) {
        silent.add(peerId.toString())

        // a peer that has just connected has begun by the next check
        if (this.silent.has(peerId.toString())) {
          this.endSilence(libp2p, peerId)
        }
      }
    }

    this.silent = silent
  }

  /** Has a peer begin anew with another connection, which gossipsub takes it back on; it may be honest */
  private endSilence (libp2p: VotingLibp2p, peerId: PeerId): void {
    const connections = libp2p.getConnections(peerId)

    if (connections.some(connection => this.ended.get(connection) === true)) {
      // a peer that does it again runs out of score
      this.addFault(peerId, FAULT_POINTS.frameTooLong)
      this.hangUp(peerId, 'it has sent a frame that is too long')
    } else if (connections.some(connection => this.ended.has(connection))) {
      this.hangUp(peerId, 'its pubsub stream has ended')
    } else if (connections.every(({ timeline }) => timeline.open < Date.now() - SILENCE_PATIENCE)) {
      this.hangUp(peerId, 'it takes no part in gossip')
    }
  }

  /** Whether a peer speaks gossipsub and takes no part: gossipsub takes none back on a connection where its stream has ended */
  private async isSilent (libp2p: VotingLibp2p, peerId: PeerId): Promise<boolean> {
    const { pubsub } = libp2p.services

    if (pubsub.getPeers().some(peer => peer.equals(peerId)) || !await libp2p.peerStore.has(peerId)) {
      return false
    }

    const { protocols } = await libp2p.peerStore.get(peerId)

    return protocols.some(protocol => pubsub.protocols.includes(protocol))
  }

  private hangUp (peerId: PeerId, reason: string): void {
    this.log?.('close connections of %p: %s', peerId, reason)

    for (const connection of this.libp2p?.getConnections(peerId) ?? []) {
      connection.abort(new Error(reason))
    }
  }
}

/**
 * Whether a peer is in a scope of ours and signs its gossip in another way. To gossipsub all that it sends is invalid, which it
 * is not to blame for: syncs with it go on.
 */
function signsOtherwise ({ status, services: { voting } }: VotingLibp2p, peerId: PeerId): boolean {
  return status === 'started' && voting.scopes().some(({ otherSigning }) => otherSigning.some(({ peer }) => peer.equals(peerId)))
}
