/**
 * Votes that arrived before their proposal wait here for it, for a while and within limits.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import type { Vote } from '../consensus/vote.ts'

/** Milliseconds a vote waits */
export const PENDING_TTL = 2 * 60 * 1000

/** Votes of one voter that wait in a scope with a voter list */
export const MAX_PENDING_PER_VOTER = 16

/** Votes that wait in an open scope, of all voters together: voters cost nothing there */
export const MAX_PENDING_OPEN = 256

interface Waiting {
  vote: Vote
  timer: ReturnType<typeof setTimeout>
}

export class PendingVotes {
  private readonly maxPerVoter: number
  private readonly maxTotal: number
  private readonly ttl: number
  /** proposal id → vote hash → vote */
  private readonly byProposal = new Map<number, Map<string, Waiting>>()
  private readonly perVoter = new Map<string, number>()
  private total = 0

  constructor (maxPerVoter: number, maxTotal: number, ttl = PENDING_TTL) {
    this.maxPerVoter = maxPerVoter
    this.maxTotal = maxTotal
    this.ttl = ttl
  }

  get size (): number {
    return this.total
  }

  has (vote: Vote): boolean {
    return this.byProposal.get(vote.proposalId)?.has(bytesToHex(vote.voteHash)) === true
  }

  /** Whether there is room for one more vote of this voter */
  hasRoom (voter: Uint8Array): boolean {
    return this.total < this.maxTotal && (this.perVoter.get(bytesToHex(voter)) ?? 0) < this.maxPerVoter
  }

  /** Lets a vote wait. Whoever calls this has seen that there is room, and that the vote is not here yet. */
  add (vote: Vote): void {
    const key = bytesToHex(vote.voteHash)
    const voter = bytesToHex(vote.voteOwner)
    const votes = this.byProposal.get(vote.proposalId) ?? new Map<string, Waiting>()
    const timer = setTimeout(() => { this.remove(vote.proposalId, key) }, this.ttl)

    votes.set(key, { vote, timer })
    this.byProposal.set(vote.proposalId, votes)
    this.perVoter.set(voter, (this.perVoter.get(voter) ?? 0) + 1)
    this.total++
  }

  /** The votes that wait for a proposal, in the order they came. They wait no longer. */
  take (proposalId: number): Vote[] {
    const waiting = [...this.byProposal.get(proposalId)?.entries() ?? []]

    for (const [key] of waiting) {
      this.remove(proposalId, key)
    }

    return waiting.map(([, { vote }]) => vote)
  }

  clear (): void {
    for (const proposalId of this.byProposal.keys()) {
      this.take(proposalId)
    }
  }

  private remove (proposalId: number, key: string): void {
    const votes = this.byProposal.get(proposalId)
    const waiting = votes?.get(key)

    if (votes == null || waiting == null) {
      return
    }

    clearTimeout(waiting.timer)
    votes.delete(key)
    this.total--

    if (votes.size === 0) {
      this.byProposal.delete(proposalId)
    }

    const voter = bytesToHex(waiting.vote.voteOwner)
    const left = (this.perVoter.get(voter) ?? 1) - 1

    if (left === 0) {
      this.perVoter.delete(voter)
    } else {
      this.perVoter.set(voter, left)
    }
  }
}
