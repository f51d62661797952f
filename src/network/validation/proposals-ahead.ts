/**
 * Proposals from clocks that are ahead of ours. They wait here, neither stored nor passed on, until our clock lets them in.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { Deadlines } from '../lifecycle/deadlines.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { Announcement } from '../../consensus/proposal/announcement.ts'
import type { JoinedScope } from '../scope/scope.ts'

/** Seconds that a proposal may be ahead of our clock and wait, where twice the clock skew is not more */
const MIN_WINDOW_SECONDS = 60

/** Proposals of one proposer that wait in a scope */
const MAX_AHEAD_PER_PROPOSER = 2

/** Proposals that wait in a scope, of all proposers together: where anybody may propose, proposers cost nothing */
const MAX_AHEAD = 1_000

interface Waiting {
  scope: JoinedScope
  announcement: Announcement
  /** Who has signed it; empty if nobody has */
  proposer: string
}

export interface ProposalsAheadInit {
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds after which the clock is looked at again */
  clockCheckInterval?: number
  /** Called when our clock lets a proposal in */
  onDue (scope: JoinedScope, announcement: Announcement): void
}

/** How many seconds a proposal may be ahead of our clock and wait */
export function aheadWindow ({ clockSkewSeconds }: ScopePolicy): bigint {
  return BigInt(Math.max(MIN_WINDOW_SECONDS, 2 * clockSkewSeconds))
}

export class ProposalsAhead {
  private readonly init: ProposalsAheadInit
  private readonly deadlines: Deadlines
  /** Scope → key → proposal */
  private readonly scopes = new Map<JoinedScope, Map<string, Waiting>>()

  constructor (init: ProposalsAheadInit) {
    this.init = init
    this.deadlines = new Deadlines(() => init.clock(), key => { this.onDue(key) }, init.clockCheckInterval)
  }

  /** How many proposals wait in a scope */
  sizeOf (scope: JoinedScope): number {
    return this.scopes.get(scope)?.size ?? 0
  }

  /** @param digest - of the announcement, 32 bytes */
  has (scope: JoinedScope, digest: Uint8Array): boolean {
    return this.scopes.get(scope)?.has(keyOf(scope, digest)) === true
  }

  /** Whether a proposal may wait: there is room, or a later one of the same proposer gives way */
  hasRoom (scope: JoinedScope, announcement: Announcement): boolean {
    const others = this.of(scope, proposerOf(announcement))

    return others.length < MAX_AHEAD_PER_PROPOSER
      ? this.sizeOf(scope) < MAX_AHEAD
      : latest(others)[1].announcement.proposal.timestamp > announcement.proposal.timestamp
  }

  /**
   * Lets a proposal wait. The caller has verified it, and has seen that there is room.
   *
   * @param digest - of the announcement, 32 bytes
   */
  add (scope: JoinedScope, digest: Uint8Array, announcement: Announcement): void {
    const key = keyOf(scope, digest)
    const proposer = proposerOf(announcement)
    const others = this.of(scope, proposer)

    if (!this.scopes.has(scope)) {
      this.scopes.set(scope, new Map())
      scope.signal.addEventListener('abort', () => { this.forget(scope) }, { once: true })
    }

    if (others.length >= MAX_AHEAD_PER_PROPOSER) {
      this.remove(scope, latest(others)[0])
    }

    this.scopes.get(scope)?.set(key, { scope, announcement, proposer })
    this.deadlines.arm(key, announcement.proposal.timestamp - BigInt(scope.policy.clockSkewSeconds))
  }

  private of (scope: JoinedScope, proposer: string): Array<[string, Waiting]> {
    return [...this.scopes.get(scope) ?? []].filter(([, waiting]) => waiting.proposer === proposer)
  }

  private onDue (key: string): void {
    for (const [scope, waiting] of this.scopes) {
      const due = waiting.get(key)

      if (due != null) {
        this.remove(scope, key)
        this.init.onDue(scope, due.announcement)
      }
    }
  }

  private remove (scope: JoinedScope, key: string): void {
    this.deadlines.disarm(key)
    this.scopes.get(scope)?.delete(key)
  }

  private forget (scope: JoinedScope): void {
    for (const key of this.scopes.get(scope)?.keys() ?? []) {
      this.remove(scope, key)
    }

    this.scopes.delete(scope)
  }
}

function keyOf ({ key }: JoinedScope, digest: Uint8Array): string {
  return `${key} ${bytesToHex(digest)}`
}

/** A peer that did not sign may have named any key as the owner */
function proposerOf ({ proposal, signature }: Announcement): string {
  return signature.byteLength === 0 ? '' : bytesToHex(proposal.proposalOwner)
}

function latest (waiting: Array<[string, Waiting]>): [string, Waiting] {
  return waiting.reduce((a, b) => a[1].announcement.proposal.timestamp >= b[1].announcement.proposal.timestamp ? a : b)
}
