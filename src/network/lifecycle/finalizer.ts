/**
 * Ends proposals that have no result when their time is up.
 *
 * Ending decides nothing under `quorum`: votes that come later still do. So the node asks the connected members once, for a
 * bounded time, and ends the proposal whatever they answer. A deadline that passed before the node was there to see it waits for
 * the first sync in its place. In `reference` and `legacy` scopes proposals end at the expiration, as in the crate.
 */

import { ConsensusConflictError, InsufficientVotesAtTimeoutError, SessionNotFoundError } from '../../consensus/errors.ts'
import { withTimeLimit } from '../../util/time-limit.ts'
import { deadlineOf } from '../participant/request.ts'
import { askedPeers } from '../sync/asked-peers.ts'
import { Deadlines } from './deadlines.ts'
import type { ConsensusService } from '../../consensus/service.ts'
import type { ProposalHead } from '../../consensus/session/session.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Sync } from '../sync/index.ts'
import type { Logger } from '@libp2p/interface'

/** Seconds until a proposal that could not be ended, for instance because the disk is full, is ended again */
const RETRY_SECONDS = 5

export interface FinalizerInit {
  consensus: ConsensusService
  sync: Sync
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds that syncs may take before a proposal ends */
  syncWait: number
  /** Milliseconds after which deadlines are compared with the clock again */
  clockCheckInterval?: number
  log: Logger
  /** Keeps in mind what is under way */
  track (task: Promise<void>): void
}

/** A proposal that has not ended */
interface Watched {
  scope: JoinedScope
  proposal: ProposalHead
  /** Whether its deadline had passed when the node began to watch it */
  overdue: boolean
}

export class Finalizer {
  private readonly init: FinalizerInit
  private readonly deadlines: Deadlines
  private readonly watched = new Map<string, Watched>()
  /** Keys of the scopes in which there can be syncs */
  private readonly entered = new Set<string>()

  constructor (init: FinalizerInit) {
    this.init = init
    this.deadlines = new Deadlines(() => init.clock(), key => { init.track(this.onDeadline(key)) }, init.clockCheckInterval)
  }

  /** Call when syncs in a scope have begun: no proposal ends before */
  enter (scope: JoinedScope): void {
    this.entered.add(scope.key)

    for (const [key, watched] of this.watched) {
      if (watched.scope === scope) {
        this.deadlines.arm(key, deadlineOf(scope.policy, watched.proposal))
      }
    }
  }

  /** Leaves the active proposals of a scope as they are */
  leave (scope: JoinedScope): void {
    this.entered.delete(scope.key)

    for (const watched of this.watched.values()) {
      if (watched.scope === scope) {
        this.forget(scope.key, watched.proposal.proposalId)
      }
    }
  }

  /** Ends a proposal at its deadline. Call for each proposal that is active. */
  watch (scope: JoinedScope, proposal: ProposalHead): void {
    const key = keyOf(scope.key, proposal.proposalId)
    const deadline = deadlineOf(scope.policy, proposal)

    this.watched.set(key, { scope, proposal, overdue: deadline <= this.init.clock() })

    if (this.entered.has(scope.key)) {
      this.deadlines.arm(key, deadline)
    }
  }

  /** Call when a proposal has ended. Returns the proposal if it was watched. */
  forget (scopeKey: string, proposalId: number): ProposalHead | undefined {
    const key = keyOf(scopeKey, proposalId)
    const watched = this.watched.get(key)

    this.deadlines.disarm(key)
    watched?.scope.ending.delete(proposalId)
    this.watched.delete(key)

    return watched?.proposal
  }

  clear (): void {
    this.deadlines.clear()
    this.watched.clear()
    this.entered.clear()
  }

  private async onDeadline (key: string): Promise<void> {
    const watched = this.watched.get(key)

    if (watched == null) {
      return
    }

    const { scope, proposal: { proposalId } } = watched

    scope.ending.add(proposalId)
    await this.fetchVotes(watched)
    scope.ending.delete(proposalId)

    // the proposal may have ended meanwhile, or the scope been left, and the same id be watched again
    if (this.watched.get(key) === watched) {
      await this.end(key, watched)
    }
  }

  /** Asks others for the votes that are missing here. Resolves in bounded time, whether or not they answer. */
  private async fetchVotes ({ scope, proposal, overdue }: Watched): Promise<void> {
    const { sync, syncWait, log } = this.init

    if (proposal.expectedVotersCount === 1 || !(overdue || scope.policy.decisionRule === 'quorum')) {
      return
    }

    try {
      await withTimeLimit(syncWait, new Error(`it took longer than ${syncWait} ms`), async signal => {
        await (overdue ? sync.completed(scope, undefined, { signal }) : sync.requestAll(scope, askedPeers(scope), { signal }))
      })
    } catch (err) {
      log('did not ask every member for votes on proposal %d in scope %s - %e', proposal.proposalId, scope.name, err)
    }
  }

  private async end (key: string, { scope, proposal: { proposalId } }: Watched): Promise<void> {
    try {
      await this.init.consensus.handleConsensusTimeout(scope.key, proposalId)
    } catch (err) {
      // these are ways in which a proposal ends, and each has its event
      if (err instanceof InsufficientVotesAtTimeoutError || err instanceof ConsensusConflictError) {
        return
      }

      if (err instanceof SessionNotFoundError) {
        this.forget(scope.key, proposalId)

        return
      }

      this.init.log.error('could not end proposal %d in scope %s at its deadline, the next attempt is in %d s - %e', proposalId, scope.name, RETRY_SECONDS, err)

      if (this.watched.has(key)) {
        this.deadlines.arm(key, this.init.clock() + BigInt(RETRY_SECONDS))
      }
    }
  }
}

function keyOf (scopeKey: string, proposalId: number): string {
  return `${scopeKey}#${proposalId}`
}
