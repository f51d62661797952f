/**
 * A vote lock of records in a store. Where repairing the store had to leave open what a key is bound to, it refuses.
 */

import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { nextCounter } from '../../consensus/vote/lock-counter.ts'
import { isOnSubject } from '../../consensus/vote/vote-lock.ts'
import { decodeVote, encodeVote } from '../../consensus/vote/vote.ts'
import { KeyedMutex } from '../../util/keyed-mutex.ts'
import { counterKey, lockKey } from '../level/keys.ts'
import { decodeCounter, encodeCounter } from './counter-encoding.ts'
import type { LockCounter, RaiseOptions } from '../../consensus/vote/lock-counter.ts'
import type { VoteLock, VoteSubject } from '../../consensus/vote/vote-lock.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { StorageDamagedError } from '../errors.ts'
import type { Database } from '../level/database.ts'
import type { Write } from '../level/write-queue.ts'

/** Where it is kept that locks may have been lost */
export const DOUBT_KEY = 'doubt'

/** In the place of a lock that was damaged. No vote is encoded so. */
export const LOCK_IN_DOUBT = Uint8Array.of(0xff)

export class LevelVoteLock implements VoteLock {
  private readonly db: Database
  private readonly mutex = new KeyedMutex()
  /** The counters as they were raised last; one that could not be stored is higher than what is stored */
  private readonly counters = new Map<string, LockCounter>()

  constructor (db: Database) {
    this.db = db
  }

  async acquire (scope: string, proposal: VoteSubject, vote: Vote): Promise<Vote> {
    const key = lockKey(scope, proposal.proposalId, vote.voteOwner, proposal.digest)

    return this.mutex.run(key, async () => {
      const bound = await this.find(scope, proposal, vote.voteOwner)

      if (bound != null) {
        return bound
      }

      const unsigned = { ...vote, signature: new Uint8Array(0) }

      await this.loadCounter(vote.voteOwner)
      await this.db.write(`the vote lock on proposal ${proposal.proposalId} in scope ${JSON.stringify(scope)}`, [
        this.putRaised(vote.voteOwner).write,
        { type: 'put', key, value: encodeVote(unsigned) }
      ])

      return unsigned
    })
  }

  async find (scope: string, proposal: VoteSubject, identity: Uint8Array): Promise<Vote | undefined> {
    const { proposalId, timestamp, digest } = proposal
    const bound = digest == null ? undefined : await this.read(scope, proposalId, identity, digest)
    // also what was bound before locks were made on contents
    const byId = bound ?? await this.read(scope, proposalId, identity)

    if (byId != null && isOnSubject(byId, proposal)) {
      return byId
    }

    if (await this.isInDoubt(timestamp)) {
      throw this.inDoubt(scope, proposalId)
    }
  }

  async counter (identity: Uint8Array): Promise<LockCounter | undefined> {
    const key = counterKey(identity)
    const record = await this.db.get(key)

    return record == null ? undefined : this.db.decode(key, () => decodeCounter(record))
  }

  async raise (identity: Uint8Array, options?: RaiseOptions): Promise<LockCounter> {
    await this.loadCounter(identity)

    const { raised, write } = this.putRaised(identity, options)

    await this.db.write('the counter of vote locks', [write])

    return raised
  }

  /** Reads the counter once: nobody else raises it */
  private async loadCounter (identity: Uint8Array): Promise<void> {
    const key = counterKey(identity)

    if (!this.counters.has(key)) {
      const stored = await this.counter(identity)

      // one that was raised meanwhile is higher
      if (stored != null && !this.counters.has(key)) {
        this.counters.set(key, stored)
      }
    }
  }

  /** Raises the counter at once, so that writes that come together have counts of their own, in their order */
  private putRaised (identity: Uint8Array, options?: RaiseOptions): { raised: LockCounter, write: Write } {
    const key = counterKey(identity)
    const raised = nextCounter(this.counters.get(key), options)

    this.counters.set(key, raised)

    return { raised, write: { type: 'put', key, value: encodeCounter(raised) } }
  }

  private async read (scope: string, proposalId: number, identity: Uint8Array, digest?: Uint8Array): Promise<Vote | undefined> {
    const key = lockKey(scope, proposalId, identity, digest)
    const record = await this.db.get(key)

    if (record != null && equals(record, LOCK_IN_DOUBT)) {
      throw this.inDoubt(scope, proposalId)
    }

    return record == null ? undefined : this.db.decode(key, () => decodeVote(record))
  }

  private inDoubt (scope: string, proposalId: number): StorageDamagedError {
    return this.db.damaged({ kind: 'lock', scope, proposalId, problem: 'was lost or damaged before the store was repaired: what this key has voted is not known, so it casts no vote' })
  }

  /** Whether a lock on a proposal from this time may have been lost */
  private async isInDoubt (timestamp: bigint): Promise<boolean> {
    const until = await this.db.get(DOUBT_KEY)

    return until != null && timestamp <= decodeDoubt(until)
  }
}

/** The write after which proposals from before a time, Unix seconds, are voted on only where there is a lock */
export function putDoubt (until: bigint): Write {
  return { type: 'put', key: DOUBT_KEY, value: fromString(`${until}`) }
}

export function decodeDoubt (value: Uint8Array): bigint {
  return BigInt(toString(value))
}

/** Throws if the record of a lock is none, and not one that refuses either */
export function checkLock (value: Uint8Array): void {
  if (!equals(value, LOCK_IN_DOUBT)) {
    decodeVote(value)
  }
}
