/**
 * What tells whether two members have the same: an entry for each proposal, a digest for each day, a root over the days.
 * Digests of days are kept, 32 bytes each, and made anew where something of the day has changed.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { compare } from 'uint8arrays/compare'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { announcementDigest } from '../../consensus/policy/policy.ts'
import { dayOf, listDays, streamDay } from '../../consensus/storage/interface.ts'
import type { ProposalHead } from '../../consensus/session/session.ts'
import type { ConsensusStorage, SyncSummary } from '../../consensus/storage/interface.ts'
import type { JoinedScope } from '../scope/scope.ts'

/** The proposal has ended */
export const ENDED = 1
/** Its votes are kept no longer */
export const PRUNED = 2
/** The owner's signature of its announcement is not there, so nobody can be given it who does not know it */
export const UNSIGNED = 4
/** What proves its result is there, also where its other votes are kept no longer: whoever is given that comes to it, too */
export const PROVEN = 8

/** What there is of one proposal */
export interface Entry {
  /** The day the proposal belongs to */
  day: number
  proposalId: number
  /** What the proposal is, see `announcementDigest`: 32 bytes */
  digest: Uint8Array
  /** Which votes there are or, in `reference` and `legacy` scopes, how it ended: 32 bytes */
  entry: Uint8Array
  flags: number
}

export interface DayDigest {
  day: number
  /** 32 bytes */
  digest: Uint8Array
}

/** What is known of a day, made of its entries */
interface DayState {
  /** 32 bytes */
  digest: Uint8Array
  /** Proposals whose votes are kept no longer */
  pruned: number
}

type ScopeIdentity = Pick<JoinedScope, 'key' | 'policy' | 'digest' | 'open'>

const OUTCOME_DOMAIN = 'libp2p-voting/outcome/1'

/** No result, no and yes */
const OUTCOMES = [undefined, false, true].map(result => ({ result, hash: sha256(fromString(`${OUTCOME_DOMAIN}/${result ?? 'failed'}`)) }))

/** The entry of a proposal that has ended, in scopes where votes are not stored after the decision and so differ for ever */
export function outcomeHash (result: boolean | undefined): Uint8Array {
  return OUTCOMES.find(outcome => outcome.result === result)?.hash as Uint8Array
}

export function entryOf (scope: ScopeIdentity, summary: Pick<SyncSummary, 'proposal' | 'state' | 'result' | 'voteSetHash' | 'pruned' | 'proven' | 'signature'>): Entry {
  const { proposal, state, voteSetHash, pruned, proven, signature } = summary
  const isQuorum = scope.policy.decisionRule === 'quorum'
  const byOutcome = state !== 'active' && !isQuorum
  const flags = (state === 'active' ? 0 : ENDED) | (pruned ? PRUNED : 0) | (proven ? PROVEN : 0)
  const unsigned = signature == null && (!scope.open || isQuorum)

  return {
    day: dayOf(proposal),
    proposalId: proposal.proposalId,
    digest: announcementDigest(scope.policy, proposal, scope.digest),
    entry: byOutcome ? outcomeHash(summary.result) : voteSetHash,
    flags: flags | (unsigned ? UNSIGNED : 0)
  }
}

/** SHA-256 over days and their digests, ascending. 32 bytes. */
export function rootOf (days: Iterable<DayDigest>): Uint8Array {
  const hash = sha256.create()

  for (const { day, digest } of days) {
    const number = new Uint8Array(4)

    new DataView(number.buffer).setUint32(0, day)
    hash.update(concat([number, digest]))
  }

  return hash.digest()
}

/** What is kept of a scope */
interface ScopeDigests {
  /** The days that proposals belong to */
  days: Promise<Set<number>>
  states: Map<number, Promise<DayState>>
  /** The day of each proposal that may still change by itself */
  active: Map<number, number>
  /** The scope has been left: nothing more is to be found out of it */
  forgotten?: boolean
}

export class SyncIndex {
  private readonly storage: ConsensusStorage
  private readonly scopes = new Map<string, ScopeDigests>()
  /** What is being found out */
  private readonly underWay = new Set<Promise<unknown>>()

  constructor (storage: ConsensusStorage) {
    this.storage = storage
  }

  /** The digests of all days from `since` on, ascending. Rejects if the scope is left meanwhile. */
  async days (scope: ScopeIdentity, since: number): Promise<Array<DayDigest & DayState>> {
    const task = this.listStates(scope, this.scope(scope), since)
    const underWay = task.catch(() => {}).finally(() => { this.underWay.delete(underWay) })

    this.underWay.add(underWay)

    return task
  }

  /** Resolves when nothing is read any more */
  async idle (): Promise<void> {
    await Promise.all(this.underWay)
  }

  /** The root over all days from `since` on, and the number of their proposals whose votes were pruned */
  async summary (scope: ScopeIdentity, since: number): Promise<{ root: Uint8Array, pruned: number }> {
    const days = await this.days(scope, since)

    return { root: rootOf(days), pruned: days.reduce((sum, { pruned }) => sum + pruned, 0) }
  }

  /** The entries of these days, by day and proposal id */
  async * entries (scope: ScopeIdentity, days: Iterable<number>): AsyncGenerator<Entry> {
    for (const day of days) {
      for await (const summary of streamDay(this.storage, scope.key, day)) {
        yield entryOf(scope, summary)
      }
    }
  }

  /** Call after a proposal or a vote on it is stored */
  changed (scopeKey: string, proposal: ProposalHead, active: boolean): void {
    const scope = this.scopes.get(scopeKey)
    const day = dayOf(proposal)

    if (scope == null) {
      return
    }

    scope.states.delete(day)

    if (active && scope.active.get(proposal.proposalId) === day) {
      // another vote: what follows was done at the one before
      return
    }

    scope.days = scope.days.then(days => days.add(day))
    // whoever waits for the days is told
    scope.days.catch(() => {})

    if (active) {
      scope.active.set(proposal.proposalId, day)
    } else {
      scope.active.delete(proposal.proposalId)
    }
  }

  /** Call after a proposal has ended */
  ended (scopeKey: string, proposalId: number): void {
    const scope = this.scopes.get(scopeKey)
    const day = scope?.active.get(proposalId)

    scope?.active.delete(proposalId)

    if (day == null) {
      // it had ended before, and now it has in another way
      scope?.states.clear()
    } else {
      scope?.states.delete(day)
    }
  }

  forget (scopeKey: string): void {
    const scope = this.scopes.get(scopeKey)

    if (scope != null) {
      scope.forgotten = true
      this.scopes.delete(scopeKey)
    }
  }

  private async listStates (scope: ScopeIdentity, kept: ScopeDigests, since: number): Promise<Array<DayDigest & DayState>> {
    const days = [...await kept.days].filter(day => day >= since).sort((a, b) => a - b)
    const result: Array<DayDigest & DayState> = []

    for (const day of days) {
      result.push({ day, ...await this.stateOf(scope, kept, day) })
    }

    return result
  }

  private scope ({ key }: ScopeIdentity): ScopeDigests {
    let scope = this.scopes.get(key)

    if (scope == null) {
      scope = { days: this.listDays(key), states: new Map(), active: new Map() }
      this.scopes.set(key, scope)
    }

    return scope
  }

  private async listDays (key: string): Promise<Set<number>> {
    try {
      return new Set(await listDays(this.storage, key))
    } catch (err) {
      this.forget(key)
      throw err
    }
  }

  private async stateOf (scope: ScopeIdentity, kept: ScopeDigests, day: number): Promise<DayState> {
    const { states } = kept
    const known = states.get(day)

    if (known != null) {
      return known
    }

    // what changes meanwhile takes this away again
    const state = this.computeState(scope, kept, day)
    states.set(day, state)

    try {
      return await state
    } catch (err) {
      states.delete(day)
      throw err
    }
  }

  private async computeState (scope: ScopeIdentity, kept: ScopeDigests, day: number): Promise<DayState> {
    const pairs: Uint8Array[] = []
    let pruned = 0

    for await (const { digest, entry, flags } of this.entries(scope, [day])) {
      if (kept.forgotten === true) {
        throw new Error('The scope has been left')
      }

      pairs.push(concat([digest, entry]))
      pruned += (flags & PRUNED) === 0 ? 0 : 1
    }

    const hash = sha256.create()

    for (const pair of pairs.sort(compare)) {
      hash.update(pair)
    }

    return { digest: hash.digest(), pruned }
  }
}
