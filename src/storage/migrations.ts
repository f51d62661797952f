/**
 * The steps that bring a store from one form to the next, in order: the first from form 1 to form 2.
 *
 * A step works in batches of bounded size and may be cut off between any two of them, by a crash or a full disk. Then it
 * is run again from the beginning, so it must find by itself what is left to do. What is damaged stays as it is: it is
 * reported where it is needed, as ever, and the rest can be used.
 */

import { fromString } from 'uint8arrays/from-string'
import { decodeProposal } from '../consensus/proposal.ts'
import { ConsensusSession } from '../consensus/session.ts'
import { dayOf } from '../consensus/storage.ts'
import { decodeVote } from '../consensus/vote.ts'
import { SessionRecord, StoredState } from '../pb/record.ts'
import { StorageDamagedError } from './errors.ts'
import { dayKey, doubleKey, outcomeKey, parseKey, proposalKey, votesKey, within } from './keys.ts'
import { decodeOutcome, decodeStoredProposal, encodeOutcome, encodeStoredProposal, partsOf } from './records.ts'
import type { Database } from './database.ts'
import type { StoredOutcome } from './records.ts'
import type { Write } from './write-queue.ts'
import type { ConsensusConfig } from '../consensus/config.ts'

/** Sessions that are brought to another form in one batch */
const BATCH = 64

export const migrations: ReadonlyArray<(db: Database) => Promise<void>> = [
  splitSessions,
  markDoubleVoters
]

/** From form 1 to form 2: what a proposal is and what came of it become records of their own, and days are listed */
async function splitSessions (db: Database): Promise<void> {
  let keys = await db.keys({ ...within('session'), limit: BATCH })

  while (keys.length > 0) {
    const writes: Write[] = []

    for (const key of keys) {
      writes.push(...await splitSession(db, key))
    }

    await db.write(`${keys.length} proposals in form 2`, writes)
    keys = await db.keys({ ...within('session'), gt: keys[keys.length - 1], limit: BATCH })
  }
}

/** None if the session, or what its outcome is to be made from, is damaged */
async function splitSession (db: Database, key: string): Promise<Write[]> {
  const { scope, proposalId } = parseKey(key)

  if (scope == null || proposalId == null) {
    return []
  }

  try {
    const record = await db.get(key) as Uint8Array
    const { proposal: encoded, config, createdAt, state, sequence: place, voteCount } = db.decode(key, () => SessionRecord.decode(record))
    const { votes, round, ...proposal } = db.decode(key, () => decodeProposal(encoded))
    const outcome = state === StoredState.ACTIVE ? undefined : await outcomeFromVotes(db, scope, proposalId, state, voteCount)

    return [
      { type: 'del', key },
      { type: 'put', key: proposalKey(scope, proposalId), value: encodeStoredProposal({ parts: { proposal, config: config as ConsensusConfig, createdAt }, place, voteCount }) },
      { type: 'put', key: dayKey(scope, dayOf(proposal), proposalId), value: fromString(`${proposalId}`) },
      ...outcome == null ? [] : [{ type: 'put', key: outcomeKey(scope, proposalId), value: encodeOutcome(outcome) } as const]
    ]
  } catch (err: any) {
    if (err instanceof StorageDamagedError) {
      return []
    }

    throw err
  }
}

async function outcomeFromVotes (db: Database, scope: string, proposalId: number, state: StoredState, voteCount: number): Promise<StoredOutcome> {
  const votes = await db.entries(within(votesKey(scope, proposalId)))
  const tally = { yes: 0, no: 0 }

  if (votes.length !== voteCount) {
    throw db.damaged({ kind: 'vote', scope, proposalId, problem: `is there ${votes.length} times, where ${voteCount} votes were stored` })
  }

  for (const [key, encoded] of votes) {
    tally[db.decode(key, () => decodeVote(encoded)).vote ? 'yes' : 'no']++
  }

  return { parts: partsOf(state), tally, voteCount, pruned: false }
}

/** From form 2 to form 3: outcomes say how many have voted both ways, and the sessions in which somebody has are listed */
async function markDoubleVoters (db: Database): Promise<void> {
  let keys = await db.keys({ ...within('proposal'), limit: BATCH })

  while (keys.length > 0) {
    const writes: Write[] = []

    for (const key of keys) {
      writes.push(...await markDoubleVotersOf(db, key))
    }

    if (writes.length > 0) {
      await db.write(`who has voted both ways on ${keys.length} proposals, in form 3`, writes)
    }

    keys = await db.keys({ ...within('proposal'), gt: keys[keys.length - 1], limit: BATCH })
  }
}

/** None if nobody has voted both ways, or what would tell is damaged, or was pruned when nothing was kept of it */
async function markDoubleVotersOf (db: Database, key: string): Promise<Write[]> {
  const { scope, proposalId } = parseKey(key)

  if (scope == null || proposalId == null) {
    return []
  }

  try {
    const [record, ended] = await db.getMany([key, outcomeKey(scope, proposalId)])
    const { parts } = db.decode(key, () => decodeStoredProposal(record as Uint8Array))
    const outcome = ended == null ? undefined : db.decode(outcomeKey(scope, proposalId), () => decodeOutcome(ended))

    if (parts.config.decisionRule !== 'quorum' || outcome?.pruned === true) {
      return []
    }

    const votes = await db.entries(within(votesKey(scope, proposalId)))
    const { tally } = db.decode(votesKey(scope, proposalId), () => ConsensusSession.fromParts({ ...parts, state: 'active', votes: votes.map(([, vote]) => vote) }))

    return tally.doubles == null
      ? []
      : [
          { type: 'put', key: doubleKey(scope, proposalId), value: fromString(`${proposalId}`) },
          ...outcome == null ? [] : [{ type: 'put', key: outcomeKey(scope, proposalId), value: encodeOutcome({ ...outcome, tally }) } as const]
        ]
  } catch (err: any) {
    if (err instanceof StorageDamagedError) {
      return []
    }

    throw err
  }
}
