/**
 * Votes automatically where the operator has not, if the scope's policy says so (`onSilence`): once, shortly before the proposal
 * expires, and only after a member has answered, so that a vote that this key has cast elsewhere is known.
 *
 * An automatic vote goes through the vote lock as every vote of this node does: of the operator and the node, the one that binds
 * the key first has voted, and the other gets UserAlreadyVotedError. The decision rule makes no difference to it.
 */

import { equals } from 'uint8arrays/equals'
import { UserAlreadyVotedError } from '../consensus/errors.ts'
import { BoundedSet } from '../util/bounded.ts'
import { askedPeers, isAsked } from './asked-peers.ts'
import { autoVoteDueAt, autoVoteProblem, sideOf } from './auto-vote.ts'
import { Deadlines } from './deadlines.ts'
import type { AutoVote } from './auto-vote.ts'
import type { JoinedScope } from './scope.ts'
import type { Sync } from './sync/index.ts'
import type { ConsensusService } from '../consensus/service.ts'
import type { ConsensusSession, ProposalHead } from '../consensus/session.ts'
import type { PolicyStorage } from '../consensus/storage.ts'
import type { Vote } from '../consensus/vote.ts'
import type { Logger } from '@libp2p/interface'

/** Seconds until a vote that could not be cast, for instance because the disk is full, is cast again */
const RETRY_SECONDS = 2

/** Milliseconds after which the members are asked again: a peer answers 5 syncs in 10 seconds */
const ASK_INTERVAL = 4_000

/** Automatic votes that are remembered before the oldest is forgotten */
const MAX_REMEMBERED = 1_000

export interface AutoVoterInit {
  consensus: ConsensusService
  /** Where the votes that were missed are kept */
  storage: Pick<PolicyStorage, 'saveMissed'>
  sync: Sync
  /** The voter; without one there are no automatic votes */
  identity?: Uint8Array
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds after which times are compared with the clock again */
  clockCheckInterval?: number
  log: Logger
  /** Casts our vote and sends it */
  vote (scope: JoinedScope, proposalId: number, choice: boolean): Promise<Vote>
  /** Called after an automatic vote */
  onCast (): void
  /** Called when the time for an automatic vote is over, and it was not cast; the reason is in words */
  onMissed (scope: JoinedScope, proposalId: number, reason: string): void
  /** Keeps in mind what is under way */
  track (task: Promise<void>): void
}

/** A proposal on which this node is going to vote automatically */
interface Watched {
  scope: JoinedScope
  proposal: ProposalHead
  /** Why the vote that is due has not been cast yet, in words */
  problem?: string
  /** Aborts when there is nothing left to do */
  exit: AbortController
}

export class AutoVoter {
  private readonly init: AutoVoterInit
  private readonly due: Deadlines
  private readonly watched = new Map<string, Watched>()
  /** Keys of the scopes in which there can be syncs */
  private readonly entered = new Set<string>()
  /** The proposals on which this process has voted automatically */
  private readonly voted = new BoundedSet<string>(MAX_REMEMBERED)

  constructor (init: AutoVoterInit) {
    this.init = init
    this.due = new Deadlines(() => init.clock(), key => { init.track(this.onDue(key)) }, init.clockCheckInterval)
  }

  /** Call when syncs in a scope have begun: no vote is due in it before */
  enter (scope: JoinedScope): void {
    this.entered.add(scope.key)

    for (const [key, watched] of this.watched) {
      if (watched.scope === scope) {
        this.arm(key, watched)
      }
    }
  }

  leave (scope: JoinedScope): void {
    this.entered.delete(scope.key)

    for (const watched of this.watched.values()) {
      if (watched.scope === scope) {
        this.forget(scope.key, watched.proposal.proposalId)
      }
    }
  }

  /** Votes on a proposal in its time, if that is left to the node. Call for each proposal that is active. */
  watch (scope: JoinedScope, { proposal, createdAt }: Pick<ConsensusSession, 'proposal' | 'createdAt'>): void {
    if (!this.mayVote(scope) || this.init.clock() >= proposal.expirationTimestamp || autoVoteProblem(scope.policy, proposal, createdAt) != null) {
      return
    }

    const key = keyOf(scope.key, proposal.proposalId)
    const watched = { scope, proposal, exit: new AbortController() }

    this.watched.get(key)?.exit.abort()
    this.watched.set(key, watched)

    if (this.entered.has(scope.key)) {
      this.arm(key, watched)
    }
  }

  /** Call when a proposal has ended */
  forget (scopeKey: string, proposalId: number): void {
    const key = keyOf(scopeKey, proposalId)

    this.due.disarm(key)
    this.watched.get(key)?.exit.abort()
    this.watched.delete(key)
  }

  clear (): void {
    this.due.clear()
    this.watched.forEach(({ exit }) => { exit.abort() })
    this.watched.clear()
    this.entered.clear()
  }

  /**
   * What this node votes automatically on a proposal that has no result, or why it does not; undefined where its operator has
   * voted already or may not vote, and where the policy asks for no automatic votes
   */
  stateOf (scope: JoinedScope, session: ConsensusSession): AutoVote | undefined {
    const { policy } = scope
    const { proposal, createdAt, state } = session
    const key = keyOf(scope.key, proposal.proposalId)

    if (!this.mayVote(scope) || !(state === 'active' || state === 'failed') || session.pruned != null || session.hasVoted(this.init.identity as Uint8Array)) {
      return
    }

    const problem = autoVoteProblem(policy, proposal, createdAt) ?? scope.missedAutoVotes.find(({ proposalId }) => proposalId === proposal.proposalId)?.reason ?? this.watched.get(key)?.problem

    return state === 'failed' && problem == null
      ? undefined
      : { choice: sideOf(policy, proposal), dueAt: autoVoteDueAt(policy, proposal), ...problem == null ? {} : { problem } }
  }

  /**
   * Why our own vote is there, in words, if this node has cast it automatically. What an earlier process did is not stored: it
   * is told from the vote.
   */
  causeOf ({ key, policy }: JoinedScope, session: ConsensusSession): string | undefined {
    const { proposal } = session
    const { onSilence } = policy
    const own = onSilence === 'none' ? undefined : this.ownVote(session)

    if (own == null || own.vote !== sideOf(policy, proposal) || own.timestamp < autoVoteDueAt(policy, proposal)) {
      return
    }

    return `this node ${this.voted.has(keyOf(key, proposal.proposalId)) ? 'voted' : 'seems to have voted'} automatically, as the scope's policy says (onSilence: ${onSilence})`
  }

  private mayVote ({ policy, mayVote }: JoinedScope): boolean {
    return policy.onSilence !== 'none' && this.init.identity != null && mayVote
  }

  private ownVote (session: ConsensusSession): Vote | undefined {
    const { identity } = this.init

    return identity != null && session.hasVoted(identity) ? session.votes().find(({ voteOwner }) => equals(voteOwner, identity)) : undefined
  }

  private arm (key: string, { scope, proposal }: Watched): void {
    this.due.arm(key, autoVoteDueAt(scope.policy, proposal))
  }

  private async onDue (key: string): Promise<void> {
    const watched = this.watched.get(key)

    if (watched == null) {
      return
    }

    const { scope, proposal } = watched

    try {
      if (await this.isMissing(watched) && await this.isAnswered(watched) && await this.isMissing(watched)) {
        await this.vote(key, watched)
      }
    } catch (err: any) {
      watched.problem = `the vote could not be cast: ${err.message}`
      this.init.log.error('could not vote automatically on proposal %d in scope %s, the next attempt is in %d s - %e', proposal.proposalId, scope.name, RETRY_SECONDS, err)

      if (this.watched.get(key) === watched && this.init.clock() + BigInt(RETRY_SECONDS) < proposal.expirationTimestamp) {
        this.due.arm(key, this.init.clock() + BigInt(RETRY_SECONDS))
        return
      }
    }

    // once, whatever came of it
    if (this.watched.get(key) === watched) {
      this.forget(scope.key, proposal.proposalId)

      if (watched.problem != null) {
        await this.onMissed(watched, watched.problem)
      }
    }
  }

  /** Whether the proposal is open, and our key has not voted and is not about to */
  private async isMissing ({ scope, proposal: { proposalId, expirationTimestamp }, exit }: Watched): Promise<boolean> {
    const { consensus, identity, clock } = this.init
    const session = exit.signal.aborted ? undefined : await consensus.storage.getSession(scope.key, proposalId)

    return session?.state === 'active' &&
      clock() < expirationTimestamp &&
      !session.hasVoted(identity as Uint8Array) &&
      !await consensus.isBound(scope.key, proposalId) &&
      !exit.signal.aborted
  }

  /** Whether a member has told, while there is time, what it has of our key's votes. Asks again and again. */
  private async isAnswered (watched: Watched): Promise<boolean> {
    const { sync, clock } = this.init
    const { scope, proposal, exit } = watched
    const since = clock()

    while (this.needsAnswer(watched)) {
      watched.problem = 'no member has answered since the vote was due, so that this key may have voted elsewhere'
      const controller = new AbortController()
      const left = Number(proposal.expirationTimestamp - clock()) * 1_000
      const timer = setTimeout(() => { controller.abort() }, Math.max(0, Math.min(ASK_INTERVAL, left)))

      for (const peer of askedPeers(scope)) {
        sync.request(scope, peer, { urgent: true })
      }

      try {
        await sync.completed(scope, since, { counts: peer => isAsked(scope, peer), signal: AbortSignal.any([exit.signal, controller.signal]) })
        break
      } catch {
        // the operator has voted, the proposal has ended, the scope was left, or time is up
        if (exit.signal.aborted || clock() >= proposal.expirationTimestamp) {
          return false
        }
      } finally {
        clearTimeout(timer)
      }
    }

    watched.problem = undefined

    return true
  }

  /** Peers that do not speak our sync protocol cannot answer, and may be all there are under the crate's rules */
  private needsAnswer ({ scope, proposal }: Watched): boolean {
    return proposal.expectedVotersCount > 1 && (scope.policy.decisionRule === 'quorum' || askedPeers(scope).length > 0)
  }

  private async vote (key: string, watched: Watched): Promise<void> {
    const { log, vote } = this.init
    const { scope, proposal } = watched
    const { proposalId } = proposal

    // before the vote is cast, so that an operator who votes meanwhile gets the cause
    this.voted.add(key)

    try {
      await vote(scope, proposalId, sideOf(scope.policy, proposal))
      log('voted automatically on proposal %d in scope %s', proposalId, scope.name)
      this.init.onCast()
    } catch (err) {
      this.voted.delete(key)

      if (!(err instanceof UserAlreadyVotedError)) {
        throw err
      }

      log('did not vote automatically on proposal %d in scope %s: the operator was first', proposalId, scope.name)
    }
  }

  private async onMissed ({ scope, proposal }: Watched, reason: string): Promise<void> {
    const { consensus, storage, identity, log, onMissed } = this.init
    const session = await consensus.storage.getSession(scope.key, proposal.proposalId)

    // the operator was there
    if (session == null || session.hasVoted(identity as Uint8Array)) {
      return
    }

    scope.addMissedAutoVote({ proposalId: proposal.proposalId, name: proposal.name, reason })
    // it is shown all the same, until the process ends
    await storage.saveMissed(scope.key, [...scope.missedAutoVotes]).catch(err => { log.error('could not store that the automatic vote on proposal %d in scope %s was missed - %e', proposal.proposalId, scope.name, err) })
    log.error('did not vote automatically on proposal %d in scope %s: %s', proposal.proposalId, scope.name, reason)
    onMissed(scope, proposal.proposalId, reason)
  }
}

function keyOf (scopeKey: string, proposalId: number): string {
  return `${scopeKey}#${proposalId}`
}
