/**
 * Ends proposals when their time is up, with all the votes that can be had.
 *
 * A deadline that comes while the node runs is handled then: in `reference` and `legacy` scopes at once, as the crate has it,
 * under `quorum` when no timely vote can be on its way any more and a sync has fetched what others have. One that passed while
 * the node was down, or before it heard of the proposal, is handled after the first sync.
 */

import { ConsensusConflictError, InsufficientVotesAtTimeoutError, SessionNotFoundError } from '../consensus/errors.ts'
import { Deadlines } from './deadlines.ts'
import { deadlineOf } from './rules.ts'
import type { JoinedScope } from './scope.ts'
import type { Sync } from './sync/index.ts'
import type { ConsensusService } from '../consensus/service.ts'
import type { ProposalHead } from '../consensus/session.ts'
import type { Logger } from '@libp2p/interface'

/** How long it takes until a deadline that could not be handled, for instance since the disk is full, is tried again */
const RETRY_SECONDS = 5

export interface EndingsInit {
  consensus: ConsensusService
  sync: Sync
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds that the syncs before a proposal is ended may take together, where it may end without them */
  syncWait: number
  log: Logger
  /** Keeps in mind what is under way */
  track (task: Promise<void>): void
}

/** A proposal that has not ended */
interface Watched {
  scope: JoinedScope
  proposal: ProposalHead
  /** Whether its time was up already when it was first looked at */
  overdue: boolean
}

export class Endings {
  private readonly init: EndingsInit
  private readonly deadlines: Deadlines
  private readonly watched = new Map<string, Watched>()
  /** Scope key → resolves when a sync has been completed, or nobody was there to sync with for a while */
  private readonly firstSyncs = new Map<string, Promise<void>>()

  constructor (init: EndingsInit) {
    this.init = init
    this.deadlines = new Deadlines(() => init.clock(), key => { init.track(this.onDeadline(key)) })
  }

  /** Is to be called when syncs in a scope have begun: before, nothing ends in it */
  enter (scope: JoinedScope): void {
    this.firstSyncs.set(scope.key, this.within(this.init.syncWait, async signal => this.init.sync.completed(scope, undefined, { signal })).catch(() => {
      // nobody was there, or the scope was left
    }))

    for (const [key, watched] of this.watched) {
      if (watched.scope === scope) {
        this.deadlines.arm(key, deadlineOf(scope.policy, watched.proposal))
      }
    }
  }

  /** Leaves what is active in a scope alone */
  leave (scope: JoinedScope): void {
    this.firstSyncs.delete(scope.key)

    for (const watched of this.watched.values()) {
      if (watched.scope === scope) {
        this.forget(scope.key, watched.proposal.proposalId)
      }
    }
  }

  /** Is to be called with each proposal that takes votes: it ends in its time */
  watch (scope: JoinedScope, proposal: ProposalHead): void {
    const key = keyOf(scope.key, proposal.proposalId)
    const deadline = deadlineOf(scope.policy, proposal)

    this.watched.set(key, { scope, proposal, overdue: deadline <= this.init.clock() })

    if (this.firstSyncs.has(scope.key)) {
      this.deadlines.arm(key, deadline)
    }
  }

  /** Is to be called when a proposal has ended; returns it if it was watched */
  forget (scopeKey: string, proposalId: number): ProposalHead | undefined {
    const key = keyOf(scopeKey, proposalId)
    const watched = this.watched.get(key)

    this.deadlines.disarm(key)
    watched?.scope.waiting.delete(proposalId)
    this.watched.delete(key)

    return watched?.proposal
  }

  clear (): void {
    this.deadlines.clear()
    this.watched.clear()
    this.firstSyncs.clear()
  }

  private async onDeadline (key: string): Promise<void> {
    const watched = this.watched.get(key)

    if (watched == null) {
      return
    }

    const { scope, proposal: { proposalId } } = watched

    scope.waiting.add(proposalId)

    try {
      await this.fetchVotes(watched)
    } catch (err) {
      // the scope was left: the next start takes it up
      this.init.log('did not end proposal %d in scope %s - %e', proposalId, scope.name, err)
      return
    } finally {
      scope.waiting.delete(proposalId)
    }

    // meanwhile it may have ended, and the same id be watched anew
    if (this.watched.get(key) === watched) {
      await this.end(key, watched)
    }
  }

  private async fetchVotes ({ scope, proposal, overdue }: Watched): Promise<void> {
    const { sync, clock, syncWait } = this.init

    if (proposal.expectedVotersCount === 1) {
      return
    }

    if (scope.policy.decisionRule !== 'quorum') {
      await (overdue ? this.firstSyncs.get(scope.key) : undefined)
      return
    }

    const begun = clock()

    sync.request(scope, undefined, { urgent: true })
    await sync.completed(scope, begun)
    // one will do, but the others may know more
    await this.within(syncWait, async signal => sync.idle(scope, { signal })).catch(() => {
      scope.signal.throwIfAborted()
    })
  }

  private async end (key: string, { scope, proposal: { proposalId } }: Watched): Promise<void> {
    try {
      await this.init.consensus.handleConsensusTimeout(scope.key, proposalId)
    } catch (err) {
      // not being decided is one of the ways a proposal can end, and an event tells of it
      if (err instanceof InsufficientVotesAtTimeoutError || err instanceof ConsensusConflictError || err instanceof SessionNotFoundError) {
        return
      }

      this.init.log.error('could not end proposal %d in scope %s at its deadline, it is tried again in %d s - %e', proposalId, scope.name, RETRY_SECONDS, err)

      if (this.watched.has(key)) {
        this.deadlines.arm(key, this.init.clock() + BigInt(RETRY_SECONDS))
      }
    }
  }

  /** Does something that is given up after so many milliseconds */
  private async within (milliseconds: number, task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController()
    const timer = setTimeout(() => { controller.abort() }, milliseconds)

    try {
      await task(controller.signal)
    } finally {
      clearTimeout(timer)
    }
  }
}

function keyOf (scopeKey: string, proposalId: number): string {
  return `${scopeKey}#${proposalId}`
}
