/**
 * @packageDocumentation
 *
 * Keeps sessions, votes, scope configurations and joined scopes in LevelDB (on Node.js) or IndexedDB (in browsers).
 *
 * One record per proposal, per vote, per outcome, per scope, each with a checksum. What belongs together is written in one
 * batch, which calls that are under way at the same time share. Active sessions are kept in memory as well once they are
 * used, and those that have ended lately; others are read when asked for, and lists of them read no votes. Opening reads one record and what is small of
 * LevelDB's files, however much is stored; the large ones are looked at right afterwards. Once one is found to be damaged
 * nothing is stored any more. A store of an older form is brought to this version's when it is opened, once.
 *
 * A write that fails, for instance because the disk is full, changes nothing; reading goes on, and the next write tries
 * again. A damaged record throws StorageDamagedError where it is needed, the rest can be used.
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

import { defaultScopeConfig, validateScopeConfig } from '../../consensus/policy/scope-config.ts'
import { sessionNotFound, votesPruned } from '../../consensus/storage/interface.ts'
import { BoundedSet } from '../../util/bounded.ts'
import { KeyedMutex } from '../../util/keyed-mutex.ts'
import { inspectStore } from '../integrity/inspect.ts'
import { checkOwnership, ownershipOf, readOwnership, takeOwnership } from '../integrity/owner.ts'
import { settle } from '../integrity/power-loss.ts'
import { LevelVoteLock } from '../vote-lock/level-vote-lock.ts'
import { Archive } from './archive.ts'
import { Database } from './database.ts'
import { proposalKey } from './keys.ts'
import { RecentSessions } from './recent-sessions.ts'
import { bringUpToDate, writeSchema } from './schema.ts'
import { Scopes } from './scopes.ts'
import { Sessions } from './sessions.ts'
import type { DamagedRecord, StorageDamagedError } from '../errors.ts'
import type { OrderIndex } from './keys.ts'
import type { Write } from './write-queue.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { ScopeConfig } from '../../consensus/policy/scope-config.ts'
import type { HeldProof } from '../../consensus/proofs/member-proof.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { AppendVoteOptions, ConsensusStorage, MissedAutoVote, PolicyStorage, PruneOptions, RefusedProposal, ScopeSettings, SessionSummary, SummaryQuery, SyncSummary } from '../../consensus/storage/interface.ts'
import type { LockCounter, RaiseOptions } from '../../consensus/vote/lock-counter.ts'
import type { VoteLock, VoteSubject } from '../../consensus/vote/vote-lock.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { Ownership } from '../integrity/owner.ts'

export { StorageDamagedError } from '../errors.ts'
export type { DamagedRecord } from '../errors.ts'

export interface LevelStorageOptions {
  /**
   * Who votes with the store, for instance an address. A store remembers the first it is opened for, and refuses others: what
   * it says of votes that were cast is not about them.
   */
  owner?: string

  /**
   * Whether a store of somebody else becomes this owner's
   *
   * @default false
   */
  newOwner?: boolean

  /**
   * The network that the store is used in, in words. A store remembers the first it is opened for, and refuses others:
   * members of another network know nothing of what it holds.
   */
  network?: string

  /**
   * Whether a store of another network becomes this one's
   *
   * @default false
   */
  newNetwork?: boolean
}

/** What is stored with so many votes */
const VOTES_IN_WORDS = ['evidence', 'a vote']

/** Proposals that are remembered not to be stored */
const MAX_ABSENT = 1_000

export class LevelStorage implements ConsensusStorage, PolicyStorage, VoteLock {
  /** What has ended is kept for ever */
  readonly isArchive = true
  private readonly db: Database
  private readonly sessions: Sessions
  private readonly scopes: Scopes
  private readonly locks: LevelVoteLock
  private readonly archive: Archive
  /** The active sessions that have been used, as they are stored */
  private readonly active = new Map<string, ConsensusSession>()
  /** Some of those that have ended, as they are stored */
  private readonly ended = new RecentSessions()
  /** Some that are not stored: who takes in a new proposal asks for it several times before it is */
  private readonly absent = new BoundedSet<string>(MAX_ABSENT)
  private readonly mutex = new KeyedMutex()

  /**
   * Votes of others that were lost with the power, and found missing when the store was opened: a record for each proposal. What
   * was decided stands; members that have them give them again.
   */
  readonly lostVotes: readonly DamagedRecord[]

  private constructor (db: Database, lostVotes: DamagedRecord[]) {
    this.db = db
    this.lostVotes = lostVotes
    this.sessions = new Sessions(db)
    this.scopes = new Scopes(db)
    this.locks = new LevelVoteLock(db)
    this.archive = new Archive({
      db,
      sessions: this.sessions,
      known: (scope, proposalId) => this.active.get(proposalKey(scope, proposalId)),
      getSession: async (scope, proposalId) => this.getSession(scope, proposalId),
      onSession: async (scope, proposalId, task) => this.onSession(scope, proposalId, task)
    })
  }

  /**
   * Opens a store, which is made if there is none.
   *
   * @param location - a folder, or the name of a database in browsers
   * @throws {StorageOpenError} if another process has it open, or it cannot be read
   * @throws {StorageFormatError} if a newer version of this package has made it, or somebody else
   * @throws {StorageDamagedError} if it, or what says which version has made it, is damaged
   * @throws {StorageOwnerError} if it is another owner's
   * @throws {StorageNetworkError} if it is of another network
   */
  static async open (location: string, options: LevelStorageOptions = {}): Promise<LevelStorage> {
    const { database, isNew } = await Database.openOrCreate(location, options)
    let lostVotes: DamagedRecord[]

    try {
      if (isNew) {
        await writeSchema(database)
        await database.made()
      }

      // older versions have not put it into the manifest, where it was checked
      const before = await checkRecords(database, options)

      await bringUpToDate(database)
      lostVotes = await settle(database)

      if (before != null) {
        await takeOwnership(database, before, options)
        await database.belongsTo({ ...before, ...ownershipOf(options) })
      }
    } catch (err) {
      await database.close()
      throw err
    }

    return new LevelStorage(database, lostVotes)
  }

  /**
   * Reads all of a store that nobody has open and resolves with the records that are damaged, missing or contradict each
   * other. Changes none of them, but makes up, as opening does, for votes that were lost with the power.
   *
   * @throws {StorageOpenError} if there is no store, another process has it open, or it cannot be read
   * @throws {StorageFormatError} as opening it does, and if it is of an older form
   */
  static async check (location: string): Promise<DamagedRecord[]> {
    return inspectStore(location)
  }

  /** Closes the store. What was stored is on disk. */
  async close (): Promise<void> {
    await this.db.close()
    this.active.clear()
    this.ended.clear()
    this.absent.clear()
  }

  /** Why nothing can be stored since a write has failed, in words; undefined while writes succeed */
  get writeFailure (): string | undefined {
    return this.db.failure
  }

  /** The damage to LevelDB's files that was found since the store was opened, if any. Nothing is stored any more then. */
  get damage (): StorageDamagedError | undefined {
    return this.db.foundDamage
  }

  /** Resolves once the large files have been looked at, which opening does not wait for, whatever was found */
  async filesChecked (): Promise<void> {
    await this.db.verified()
  }

  /** Calls the listener, in place of the one before, when writes begin to fail, with the reason, and without one when they succeed again */
  watchWrites (listener?: (failure?: string) => void): void {
    this.db.onWritable = listener
  }

  /**
   * Finds out whether writes succeed again after one has failed. Writes nothing of its own, and does nothing while they do.
   *
   * @throws {StorageWriteError} if they do not
   * @throws {StorageDamagedError} if they never will, since the store is damaged
   */
  async probe (): Promise<void> {
    await this.db.probe()
  }

  async saveSession (scope: string, session: ConsensusSession): Promise<void> {
    const { proposalId } = session.proposal

    await this.inScope(scope, async () => this.onSession(scope, proposalId, async () => {
      const before = this.absent.has(proposalKey(scope, proposalId)) ? undefined : await this.sessions.head(scope, proposalId)

      await this.db.write(describe(scope, proposalId), [
        ...before == null ? [] : await this.sessions.removeHead(scope, before),
        ...this.sessions.put(scope, session, before?.place ?? await this.sessions.nextPlace(scope))
      ])
      this.remember(scope, session)
    }))
  }

  async getSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    return this.recent(proposalKey(scope, proposalId)) ?? this.onSession(scope, proposalId, async () => this.load(scope, proposalId))
  }

  async removeSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    return this.inScope(scope, async () => this.onSession(scope, proposalId, async () => {
      const session = await this.load(scope, proposalId)

      if (session != null) {
        await this.db.write(`the removal of ${describe(scope, proposalId)}`, await this.sessions.remove(scope, proposalId))
        this.forget(scope, proposalId)
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
    yield * this.streamIndex('order', scope)
  }

  async * streamActiveSessions (scope: string): AsyncGenerator<ConsensusSession> {
    for await (const session of this.streamIndex('active', scope)) {
      // it may have ended since the index was read
      if (session.state === 'active') {
        yield session
      }
    }
  }

  /** Reads no votes but those of active sessions that have not been used yet, and no session before `after` */
  async * streamSummaries (scope: string, query?: SummaryQuery): AsyncGenerator<SessionSummary> {
    yield * this.archive.summaries(scope, query)
  }

  async listDays (scope: string): Promise<number[]> {
    return this.archive.days(scope)
  }

  /** Reads the votes of a session that has ended once after they have changed, and remembers their hash */
  async * streamDay (scope: string, day: number): AsyncGenerator<SyncSummary> {
    yield * this.archive.day(scope, day)
  }

  async replaceScopeSessions (scope: string, sessions: ConsensusSession[]): Promise<void> {
    await this.updateScopeSessions(scope, () => sessions)
  }

  async listScopes (): Promise<string[] | undefined> {
    const scopes = await this.sessions.scopes()

    return scopes.length === 0 ? undefined : scopes
  }

  async updateSession (scope: string, proposalId: number, update: (session: ConsensusSession) => ConsensusSession): Promise<ConsensusSession> {
    return this.onSession(scope, proposalId, async () => {
      const head = await this.sessions.head(scope, proposalId)

      if (head == null) {
        throw sessionNotFound(scope, proposalId)
      }

      const session = this.recent(proposalKey(scope, proposalId)) ?? await this.sessions.readVotes(scope, head)
      const updated = update(session)

      await this.db.write(describe(scope, proposalId), updated.sharesVotesWith(session)
        ? this.sessions.putState(scope, updated, head.place, head.outcome?.voteSetHash)
        : [...await this.sessions.removeHead(scope, head), ...this.sessions.put(scope, updated, head.place)])
      this.remember(scope, updated)

      return updated
    })
  }

  async appendVote (scope: string, session: ConsensusSession, { durable = false, count = 1, evidence }: AppendVoteOptions = {}): Promise<void> {
    const { proposalId } = session.proposal
    const key = proposalKey(scope, proposalId)

    await this.mutex.run(key, async () => {
      await this.db.write(`${VOTES_IN_WORDS[count] ?? `${count} votes`} on ${describe(scope, proposalId)}`, [
        ...this.sessions.putLastVotes(scope, session, count, evidence),
        // more votes of a session that stays active write those votes and read nothing
        ...this.active.has(key) && session.state === 'active' ? [] : await this.stateAfterVote(scope, session)
      ], durable)
      this.remember(scope, session, key)
    })
  }

  /** Gives up the votes of a session that has ended. What is left of a call that was cut off is given up, too. */
  async pruneVotes (scope: string, proposalId: number, options?: PruneOptions): Promise<void> {
    await this.onSession(scope, proposalId, async () => {
      if (!this.active.has(proposalKey(scope, proposalId))) {
        this.forget(scope, proposalId)
      }

      await this.archive.prune(scope, proposalId, options)
    })
  }

  /** Reads no session but those with evidence in them */
  async * streamDoubleVoted (scope: string, from = 0): AsyncGenerator<ConsensusSession> {
    yield * this.archive.doubleVoted(scope, from)
  }

  async updateScopeSessions (scope: string, update: (sessions: ConsensusSession[]) => ConsensusSession[]): Promise<void> {
    await this.inScope(scope, async () => this.replaceSessions(scope, update))
  }

  async getScopeConfig (scope: string): Promise<ScopeConfig | undefined> {
    return this.scopes.getConfig(scope)
  }

  async setScopeConfig (scope: string, config: ScopeConfig): Promise<void> {
    validateScopeConfig(config)
    await this.inScope(scope, async () => this.scopes.saveConfig(scope, config))
  }

  async updateScopeConfig (scope: string, update: (config: ScopeConfig) => ScopeConfig): Promise<ScopeConfig> {
    return this.inScope(scope, async () => {
      const config = update(await this.scopes.getConfig(scope) ?? defaultScopeConfig())

      validateScopeConfig(config)
      await this.scopes.saveConfig(scope, config)

      return config
    })
  }

  async deleteScope (scope: string): Promise<void> {
    await this.inScope(scope, async () => this.replaceSessions(scope, () => [], [this.scopes.removeConfig(scope), ...await this.scopes.removeNotes(scope)]))
  }

  async savePolicy (policy: ScopePolicy): Promise<void> {
    await this.scopes.savePolicy(policy)
  }

  async removePolicy (name: string): Promise<void> {
    await this.scopes.removePolicy(name)
  }

  async saveSettings (name: string, settings: ScopeSettings): Promise<void> {
    await this.scopes.saveSettings(name, settings)
  }

  async getSettings (name: string): Promise<ScopeSettings | undefined> {
    return this.scopes.getSettings(name)
  }

  async saveMissed (scope: string, votes: MissedAutoVote[]): Promise<void> {
    await this.scopes.saveMissed(scope, votes)
  }

  async listMissed (scope: string): Promise<MissedAutoVote[]> {
    return this.scopes.listMissed(scope)
  }

  async saveRefused (scope: string, refused: RefusedProposal): Promise<void> {
    await this.scopes.saveRefused(scope, refused)
  }

  async listRefused (scope: string): Promise<RefusedProposal[]> {
    return this.scopes.listRefused(scope)
  }

  async saveLocksId (identity: Uint8Array, id: Uint8Array): Promise<void> {
    await this.scopes.saveLocksId(identity, id)
  }

  async getLocksId (identity: Uint8Array): Promise<Uint8Array | undefined> {
    return this.scopes.getLocksId(identity)
  }

  async saveHeldProofs (scope: string, voter: Uint8Array, proofs: HeldProof[]): Promise<void> {
    await this.scopes.saveHeldProofs(scope, voter, proofs)
  }

  async listHeldProofs (scope: string): Promise<HeldProof[]> {
    return this.scopes.listHeldProofs(scope)
  }

  async listPolicies (): Promise<ScopePolicy[]> {
    return this.scopes.listPolicies()
  }

  async acquire (scope: string, proposal: VoteSubject, vote: Vote): Promise<Vote> {
    return this.locks.acquire(scope, proposal, vote)
  }

  async find (scope: string, proposal: VoteSubject, identity: Uint8Array): Promise<Vote | undefined> {
    return this.locks.find(scope, proposal, identity)
  }

  async counter (identity: Uint8Array): Promise<LockCounter | undefined> {
    return this.locks.counter(identity)
  }

  async raise (identity: Uint8Array, options?: RaiseOptions): Promise<LockCounter> {
    return this.locks.raise(identity, options)
  }

  private async * streamIndex (index: OrderIndex, scope: string): AsyncGenerator<ConsensusSession> {
    yield * this.sessions.each(index, scope, this.sessions.ids(index, scope), async proposalId => this.getSession(scope, proposalId))
  }

  /** Replaces the sessions of a scope, in the order they are given. Only called within the scope. */
  private async replaceSessions (scope: string, update: (sessions: ConsensusSession[]) => ConsensusSession[], more: Write[] = []): Promise<void> {
    const before = await this.listScopeSessions(scope) ?? []

    await this.onSessions(scope, before, async () => {
      const current = await Promise.all(before.map(async ({ proposal }) => this.load(scope, proposal.proposalId)))
      // of sessions of one proposal the last counts, at the place of the first
      const after = new Map(update(current.filter(session => session != null)).map(session => [session.proposal.proposalId, session]))
      const writes: Write[] = []
      let place = await this.sessions.nextPlace(scope)

      for (const { proposal } of before) {
        writes.push(...await this.sessions.remove(scope, proposal.proposalId))
      }

      for (const session of after.values()) {
        writes.push(...this.sessions.put(scope, session, place++))
      }

      await this.db.write(`the sessions of scope ${JSON.stringify(scope)}`, [...writes, ...more])
      before.forEach(({ proposal }) => { this.forget(scope, proposal.proposalId) })
      after.forEach(session => { this.remember(scope, session) })
    })
  }

  private async load (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    const key = proposalKey(scope, proposalId)
    const recent = this.recent(key)

    if (recent != null || this.absent.has(key)) {
      return recent
    }

    const session = await this.sessions.read(scope, proposalId)

    if (session != null) {
      this.remember(scope, session)
    } else if (this.recent(key) == null) {
      this.absent.add(key)
    }

    return session
  }

  /** The writes that bring what is stored besides the votes up to a session's last vote */
  private async stateAfterVote (scope: string, session: ConsensusSession): Promise<Write[]> {
    const { proposalId } = session.proposal
    const head = await this.sessions.head(scope, proposalId)

    if (head == null) {
      throw sessionNotFound(scope, proposalId)
    }

    if (head.outcome?.pruned === true) {
      throw votesPruned(scope, proposalId)
    }

    return head.outcome == null && session.state === 'active' ? [] : this.sessions.putState(scope, session, head.place)
  }

  /** A session as it is stored, if it is in memory */
  private recent (key: string): ConsensusSession | undefined {
    return this.active.get(key) ?? this.ended.get(key)
  }

  private remember (scope: string, session: ConsensusSession, key = proposalKey(scope, session.proposal.proposalId)): void {
    const [here, elsewhere] = session.state === 'active' ? [this.active, this.ended] : [this.ended, this.active]

    here.set(key, session)
    elsewhere.delete(key)
    this.absent.delete(key)
  }

  private forget (scope: string, proposalId: number): void {
    const key = proposalKey(scope, proposalId)

    this.active.delete(key)
    this.ended.delete(key)
  }

  private async inScope <T> (scope: string, task: () => Promise<T>): Promise<T> {
    return this.mutex.run(`scope ${scope}`, task)
  }

  private async onSession <T> (scope: string, proposalId: number, task: () => Promise<T>): Promise<T> {
    return this.mutex.run(proposalKey(scope, proposalId), task)
  }

  /** Holds the sessions one after the other. Only called within a scope, so no two calls hold what the other waits for. */
  private async onSessions <T> (scope: string, sessions: ConsensusSession[], task: () => Promise<T>): Promise<T> {
    const [first, ...rest] = sessions

    return first == null ? task() : this.onSession(scope, first.proposal.proposalId, async () => this.onSessions(scope, rest, task))
  }
}

/** What the records say of whose the store is, where somebody claims it */
async function checkRecords (database: Database, options: LevelStorageOptions): Promise<Ownership | undefined> {
  if (options.owner == null && options.network == null) {
    return
  }

  const before = await readOwnership(database)

  checkOwnership(database.location, before, options)

  return before
}

function describe (scope: string, proposalId: number): string {
  return `proposal ${proposalId} in scope ${JSON.stringify(scope)}`
}
