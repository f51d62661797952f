/**
 * Parked votes: votes that arrived before their proposal. They wait for it for two minutes, within limits.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import type { Vote } from '../../consensus/vote/vote.ts'

/** Milliseconds that a vote waits */
export const PARKED_TTL = 2 * 60 * 1000

/** Votes of one voter that wait in a scope with a voter list */
export const MAX_PARKED_PER_VOTER = 16

/** Votes that wait in an open scope, of all voters together: voters cost nothing there */
export const MAX_PARKED_OPEN = 256

interface Parked {
  vote: Vote
  timer: ReturnType<typeof setTimeout>
}

export interface ParkedVotesInit {
  maxPerVoter: number
  maxTotal: number
  /** Whether votes say which content they were cast on, as they do under `quorum` */
  bound: boolean
  /**
   * Milliseconds
   *
   * @default {@link PARKED_TTL}
   */
  ttl?: number
}

/**
 * What a vote is on, as a key: where votes are bound the proposal digest, so that a vote on other content with the same id takes no
 * place; else the id
 */
export function subjectOf (proposalId: number, digest?: Uint8Array): string {
  return digest == null ? `${proposalId}` : bytesToHex(digest)
}

export class ParkedVotes {
  private readonly init: ParkedVotesInit
  /** {@link subjectOf} → voter and choice → vote */
  private readonly bySubject = new Map<string, Map<string, Parked>>()
  private readonly perVoter = new Map<string, Set<Vote>>()
  private total = 0

  constructor (init: ParkedVotesInit) {
    this.init = init
  }

  get size (): number {
    return this.total
  }

  /** What a vote is on, see {@link subjectOf} */
  subject ({ proposalId, parentHash }: Vote): string {
    return subjectOf(proposalId, this.init.bound ? parentHash : undefined)
  }

  /** Whether a vote of this voter for this side of this proposal waits */
  has (vote: Vote): boolean {
    return this.bySubject.get(this.subject(vote))?.has(keyOf(vote)) === true
  }

  /** Whether a vote may wait: there is room, or an older vote of the same voter gives way */
  hasRoom (vote: Vote): boolean {
    const { maxPerVoter, maxTotal } = this.init
    const others = this.perVoter.get(bytesToHex(vote.voteOwner))

    return (others?.size ?? 0) < maxPerVoter
      ? this.total < maxTotal
      : oldestOf(others as Set<Vote>).timestamp < vote.timestamp
  }

  /** Lets a vote wait. The caller has seen that there is room, and that the vote is not here yet. */
  add (vote: Vote): void {
    const subject = this.subject(vote)
    const voter = bytesToHex(vote.voteOwner)
    const others = this.perVoter.get(voter) ?? new Set()

    if (others.size >= this.init.maxPerVoter) {
      this.remove(oldestOf(others))
    }

    const votes = this.bySubject.get(subject) ?? new Map<string, Parked>()
    const timer = setTimeout(() => { this.remove(vote) }, this.init.ttl ?? PARKED_TTL)

    votes.set(keyOf(vote), { vote, timer })
    this.bySubject.set(subject, votes)
    this.perVoter.set(voter, others.add(vote))
    this.total++
  }

  /** Removes the votes that wait for a proposal, and returns them in the order they came */
  take (subject: string): Vote[] {
    const votes = [...this.bySubject.get(subject)?.values() ?? []].map(({ vote }) => vote)

    votes.forEach(vote => { this.remove(vote) })

    return votes
  }

  clear (): void {
    [...this.bySubject.keys()].forEach(subject => { this.take(subject) })
  }

  private remove (vote: Vote): void {
    const subject = this.subject(vote)
    const voter = bytesToHex(vote.voteOwner)
    const votes = this.bySubject.get(subject)
    const others = this.perVoter.get(voter)

    clearTimeout(votes?.get(keyOf(vote))?.timer)
    votes?.delete(keyOf(vote))
    others?.delete(vote)
    this.total--

    if (votes?.size === 0) {
      this.bySubject.delete(subject)
    }

    if (others?.size === 0) {
      this.perVoter.delete(voter)
    }
  }
}

function keyOf ({ voteOwner, vote }: Vote): string {
  return `${bytesToHex(voteOwner)} ${vote}`
}

function oldestOf (votes: Set<Vote>): Vote {
  return [...votes].reduce((oldest, vote) => vote.timestamp < oldest.timestamp ? vote : oldest)
}
