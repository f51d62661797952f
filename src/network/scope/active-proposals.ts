/**
 * The proposals of a scope that take votes, and how many there may be: listed proposers have a share each that nobody can
 * take from them; where anybody may propose half the room is for ourselves.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { MAX_ACTIVE_PER_PROPOSER, MAX_ACTIVE_PROPOSALS } from '../gossip/limits.ts'

/** Who has signed nothing */
const NOBODY = ''

export class ActiveProposals {
  private readonly own?: string
  private readonly proposers?: number
  private readonly owners = new Map<number, string>()
  /** Proposals that are on their way, with their owners */
  private readonly reserved = new Map<number, string>()
  /** Owner → proposals that are active or on their way */
  private readonly counts = new Map<string, number>()
  private total = 0

  /**
   * @param proposers - how many may propose; undefined if anybody may
   * @param own - identity of this node
   */
  constructor (proposers?: number, own?: Uint8Array) {
    this.proposers = proposers
    this.own = own == null ? undefined : bytesToHex(own)
  }

  get size (): number {
    return this.owners.size
  }

  /**
   * @param owner - who has proposed it; undefined if nobody has signed for it
   */
  add (proposalId: number, owner?: Uint8Array): void {
    if (!this.owners.has(proposalId)) {
      this.unreserve(proposalId)
      this.owners.set(proposalId, keyOf(owner))
      this.count(keyOf(owner), 1)
    }
  }

  delete (proposalId: number): void {
    const owner = this.owners.get(proposalId)

    if (owner != null) {
      this.owners.delete(proposalId)
      this.count(owner, -1)
    }
  }

  clear (): void {
    [...this.owners.keys()].forEach(proposalId => { this.delete(proposalId) })
  }

  /** How many this node's own proposals may be, where all others are within their share */
  get ownLimit (): number {
    return this.proposers == null ? MAX_ACTIVE_PROPOSALS : shareOf(this.proposers)
  }

  /** Whether a proposer may have one more active proposal */
  hasRoom (owner?: Uint8Array): boolean {
    const key = keyOf(owner)
    const count = (key: string): number => this.counts.get(key) ?? 0

    if (this.proposers != null) {
      return count(key) < shareOf(this.proposers)
    }

    if (key === this.own) {
      return this.total < MAX_ACTIVE_PROPOSALS
    }

    return this.total - (this.own == null ? 0 : count(this.own)) < MAX_ACTIVE_PROPOSALS / 2
  }

  /**
   * Holds a place for a proposal that is being taken in, until it is added. Returns what gives the place back if it is not, or
   * undefined if there is none.
   */
  reserve (proposalId: number, owner?: Uint8Array): (() => void) | undefined {
    if (this.owners.has(proposalId) || this.reserved.has(proposalId)) {
      // the same comes twice at once, and has its place
      return () => {}
    }

    if (!this.hasRoom(owner)) {
      return
    }

    this.reserved.set(proposalId, keyOf(owner))
    this.count(keyOf(owner), 1)

    return () => { this.unreserve(proposalId) }
  }

  private unreserve (proposalId: number): void {
    const owner = this.reserved.get(proposalId)

    if (owner != null) {
      this.reserved.delete(proposalId)
      this.count(owner, -1)
    }
  }

  private count (owner: string, change: number): void {
    const count = (this.counts.get(owner) ?? 0) + change

    this.total += change

    if (count === 0) {
      this.counts.delete(owner)
    } else {
      this.counts.set(owner, count)
    }
  }
}

/** How many proposals each listed proposer may have active */
function shareOf (proposers: number): number {
  return Math.max(1, Math.min(MAX_ACTIVE_PER_PROPOSER, Math.floor(MAX_ACTIVE_PROPOSALS / proposers)))
}

function keyOf (owner?: Uint8Array): string {
  return owner == null ? NOBODY : bytesToHex(owner)
}
