/**
 * What a consensus service is made with, and what it tells.
 */

import type { ConsensusEventBus } from './events.ts'
import type { ConsensusSession } from './session/session.ts'
import type { ConsensusSigner, SignatureScheme } from './signing.ts'
import type { ConsensusStorage } from './storage/interface.ts'
import type { VoteLock } from './vote/vote-lock.ts'
import type { Vote } from './vote/vote.ts'

/** Sessions a scope keeps; the ones created first go first */
export const DEFAULT_MAX_SESSIONS_PER_SCOPE = 10

export interface ConsensusServiceInit {
  /** Verifies the signatures of votes */
  scheme: SignatureScheme

  /** Signs votes where a call names no signer */
  signer?: ConsensusSigner

  /** @default MemoryStorage */
  storage?: ConsensusStorage

  /** @default BroadcastEventBus */
  events?: ConsensusEventBus

  /**
   * Keeps signers from ever signing two votes on one proposal
   *
   * @default the storage if it is one, as LevelStorage is, else MemoryVoteLock
   */
  voteLock?: VoteLock

  /** Is told of what is stored, see {@link ConsensusObserver} */
  observer?: ConsensusObserver

  /**
   * Unix seconds
   *
   * @default the system's clock
   */
  clock? (): bigint

  /**
   * How many sessions a scope keeps; Infinity for all. A storage that is an archive keeps all that have ended, and this is how
   * many may be active.
   *
   * @default 10
   */
  maxSessionsPerScope?: number
}

/**
 * Is called right after a proposal or a vote is stored and before the event that may follow from it, once each, at once.
 * For whoever embeds the core and must not miss any; it must neither wait nor throw.
 */
export interface ConsensusObserver {
  onProposal? (scope: string, session: ConsensusSession): void
  onVote? (scope: string, vote: Vote, session: ConsensusSession): void
  /**
   * A voter's opposite vote was stored, too, which only happens under `quorum`: `first` is the one for yes, `second` the one for
   * no, together they are evidence. Comes after the call of `onVote` or `onProposal`.
   */
  onEvidence? (scope: string, first: Vote, second: Vote, session: ConsensusSession): void
  /**
   * Somebody else brought a valid vote of the service's own signer that its vote lock knew nothing of: the key signs elsewhere,
   * or what it had signed was forgotten here. Comes before the call of `onVote` or `onProposal`, if the vote is stored at all.
   *
   * @param bound - the vote that the signer was bound to before, if it is another one; otherwise it is bound to `vote` now
   */
  onOwnVote? (scope: string, vote: Vote, bound?: Vote): void
}

export interface IncomingOptions {
  /**
   * Whether this was cast or made in time and only reaches us late, as what is caught up on does: our clock is not asked
   * then, the times that it says of itself are. Under `quorum` that is always so.
   *
   * @default false
   */
  late?: boolean
}

export interface IncomingVoteOptions extends IncomingOptions {
  /**
   * Whether the hash and the signature of the vote have been verified, by whoever calls this. They are not verified again then.
   *
   * @default false
   */
  verified?: boolean

  /** The vote's canonical encoding, for whoever has it since it was decoded from it: it is not made again then */
  encoded?: Uint8Array
}

export interface IncomingProposalOptions extends IncomingOptions {
  /** The owner's signature of the announcement the proposal came with. It is stored; whoever calls this has checked it. */
  signature?: Uint8Array
}

/** How many sessions of a scope are in which state */
export interface ScopeStats {
  totalSessions: number
  activeSessions: number
  /** Those that ended without a result, under `quorum` those in conflict, too */
  failedSessions: number
  consensusReached: number
}
