/**
 * What keeps an identity from ever signing two votes for one proposal.
 */

import { bytesToHex, randomBytes } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { LOCK_MARK_LENGTH, nextCounter } from './lock-counter.ts'
import type { LockCounter, RaiseOptions } from './lock-counter.ts'
import type { Vote } from './vote.ts'
import type { ConsensusSession, ProposalHead } from '../session/session.ts'

/**
 * What an identity is bound on: a proposal's content, where votes are bound to it, which its digest names. Else, without a
 * digest, whatever has the proposal's id: votes count for that.
 */
export type VoteSubject = ProposalHead & { readonly digest?: Uint8Array }

export interface VoteLock {
  /** Where the locks are, for people */
  readonly place?: string

  /**
   * Binds the identity `vote.voteOwner` to this unsigned vote on the proposal, for good. Resolves with the vote that
   * the identity is bound to: the one given, or the one that was there before. Only what is returned may be signed.
   * When the promise resolves the binding is as durable as the implementation makes it.
   */
  acquire (scope: string, proposal: VoteSubject, vote: Vote): Promise<Vote>

  /** The unsigned vote that an identity is bound to on the proposal, undefined if it is free */
  find (scope: string, proposal: VoteSubject, identity: Uint8Array): Promise<Vote | undefined>

  /**
   * How often the locks of an identity were raised, as it is stored now; undefined if they never were. Other processes may raise
   * it any time. Locks without it cannot tell that they were lost or put back from an older copy.
   */
  counter? (identity: Uint8Array): Promise<LockCounter | undefined>

  /**
   * Raises the counter of an identity, and resolves with it once it is as durable as a lock. `acquire` does so before each lock
   * that it makes. Throws where the counter cannot be raised: nothing is to be signed then.
   */
  raise? (identity: Uint8Array, options?: RaiseOptions): Promise<LockCounter>
}

export function voteSubject ({ proposal, digest }: Pick<ConsensusSession, 'proposal' | 'digest'>): VoteSubject {
  return digest == null ? proposal : { ...proposal, digest }
}

/** Whether a vote that was found under a proposal's id alone, as all were once, is on this content */
export function isOnSubject (vote: Vote, { digest }: VoteSubject): boolean {
  return digest == null || equals(vote.parentHash, digest)
}

/** Whether something, for instance a storage, can be a vote lock as well */
export function isVoteLock (value: object): value is VoteLock {
  return 'acquire' in value && typeof value.acquire === 'function' && 'find' in value && typeof value.find === 'function'
}

interface Binding {
  vote: Vote
  /** Unix seconds */
  expiration: bigint
}

/** A clock may be set back by so many seconds before a forgotten binding matters */
const CLOCK_SLACK = 24n * 60n * 60n

/** No sweep before so many bindings */
const MIN_SWEEP_SIZE = 1024

/**
 * Keeps bindings in memory: they hold as long as the process. Bindings of proposals that ended over a day ago, on which
 * nobody can vote any more, are forgotten. Its counters begin with it.
 */
export class MemoryVoteLock implements VoteLock {
  private readonly id = randomBytes(LOCK_MARK_LENGTH)
  private readonly counters = new Map<string, LockCounter>()
  private readonly bindings = new Map<string, Binding>()
  private sweepAt = MIN_SWEEP_SIZE

  async acquire (scope: string, proposal: VoteSubject, vote: Vote): Promise<Vote> {
    const existing = this.bound(scope, proposal, vote.voteOwner)

    if (existing != null) {
      return existing
    }

    const unsigned = { ...vote, signature: new Uint8Array(0) }

    this.next(vote.voteOwner)
    this.sweep(vote.timestamp)
    this.bindings.set(bindingKey(scope, proposal, vote.voteOwner), { vote: unsigned, expiration: proposal.expirationTimestamp })

    return unsigned
  }

  async find (scope: string, proposal: VoteSubject, identity: Uint8Array): Promise<Vote | undefined> {
    return this.bound(scope, proposal, identity)
  }

  async counter (identity: Uint8Array): Promise<LockCounter> {
    return this.counters.get(bytesToHex(identity)) ?? this.next(identity)
  }

  async raise (identity: Uint8Array, options?: RaiseOptions): Promise<LockCounter> {
    return this.next(identity, options)
  }

  private next (identity: Uint8Array, options?: RaiseOptions): LockCounter {
    const key = bytesToHex(identity)
    const raised = nextCounter(this.counters.get(key), options, this.id)

    this.counters.set(key, raised)

    return raised
  }

  private bound (scope: string, proposal: VoteSubject, identity: Uint8Array): Vote | undefined {
    const { vote } = this.bindings.get(bindingKey(scope, proposal, identity)) ?? {}

    if (vote != null || proposal.digest == null) {
      return vote
    }

    const byId = this.bindings.get(bindingKey(scope, { proposalId: proposal.proposalId }, identity))?.vote

    return byId != null && isOnSubject(byId, proposal) ? byId : undefined
  }

  private sweep (now: bigint): void {
    if (this.bindings.size < this.sweepAt) {
      return
    }

    for (const [key, { expiration }] of this.bindings) {
      if (expiration + CLOCK_SLACK < now) {
        this.bindings.delete(key)
      }
    }

    this.sweepAt = Math.max(MIN_SWEEP_SIZE, this.bindings.size * 2)
  }
}

function bindingKey (scope: string, { proposalId, digest }: Pick<VoteSubject, 'proposalId' | 'digest'>, identity: Uint8Array): string {
  return `${scope}/${digest == null ? proposalId : bytesToHex(digest)}/${bytesToHex(identity)}`
}
