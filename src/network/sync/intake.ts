/**
 * Where what others bring goes: the same checks as for gossip, but not by our clock.
 */

import type { Announcement } from '../../consensus/proposal/announcement.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { JoinedScope } from '../scope/scope.ts'

/**
 * - `new`: valid, and stored
 * - `known`: it was stored already
 * - `refused`: not here, for a reason that stays; says nothing about the sender
 * - `later`: not now, for a reason that passes, such as our clock, our room or our load; says nothing about the sender
 * - `invalid`: wrong for every member; the sender is at fault
 */
export type IntakeResult = 'new' | 'known' | 'refused' | 'later' | 'invalid'

/** Where a proposal comes from, and what comes with it */
export interface ProposalSource {
  /** The peer's id */
  peer: string
  /** Votes on it that come in the same delivery, which are given to {@link SyncIntake.votes} afterwards */
  votes: Vote[]
}

export interface SyncIntake {
  /** Takes in a proposal, without votes */
  proposal (scope: JoinedScope, announcement: Announcement, source: ProposalSource): Promise<IntakeResult>

  /**
   * Takes in the votes on one proposal that are on one page: each is validated on its own, those that are accepted are counted once
   *
   * @returns what became of each, in no order. After an invalid one some may have been left out.
   */
  votes (scope: JoinedScope, proposalId: number, votes: readonly Vote[]): Promise<IntakeResult[]>

  /**
   * Is told of each proposal that was new, when all is in that the peer has of it or the sync has ended. One whose deadline
   * has passed must not end before.
   */
  settle (scope: JoinedScope, proposalId: number): void
}
