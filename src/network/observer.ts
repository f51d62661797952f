/**
 * What the service does about what happens in the core: each proposal that takes votes ends in its time, members are told
 * of double voters, and whoever listens to the service hears of everything in a scope this node is in.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { deadlineOf } from './participant/request.ts'
import { eventOf, proposalState } from './views/proposal-state.ts'
import type { Publisher } from './gossip/publisher.ts'
import type { VotingMetrics } from './metrics.ts'
import type { OwnLocks } from './restore/index.ts'
import type { JoinedScopes } from './scope/joined-scopes.ts'
import type { LiveScope } from './scope/live-scope.ts'
import type { JoinedScope } from './scope/scope.ts'
import type { Sync } from './sync/index.ts'
import type { Validator } from './validation/validator.ts'
import type { VotingEvent } from './views/proposal-state.ts'
import type { ConsensusEvent } from '../consensus/events.ts'
import type { ConsensusSession } from '../consensus/session/session.ts'
import type { ConsensusStorage } from '../consensus/storage/interface.ts'
import type { Vote } from '../consensus/vote/vote.ts'
import type { Logger } from '@libp2p/interface'

export interface CoreObserverInit {
  storage: ConsensusStorage
  membership: JoinedScopes
  sync: Sync
  validator: Validator
  publisher: Publisher
  metrics: VotingMetrics
  locks: OwnLocks
  /** Unix seconds */
  clock (): bigint
  log: Logger
  /** Keeps in mind what is under way */
  track (task: Promise<void>): void
  /** Dispatches an event of the service */
  dispatch (...event: VotingEvent): void
}

export class CoreObserver {
  private readonly init: CoreObserverInit

  constructor (init: CoreObserverInit) {
    this.init = init
  }

  /** Call with each proposal that takes votes by which it may end */
  watch (scope: LiveScope, session: ConsensusSession): void {
    this.activate(scope, session)
    scope.watch(session)
  }

  /** A proposal that came by sync ends in its time, now that the votes that came with it are in */
  async onSettled (settled: JoinedScope, proposalId: number): Promise<void> {
    const session = await this.init.storage.getSession(settled.key, proposalId)
    const scope = this.init.membership.byKey(settled.key)

    // it may have been left meanwhile, and joined again
    if (session?.state === 'active' && scope === settled) {
      this.watch(scope, session)
    }
  }

  onProposal (key: string, session: ConsensusSession): void {
    const { membership, metrics, clock, dispatch } = this.init
    const scope = membership.byKey(key)

    metrics.onProposal()

    if (scope == null) {
      return
    }

    if (deadlineOf(scope.policy, session.proposal) > clock()) {
      this.watch(scope, session)
    } else {
      // it came by sync, and its votes are still to come
      this.activate(scope, session)
    }

    dispatch('voting:proposal', proposalState(scope, session))
  }

  onVote (key: string, vote: Vote, session: ConsensusSession): void {
    const { membership, metrics, sync, dispatch } = this.init
    const scope = membership.byKey(key)

    // who waits for it is told first
    if (scope != null) {
      dispatch('voting:vote', { scope: scope.name, vote })
    }

    metrics.onVote()
    sync.changed(key, session.proposal, session.state === 'active')
  }

  onEvidence (key: string, first: Vote, second: Vote, { proposal }: ConsensusSession): void {
    const { membership, metrics, validator, publisher, log, track, dispatch } = this.init
    const scope = membership.byKey(key)
    const owner = first.voteOwner

    metrics.onEvidence()
    log.error('0x%s has voted both yes and no on proposal %d in scope %s', bytesToHex(owner), proposal.proposalId, scope?.name)

    if (scope == null) {
      return
    }

    dispatch('voting:evidence', { scope: scope.name, proposalId: proposal.proposalId, owner, first, second })

    // gossip passes on what came as evidence; if each member made it known anew there would be a message of each
    if (!validator.isRelayed(key, first)) {
      track(publisher.sendEvidence(scope, proposal, { first, second }))
    }
  }

  onOwnVote (key: string, vote: Vote, bound?: Vote): void {
    const { membership, locks, log, track, dispatch } = this.init
    const scope = membership.byKey(key)

    const { proposalId, vote: choice } = vote

    if (bound == null) {
      track(locks.onUnknownVote(vote))
    }

    log.error('a vote of our own key, %s on proposal %d in scope %s, came from elsewhere: another node votes with this key, or this one was restored from a backup. %s', choice ? 'yes' : 'no', proposalId, scope?.name, bound == null ? 'It counts, and this node casts no other' : `This node is bound to another vote on it, ${bound.vote ? 'yes' : 'no'}`)

    if (scope != null) {
      dispatch('voting:own-vote', { scope: scope.name, proposalId, choice, ...bound == null ? {} : { bound: bound.vote } })
    }
  }

  onConsensusEvent (key: string, event: ConsensusEvent): void {
    const { membership, metrics, sync, log, dispatch } = this.init
    const { proposalId } = event
    const scope = membership.byKey(key)
    const proposal = scope?.finalizer.forget(proposalId)

    scope?.autoVoter.onEnded(proposalId)
    scope?.active.delete(proposalId)
    scope?.expired.delete(proposalId)
    sync.ended(key, proposalId)

    if (event.type === 'ConsensusContradicted' || event.type === 'ConsensusConflict') {
      scope?.alarms.raise(proposalId)
      log.error('both yes and no have the votes of a quorum on proposal %d in scope %s: %d voters have voted both ways%s', proposalId, scope?.name, event.culprits.length, event.culprits.map(culprit => ` 0x${bytesToHex(culprit)}`).join(''))
    } else {
      log('proposal %d in scope %s: %s', proposalId, scope?.name, event.type)
    }

    if (scope != null) {
      metrics.onEvent(event, proposal)
      dispatch(...eventOf(scope.name, event))
    }
  }

  private activate (scope: JoinedScope, { proposal, signature }: ConsensusSession): void {
    // in an open scope whoever has not signed may have named anybody as the owner
    const isOwners = !scope.open || (signature?.byteLength ?? 0) > 0

    const proposals = deadlineOf(scope.policy, proposal) > this.init.clock() ? scope.active : scope.expired

    proposals.add(proposal.proposalId, isOwners ? proposal.proposalOwner : undefined)
    this.init.sync.changed(scope.key, proposal, true)
  }
}
