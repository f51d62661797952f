/**
 * Makes up for what a loss of power takes where LevelDB goes on to another log: it does not wait until the end of the one
 * before is on disk. So votes may be gone that nobody had to wait for, where what was written after them, and waited for, is
 * there: a decision, or a vote of our own.
 *
 * What was decided stands, and no vote that is left is given up. Votes that are gone are to be had from the other members.
 */

import { ConsensusSession } from '../../consensus/session/session.ts'
import { StorageDamagedError } from '../errors.ts'
import { lastNumber, parseKey, votesKey, within } from '../level/keys.ts'
import { Sessions } from '../level/sessions.ts'
import type { DamagedRecord } from '../errors.ts'
import type { Database } from '../level/database.ts'
import type { StoredHead } from '../level/sessions.ts'

/** Proposals that are looked at before the next ones are read */
const PAGE = 256

/**
 * Looks through all proposals of a store that may lack such votes, and does nothing with any other store. What is damaged in
 * another way stays as it is.
 *
 * @returns the votes that are gone, a record for each proposal
 */
export async function settle (db: Database): Promise<DamagedRecord[]> {
  const lost: DamagedRecord[] = []

  if (!db.mayLackVotes) {
    return lost
  }

  const sessions = new Sessions(db)
  let keys = await db.keys({ ...within('proposal'), limit: PAGE })

  while (keys.length > 0) {
    for (const key of keys) {
      const { scope, proposalId } = parseKey(key)
      const found = scope == null || proposalId == null ? undefined : await settleSession(db, sessions, scope, proposalId)

      if (found != null) {
        lost.push(found)
      }
    }

    keys = await db.keys({ ...within('proposal'), gt: keys[keys.length - 1], limit: PAGE })
  }

  await db.settled()

  return lost
}

async function settleSession (db: Database, sessions: Sessions, scope: string, proposalId: number): Promise<DamagedRecord | undefined> {
  try {
    const head = await sessions.head(scope, proposalId)

    if (head == null) {
      return
    }

    const { parts, outcome, place } = head
    const evidence = await sessions.readEvidence(scope, proposalId)
    const missing = await countMissing(sessions, scope, head)
    const lost = Math.max(0, (outcome?.evidence ?? 0) - evidence.length)

    if (missing > 0) {
      const votes = await db.entries(within(votesKey(scope, proposalId)))
      const session = ConsensusSession.fromParts({ ...parts, ...outcome?.parts ?? { state: 'active' }, votes: votes.map(([, vote]) => vote), evidence })

      await db.write(`what is left of the votes on proposal ${proposalId} in scope ${JSON.stringify(scope)}`, [
        ...await sessions.removeHead(scope, head),
        ...sessions.put(scope, session, place)
      ])
    } else if (outcome != null && lost > 0) {
      await db.write(`what is left of the evidence on proposal ${proposalId} in scope ${JSON.stringify(scope)}`, [sessions.putOutcome(scope, proposalId, { ...outcome, evidence: evidence.length })])
    }

    return missing + lost === 0 ? undefined : { kind: missing > 0 ? 'vote' : 'evidence', scope, proposalId, problem: `is missing ${missing > 0 ? missing : lost} times since power was lost` }
  } catch (err) {
    if (err instanceof StorageDamagedError) {
      return
    }

    throw err
  }
}

/** How many votes are gone, where that can be told from the others and from what came of them */
async function countMissing (sessions: Sessions, scope: string, { parts: { proposal }, outcome }: StoredHead): Promise<number> {
  if (outcome?.pruned === true) {
    return 0
  }

  const keys = await sessions.voteKeys(scope, proposal.proposalId)
  const places = keys.length === 0 ? 0 : Number(lastNumber(keys[keys.length - 1])) + 1

  // with more than the outcome is of something else is wrong
  return outcome != null && outcome.voteCount < places ? 0 : (outcome?.voteCount ?? places) - keys.length
}
