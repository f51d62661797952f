/**
 * @packageDocumentation
 *
 * Keeps sessions, votes, scope configurations and joined scopes in LevelDB (on Node.js) or IndexedDB (in browsers).
 *
 * One record per proposal, per vote, per scope. Keys sort by scope, then proposal, then order of arrival. What belongs
 * together is written in one batch. Active sessions are kept in memory as well; ended ones are read when asked for.
 *
 * It is a vote lock, too: a key that votes through one store never signs two votes on a proposal. Across several stores,
 * and where a store may be restored from a backup, FileVoteLock of `libp2p-voting/storage/file-vote-lock` sees to that.
 *
 * @example
 *
 * ```TypeScript
 * import { ConsensusService } from 'libp2p-voting/consensus'
 * import { ethereumScheme } from 'libp2p-voting/signers/ethereum'
 * import { LevelStorage } from 'libp2p-voting/storage/level'
 *
 * const storage = await LevelStorage.open('./votes')
 * // voting({ storage }) takes it as well
 * const service = new ConsensusService({ scheme: ethereumScheme(), storage })
 *
 * console.info((await service.getScopeStats('council')).totalSessions) // 0
 *
 * await storage.close()
 * ```
 */

import { Level } from 'level'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { KeyedMutex } from '../consensus/mutex.ts'
import { canonicalPolicy, parsePolicy } from '../consensus/policy.ts'
import { defaultScopeConfig, validateScopeConfig } from '../consensus/scope-config.ts'
import { sessionNotFound } from '../consensus/storage.ts'
import { decodeVote, encodeVote } from '../consensus/vote.ts'
import { StorageOpenError } from './errors.ts'
import { decodeScopeConfig, decodeSequence, decodeSession, encodeScopeConfig, encodeSession } from './records.ts'
import type { ScopePolicy } from '../consensus/policy.ts'
import type { ScopeConfig } from '../consensus/scope-config.ts'
import type { ConsensusSession, ProposalHead } from '../consensus/session.ts'
import type { AppendVoteOptions, ConsensusStorage, PolicyStorage } from '../consensus/storage.ts'
import type { VoteLock } from '../consensus/vote-lock.ts'
import type { Vote } from '../consensus/vote.ts'
import type { AbstractBatchOperation, AbstractSublevel } from 'abstract-level'

type Database = Level<string, Uint8Array>
type Table = AbstractSublevel<Database, any, string, Uint8Array>
type Write = AbstractBatchOperation<Database, string, Uint8Array>

/** Sorts after every key that begins with what it follows */
const END = '\xff'

export class LevelStorage implements ConsensusStorage, PolicyStorage, VoteLock {
  private readonly db: Database
  /** scope/proposal → SessionRecord */
  private readonly sessions: Table
  /** scope/place in the order the sessions were first stored → proposal id */
  private readonly order: Table
  /** scope/proposal/position → canonical vote */
  private readonly votes: Table
  /** scope → ScopeConfigRecord */
  private readonly configs: Table
  /** scope name → canonical policy */
  private readonly policies: Table
  /** scope/proposal/identity → the canonical vote, unsigned, that the identity is bound to */
  private readonly locks: Table
  /** The active sessions that have been used, as they are stored */
  private readonly active = new Map<string, ConsensusSession>()
  private readonly mutex = new KeyedMutex()

  private constructor (db: Database) {
    const table = (name: string): Table => db.sublevel<string, Uint8Array>(name, { valueEncoding: 'view' })

    this.db = db
    this.sessions = table('session')
    this.order = table('order')
    this.votes = table('vote')
    this.configs = table('config')
    this.policies = table('policy')
    this.locks = table('lock')
  }

  /**
   * Opens a store, which is made if there is none.
   *
   * @param location - a folder, or the name of a database in browsers
   * @throws {StorageOpenError} if another process has it open, or it cannot be read
   */
  static async open (location: string): Promise<LevelStorage> {
    const db: Database = new Level(location, { valueEncoding: 'view' })

    try {
      await db.open()
    } catch (err: any) {
      const locked = err.cause?.code === 'LEVEL_LOCKED'

      throw new StorageOpenError(locked
        ? `The store ${location} is open in another process. Stop that one first`
        : `The store ${location} cannot be opened: ${err.cause?.message ?? err.message}`, { cause: err })
    }

    return new LevelStorage(db)
  }

  /** Closes the store. What was stored is on disk. */
  async close (): Promise<void> {
    await this.db.close()
    this.active.clear()
  }

  async saveSession (scope: string, session: ConsensusSession): Promise<void> {
    const { proposalId } = session.proposal

    await this.inScope(scope, async () => {
      await this.onSession(scope, proposalId, async () => {
        const place = await this.placeOf(scope, proposalId) ?? await this.nextPlace(scope)

        await this.write([
          ...await this.removeVotes(scope, proposalId),
          ...this.putSession(scope, session, place)
        ])
        this.remember(scope, session)
      })
    })
  }

  async getSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    return this.active.get(sessionKey(scope, proposalId)) ??
      this.onSession(scope, proposalId, async () => this.load(scope, proposalId))
  }

  async removeSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    return this.inScope(scope, async () => this.onSession(scope, proposalId, async () => {
      const session = await this.load(scope, proposalId)

      if (session != null) {
        await this.write(await this.deleteSession(scope, proposalId))
        this.active.delete(sessionKey(scope, proposalId))
      }

      return session
    }))
  }

  async listScopeSessions (scope: string): Promise<ConsensusSession[] | undefined> {
    const sessions: ConsensusSession[] = []

    for await (const session of this.streamScopeSessions(scope)) {
      sessions.push(session)
    }

    return sessions.length === 0 ? undefined : sessions
  }

  async * streamScopeSessions (scope: string): AsyncGenerator<ConsensusSession> {
    for await (const id of this.order.values(within(scopeKey(scope)))) {
      const session = await this.getSession(scope, Number(toString(id)))

      if (session != null) {
        yield session
      }
    }
  }

  async replaceScopeSessions (scope: string, sessions: ConsensusSession[]): Promise<void> {
    await this.updateScopeSessions(scope, () => sessions)
  }

  async listScopes (): Promise<string[] | undefined> {
    const scopes: string[] = []
    let [key] = await this.order.keys({ limit: 1 }).all()

    while (key != null) {
      const encoded = key.slice(0, key.indexOf('/'))

      scopes.push(decodeURIComponent(encoded))
      ;[key] = await this.order.keys({ gt: `${encoded}/${END}`, limit: 1 }).all()
    }

    return scopes.length === 0 ? undefined : scopes
  }

  async updateSession (scope: string, proposalId: number, update: (session: ConsensusSession) => ConsensusSession): Promise<ConsensusSession> {
    return this.onSession(scope, proposalId, async () => {
      const session = await this.load(scope, proposalId)

      if (session == null) {
        throw sessionNotFound(scope, proposalId)
      }

      const updated = update(session)
      const place = await this.placeOf(scope, proposalId) as bigint

      await this.write(updated.sharesVotesWith(session)
        ? [this.putRecord(scope, updated, place)]
        : [...await this.removeVotes(scope, proposalId), ...this.putSession(scope, updated, place)])
      this.remember(scope, updated)

      return updated
    })
  }

  async appendVote (scope: string, session: ConsensusSession, { durable = false }: AppendVoteOptions = {}): Promise<void> {
    const { proposalId } = session.proposal

    await this.onSession(scope, proposalId, async () => {
      const known = this.active.has(sessionKey(scope, proposalId))
      // one more vote of a session that stays active writes that vote and reads nothing
      const place = known && session.state === 'active' ? undefined : await this.placeOf(scope, proposalId)

      if (!known && place == null) {
        throw sessionNotFound(scope, proposalId)
      }

      const position = session.voteCount - 1

      await this.write([
        this.put(this.votes, voteKey(scope, proposalId, position), session.encodedVotes(position)[0]),
        ...place == null ? [] : [this.putRecord(scope, session, place)]
      ], durable)
      this.remember(scope, session)
    })
  }

  async updateScopeSessions (scope: string, update: (sessions: ConsensusSession[]) => ConsensusSession[]): Promise<void> {
    await this.inScope(scope, async () => this.replaceSessions(scope, update))
  }

  async getScopeConfig (scope: string): Promise<ScopeConfig | undefined> {
    const record = await this.configs.get(scopeKey(scope))

    return record == null ? undefined : decodeScopeConfig(record)
  }

  async setScopeConfig (scope: string, config: ScopeConfig): Promise<void> {
    validateScopeConfig(config)
    await this.inScope(scope, async () => this.write([this.put(this.configs, scopeKey(scope), encodeScopeConfig(config))]))
  }

  async updateScopeConfig (scope: string, update: (config: ScopeConfig) => ScopeConfig): Promise<ScopeConfig> {
    return this.inScope(scope, async () => {
      const config = update(await this.getScopeConfig(scope) ?? defaultScopeConfig())

      validateScopeConfig(config)
      await this.write([this.put(this.configs, scopeKey(scope), encodeScopeConfig(config))])

      return config
    })
  }

  async deleteScope (scope: string): Promise<void> {
    await this.inScope(scope, async () => this.replaceSessions(scope, () => [], [this.del(this.configs, scopeKey(scope))]))
  }

  async savePolicy (policy: ScopePolicy): Promise<void> {
    await this.write([this.put(this.policies, policy.name, canonicalPolicy(policy))])
  }

  async removePolicy (name: string): Promise<void> {
    await this.write([this.del(this.policies, name)])
  }

  async listPolicies (): Promise<ScopePolicy[]> {
    const records = await this.policies.values().all()

    return records.map(record => parsePolicy(JSON.parse(toString(record))))
  }

  async acquire (scope: string, proposal: ProposalHead, vote: Vote): Promise<Vote> {
    const key = lockKey(scope, proposal.proposalId, vote.voteOwner)

    return this.mutex.run(`lock ${key}`, async () => {
      const bound = await this.locks.get(key)

      if (bound != null) {
        return decodeVote(bound)
      }

      const unsigned = { ...vote, signature: new Uint8Array(0) }
      await this.write([this.put(this.locks, key, encodeVote(unsigned))])

      return unsigned
    })
  }

  async find (scope: string, proposal: ProposalHead, identity: Uint8Array): Promise<Vote | undefined> {
    const bound = await this.locks.get(lockKey(scope, proposal.proposalId, identity))

    return bound == null ? undefined : decodeVote(bound)
  }

  /** Replaces the sessions of a scope, in the order they are given. Only called within the scope. */
  private async replaceSessions (scope: string, update: (sessions: ConsensusSession[]) => ConsensusSession[], more: Write[] = []): Promise<void> {
    const before = await this.listScopeSessions(scope) ?? []

    await this.onSessions(scope, before, async () => {
      const current = await Promise.all(before.map(async ({ proposal }) => this.load(scope, proposal.proposalId)))
      // of sessions of one proposal the last counts, at the place of the first
      const after = new Map(update(current.filter(session => session != null)).map(session => [session.proposal.proposalId, session]))
      const writes: Write[] = []
      let place = await this.nextPlace(scope)

      for (const { proposal } of before) {
        writes.push(...await this.deleteSession(scope, proposal.proposalId))
      }

      for (const session of after.values()) {
        writes.push(...this.putSession(scope, session, place++))
      }

      await this.write([...writes, ...more])
      before.forEach(({ proposal }) => this.active.delete(sessionKey(scope, proposal.proposalId)))
      after.forEach(session => { this.remember(scope, session) })
    })
  }

  private async load (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    const key = sessionKey(scope, proposalId)
    const known = this.active.get(key)

    if (known != null) {
      return known
    }

    const record = await this.sessions.get(key)

    if (record == null) {
      return
    }

    const session = decodeSession(record, await this.votes.values(within(key)).all())
    this.remember(scope, session)

    return session
  }

  private remember (scope: string, session: ConsensusSession): void {
    const key = sessionKey(scope, session.proposal.proposalId)

    if (session.state === 'active') {
      this.active.set(key, session)
    } else {
      this.active.delete(key)
    }
  }

  /** Where a session is in the order of its scope, undefined if it is not stored */
  private async placeOf (scope: string, proposalId: number): Promise<bigint | undefined> {
    const record = await this.sessions.get(sessionKey(scope, proposalId))

    return record == null ? undefined : decodeSequence(record)
  }

  /** Where the next new session of a scope goes. Only asked within the scope, so no two sessions get one place. */
  private async nextPlace (scope: string): Promise<bigint> {
    const [last] = await this.order.keys({ ...within(scopeKey(scope)), reverse: true, limit: 1 }).all()

    return last == null ? 1n : BigInt(`0x${last.slice(last.indexOf('/') + 1)}`) + 1n
  }

  /** The writes that store a session with its votes at a place in the order */
  private putSession (scope: string, session: ConsensusSession, place: bigint): Write[] {
    const { proposalId } = session.proposal

    return [
      this.putRecord(scope, session, place),
      this.put(this.order, orderKey(scope, place), fromString(`${proposalId}`)),
      ...session.encodedVotes().map((vote, position) => this.put(this.votes, voteKey(scope, proposalId, position), vote))
    ]
  }

  /** The write that stores a session without its votes */
  private putRecord (scope: string, session: ConsensusSession, place: bigint): Write {
    return this.put(this.sessions, sessionKey(scope, session.proposal.proposalId), encodeSession(session, place))
  }

  private async deleteSession (scope: string, proposalId: number): Promise<Write[]> {
    const key = sessionKey(scope, proposalId)
    const record = await this.sessions.get(key)

    if (record == null) {
      return []
    }

    return [
      this.del(this.sessions, key),
      this.del(this.order, orderKey(scope, decodeSequence(record))),
      ...await this.removeVotes(scope, proposalId)
    ]
  }

  private async removeVotes (scope: string, proposalId: number): Promise<Write[]> {
    const keys = await this.votes.keys(within(sessionKey(scope, proposalId))).all()

    return keys.map(key => this.del(this.votes, key))
  }

  private put (sublevel: Table, key: string, value: Uint8Array): Write {
    return { type: 'put', sublevel, key, value }
  }

  private del (sublevel: Table, key: string): Write {
    return { type: 'del', sublevel, key }
  }

  /** Writes all or nothing. What is not durable may be lost if the machine loses power, not if the process is killed. */
  private async write (writes: Write[], durable = true): Promise<void> {
    await this.db.batch(writes, { sync: durable })
  }

  private async inScope <T> (scope: string, task: () => Promise<T>): Promise<T> {
    return this.mutex.run(`scope ${scope}`, task)
  }

  private async onSession <T> (scope: string, proposalId: number, task: () => Promise<T>): Promise<T> {
    return this.mutex.run(`session ${sessionKey(scope, proposalId)}`, task)
  }

  /** Holds the sessions one after the other. Only called within a scope, so no two calls hold what the other waits for. */
  private async onSessions <T> (scope: string, sessions: ConsensusSession[], task: () => Promise<T>): Promise<T> {
    const [first, ...rest] = sessions

    return first == null ? task() : this.onSession(scope, first.proposal.proposalId, async () => this.onSessions(scope, rest, task))
  }
}

/** Scope names may hold anything; encoded they hold no slash */
function scopeKey (scope: string): string {
  return encodeURIComponent(scope)
}

function sessionKey (scope: string, proposalId: number): string {
  return `${scopeKey(scope)}/${proposalId.toString(16).padStart(8, '0')}`
}

function voteKey (scope: string, proposalId: number, position: number): string {
  return `${sessionKey(scope, proposalId)}/${position.toString(16).padStart(8, '0')}`
}

function lockKey (scope: string, proposalId: number, identity: Uint8Array): string {
  return `${sessionKey(scope, proposalId)}/${toString(identity, 'hex')}`
}

function orderKey (scope: string, place: bigint): string {
  return `${scopeKey(scope)}/${place.toString(16).padStart(16, '0')}`
}

/** The range of keys one level below a key */
function within (key: string): { gt: string, lt: string } {
  return { gt: `${key}/`, lt: `${key}/${END}` }
}
