/**
 * Sessions as records: how they are read, and the writes that change them.
 */

import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { ConsensusSession } from '../consensus/session.ts'
import { after, indexKey, lastNumber, parseKey, scopeIndexKey, sessionKey, voteKey, votesKey, within } from './keys.ts'
import { decodeHeader, encodeSession } from './records.ts'
import type { Database } from './database.ts'
import type { StorageDamagedError } from './errors.ts'
import type { Index } from './keys.ts'
import type { SessionHeader } from './records.ts'
import type { Write } from './write-queue.ts'

/** How many entries of an index are read at a time */
const PAGE = 256

export class Sessions {
  private readonly db: Database

  constructor (db: Database) {
    this.db = db
  }

  /**
   * @throws {StorageDamagedError} if the session or a vote of it is damaged or missing
   */
  async read (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    const header = await this.header(scope, proposalId)
    const entries = await this.db.entries(within(votesKey(scope, proposalId)))

    if (header == null) {
      if (entries.length > 0) {
        throw this.damaged('session', scope, proposalId, `is missing, though there are ${entries.length} votes`)
      }

      return
    }

    const { parts, voteCount } = header
    const gap = entries.findIndex(([key], position) => lastNumber(key) !== BigInt(position))

    if (gap !== -1) {
      throw this.damaged('vote', scope, proposalId, `at position ${gap} is missing`)
    }

    if (parts.state === 'active' ? entries.length < voteCount : entries.length !== voteCount) {
      throw this.damaged('vote', scope, proposalId, `is there ${entries.length} times, where ${voteCount} votes were stored`)
    }

    return this.db.decode(voteKey(scope, proposalId, 0), () => ConsensusSession.fromParts({ ...parts, votes: entries.map(([, vote]) => vote) }))
  }

  /** Where a session is in the order of its scope, undefined if it is not stored */
  async placeOf (scope: string, proposalId: number): Promise<bigint | undefined> {
    return (await this.header(scope, proposalId))?.place
  }

  /** Where the next new session of a scope goes */
  async nextPlace (scope: string): Promise<bigint> {
    const last = await this.lastPlace('order', scope)

    return last == null ? 1n : lastNumber(last) + 1n
  }

  /** The scopes that have sessions */
  async scopes (): Promise<string[]> {
    const scopes: string[] = []
    // with their values, so that a damaged key is noticed
    let [first] = await this.db.entries({ ...within('order'), limit: 1 })

    while (first != null) {
      const scope = parseKey(first[0]).scope as string

      scopes.push(scope)
      ;[first] = await this.db.entries({ ...within('order'), gt: after(scopeIndexKey('order', scope)), limit: 1 })
    }

    return scopes
  }

  /**
   * The ids in an index, as it was when this began, with a way to tell whether it names an id still
   *
   * @throws {StorageDamagedError}
   */
  async * ids (index: Index, scope: string): AsyncGenerator<{ proposalId: number, isListed(): Promise<boolean> }> {
    const lte = await this.lastPlace(index, scope)

    if (lte == null) {
      return
    }

    const { gt } = within(scopeIndexKey(index, scope))
    // no iterator stays open while somebody else works on what this gives
    let page = await this.db.entries({ gt, lte, limit: PAGE })

    while (page.length > 0) {
      for (const [key, id] of page) {
        yield {
          proposalId: Number(toString(id)),
          isListed: async () => toString(await this.db.get(key) ?? new Uint8Array(0)) === toString(id)
        }
      }

      page = await this.db.entries({ gt: page[page.length - 1][0], lte, limit: PAGE })
    }
  }

  /** The writes that store a session with its votes at a place in the order */
  put (scope: string, session: ConsensusSession, place: bigint): Write[] {
    const { proposalId } = session.proposal

    return [
      ...this.putHeader(scope, session, place),
      { type: 'put', key: indexKey('order', scope, place), value: fromString(`${proposalId}`) },
      ...session.encodedVotes().map((value, position): Write => ({ type: 'put', key: voteKey(scope, proposalId, position), value }))
    ]
  }

  /** The writes that store a session, which is at this place already, without its votes */
  putHeader (scope: string, session: ConsensusSession, place: bigint): Write[] {
    const { proposalId } = session.proposal
    const active = indexKey('active', scope, place)

    return [
      { type: 'put', key: sessionKey(scope, proposalId), value: encodeSession(session, place) },
      session.state === 'active'
        ? { type: 'put', key: active, value: fromString(`${proposalId}`) }
        : { type: 'del', key: active }
    ]
  }

  /** The write that stores the last vote of a session */
  putLastVote (scope: string, session: ConsensusSession): Write {
    const position = session.voteCount - 1

    return { type: 'put', key: voteKey(scope, session.proposal.proposalId, position), value: session.encodedVotes(position)[0] }
  }

  /** The writes that remove a session with all it has, none if it is not stored */
  async remove (scope: string, proposalId: number): Promise<Write[]> {
    const place = await this.placeOf(scope, proposalId)

    if (place == null) {
      return []
    }

    return [
      { type: 'del', key: sessionKey(scope, proposalId) },
      { type: 'del', key: indexKey('order', scope, place) },
      { type: 'del', key: indexKey('active', scope, place) },
      ...await this.removeVotes(scope, proposalId)
    ]
  }

  async removeVotes (scope: string, proposalId: number): Promise<Write[]> {
    const keys = await this.db.keys(within(votesKey(scope, proposalId)))

    return keys.map(key => ({ type: 'del', key }))
  }

  /** The error that tells of an index that names a session which is not there */
  missing (index: Index, scope: string, proposalId: number): StorageDamagedError {
    return this.damaged('session', scope, proposalId, `is missing, though it is in the table ${index}`)
  }

  /** What is stored of a session besides its votes */
  async header (scope: string, proposalId: number): Promise<SessionHeader | undefined> {
    const key = sessionKey(scope, proposalId)
    const record = await this.db.get(key)

    return record == null ? undefined : this.db.decode(key, () => decodeHeader(record))
  }

  private async lastPlace (index: Index, scope: string): Promise<string | undefined> {
    const [last] = await this.db.entries({ ...within(scopeIndexKey(index, scope)), reverse: true, limit: 1 })

    return last?.[0]
  }

  private damaged (kind: string, scope: string, proposalId: number, problem: string): StorageDamagedError {
    return this.db.damaged({ kind, scope, proposalId, problem })
  }
}
