/**
 * How others say that proposals ended whose votes they keep no longer: nobody can check that, so it is kept apart from what
 * this node has counted, and only shown. It is gone after a restart, and comes again with the first syncs.
 */

import type { ClaimedOutcome } from './sync/outcomes.ts'
import type { PeerId } from '@libp2p/interface'

/** How a proposal ended according to others, which this node cannot check */
export interface ReportedOutcome extends ClaimedOutcome {
  /** Who says so, the one that said it last last; at most 16 peers are kept in mind for a proposal */
  peers: PeerId[]
}

/** Peers whose word is kept for a proposal: whoever makes up more is one of those that said it last, and no more */
export const MAX_REPORTERS = 16

/** Proposals of a scope of which something is kept */
export const MAX_REPORTED = 4_096

interface Report {
  peer: PeerId
  outcome: ClaimedOutcome
}

export class ReportedOutcomes {
  /** Proposal id → peer id → what it says; both in the order in which it was said last */
  private readonly proposals = new Map<number, Map<string, Report>>()

  /** Of how many proposals something is kept */
  get size (): number {
    return this.proposals.size
  }

  /** Takes note of what a peer says, which is to be done only for proposals that are stored: nobody makes those up */
  add (proposalId: number, peer: PeerId, outcome: ClaimedOutcome): void {
    const reports = this.proposals.get(proposalId) ?? new Map<string, Report>()

    this.proposals.delete(proposalId)
    this.proposals.set(proposalId, reports)
    reports.delete(`${peer}`)
    reports.set(`${peer}`, { peer, outcome })
    dropOldest(reports, MAX_REPORTERS)
    dropOldest(this.proposals, MAX_REPORTED)
  }

  /** A peer says nothing any more of how a proposal ended */
  delete (proposalId: number, peer: PeerId): void {
    const reports = this.proposals.get(proposalId)

    reports?.delete(`${peer}`)

    if (reports?.size === 0) {
      this.proposals.delete(proposalId)
    }
  }

  /** What is said of a proposal, what most say first. More than one if they contradict each other. */
  of (proposalId: number): ReportedOutcome[] {
    const outcomes = new Map<ClaimedOutcome, ReportedOutcome>()

    for (const { peer, outcome } of this.proposals.get(proposalId)?.values() ?? []) {
      const reported = outcomes.get(outcome) ?? { ...outcome, peers: [] }

      reported.peers.push(peer)
      outcomes.set(outcome, reported)
    }

    return [...outcomes.values()].sort((a, b) => b.peers.length - a.peers.length)
  }

  clear (): void {
    this.proposals.clear()
  }
}

function dropOldest (map: Map<unknown, unknown>, max: number): void {
  if (map.size > max) {
    const [oldest] = map.keys()
    map.delete(oldest)
  }
}
