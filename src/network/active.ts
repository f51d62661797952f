/**
 * The proposals of a scope that take votes, and how many there may be: listed proposers have a share each that nobody can
 * take from them; where anybody may propose half the room is for ourselves.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { MAX_ACTIVE_PER_PROPOSER, MAX_ACTIVE_PROPOSALS } from './limits.ts'

export class ActiveProposals {
  private readonly own?: string
  private readonly proposers?: number
  private readonly owners = new Map<number, string>()
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

  ids (): IterableIterator<number> {
    return this.owners.keys()
  }

  has (proposalId: number): boolean {
    return this.owners.has(proposalId)
  }

  add (proposalId: number, owner: Uint8Array): void {
    if (!this.owners.has(proposalId)) {
      this.owners.set(proposalId, bytesToHex(owner))
      this.count(bytesToHex(owner), 1)
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

  /**
   * Holds a place for a proposal that is being checked. Returns what gives it back, or undefined if there is none.
   */
  reserve (owner: Uint8Array): (() => void) | undefined {
    const key = bytesToHex(owner)

    if (!this.hasRoom(key)) {
      return
    }

    this.count(key, 1)

    return () => { this.count(key, -1) }
  }

  private hasRoom (owner: string): boolean {
    if (this.proposers == null) {
      return this.total < (owner === this.own ? MAX_ACTIVE_PROPOSALS : MAX_ACTIVE_PROPOSALS / 2)
    }

    const share = Math.max(1, Math.min(MAX_ACTIVE_PER_PROPOSER, Math.floor(MAX_ACTIVE_PROPOSALS / this.proposers)))

    return (this.counts.get(owner) ?? 0) < share
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
