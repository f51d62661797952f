/**
 * Prunes the votes of proposals that ended longer ago than the settings of a scope say. Results stay, with the votes that prove
 * them, and so does evidence. Where late votes can still make a result, votes are kept until such a result would be `late`.
 */

import { lastTimely } from '../../consensus/rules/quorum.ts'
import { dayOf, listDays, streamDay } from '../../consensus/storage/interface.ts'
import type { ProposalHead } from '../../consensus/session/session.ts'
import type { ConsensusStorage, SyncSummary } from '../../consensus/storage/interface.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Logger } from '@libp2p/interface'

/** Milliseconds between two looks, at most: nothing depends on votes going at once */
const MAX_INTERVAL = 10 * 60 * 1_000

/** And at least, where votes are kept for moments only */
const MIN_INTERVAL = 1_000

export class Pruner {
  private readonly storage: ConsensusStorage
  private readonly clock: () => bigint
  private readonly log: Logger
  private readonly track: (task: Promise<unknown>) => void
  private readonly onPruned: (scope: JoinedScope, proposal: ProposalHead) => void
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()

  /**
   * @param clock - Unix seconds
   * @param track - waits for what is begun by itself before the service has stopped
   * @param onPruned - is told of each proposal whose votes are given up
   */
  constructor (storage: ConsensusStorage, clock: () => bigint, log: Logger, track: (task: Promise<unknown>) => void, onPruned: (scope: JoinedScope, proposal: ProposalHead) => void) {
    this.storage = storage
    this.clock = clock
    this.log = log
    this.track = track
    this.onPruned = onPruned
  }

  /**
   * Does now, and from now on, what the settings of a scope say. What goes wrong is logged and tried again.
   */
  async apply (scope: JoinedScope): Promise<void> {
    const { retainVotesSeconds } = scope.settings

    this.release(scope)

    if (retainVotesSeconds == null || this.storage.pruneVotes == null) {
      return
    }

    try {
      await this.prune(scope, this.clock() - BigInt(retainVotesSeconds))
    } catch (err) {
      this.log.error('could not give up old votes in scope %s - %e', scope.name, err)
    }

    // meanwhile the scope may have been left, or have got other settings
    if (!scope.signal.aborted && !this.timers.has(scope.key)) {
      this.timers.set(scope.key, setTimeout(() => {
        this.track(this.apply(scope))
      }, Math.min(Math.max(retainVotesSeconds * 1_000, MIN_INTERVAL), MAX_INTERVAL)))
    }
  }

  /** Leaves a scope alone */
  release (scope: JoinedScope): void {
    clearTimeout(this.timers.get(scope.key))
    this.timers.delete(scope.key)
  }

  /**
   * @param before - Unix seconds: the votes of proposals that expired by then go
   */
  private async prune (scope: JoinedScope, before: bigint): Promise<void> {
    const lastDay = dayOf({ expirationTimestamp: before })

    for (const day of await listDays(this.storage, scope.key)) {
      if (day > lastDay) {
        return
      }

      for await (const summary of streamDay(this.storage, scope.key, day)) {
        const { proposal, state, pruned } = summary

        if (scope.signal.aborted) {
          return
        }

        if (!pruned && state !== 'active' && proposal.expirationTimestamp <= before && !this.mayBeDecided(scope, summary)) {
          await this.storage.pruneVotes?.(scope.key, proposal.proposalId, { proof: !scope.open })
          this.onPruned(scope, proposal)
          this.log('pruned the votes on proposal %d in scope %s', proposal.proposalId, scope.name)
        }
      }
    }
  }

  /** Whether votes that come late may still decide a proposal, and the result would not be `late` */
  private mayBeDecided ({ policy }: JoinedScope, { state, proposal }: SyncSummary): boolean {
    return policy.decisionRule === 'quorum' && state === 'failed' && this.clock() <= lastTimely(proposal)
  }
}
