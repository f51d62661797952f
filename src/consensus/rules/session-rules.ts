/**
 * What the decision rules say of a session's life: which votes it takes and what becomes of it. A session holds the votes
 * and asks these; they change nothing themselves.
 */

import type { Tally } from './decision.ts'
import type { ConsensusError } from '../errors.ts'
import type { Vote } from '../interface.ts'
import type { ConsensusConfig } from '../policy/config.ts'
import type { Proposal } from '../proposal/proposal.ts'

/**
 * - `active`: voting goes on
 * - `reached`: decided; `result` says what
 * - `failed`: no result is known here. Under `quorum` a later vote, otherwise a later timeout, may still decide
 * - `conflict`: only under `quorum`: both sides have the votes of a quorum, so there is no result and never will be
 */
export type SessionState = 'active' | 'reached' | 'failed' | 'conflict'

/** How a session stands */
export interface Outcome {
  state: SessionState
  /** Present if and only if the state is `reached` */
  result?: boolean
  /** True, or else absent: the other side has got the votes of a quorum, too. Only under `quorum`. */
  contradicted?: boolean
  /** When this node first held the quorum, Unix seconds by its clock. Present if and only if it was reached under `quorum`. */
  decidedAt?: bigint
}

/** What becomes of votes: they are stored, or left aside, or they fail the session with this error */
export type Admission = 'store' | 'ignore' | ConsensusError

/** What becomes of a session when its time is up. Without an outcome it stays as it is. */
export interface TimeoutStep {
  outcome?: Outcome
  /** What the caller is told */
  error?: ConsensusError
}

/** What the rules see of a session */
export interface RuledSession extends Readonly<Outcome> {
  readonly proposal: Readonly<Omit<Proposal, 'votes' | 'round'>>
  readonly config: ConsensusConfig
  readonly tally: Tally
  readonly voteCount: number
  readonly voterCount: number
  /** The proposal digest, under `quorum` */
  readonly digest?: Uint8Array
  /** Present where votes were pruned */
  readonly pruned?: object
  hasVoted (owner: Uint8Array): boolean
  hasVotedFor (owner: Uint8Array, choice: boolean): boolean
}

export interface SessionRules {
  /** Whether a valid vote that is added now, and not known, would be stored */
  storesVotes (session: RuledSession): boolean

  /** Throws where no vote of this owner can be added, whatever it says */
  checkTakesVotesOf (session: RuledSession, owner: Uint8Array): void

  /** What becomes of one valid vote, by our clock. Throws where it is refused. */
  admitVote (session: RuledSession, vote: Vote, now: bigint): Admission

  /** What becomes of valid votes that are taken all or none. Throws where one is refused. */
  admitVotes (session: RuledSession, votes: readonly Vote[], now: bigint): Admission

  /** How a session stands that gets votes now, by our clock, and so this tally */
  outcomeWith (session: RuledSession, tally: Tally, now: bigint): Outcome

  timeOut (session: RuledSession): TimeoutStep
}

export function sameOutcome (a: Outcome, b: Outcome): boolean {
  return a.state === b.state && a.result === b.result && a.contradicted === b.contradicted && a.decidedAt === b.decidedAt
}
