/**
 * What is asked of many sessions without their votes, and how ended ones give their votes up.
 */

import { sessionNotFound, toSummary, withoutVotes } from '../../consensus/storage/interface.ts'
import { sessionVoteSetHash } from '../../consensus/vote/vote-set.ts'
import { outcomeOf } from './records.ts'
import type { Database } from './database.ts'
import type { IndexEntry, Sessions, StoredHead } from './sessions.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { PruneOptions, SessionSummary, SummaryQuery, SyncSummary } from '../../consensus/storage/interface.ts'

/** Vote records that are deleted in one batch */
const BATCH = 1000

/** Sessions whose heads are read together */
const FIRST_GROUP = 4
const MAX_GROUP = 128

export interface ArchiveInit {
  db: Database
  sessions: Sessions
  /** The session, if it is active and in memory */
  known (scope: string, proposalId: number): ConsensusSession | undefined
  /** The session with its votes, which stays in memory if it is active */
  getSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined>
  /** Runs a task while nothing else changes the session */
  onSession <T> (scope: string, proposalId: number, task: () => Promise<T>): Promise<T>
}

export class Archive {
  private readonly init: ArchiveInit

  constructor (init: ArchiveInit) {
    this.init = init
  }

  async * summaries (scope: string, { after, state, newestFirst }: SummaryQuery = {}): AsyncGenerator<SessionSummary> {
    const { sessions } = this.init
    const index = state === 'active' ? 'active' : 'order'
    const place = after == null ? undefined : await this.placeOf(scope, after)

    for await (const group of inGroups(sessions.ids(index, scope, place, newestFirst))) {
      // where a state is asked for, outcomes tell of most that they need not be read
      const ended = state == null ? await this.endedSummaries(scope, group) : undefined

      for await (const summary of sessions.each(index, scope, group, async proposalId => ended?.get(proposalId) ?? this.summary(scope, proposalId, state))) {
        if (summary != null && isAsked(summary.state, state)) {
          yield summary
        }
      }
    }
  }

  /** What is stored of those sessions that have ended, read together: most of the time of a read is spent on the way */
  private async endedSummaries (scope: string, entries: IndexEntry[]): Promise<Map<number, SessionSummary>> {
    const { sessions, known } = this.init
    const ids = entries.map(({ proposalId }) => proposalId).filter(proposalId => known(scope, proposalId) == null)
    const summaries = new Map<number, SessionSummary>()

    for (const head of await sessions.endedHeads(scope, ids)) {
      summaries.set(head.parts.proposal.proposalId, summaryOf(head, head.outcome))
    }

    return summaries
  }

  async days (scope: string): Promise<number[]> {
    return this.init.sessions.days(scope)
  }

  async * day (scope: string, day: number): AsyncGenerator<SyncSummary> {
    const { sessions } = this.init

    yield * sessions.each('day', scope, sessions.dayIds(scope, day), async proposalId => this.syncSummary(scope, proposalId))
  }

  /** The sessions with evidence in them */
  async * doubleVoted (scope: string, from: number): AsyncGenerator<ConsensusSession> {
    const { sessions, getSession } = this.init

    yield * sessions.each('double', scope, sessions.doubleIds(scope, from), async proposalId => getSession(scope, proposalId))
  }

  /** Only called while nothing else changes the session */
  async prune (scope: string, proposalId: number, options?: PruneOptions): Promise<void> {
    const { db, sessions } = this.init
    const head = await sessions.head(scope, proposalId)

    if (head?.outcome == null) {
      return
    }

    if (!head.outcome.pruned) {
      const pruned = withoutVotes(await sessions.readVotes(scope, head), options)

      // from here on they are gone, whatever becomes of their records
      await db.write(`that the votes of proposal ${proposalId} in scope ${JSON.stringify(scope)} are given up`, [
        sessions.putOutcome(scope, proposalId, outcomeOf(pruned)),
        ...sessions.putKept(scope, pruned)
      ])
    }

    let keys = await sessions.voteKeys(scope, proposalId, BATCH)

    while (keys.length > 0) {
      await db.write(`the removal of votes on proposal ${proposalId} in scope ${JSON.stringify(scope)}`, keys.map(key => ({ type: 'del', key })), false)
      keys = await sessions.voteKeys(scope, proposalId, BATCH)
    }
  }

  private async placeOf (scope: string, proposalId: number): Promise<bigint> {
    const head = await this.init.onSession(scope, proposalId, async () => this.init.sessions.head(scope, proposalId))

    if (head == null) {
      throw sessionNotFound(scope, proposalId)
    }

    return head.place
  }

  /** Null for a session in another state than the one that is asked for, undefined for one that is not there */
  private async summary (scope: string, proposalId: number, state: SummaryQuery['state']): Promise<SessionSummary | null | undefined> {
    const { known, getSession, onSession } = this.init
    const active = known(scope, proposalId)
    const stored = active == null ? await onSession(scope, proposalId, async () => this.storedSummary(scope, proposalId, state)) : undefined

    if (stored !== undefined) {
      return stored
    }

    // an active one has no tally but its votes
    const session = active ?? await getSession(scope, proposalId)

    if (session == null) {
      return
    }

    return isAsked(session.state, state) ? toSummary(session) : null
  }

  /** As {@link Archive.summary}, also undefined for an active session that is asked for */
  private async storedSummary (scope: string, proposalId: number, state: SummaryQuery['state']): Promise<SessionSummary | null | undefined> {
    const { sessions } = this.init
    // of most sessions the outcome alone tells that they are not asked for
    const outcome = state == null ? undefined : await sessions.outcome(scope, proposalId)

    if (outcome != null && !isAsked(outcome.parts.state, state)) {
      return null
    }

    const head = await sessions.head(scope, proposalId)

    if (head?.outcome != null) {
      return summaryOf(head, head.outcome)
    }

    return head == null || isAsked('active', state) ? undefined : null
  }

  private async syncSummary (scope: string, proposalId: number): Promise<SyncSummary | undefined> {
    const { known, sessions, getSession, onSession } = this.init
    const active = known(scope, proposalId)
    const ended = active != null
      ? undefined
      : await onSession(scope, proposalId, async () => {
        const head = await sessions.head(scope, proposalId)

        return head?.outcome == null ? undefined : { ...summaryOf(head, head.outcome), voteSetHash: await this.hashOf(scope, head, head.outcome) }
      })
    const session = ended == null ? active ?? await getSession(scope, proposalId) : undefined

    return session == null ? ended : { ...toSummary(session), voteSetHash: sessionVoteSetHash(session) }
  }

  /** The hash of the votes of an ended session. What it costs is spent once. */
  private async hashOf (scope: string, head: StoredHead, outcome: NonNullable<StoredHead['outcome']>): Promise<Uint8Array> {
    if (outcome.voteSetHash != null) {
      return outcome.voteSetHash
    }

    const { db, sessions } = this.init
    const { proposalId } = head.parts.proposal
    const voteSetHash = sessionVoteSetHash(await sessions.readVotes(scope, head))

    try {
      await db.write(`the hash of the votes on proposal ${proposalId} in scope ${JSON.stringify(scope)}`, [sessions.putOutcome(scope, proposalId, { ...outcome, voteSetHash })], false)
    } catch (err: any) {
      // it is known all the same, and reading goes on when the disk is full
      if (err.name !== 'StorageWriteError') {
        throw err
      }
    }

    return voteSetHash
  }
}

/** Few first, since most who ask want few */
async function * inGroups <T> (items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let size = FIRST_GROUP
  let group: T[] = []

  for await (const item of items) {
    group.push(item)

    if (group.length === size) {
      yield group
      group = []
      size = Math.min(2 * size, MAX_GROUP)
    }
  }

  yield group
}

function isAsked (state: SummaryQuery['state'], asked: SummaryQuery['state']): boolean {
  return asked == null || state === asked
}

function summaryOf ({ parts }: StoredHead, { parts: ended, tally, voteCount, pruned, proven = false, evidence }: NonNullable<StoredHead['outcome']>): SessionSummary {
  return { ...parts, ...ended, tally, voteCount, doubleVoters: (tally.doubles ?? 0) + evidence, pruned, proven: pruned ? proven : ended.result != null && parts.config.decisionRule === 'quorum' }
}
