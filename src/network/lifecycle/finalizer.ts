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
import type { ScopeContext } from './context.ts'
import type { ProposalHead } from '../../consensus/session/session.ts'
import type { JoinedScope } from '../scope/scope.ts'

/** Seconds until a proposal that could not be ended, for instance because the disk is full, is ended again */
const RETRY_SECONDS = 5

/** A proposal that has not ended */
interface Watched {
  proposal: ProposalHead
  /** Whether its deadline had passed when the node began to watch it */
  overdue: boolean
}

export class Finalizer {
  private readonly scope: JoinedScope
  private readonly context: ScopeContext
  private readonly deadlines: Deadlines<number>
  private readonly watched = new Map<number, Watched>()
  private begun = false

  constructor (scope: JoinedScope, context: ScopeContext) {
    this.scope = scope
    this.context = context
    this.deadlines = new Deadlines(context.clock, proposalId => { context.track(this.onDeadline(proposalId)) }, context.clockCheckInterval, scope.signal)
    // active proposals stay as they are
    scope.signal.addEventListener('abort', () => { this.watched.clear() }, { once: true })
  }

  /** Call when syncs in the scope have begun: no proposal ends before */
  begin (): void {
    this.begun = true
    this.watched.forEach(({ proposal }) => { this.arm(proposal) })
  }

  /** Ends a proposal at its deadline. Call for each proposal that is active. */
  watch (proposal: ProposalHead): void {
    this.watched.set(proposal.proposalId, { proposal, overdue: deadlineOf(this.scope.policy, proposal) <= this.context.clock() })

    if (this.begun) {
      this.arm(proposal)
    }
  }

  /** Call when a proposal has ended. Returns the proposal if it was watched. */
  forget (proposalId: number): ProposalHead | undefined {
    const watched = this.watched.get(proposalId)

    this.deadlines.disarm(proposalId)
    this.scope.ending.delete(proposalId)
    this.watched.delete(proposalId)

    return watched?.proposal
  }

  private arm (proposal: ProposalHead): void {
    this.deadlines.arm(proposal.proposalId, deadlineOf(this.scope.policy, proposal))
  }

  private async onDeadline (proposalId: number): Promise<void> {
    const { ending } = this.scope
    const watched = this.watched.get(proposalId)

    if (watched == null) {
      return
    }

    ending.add(proposalId)
    await this.fetchVotes(watched)
    ending.delete(proposalId)

    // the proposal may have ended meanwhile, or the scope been left, and the same id be watched again
    if (this.watched.get(proposalId) === watched) {
      await this.end(proposalId)
    }
  }

  /** Asks others for the votes that are missing here. Resolves in bounded time, whether or not they answer. */
  private async fetchVotes ({ proposal, overdue }: Watched): Promise<void> {
    const { scope, context: { sync, syncWait, log } } = this

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

  private async end (proposalId: number): Promise<void> {
    const { scope, context: { consensus, clock, log } } = this

    try {
      await consensus.handleConsensusTimeout(scope.key, proposalId)
    } catch (err) {
      // these are ways in which a proposal ends, and each has its event
      if (err instanceof InsufficientVotesAtTimeoutError || err instanceof ConsensusConflictError) {
        return
      }

      if (err instanceof SessionNotFoundError) {
        this.forget(proposalId)

        return
      }

      log.error('could not end proposal %d in scope %s at its deadline, the next attempt is in %d s - %e', proposalId, scope.name, RETRY_SECONDS, err)

      if (this.watched.has(proposalId)) {
        this.deadlines.arm(proposalId, clock() + BigInt(RETRY_SECONDS))
      }
    }
  }
}
