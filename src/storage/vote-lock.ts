/**
 * A vote lock of records in a store. Where repairing the store had to leave open what a key is bound to, it refuses.
 */

import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { KeyedMutex } from '../consensus/mutex.ts'
import { decodeVote, encodeVote } from '../consensus/vote.ts'
import { lockKey } from './keys.ts'
import type { Database } from './database.ts'
import type { Write } from './write-queue.ts'
import type { ProposalHead } from '../consensus/session.ts'
import type { VoteLock } from '../consensus/vote-lock.ts'
import type { Vote } from '../consensus/vote.ts'

/** Where it is kept that locks may have been lost */
export const DOUBT_KEY = 'doubt'

/** In the place of a lock that was damaged. No vote is encoded so. */
export const LOCK_IN_DOUBT = Uint8Array.of(0xff)

export class LevelVoteLock implements VoteLock {
  private readonly db: Database
  private readonly mutex = new KeyedMutex()

  constructor (db: Database) {
    this.db = db
  }

  async acquire (scope: string, proposal: ProposalHead, vote: Vote): Promise<Vote> {
    const key = lockKey(scope, proposal.proposalId, vote.voteOwner)

    return this.mutex.run(key, async () => {
      const bound = await this.find(scope, proposal, vote.voteOwner)

      if (bound != null) {
        return bound
      }

      const unsigned = { ...vote, signature: new Uint8Array(0) }

      await this.db.write(`the vote lock on proposal ${proposal.proposalId} in scope ${JSON.stringify(scope)}`, [{ type: 'put', key, value: encodeVote(unsigned) }])

      return unsigned
    })
  }

  async find (scope: string, { proposalId, timestamp }: ProposalHead, identity: Uint8Array): Promise<Vote | undefined> {
    const key = lockKey(scope, proposalId, identity)
    const bound = await this.db.get(key)

    if (bound == null ? await this.isInDoubt(timestamp) : equals(bound, LOCK_IN_DOUBT)) {
      throw this.db.damaged({ kind: 'lock', scope, proposalId, problem: 'was lost or damaged before the store was repaired: what this key has voted is not known, so it casts no vote' })
    }

    return bound == null ? undefined : this.db.decode(key, () => decodeVote(bound))
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
