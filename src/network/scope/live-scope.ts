/**
 * A joined scope with what the node does in it automatically: it ends proposals, casts votes, prunes old ones, keeps alarms. All of
 * it is made at join, begins once the scope is entered, and ends when the scope's signal aborts.
 */

import { Alarms } from '../lifecycle/alarms.ts'
import { AutoVoter } from '../lifecycle/auto-voter.ts'
import { Finalizer } from '../lifecycle/finalizer.ts'
import { Pruner } from '../lifecycle/pruner.ts'
import { Flags } from '../validation/flags.ts'
import { JoinedScope } from './scope.ts'
import type { ScopeComponents } from './scope.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { VoteOptions } from '../interface.ts'
import type { AutoVotes } from '../lifecycle/auto-voter.ts'
import type { ScopeContext } from '../lifecycle/context.ts'
import type { Unasked } from '../restore/index.ts'

export interface LiveScopeInit extends ScopeComponents, ScopeContext {
  autoVotes: AutoVotes
  /** Casts our vote and sends it */
  vote (scope: LiveScope, proposalId: number, choice: boolean, options: VoteOptions): Promise<Vote>
  /** Returns what keeps this node from voting on a proposal now, or undefined if nothing is known to */
  unasked (scope: LiveScope, session: ConsensusSession): Promise<Unasked | undefined>
}

export class LiveScope extends JoinedScope {
  readonly finalizer: Finalizer
  readonly autoVoter: AutoVoter
  readonly alarms: Alarms
  readonly flags: Flags
  readonly pruner: Pruner
  private readonly track: ScopeContext['track']

  constructor (init: LiveScopeInit, policy: ScopePolicy) {
    super(init, policy)
    this.track = init.track
    this.finalizer = new Finalizer(this, init)
    this.autoVoter = new AutoVoter(this, {
      ...init,
      vote: async (...args) => init.vote(this, ...args),
      unasked: async session => init.unasked(this, session)
    })
    this.alarms = new Alarms(this, init)
    this.flags = new Flags(this.signal, {
      ...init,
      isReachable: peer => init.sync.isReachable(peer),
      onDue: peer => { init.sync.request(this, peer) }
    })
    this.pruner = new Pruner(this, init)
  }

  /** Call when syncs in the scope have begun: no proposal ends and no vote is due before */
  begin (): void {
    this.finalizer.begin()
    this.autoVoter.begin()
    this.track(this.alarms.begin())
    this.track(this.pruner.apply())
  }

  /** Watches a proposal that takes votes by which it may end */
  watch (session: ConsensusSession): void {
    this.finalizer.watch(session.proposal)
    this.autoVoter.watch(session)
  }
}
