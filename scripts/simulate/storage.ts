/**
 * What a node keeps when its process ends. As with LevelDB there is one log: a write that is synced takes all before it to
 * the disk, and a loss of power takes away what was written after the last of those, from some point on.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { MemoryStorage } from '../../src/consensus/index.ts'
import type { SimulatedTime } from './time.ts'
import type { AppendVoteOptions, ConsensusSession, ProposalHead, ScopeConfig, ScopePolicy, Vote, VoteLock } from '../../src/consensus/index.ts'
import type { Random } from '../fuzz/random.ts'

interface Write {
  scope: string
  session: ConsensusSession
}

/** What a process is told that runs no more: nothing, ever */
export async function never (): Promise<never> {
  return new Promise(() => {})
}

export class Disk {
  readonly time: SimulatedTime
  /** How long it takes until something is on the disk, milliseconds */
  readonly syncTime: () => number
  /** Those that a loss of power leaves */
  readonly sessions = new Map<string, Write>()
  readonly policies = new Map<string, ScopePolicy>()
  readonly configs = new Map<string, ScopeConfig>()
  readonly bindings = new Map<string, Vote>()
  /** What was written since the last sync, in order */
  private unsynced: Write[] = []
  private readonly lies: boolean

  /**
   * @param lies - whether nothing that is synced is on it in truth
   */
  constructor (time: SimulatedTime, syncTime: () => number, lies = false) {
    this.time = time
    this.syncTime = syncTime
    this.lies = lies
  }

  write (write: Write): void {
    this.unsynced.push(write)
  }

  sync (): void {
    if (!this.lies) {
      this.keep(this.unsynced.length)
    }
  }

  /** Loses power; returns how many writes were lost */
  fail (random: Random): number {
    const lost = random.below(this.unsynced.length + 1)

    this.keep(this.unsynced.length - lost)

    return lost
  }

  private keep (count: number): void {
    for (const write of this.unsynced.slice(0, count)) {
      this.sessions.set(`${write.scope}/${write.session.proposal.proposalId}`, write)
    }

    this.unsynced = []
  }
}

/** The storage of one process on a disk */
export class SimulatedStorage extends MemoryStorage {
  private readonly disk: Disk
  private readonly isRunning: () => boolean

  private constructor (disk: Disk, isRunning: () => boolean) {
    super()
    this.disk = disk
    this.isRunning = isRunning
  }

  static async open (disk: Disk, isRunning: () => boolean): Promise<SimulatedStorage> {
    const storage = new SimulatedStorage(disk, isRunning)

    for (const { scope, session } of disk.sessions.values()) {
      await MemoryStorage.prototype.saveSession.call(storage, scope, session)
    }

    for (const [scope, config] of disk.configs) {
      await MemoryStorage.prototype.setScopeConfig.call(storage, scope, config)
    }

    for (const policy of disk.policies.values()) {
      await MemoryStorage.prototype.savePolicy.call(storage, policy)
    }

    return storage
  }

  async saveSession (scope: string, session: ConsensusSession): Promise<void> {
    await this.durably({ scope, session }, async () => super.saveSession(scope, session))
  }

  async updateSession (scope: string, proposalId: number, update: (session: ConsensusSession) => ConsensusSession): Promise<ConsensusSession> {
    const before = await this.getSession(scope, proposalId)

    return before == null
      ? super.updateSession(scope, proposalId, update)
      : this.durably({ scope, session: update(before) }, async () => super.updateSession(scope, proposalId, update))
  }

  async appendVote (scope: string, session: ConsensusSession, { durable = false }: AppendVoteOptions = {}): Promise<void> {
    if (durable) {
      await this.durably({ scope, session }, async () => super.appendVote(scope, session))
      return
    }

    await this.checkRunning()
    await super.appendVote(scope, session)
    this.disk.write({ scope, session })
  }

  async getSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    await this.checkRunning()

    return super.getSession(scope, proposalId)
  }

  async setScopeConfig (scope: string, config: ScopeConfig): Promise<void> {
    await this.checkRunning()
    this.disk.configs.set(scope, config)
    await super.setScopeConfig(scope, config)
  }

  async savePolicy (policy: ScopePolicy): Promise<void> {
    await this.checkRunning()
    this.disk.policies.set(policy.name, policy)
    await super.savePolicy(policy)
  }

  /** The power may go off before the write is on the disk, and between that and whoever waits being told */
  private async durably <T> (write: Write, apply: () => Promise<T>): Promise<T> {
    await this.checkRunning()
    this.disk.write(write)
    await this.disk.time.wait(this.disk.syncTime())
    await this.checkRunning()
    this.disk.sync()

    return apply()
  }

  private async checkRunning (): Promise<void> {
    if (!this.isRunning()) {
      await never()
    }
  }
}

/** A vote lock of files, which outlives processes and is on the disk before it is answered */
export class SimulatedVoteLock implements VoteLock {
  private readonly disk: Disk
  private readonly isRunning: () => boolean

  constructor (disk: Disk, isRunning: () => boolean) {
    this.disk = disk
    this.isRunning = isRunning
  }

  async acquire (scope: string, proposal: ProposalHead, vote: Vote): Promise<Vote> {
    const { bindings, time, syncTime } = this.disk
    const key = bindingKey(scope, proposal, vote.voteOwner)

    await this.wait(time, syncTime())

    const bound = bindings.get(key) ?? { ...vote, signature: new Uint8Array(0) }

    bindings.set(key, bound)
    await this.wait(time, syncTime())

    return bound
  }

  async find (scope: string, proposal: ProposalHead, identity: Uint8Array): Promise<Vote | undefined> {
    return this.disk.bindings.get(bindingKey(scope, proposal, identity))
  }

  private async wait (time: SimulatedTime, milliseconds: number): Promise<void> {
    await time.wait(milliseconds)

    if (!this.isRunning()) {
      await never()
    }
  }
}

function bindingKey (scope: string, { proposalId }: ProposalHead, identity: Uint8Array): string {
  return `${scope}/${proposalId}/${bytesToHex(identity)}`
}
