/**
 * A vote lock of records in a store.
 */

import { KeyedMutex } from '../consensus/mutex.ts'
import { decodeVote, encodeVote } from '../consensus/vote.ts'
import { lockKey } from './keys.ts'
import type { Database } from './database.ts'
import type { ProposalHead } from '../consensus/session.ts'
import type { VoteLock } from '../consensus/vote-lock.ts'
import type { Vote } from '../consensus/vote.ts'

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

  async find (scope: string, { proposalId }: ProposalHead, identity: Uint8Array): Promise<Vote | undefined> {
    const key = lockKey(scope, proposalId, identity)
    const bound = await this.db.get(key)

    return bound == null ? undefined : this.db.decode(key, () => decodeVote(bound))
  }
}
