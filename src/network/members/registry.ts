/**
 * Which connected peers have proven that they hold the key of a voter, and which of them count. For each voter one peer
 * counts, so that nobody gets more weight by running more nodes.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { compareProofs, isCurrent } from '../../consensus/proofs/member-proof.ts'
import type { MemberProof } from '../../consensus/proofs/member-proof.ts'
import type { Member, ProvenPeer } from '../interface.ts'
import type { PeerId } from '@libp2p/interface'

/** Where two peers of a voter are connected, how long one must be the better one until it replaces the other, in seconds */
const CHANGE_SECONDS = 60n

export interface MembersInit {
  /** Identity of this node's own key, if it has one */
  identity?: Uint8Array
  /** How far the members' clocks may be apart, in seconds */
  skew: number
  /** Unix seconds */
  clock (): bigint
  isConnected (peer: PeerId): boolean
}

interface Proven {
  peer: PeerId
  proof: MemberProof
}

interface VoterPeers {
  /** Peer id → what it has proven */
  peers: Map<string, Proven>
  /** Peer id of the peer that counts */
  counted?: string
  /** A better peer, which is to replace it, and since when it is better, Unix seconds */
  rival?: { peer: string, since: bigint }
}

export class Members {
  private readonly init: MembersInit
  private readonly own?: string
  /** Lower-case address of a voter → its peers */
  private readonly voters = new Map<string, VoterPeers>()

  constructor (init: MembersInit) {
    this.init = init
    this.own = init.identity == null ? undefined : addressOf(init.identity)
  }

  /**
   * Stores a verified proof of a connected peer, unless the one that is held of it is as high. Returns whether it was stored.
   */
  add (peer: PeerId, proof: MemberProof): boolean {
    const voter = addressOf(proof.voter)
    const known = this.settle(voter, this.voters.get(voter)) ?? this.create(voter)
    const held = known.peers.get(`${peer}`)

    if (held != null && compareProofs(proof, held.proof) <= 0) {
      return false
    }

    known.peers.set(`${peer}`, { peer, proof })
    this.settle(voter, known)

    return true
  }

  /** For each voter the peer that counts, in no order; never one of this node's own voter */
  connected (): Member[] {
    return this.proven().filter(({ counts }) => counts).map(({ peer, voter }) => ({ peer, voter }))
  }

  /** All connected peers with a valid proof */
  proven (): ProvenPeer[] {
    return [...this.voters].flatMap(([voter, known]) => {
      const { peers, counted } = this.settle(voter, known) ?? { peers: new Map<string, Proven>() }

      return [...peers].map(([key, { peer, proof }]) => ({ peer, voter, proof, counts: voter !== this.own && key === counted }))
    })
  }

  /** The voters for which a peer counts, as lower-case addresses: one, unless the peer has proven several keys */
  votersOf (peer: PeerId): string[] {
    return [...this.voters]
      .filter(([voter, known]) => voter !== this.own && known.peers.has(`${peer}`) && this.settle(voter, known)?.counted === `${peer}`)
      .map(([voter]) => voter)
  }

  /** The voter for which a peer counts, as a lower-case address; undefined for a stranger */
  voterOf (peer: PeerId): string | undefined {
    return this.votersOf(peer)[0]
  }

  /** Whether a peer counts for a voter other than our own */
  isMember (peer: PeerId): boolean {
    return this.voterOf(peer) != null
  }

  /** The proofs held of a peer, whether it counts or not */
  proofsOf (peer: PeerId): MemberProof[] {
    return [...this.voters].flatMap(([voter, known]) => {
      const proven = known.peers.has(`${peer}`) ? this.settle(voter, known)?.peers.get(`${peer}`) : undefined

      return proven == null ? [] : [proven.proof]
    })
  }

  clear (): void {
    this.voters.clear()
  }

  private create (voter: string): VoterPeers {
    const known: VoterPeers = { peers: new Map() }

    this.voters.set(voter, known)

    return known
  }

  /** Forgets peers that are gone or whose proof has expired, and lets the best of the others count when its time has come */
  private settle (voter: string, known?: VoterPeers): VoterPeers | undefined {
    if (known == null) {
      return
    }

    const now = this.init.clock()
    const { peers, counted, rival } = known

    for (const [key, { peer, proof }] of peers) {
      if (!this.init.isConnected(peer) || !isCurrent(proof, now, this.init.skew)) {
        peers.delete(key)
      }
    }

    if (peers.size === 0) {
      this.voters.delete(voter)

      return
    }

    const best = bestOf(peers)

    if (counted == null || !peers.has(counted) || counted === best) {
      known.counted = best
      known.rival = undefined
    } else if (rival?.peer !== best) {
      known.rival = { peer: best, since: now }
    } else if (now >= rival.since + CHANGE_SECONDS) {
      known.counted = best
      known.rival = undefined
    }

    return known
  }
}

/** The peer with the highest (count, issued), of equal ones the smaller peer id */
function bestOf (peers: Map<string, Proven>): string {
  const [[best]] = [...peers].sort(([a, { proof: first }], [b, { proof: second }]) => compareProofs(second, first) || (a < b ? -1 : 1))

  return best
}

function addressOf (identity: Uint8Array): string {
  return `0x${bytesToHex(identity)}`
}
