/**
 * Keeps everything in memory, for tests and for hosts that store elsewhere.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { defaultScopeConfig, validateScopeConfig } from '../policy/scope-config.ts'
import { sessionNotFound, votesPruned, withoutVotes } from './interface.ts'
import type { ConsensusStorage, MissedAutoVote, PolicyStorage, PruneOptions, RefusedProposal, ScopeSettings } from './interface.ts'
import type { ScopePolicy } from '../policy/policy.ts'
import type { ScopeConfig } from '../policy/scope-config.ts'
import type { HeldProof } from '../proofs/member-proof.ts'
import type { ConsensusSession } from '../session/session.ts'

export class MemoryStorage implements ConsensusStorage, PolicyStorage {
  private readonly sessions = new Map<string, Map<number, ConsensusSession>>()
  private readonly configs = new Map<string, ScopeConfig>()
  private readonly policies = new Map<string, ScopePolicy>()
  private readonly settings = new Map<string, ScopeSettings>()
  private readonly missed = new Map<string, MissedAutoVote[]>()
  private readonly refused = new Map<string, Map<number, RefusedProposal>>()
  private readonly locksIds = new Map<string, Uint8Array>()
  private readonly heldProofs = new Map<string, Map<string, HeldProof[]>>()

  async saveSession (scope: string, session: ConsensusSession): Promise<void> {
    let sessions = this.sessions.get(scope)

    if (sessions == null) {
      sessions = new Map()
      this.sessions.set(scope, sessions)
    }

    sessions.set(session.proposal.proposalId, session)
  }

  async getSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    return this.sessions.get(scope)?.get(proposalId)
  }

  async removeSession (scope: string, proposalId: number): Promise<ConsensusSession | undefined> {
    const sessions = this.sessions.get(scope)
    const session = sessions?.get(proposalId)

    sessions?.delete(proposalId)

    if (sessions?.size === 0) {
      this.sessions.delete(scope)
    }

    return session
  }

  async listScopeSessions (scope: string): Promise<ConsensusSession[] | undefined> {
    const sessions = this.sessions.get(scope)

    return sessions == null ? undefined : [...sessions.values()]
  }

  async * streamScopeSessions (scope: string): AsyncGenerator<ConsensusSession> {
    // a reader sees the scope as it was when it began
    yield * [...this.sessions.get(scope)?.values() ?? []]
  }

  async replaceScopeSessions (scope: string, sessions: ConsensusSession[]): Promise<void> {
    this.replace(scope, sessions)
  }

  async listScopes (): Promise<string[] | undefined> {
    return this.sessions.size === 0 ? undefined : [...this.sessions.keys()]
  }

  async updateSession (scope: string, proposalId: number, update: (session: ConsensusSession) => ConsensusSession): Promise<ConsensusSession> {
    const sessions = this.sessions.get(scope)
    const session = sessions?.get(proposalId)

    if (sessions == null || session == null) {
      throw sessionNotFound(scope, proposalId)
    }

    const updated = update(session)
    sessions.set(proposalId, updated)

    return updated
  }

  async appendVote (scope: string, session: ConsensusSession): Promise<void> {
    const { proposalId } = session.proposal
    const sessions = this.sessions.get(scope)

    const stored = sessions?.get(proposalId)

    if (sessions == null || stored == null) {
      throw sessionNotFound(scope, proposalId)
    }

    if (stored.pruned != null) {
      throw votesPruned(scope, proposalId)
    }

    sessions.set(proposalId, session)
  }

  async pruneVotes (scope: string, proposalId: number, options?: PruneOptions): Promise<void> {
    const sessions = this.sessions.get(scope)
    const session = sessions?.get(proposalId)

    if (session != null) {
      sessions?.set(proposalId, withoutVotes(session, options))
    }
  }

  async updateScopeSessions (scope: string, update: (sessions: ConsensusSession[]) => ConsensusSession[]): Promise<void> {
    this.replace(scope, update([...this.sessions.get(scope)?.values() ?? []]))
  }

  async getScopeConfig (scope: string): Promise<ScopeConfig | undefined> {
    const config = this.configs.get(scope)

    return config == null ? undefined : { ...config }
  }

  async setScopeConfig (scope: string, config: ScopeConfig): Promise<void> {
    validateScopeConfig(config)
    this.configs.set(scope, { ...config })
  }

  async updateScopeConfig (scope: string, update: (config: ScopeConfig) => ScopeConfig): Promise<ScopeConfig> {
    const config = update({ ...(this.configs.get(scope) ?? defaultScopeConfig()) })
    await this.setScopeConfig(scope, config)

    return config
  }

  async deleteScope (scope: string): Promise<void> {
    this.sessions.delete(scope)
    this.configs.delete(scope)
    this.refused.delete(scope)
    this.missed.delete(scope)
  }

  async savePolicy (policy: ScopePolicy): Promise<void> {
    this.policies.set(policy.name, policy)
  }

  async removePolicy (name: string): Promise<void> {
    this.policies.delete(name)
    this.settings.delete(name)
  }

  async saveSettings (name: string, settings: ScopeSettings): Promise<void> {
    this.settings.set(name, { ...settings })
  }

  async getSettings (name: string): Promise<ScopeSettings | undefined> {
    return this.settings.get(name)
  }

  async listPolicies (): Promise<ScopePolicy[]> {
    return [...this.policies.values()]
  }

  async saveMissed (scope: string, votes: MissedAutoVote[]): Promise<void> {
    this.missed.set(scope, [...votes])
  }

  async listMissed (scope: string): Promise<MissedAutoVote[]> {
    return [...this.missed.get(scope) ?? []]
  }

  async saveRefused (scope: string, refused: RefusedProposal): Promise<void> {
    this.refused.set(scope, (this.refused.get(scope) ?? new Map<number, RefusedProposal>()).set(refused.proposalId, { ...refused }))
  }

  async listRefused (scope: string): Promise<RefusedProposal[]> {
    return [...this.refused.get(scope)?.values() ?? []].sort((one, other) => one.proposalId - other.proposalId)
  }

  async saveLocksId (identity: Uint8Array, id: Uint8Array): Promise<void> {
    this.locksIds.set(bytesToHex(identity), id)
  }

  async getLocksId (identity: Uint8Array): Promise<Uint8Array | undefined> {
    return this.locksIds.get(bytesToHex(identity))
  }

  async saveHeldProofs (scope: string, voter: Uint8Array, proofs: HeldProof[]): Promise<void> {
    const held = this.heldProofs.get(scope) ?? new Map<string, HeldProof[]>()

    this.heldProofs.set(scope, held.set(bytesToHex(voter), proofs))
  }

  async listHeldProofs (scope: string): Promise<HeldProof[]> {
    return [...this.heldProofs.get(scope)?.values() ?? []].flat()
  }

  private replace (scope: string, sessions: ConsensusSession[]): void {
    if (sessions.length === 0) {
      this.sessions.delete(scope)
    } else {
      this.sessions.set(scope, new Map(sessions.map(session => [session.proposal.proposalId, session])))
    }
  }
}
