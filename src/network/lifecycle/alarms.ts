/**
 * What an operator has to look into: proposals on which both sides have got the votes of a quorum, and proposals whose id
 * another one has as well. Both are stored, so they are still known after a restart. All of a scope is read once for it, when
 * the scope is entered.
 */

import { equals } from 'uint8arrays/equals'
import { proposalDigest } from '../../consensus/policy/policy.ts'
import { fingerprintOf } from '../../consensus/proposal/fingerprint.ts'
import { requireSession, streamSummaries } from '../../consensus/storage/interface.ts'
import type { ScopeContext } from './context.ts'
import type { SessionState } from '../../consensus/rules/session-rules.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { RefusedProposal } from '../../consensus/storage/interface.ts'
import type { Alarm } from '../interface.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Logger } from '@libp2p/interface'

/** The latest alarms of each kind that are reported: one alone is reason to look at the whole scope */
const MAX_TOLD = 20

/** Refused proposals that are stored of a scope: a proposer makes as many as it likes */
export const MAX_REFUSED = 100

export class Alarms {
  private readonly scope: JoinedScope
  private readonly storage: ScopeContext['storage']
  private readonly log: Logger
  private readonly proposals = new Set<number>()
  /** By their ids */
  private readonly refused = new Map<number, RefusedProposal>()
  private loaded?: Promise<void>

  constructor (scope: JoinedScope, { storage, log }: ScopeContext) {
    this.scope = scope
    this.storage = storage
    this.log = log.newScope('alarms')
  }

  /** How many alarms there are */
  get size (): number {
    return this.proposals.size + this.refused.size
  }

  /** Finds out what there is from before. Resolves when it is known; what goes wrong is logged, and told to who asks. */
  async begin (): Promise<void> {
    const { scope, log } = this

    this.loaded = this.load()

    try {
      await this.loaded
    } catch (err) {
      if (!scope.signal.aborted) {
        log.error('could not find out which alarms there are in scope %s - %e', scope.name, err)
      }
    }
  }

  /** Call when both sides have got the votes of a quorum */
  raise (proposalId: number): void {
    this.proposals.add(proposalId)
  }

  /**
   * Call when a proposal is refused since another has its id. Resolves with the alarm, or undefined if it is known: one is kept
   * for each id.
   */
  async collide (refused: RefusedProposal): Promise<Alarm | undefined> {
    const { scope, storage, log } = this
    const { proposalId } = refused

    await this.loaded?.catch(() => {})

    const before = this.refused.get(proposalId)

    if (before != null && equals(before.digest, refused.digest)) {
      return
    }

    if (before == null && this.refused.size < MAX_REFUSED) {
      this.refused.set(proposalId, refused)
      // the alarm is raised all the same, and lasts as long as the process
      await storage.saveRefused(scope.key, refused).catch(err => { log.error('could not store that proposal %d in scope %s was refused - %e', proposalId, scope.name, err) })
    }

    return collisionOf(scope, await requireSession(storage, scope.key, proposalId), refused)
  }

  /** The latest alarms, of each kind the latest last */
  async list (): Promise<Alarm[]> {
    const { scope, storage } = this

    await this.loaded

    const session = async (proposalId: number): Promise<ConsensusSession> => requireSession(storage, scope.key, proposalId)

    return Promise.all([
      ...[...this.proposals].slice(-MAX_TOLD).map(async proposalId => alarmOf(scope, await session(proposalId))),
      ...[...this.refused.values()].slice(-MAX_TOLD).map(async refused => collisionOf(scope, await session(refused.proposalId), refused))
    ])
  }

  private async load (): Promise<void> {
    const { key, policy, signal } = this.scope

    // under the other rules nobody counts on both sides, and ids are random
    if (policy.decisionRule !== 'quorum') {
      return
    }

    for (const proposal of await this.storage.listRefused(key)) {
      // a store that lost something may have lost the other one
      if (await this.storage.getSession(key, proposal.proposalId) != null) {
        this.refused.set(proposal.proposalId, proposal)
      }
    }

    for await (const summary of streamSummaries(this.storage, key)) {
      signal.throwIfAborted()

      if (isAlarming(summary)) {
        this.proposals.add(summary.proposal.proposalId)
      }
    }
  }
}

function isAlarming ({ state, contradicted }: { state: SessionState, contradicted?: boolean }): boolean {
  return state === 'conflict' || contradicted === true
}

function subjectOf (scope: JoinedScope, { proposal, proposal: { proposalId, name, proposalOwner } }: ConsensusSession): Pick<Alarm, 'scope' | 'proposalId' | 'fingerprint' | 'name' | 'proposer'> {
  return { scope: scope.name, proposalId, fingerprint: fingerprintOf(proposalDigest(scope.digest, proposal)), name, proposer: proposalOwner }
}

function collisionOf (scope: JoinedScope, session: ConsensusSession, { name, proposer, digest }: RefusedProposal): Alarm {
  return {
    ...subjectOf(scope, session),
    kind: 'collision',
    reason: 'another proposal has this id: this node holds the one that came first, and other members may hold the other one',
    culprits: [],
    refused: { fingerprint: fingerprintOf(digest), name, proposer }
  }
}

function alarmOf (scope: JoinedScope, session: ConsensusSession): Alarm {
  const { state, result } = session
  const [side, other] = result === true ? ['yes', 'no'] : ['no', 'yes']
  const culprits = session.doubleVotes().map(([{ voteOwner }]) => voteOwner)

  return {
    ...subjectOf(scope, session),
    ...state === 'conflict'
      ? { kind: 'conflict', reason: 'both yes and no have the votes of a quorum, so there is no result' }
      : { kind: 'contradicted', reason: `it was decided ${side}, and ${other} has got the votes of a quorum, too: other members may have the opposite result` },
    culprits
  }
}
