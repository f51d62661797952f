/**
 * What an operator has to look into: proposals on which both sides have got the votes of a quorum. That follows from what
 * is stored, so it is still known after a restart. All of a scope is read once for it, when the scope is entered.
 */

import { requireSession, streamSummaries } from '../consensus/storage.ts'
import type { JoinedScope } from './scope.ts'
import type { SessionState } from '../consensus/session-rules.ts'
import type { ConsensusSession } from '../consensus/session.ts'
import type { ConsensusStorage } from '../consensus/storage.ts'
import type { Logger } from '@libp2p/interface'

/** So many are told of, the latest ones: after the first somebody has to look at the scope as a whole */
const MAX_TOLD = 20

export interface Alarm {
  /** Name of the scope */
  scope: string
  proposalId: number
  /** Of the proposal */
  name: string
  /** Whether there is no result, or one that others may have the opposite of */
  kind: 'conflict' | 'contradicted'
  /** In words, without who is to blame */
  reason: string
  /** Who has voted both yes and no, as far as it is known here */
  culprits: Uint8Array[]
}

interface ScopeAlarms {
  loaded: Promise<void>
  proposals: Set<number>
}

export class Alarms {
  private readonly storage: ConsensusStorage
  private readonly log: Logger
  private readonly scopes = new Map<string, ScopeAlarms>()

  constructor (storage: ConsensusStorage, log: Logger) {
    this.storage = storage
    this.log = log
  }

  /** How many proposals there are alarms for */
  get size (): number {
    return [...this.scopes.values()].reduce((sum, { proposals }) => sum + proposals.size, 0)
  }

  /** Finds out what there is from before. Resolves when it is known; what goes wrong is logged, and told to who asks. */
  async enter (scope: JoinedScope): Promise<void> {
    const proposals = new Set<number>()
    const loaded = this.load(scope, proposals)

    this.scopes.set(scope.key, { loaded, proposals })

    try {
      await loaded
    } catch (err) {
      if (!scope.signal.aborted) {
        this.log.error('could not find out which proposals in scope %s are in conflict - %e', scope.name, err)
      }
    }
  }

  leave (scope: JoinedScope): void {
    this.scopes.delete(scope.key)
  }

  /** Is to be called when both sides have got the votes of a quorum */
  raise (scopeKey: string, proposalId: number): void {
    this.scopes.get(scopeKey)?.proposals.add(proposalId)
  }

  /** The latest alarms of a scope, the latest last */
  async of (scope: JoinedScope): Promise<Alarm[]> {
    const known = this.scopes.get(scope.key)

    await known?.loaded

    return Promise.all([...known?.proposals ?? []].slice(-MAX_TOLD).map(async proposalId => alarmOf(scope.name, await requireSession(this.storage, scope.key, proposalId))))
  }

  private async load ({ key, policy, signal }: JoinedScope, proposals: Set<number>): Promise<void> {
    // under the other rules nobody counts on both sides
    if (policy.decisionRule !== 'quorum') {
      return
    }

    for await (const summary of streamSummaries(this.storage, key)) {
      signal.throwIfAborted()

      if (isAlarming(summary)) {
        proposals.add(summary.proposal.proposalId)
      }
    }
  }
}

function isAlarming ({ state, contradicted }: { state: SessionState, contradicted?: boolean }): boolean {
  return state === 'conflict' || contradicted === true
}

function alarmOf (scope: string, session: ConsensusSession): Alarm {
  const { proposal: { proposalId, name }, state, result } = session
  const [side, other] = result === true ? ['yes', 'no'] : ['no', 'yes']
  const culprits = session.doubleVotes().map(([{ voteOwner }]) => voteOwner)

  return {
    scope,
    proposalId,
    name,
    ...state === 'conflict'
      ? { kind: 'conflict', reason: 'both yes and no have the votes of a quorum, so there is no result' }
      : { kind: 'contradicted', reason: `it was decided ${side}, and ${other} has got the votes of a quorum, too: other members may have the opposite result` },
    culprits
  }
}
