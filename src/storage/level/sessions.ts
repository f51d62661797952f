/**
 * Sessions as records: how they are read, and the writes that change them.
 *
 * What a proposal is does not change, and what came of it is written when it has ended. So one more vote is one more record.
 */

import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { ConsensusSession } from '../../consensus/session/session.ts'
import { dayOf } from '../../consensus/storage/interface.ts'
import { decodeKnownVote } from '../../consensus/vote/vote.ts'
import { StorageDamagedError } from '../errors.ts'
import { after, dayKey, dayOfKey, daysKey, doubleKey, evidenceKey, indexKey, lastNumber, outcomeKey, parseKey, proposalKey, scopeIndexKey, voteKey, votesKey, within } from './keys.ts'
import { decodeKeptEvidence, decodeOutcome, decodeStoredProposal, encodeKeptEvidence, encodeOutcome, encodeStoredProposal, outcomeOf } from './records.ts'
import type { Database } from './database.ts'
import type { Index, OrderIndex, VoteTable } from './keys.ts'
import type { StoredOutcome, StoredProposal } from './records.ts'
import type { Write } from './write-queue.ts'
import type { Tally } from '../../consensus/rules/decision.ts'
import type { KeptEvidence } from '../../consensus/session/session.ts'

/** How many entries of an index are read at a time */
const PAGE = 256

/** A session without its votes. One that has no outcome is active. */
export interface StoredHead extends StoredProposal {
  outcome?: StoredOutcome
}

/** A head of a session that has ended */
export type EndedHead = StoredHead & Required<Pick<StoredHead, 'outcome'>>

/** What an index says of a session, with a way to tell whether it says so still */
export interface IndexEntry {
  proposalId: number
  isListed(): Promise<boolean>
}

export class Sessions {
  private readonly db: Database

  constructor (db: Database) {
    this.db = db
  }

  /**
   * @throws {StorageDamagedError} if the session or a vote of it is damaged or missing
   */
  async read (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    const head = await this.head(scope, proposalId)

    return head == null ? undefined : this.readVotes(scope, head)
  }

  /**
   * The session of a head, with its votes
   *
   * @throws {StorageDamagedError} if a vote is damaged or missing
   */
  async readVotes (scope: string, { parts, voteCount, outcome }: StoredHead): Promise<ConsensusSession> {
    const { proposalId } = parts.proposal

    if (outcome?.pruned === true) {
      return this.readPruned(scope, parts, outcome)
    }

    const votes = await this.votesIn('vote', scope, proposalId)
    const expected = outcome?.voteCount ?? voteCount

    if (outcome == null ? votes.length < expected : votes.length !== expected) {
      throw this.damaged('vote', scope, proposalId, `is there ${votes.length} times, where ${expected} votes were stored`)
    }

    const evidence = await this.readEvidence(scope, proposalId, outcome)
    const session = this.db.decode(voteKey(scope, proposalId, 0), () => ConsensusSession.fromParts({ ...parts, ...outcome?.parts ?? { state: 'active' }, votes, evidence }))

    if (outcome != null && inWords(outcome.tally) !== inWords(session.tally)) {
      throw this.damaged('outcome', scope, proposalId, `says ${inWords(outcome.tally)}, where the votes are ${inWords(session.tally)}`)
    }

    return session
  }

  /** The session with the votes that were kept when the others were pruned */
  private async readPruned (scope: string, parts: StoredHead['parts'], outcome: StoredOutcome): Promise<ConsensusSession> {
    const { proposalId } = parts.proposal
    const { parts: ended, tally, voteSetHash, voteCount } = outcome

    if (voteSetHash == null) {
      throw this.damaged('outcome', scope, proposalId, 'lacks the hash of the votes that were pruned')
    }

    // most have none
    const votes = voteCount === 0 ? [] : await this.votesIn('proof', scope, proposalId)

    if (votes.length !== voteCount) {
      throw this.damaged('proof', scope, proposalId, `is there ${votes.length} times, where ${voteCount} votes were kept`)
    }

    const evidence = await this.readEvidence(scope, proposalId, outcome)

    return this.db.decode(voteKey(scope, proposalId, 0, 'proof'), () => ConsensusSession.fromParts({ ...parts, ...ended, votes, evidence, pruned: { tally, voteSetHash } }))
  }

  /**
   * The evidence that is kept beside the votes
   *
   * @param outcome - says how much there is; where it is not given, that is not checked
   * @throws {StorageDamagedError}
   */
  async readEvidence (scope: string, proposalId: number, outcome?: StoredOutcome): Promise<KeptEvidence[]> {
    // most have none
    const entries = outcome?.evidence === 0 ? [] : await this.db.entries(within(votesKey(scope, proposalId, 'evidence')))

    if (outcome != null && entries.length !== outcome.evidence) {
      throw this.damaged('evidence', scope, proposalId, `is there ${entries.length} times, where it was stored ${outcome.evidence} times`)
    }

    return entries.map(([key, record]) => this.db.decode(key, () => decodeKeptEvidence(record)))
  }

  private async votesIn (table: VoteTable, scope: string, proposalId: number): Promise<Uint8Array[]> {
    const entries = await this.db.entries(within(votesKey(scope, proposalId, table)))
    const gap = entries.findIndex(([key], position) => lastNumber(key) !== BigInt(position))

    if (gap !== -1) {
      throw this.damaged(table, scope, proposalId, `at position ${gap} is missing`)
    }

    return entries.map(([, vote]) => vote)
  }

  /**
   * What is stored of a session besides its votes, undefined if it is not stored. Only called while nothing else changes the
   * session.
   *
   * @throws {StorageDamagedError}
   */
  async head (scope: string, proposalId: number): Promise<StoredHead | undefined> {
    const key = proposalKey(scope, proposalId)
    const [record, ended] = await this.db.getMany([key, outcomeKey(scope, proposalId)])

    if (record == null) {
      return this.checkNothingLeft(scope, proposalId, ended != null)
    }

    const proposal = this.db.decode(key, () => decodeStoredProposal(record))

    if (ended == null && !await this.isActive(scope, proposalId, proposal.place)) {
      throw this.damaged('proposal', scope, proposalId, 'has no outcome and is not in the table active')
    }

    return { ...proposal, outcome: ended == null ? undefined : this.decodeOutcome(scope, proposalId, ended) }
  }

  /** The heads of those of these sessions that have ended, as they are at one moment */
  async endedHeads (scope: string, ids: number[]): Promise<EndedHead[]> {
    const keys = ids.flatMap(proposalId => [proposalKey(scope, proposalId), outcomeKey(scope, proposalId)])
    const heads: EndedHead[] = []

    try {
      const records = keys.length === 0 ? [] : await this.db.getMany(keys)

      ids.forEach((proposalId, index) => {
        const [record, ended] = records.slice(2 * index, 2 * index + 2)

        if (record != null && ended != null) {
          heads.push({ ...this.db.decode(keys[2 * index], () => decodeStoredProposal(record)), outcome: this.decodeOutcome(scope, proposalId, ended) })
        }
      })
    } catch (err) {
      // those before a damaged one can be had, and whoever comes to it is told: one by one
      if (!(err instanceof StorageDamagedError)) {
        throw err
      }
    }

    return heads
  }

  /** What came of a session, undefined if it is active or not stored */
  async outcome (scope: string, proposalId: number): Promise<StoredOutcome | undefined> {
    const record = await this.db.get(outcomeKey(scope, proposalId))

    return record == null ? undefined : this.decodeOutcome(scope, proposalId, record)
  }

  /** Where the next new session of a scope goes */
  async nextPlace (scope: string): Promise<bigint> {
    const last = await this.lastPlace('order', scope)

    return last == null ? 1n : lastNumber(last) + 1n
  }

  /** The scopes that have sessions */
  async scopes (): Promise<string[]> {
    const scopes: string[] = []

    for await (const key of this.firsts('order', key => scopeIndexKey('order', parseKey(key).scope as string))) {
      scopes.push(parseKey(key).scope as string)
    }

    return scopes
  }

  /** The days that sessions of a scope belong to, ascending */
  async days (scope: string): Promise<number[]> {
    const days: number[] = []

    for await (const key of this.firsts(scopeIndexKey('day', scope), key => daysKey(scope, dayOfKey(key)))) {
      days.push(dayOfKey(key))
    }

    return days
  }

  /**
   * The ids in an index, as it was when this began
   *
   * @param from - only those after this place
   * @throws {StorageDamagedError}
   */
  async * ids (index: OrderIndex, scope: string, from?: bigint, newestFirst = false): AsyncGenerator<IndexEntry> {
    const { gt } = within(scopeIndexKey(index, scope))
    const lte = await this.lastPlace(index, scope)
    const start = from == null ? undefined : indexKey(index, scope, from)

    if (lte != null) {
      yield * this.entries(newestFirst
        ? { gt, ...start == null ? { lte } : { lt: start }, reverse: true }
        : { gt: start ?? gt, lte })
    }
  }

  /**
   * The ids of the sessions that belong to a day, ascending
   *
   * @throws {StorageDamagedError}
   */
  async * dayIds (scope: string, day: number): AsyncGenerator<IndexEntry> {
    yield * this.entries(within(daysKey(scope, day)))
  }

  /**
   * The ids of the sessions with evidence in them, ascending
   *
   * @param from - only those from this one on
   * @throws {StorageDamagedError}
   */
  async * doubleIds (scope: string, from: number): AsyncGenerator<IndexEntry> {
    const range = within(scopeIndexKey('double', scope))

    yield * this.entries(from === 0 ? range : { ...range, gt: doubleKey(scope, from - 1) })
  }

  /**
   * What `read` gives of the sessions that an index names. It gives nothing for one that is gone by now.
   *
   * @throws {StorageDamagedError} if one is gone that the index names still
   */
  async * each <T> (index: Index, scope: string, entries: AsyncIterable<IndexEntry> | Iterable<IndexEntry>, read: (proposalId: number) => Promise<T | undefined>): AsyncGenerator<T> {
    for await (const { proposalId, isListed } of entries) {
      const found = await read(proposalId)

      if (found !== undefined) {
        yield found
      } else if (await isListed() && await read(proposalId) === undefined) {
        throw this.missing(index, scope, proposalId)
      }
    }
  }

  /** The writes that store a session with its votes at a place in the order. Whatever was stored of it is to be removed before. */
  put (scope: string, session: ConsensusSession, place: bigint): Write[] {
    const { proposal, voteCount, pruned } = session
    const { proposalId } = proposal
    const id = fromString(`${proposalId}`)

    return [
      { type: 'put', key: proposalKey(scope, proposalId), value: encodeStoredProposal({ parts: session, place, voteCount: pruned == null ? voteCount : 0 }) },
      { type: 'put', key: indexKey('order', scope, place), value: id },
      { type: 'put', key: dayKey(scope, dayOf(proposal), proposalId), value: id },
      ...this.putState(scope, session, place),
      ...session.hasEvidence ? [this.putDouble(scope, proposalId)] : [],
      ...session.evidence.map(evidence => this.putEvidence(scope, proposalId, evidence)),
      ...pruned == null ? putVotes('vote', scope, session) : this.putKept(scope, session)
    ]
  }

  /** The writes that store the votes of a session that are kept though the others are pruned */
  putKept (scope: string, session: ConsensusSession): Write[] {
    return putVotes('proof', scope, session)
  }

  /** The writes that store what a session, which is at this place already, has come to */
  putState (scope: string, session: ConsensusSession, place: bigint, voteSetHash?: Uint8Array): Write[] {
    const { proposalId } = session.proposal
    const outcome = outcomeKey(scope, proposalId)
    const active = indexKey('active', scope, place)

    return session.state === 'active'
      ? [{ type: 'put', key: active, value: fromString(`${proposalId}`) }, { type: 'del', key: outcome }]
      : [{ type: 'put', key: outcome, value: encodeOutcome(outcomeOf(session, voteSetHash)) }, { type: 'del', key: active }]
  }

  putOutcome (scope: string, proposalId: number, outcome: StoredOutcome): Write {
    return { type: 'put', key: outcomeKey(scope, proposalId), value: encodeOutcome(outcome) }
  }

  /**
   * The writes that store the last votes of a session, one each, and evidence that is new. With evidence, and with an owner who has
   * voted both ways now, it is in the table double. What is kept against such an owner goes: the votes say as much.
   */
  putLastVotes (scope: string, session: ConsensusSession, count: number, evidence: readonly KeptEvidence[] = []): Write[] {
    const { proposal: { proposalId }, voteCount, hasEvidence } = session
    const first = voteCount - count
    const votes = session.encodedVotes(first)
    const doubles = hasEvidence ? votes.map(encoded => decodeKnownVote(encoded).voteOwner).filter(owner => session.doubleVoteOf(owner) != null) : []

    return [
      ...votes.map<Write>((value, index) => ({ type: 'put', key: voteKey(scope, proposalId, first + index), value })),
      ...evidence.map(evidence => this.putEvidence(scope, proposalId, evidence)),
      ...doubles.map<Write>(owner => ({ type: 'del', key: evidenceKey(scope, proposalId, owner) })),
      ...doubles.length + evidence.length > 0 ? [this.putDouble(scope, proposalId)] : []
    ]
  }

  private putEvidence (scope: string, proposalId: number, evidence: KeptEvidence): Write {
    return { type: 'put', key: evidenceKey(scope, proposalId, evidence.owner), value: encodeKeptEvidence(evidence) }
  }

  private putDouble (scope: string, proposalId: number): Write {
    return { type: 'put', key: doubleKey(scope, proposalId), value: fromString(`${proposalId}`) }
  }

  /** The writes that remove a session with all it has, none if it is not stored */
  async remove (scope: string, proposalId: number): Promise<Write[]> {
    const head = await this.head(scope, proposalId)

    return head == null ? [] : this.removeHead(scope, head)
  }

  /** The writes that remove a session with all it has */
  async removeHead (scope: string, { parts: { proposal }, place }: StoredHead): Promise<Write[]> {
    const { proposalId } = proposal

    return [
      proposalKey(scope, proposalId),
      outcomeKey(scope, proposalId),
      indexKey('order', scope, place),
      indexKey('active', scope, place),
      dayKey(scope, dayOf(proposal), proposalId),
      doubleKey(scope, proposalId),
      ...await this.voteKeys(scope, proposalId),
      ...await this.db.keys(within(votesKey(scope, proposalId, 'proof'))),
      ...await this.db.keys(within(votesKey(scope, proposalId, 'evidence')))
    ].map(key => ({ type: 'del', key }))
  }

  /** The keys of the vote records of a session, those that pruning has left included */
  async voteKeys (scope: string, proposalId: number, limit?: number): Promise<string[]> {
    return this.db.keys({ ...within(votesKey(scope, proposalId)), ...limit == null ? {} : { limit } })
  }

  /** The error that tells of an index that names a session which is not there */
  missing (index: Index, scope: string, proposalId: number): StorageDamagedError {
    return this.damaged('proposal', scope, proposalId, `is missing, though it is in the table ${index}`)
  }

  private async isActive (scope: string, proposalId: number, place: bigint): Promise<boolean> {
    const id = await this.db.get(indexKey('active', scope, place))

    return id != null && toString(id) === `${proposalId}`
  }

  private decodeOutcome (scope: string, proposalId: number, record: Uint8Array): StoredOutcome {
    return this.db.decode(outcomeKey(scope, proposalId), () => decodeOutcome(record))
  }

  /** A proposal that is not there must have left nothing behind */
  private async checkNothingLeft (scope: string, proposalId: number, hasOutcome: boolean): Promise<undefined> {
    if (hasOutcome) {
      throw this.damaged('proposal', scope, proposalId, 'is missing, though there is an outcome')
    }

    if ((await this.voteKeys(scope, proposalId, 1)).length > 0) {
      throw this.damaged('proposal', scope, proposalId, 'is missing, though there are votes')
    }

    if ((await this.db.keys({ ...within(votesKey(scope, proposalId, 'proof')), limit: 1 })).length > 0) {
      throw this.damaged('proposal', scope, proposalId, 'is missing, though there are votes that were kept')
    }

    if ((await this.db.keys({ ...within(votesKey(scope, proposalId, 'evidence')), limit: 1 })).length > 0) {
      throw this.damaged('proposal', scope, proposalId, 'is missing, though there is evidence')
    }
  }

  /** The sessions that a range of an index names */
  private async * entries (range: { gt: string, lt?: string, lte?: string, reverse?: boolean }): AsyncGenerator<IndexEntry> {
    // no iterator stays open while somebody else works on what this gives
    let page = await this.db.entries({ ...range, limit: PAGE })

    while (page.length > 0) {
      for (const [key, id] of page) {
        yield {
          proposalId: Number(toString(id)),
          isListed: async () => toString(await this.db.get(key) ?? new Uint8Array(0)) === toString(id)
        }
      }

      const [last] = page[page.length - 1]

      page = await this.db.entries(range.reverse === true
        ? { gt: range.gt, lt: last, reverse: true, limit: PAGE }
        : { ...range, gt: last, limit: PAGE })
    }
  }

  /** The first key below a path, then the first after all of its group, and so on: one is read of each */
  private async * firsts (path: string, groupOf: (key: string) => string): AsyncGenerator<string> {
    // with their values, so that a damaged key is noticed
    let [first] = await this.db.entries({ ...within(path), limit: 1 })

    while (first != null) {
      yield first[0]
      ;[first] = await this.db.entries({ ...within(path), gt: after(groupOf(first[0])), limit: 1 })
    }
  }

  private async lastPlace (index: OrderIndex, scope: string): Promise<string | undefined> {
    const [last] = await this.db.entries({ ...within(scopeIndexKey(index, scope)), reverse: true, limit: 1 })

    return last?.[0]
  }

  private damaged (kind: string, scope: string, proposalId: number, problem: string): StorageDamagedError {
    return this.db.damaged({ kind, scope, proposalId, problem })
  }
}

function putVotes (table: VoteTable, scope: string, session: ConsensusSession): Write[] {
  return session.encodedVotes().map((value, position) => ({ type: 'put', key: voteKey(scope, session.proposal.proposalId, position, table), value }))
}

function inWords ({ yes, no, doubles = 0 }: Tally): string {
  return `${yes} yes and ${no} no${doubles === 0 ? '' : `, ${doubles} of them both`}`
}
