/**
 * What is stored of a scope besides its sessions: its configuration and its policy. And which vote locks the store is used with.
 */

import { toString } from 'uint8arrays/to-string'
import { canonicalPolicy, parsePolicy } from '../../consensus/policy/policy.ts'
import { checkMark } from '../vote-lock/counter-encoding.ts'
import { configKey, locksKey, missedKey, parseKey, policyKey, provenKey, provenScopeKey, refusedKey, refusedPath, settingsKey, within } from './keys.ts'
import { decodeHeldProofs, decodeMissed, decodeRefused, decodeScopeConfig, decodeSettings, encodeHeldProofs, encodeMissed, encodeRefused, encodeScopeConfig, encodeSettings } from './records.ts'
import type { Database } from './database.ts'
import type { Write } from './write-queue.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { ScopeConfig } from '../../consensus/policy/scope-config.ts'
import type { HeldProof } from '../../consensus/proofs/member-proof.ts'
import type { MissedAutoVote, RefusedProposal, ScopeSettings } from '../../consensus/storage/interface.ts'

export class Scopes {
  private readonly db: Database

  constructor (db: Database) {
    this.db = db
  }

  async getConfig (scope: string): Promise<ScopeConfig | undefined> {
    const key = configKey(scope)
    const record = await this.db.get(key)

    return record == null ? undefined : this.db.decode(key, () => decodeScopeConfig(record))
  }

  async saveConfig (scope: string, config: ScopeConfig): Promise<void> {
    await this.db.write(`the configuration of scope ${JSON.stringify(scope)}`, [{ type: 'put', key: configKey(scope), value: encodeScopeConfig(config) }])
  }

  removeConfig (scope: string): Write {
    return { type: 'del', key: configKey(scope) }
  }

  async savePolicy (policy: ScopePolicy): Promise<void> {
    await this.db.write(`the policy ${JSON.stringify(policy.name)}`, [{ type: 'put', key: policyKey(policy.name), value: canonicalPolicy(policy) }])
  }

  async removePolicy (name: string): Promise<void> {
    await this.db.write(`the removal of the policy ${JSON.stringify(name)}`, [{ type: 'del', key: policyKey(name) }, { type: 'del', key: settingsKey(name) }])
  }

  async saveSettings (name: string, settings: ScopeSettings): Promise<void> {
    await this.db.write(`the settings of scope ${JSON.stringify(name)}`, [{ type: 'put', key: settingsKey(name), value: encodeSettings(settings) }])
  }

  async getSettings (name: string): Promise<ScopeSettings | undefined> {
    const key = settingsKey(name)
    const record = await this.db.get(key)

    return record == null ? undefined : this.db.decode(key, () => decodeSettings(record))
  }

  async saveRefused (scope: string, refused: RefusedProposal): Promise<void> {
    await this.db.write(`proposal ${refused.proposalId}, which scope ${JSON.stringify(scope)} has refused`, [{ type: 'put', key: refusedKey(scope, refused.proposalId), value: encodeRefused(refused) }])
  }

  async listRefused (scope: string): Promise<RefusedProposal[]> {
    const entries = await this.db.entries(within(refusedPath(scope)))

    return entries.map(([key, record]) => ({ proposalId: parseKey(key).proposalId ?? 0, ...this.db.decode(key, () => decodeRefused(record)) }))
  }

  async saveMissed (scope: string, votes: MissedAutoVote[]): Promise<void> {
    await this.db.write(`the automatic votes that were missed in scope ${JSON.stringify(scope)}`, [{ type: 'put', key: missedKey(scope), value: encodeMissed(votes) }])
  }

  async listMissed (scope: string): Promise<MissedAutoVote[]> {
    const key = missedKey(scope)
    const record = await this.db.get(key)

    return record == null ? [] : this.db.decode(key, () => decodeMissed(record))
  }

  /** What goes with the sessions of a scope */
  async removeNotes (scope: string): Promise<Write[]> {
    return [missedKey(scope), ...await this.db.keys(within(refusedPath(scope)))].map(key => ({ type: 'del', key }))
  }

  async saveLocksId (identity: Uint8Array, id: Uint8Array): Promise<void> {
    await this.db.write('which vote locks it is used with', [{ type: 'put', key: locksKey(identity), value: id }])
  }

  async getLocksId (identity: Uint8Array): Promise<Uint8Array | undefined> {
    const key = locksKey(identity)
    const id = await this.db.get(key)

    return id == null ? undefined : this.db.decode(key, () => checkMark(id))
  }

  async saveHeldProofs (scope: string, voter: Uint8Array, proofs: HeldProof[]): Promise<void> {
    await this.db.write(`what a voter in scope ${JSON.stringify(scope)} has proven`, [{ type: 'put', key: provenKey(scope, voter), value: encodeHeldProofs(proofs) }], false)
  }

  async listHeldProofs (scope: string): Promise<HeldProof[]> {
    const entries = await this.db.entries(within(provenScopeKey(scope)))

    return entries.flatMap(([key, record]) => this.db.decode(key, () => decodeHeldProofs(record)))
  }

  async listPolicies (): Promise<ScopePolicy[]> {
    const entries = await this.db.entries(within('policy'))

    return entries.map(([key, record]) => this.db.decode(key, () => parsePolicy(JSON.parse(toString(record)))))
  }
}
