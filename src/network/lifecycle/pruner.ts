/**
 * Prunes the votes of proposals that ended longer ago than the settings of a scope say. Results stay, with the votes that prove
 * them, and so does evidence. Where late votes can still make a result, votes are kept until such a result would be `late`.
 */

import { lastTimely } from '../../consensus/rules/quorum.ts'
import { dayOf, listDays, streamDay } from '../../consensus/storage/interface.ts'
import type { ScopeContext } from './context.ts'
import type { SyncSummary } from '../../consensus/storage/interface.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Logger } from '@libp2p/interface'

/** Milliseconds between two looks, at most: nothing depends on votes going at once */
const MAX_INTERVAL = 10 * 60 * 1_000

/** And at least, where votes are kept for moments only */
const MIN_INTERVAL = 1_000

export class Pruner {
  private readonly scope: JoinedScope
  private readonly context: ScopeContext
  private readonly log: Logger
  private timer?: ReturnType<typeof setTimeout>

  constructor (scope: JoinedScope, context: ScopeContext) {
    this.scope = scope
    this.context = context
    this.log = context.log.newScope('retention')
    scope.signal.addEventListener('abort', () => { this.release() }, { once: true })
  }

  /**
   * Does now, and from now on, what the settings of the scope say. What goes wrong is logged and tried again.
   */
  async apply (): Promise<void> {
    const { scope, context: { storage, clock, track } } = this
    const { retainVotesSeconds } = scope.settings

    this.release()

    if (retainVotesSeconds == null || storage.pruneVotes == null) {
      return
    }

    try {
      await this.prune(clock() - BigInt(retainVotesSeconds))
    } catch (err) {
      this.log.error('could not give up old votes in scope %s - %e', scope.name, err)
    }

    // meanwhile the scope may have been left, or have got other settings
    if (!scope.signal.aborted && this.timer == null) {
      this.timer = setTimeout(() => { track(this.apply()) }, Math.min(Math.max(retainVotesSeconds * 1_000, MIN_INTERVAL), MAX_INTERVAL))
    }
  }

  private release (): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  /**
   * @param before - Unix seconds: the votes of proposals that expired by then go
   */
  private async prune (before: bigint): Promise<void> {
    const { scope, context: { storage, sync } } = this
    const lastDay = dayOf({ expirationTimestamp: before })

    for (const day of await listDays(storage, scope.key)) {
      if (day > lastDay) {
        return
      }

      for await (const summary of streamDay(storage, scope.key, day)) {
        const { proposal, state, pruned } = summary

        if (scope.signal.aborted) {
          return
        }

        if (!pruned && state !== 'active' && proposal.expirationTimestamp <= before && !this.mayBeDecided(summary)) {
          await storage.pruneVotes?.(scope.key, proposal.proposalId, { proof: !scope.open })
          sync.changed(scope.key, proposal, false)
          this.log('pruned the votes on proposal %d in scope %s', proposal.proposalId, scope.name)
        }
      }
    }
  }

  /** Whether votes that come late may still decide a proposal, and the result would not be `late` */
  private mayBeDecided ({ state, proposal }: SyncSummary): boolean {
    return this.scope.policy.decisionRule === 'quorum' && state === 'failed' && this.context.clock() <= lastTimely(proposal)
  }
}
