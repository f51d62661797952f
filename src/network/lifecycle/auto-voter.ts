/**
 * Votes automatically where the operator has not, if the scope's policy says so (`onSilence`): once, shortly before the proposal
 * expires, and only after a member has answered, so that a vote that this key has cast elsewhere is known.
 *
 * An automatic vote goes through the vote lock as every vote of this node does: of the operator and the node, the one that binds
 * the key first has voted, and the other gets UserAlreadyVotedError. The decision rule makes no difference to it.
 */

import { equals } from 'uint8arrays/equals'
import { UserAlreadyVotedError } from '../../consensus/errors.ts'
import { requireSession } from '../../consensus/storage/interface.ts'
import { BoundedSet } from '../../util/bounded.ts'
import { withTimeLimit } from '../../util/time-limit.ts'
import { NotSyncedError } from '../errors.ts'
import { askedPeers, isAsked } from '../sync/asked-peers.ts'
import { autoVoteDueAt, autoVoteProblem, sideOf } from './auto-vote-rules.ts'
import { Deadlines } from './deadlines.ts'
import type { ConsensusService } from '../../consensus/service.ts'
import type { ConsensusSession, ProposalHead } from '../../consensus/session/session.ts'
import type { MissedAutoVote, PolicyStorage } from '../../consensus/storage/interface.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { AutoVote, VoteOptions } from '../interface.ts'
import type { Unasked } from '../restore/index.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Sync } from '../sync/index.ts'
import type { Logger } from '@libp2p/interface'

/** Seconds until a vote that could not be cast, for instance because the disk is full, is cast again */
const RETRY_SECONDS = 2

const NO_ANSWER = 'no member has answered since the vote was due, so that this key may have voted elsewhere'
const BOUND = 'an earlier vote on it binds this node\'s key and was not completed; voting by hand completes it'
const NOT_THERE = 'this node did not run, or was not in the scope, when the vote was due'

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
  vote (scope: JoinedScope, proposalId: number, choice: boolean, options: VoteOptions): Promise<Vote>
  /** Returns what keeps this node from voting on a proposal now, or undefined if nothing is known to */
  unasked (scope: JoinedScope, session: ConsensusSession): Promise<Unasked | undefined>
  /** Called after an automatic vote */
  onCast (scope: JoinedScope, proposalId: number, choice: boolean): void
  /** Called once when it is known that a proposal is left to the operator; the reason is in words */
  onSkipped (scope: JoinedScope, proposalId: number, reason: string): void
  /** Called when the time for an automatic vote is over, or its proposal has failed, and it was not cast; the reason is in words */
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
  /** Whether this node has begun to cast the vote: what binds its key then is that vote */
  tried?: boolean
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
  /** The proposals of which this process has said that they are left to the operator */
  private readonly skipped = new BoundedSet<string>(MAX_REMEMBERED)

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
    const key = keyOf(scope.key, proposal.proposalId)

    if (!this.mayVote(scope) || this.watched.has(key) || missedOf(scope, proposal) != null) {
      return
    }

    const reason = autoVoteProblem(scope.policy, proposal, createdAt)

    if (reason != null) {
      this.skip(key, scope, proposal, reason)
      return
    }

    const watched = { scope, proposal, exit: new AbortController() }

    this.watched.set(key, watched)

    if (this.entered.has(scope.key)) {
      this.arm(key, watched)
    }
  }

  /** Call when a proposal has ended: the vote that was due is not needed where it ended early, and was missed where it ended in its time */
  onEnded (scopeKey: string, proposalId: number): void {
    const watched = this.watched.get(keyOf(scopeKey, proposalId))

    if (watched != null && this.init.clock() >= watched.proposal.expirationTimestamp) {
      this.init.track(this.end(watched))
    } else {
      this.forget(scopeKey, proposalId)
    }
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
  async stateOf (scope: JoinedScope, session: ConsensusSession): Promise<AutoVote | undefined> {
    const { policy } = scope
    const { proposal, createdAt, state } = session

    if (!this.mayVote(scope) || !(state === 'active' || state === 'failed') || session.pruned != null || session.hasVoted(this.init.identity as Uint8Array)) {
      return
    }

    const problem = autoVoteProblem(policy, proposal, createdAt) ?? missedOf(scope, proposal)?.reason ?? await this.obstacle(scope, session)

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

  private forget (scopeKey: string, proposalId: number): void {
    const key = keyOf(scopeKey, proposalId)

    this.due.disarm(key)
    this.watched.get(key)?.exit.abort()
    this.watched.delete(key)
  }

  /** A proposal that has expired is left to nobody */
  private skip (key: string, scope: JoinedScope, { proposalId, expirationTimestamp }: ProposalHead, reason: string): void {
    if (!this.skipped.has(key) && this.init.clock() < expirationTimestamp) {
      this.skipped.add(key)
      this.init.onSkipped(scope, proposalId, reason)
    }
  }

  private arm (key: string, { scope, proposal }: Watched): void {
    // one that has expired may have a vote of our key elsewhere, which the first sync brings before it ends
    if (this.init.clock() < proposal.expirationTimestamp) {
      this.due.arm(key, autoVoteDueAt(scope.policy, proposal))
    }
  }

  /** Casts the vote, tries again as long as there is time, and reports what was missed */
  private async onDue (key: string): Promise<void> {
    const { clock, log } = this.init
    const watched = this.watched.get(key)

    if (watched == null) {
      return
    }

    const { scope, proposal: { proposalId, expirationTimestamp } } = watched

    if (clock() >= expirationTimestamp) {
      await this.end(watched)
      return
    }

    const settled = await this.settle(key, watched).catch(err => {
      if (!watched.exit.signal.aborted) {
        log.error('could not vote automatically on proposal %d in scope %s yet - %e', proposalId, scope.name, err)
      }

      // the deadline may have passed while the vote waited for what keeps it from being cast
      if (watched.problem == null || clock() < expirationTimestamp) {
        watched.problem = err instanceof NotSyncedError ? err.message : `the vote could not be cast: ${err.message}`
      }

      return false
    })

    // the proposal may have ended meanwhile, or the scope been left
    if (this.watched.get(key) !== watched) {
      return
    }

    if (settled) {
      this.forget(scope.key, proposalId)
    } else {
      this.due.arm(key, min(clock() + BigInt(RETRY_SECONDS), expirationTimestamp))
    }
  }

  /** Casts the vote if our key has cast none. Resolves with whether nothing is left to be done. */
  private async settle (key: string, watched: Watched): Promise<boolean> {
    const { scope, proposal: { proposalId } } = watched

    for (const step of [async () => this.isAnswered(watched), async () => this.vote(key, watched)]) {
      const session = await this.open(watched)

      if (session == null) {
        return true
      }

      if (watched.tried !== true && await this.init.consensus.isBound(scope.key, proposalId)) {
        watched.problem = BOUND

        return false
      }

      if (!await step()) {
        return false
      }
    }

    return true
  }

  /** The proposal if it is open and our key has not voted on it */
  private async open ({ scope, proposal: { proposalId }, exit }: Watched): Promise<ConsensusSession | undefined> {
    const session = exit.signal.aborted ? undefined : await this.init.consensus.storage.getSession(scope.key, proposalId)

    return session?.state === 'active' && !session.hasVoted(this.init.identity as Uint8Array) ? session : undefined
  }

  /** What keeps the vote on a proposal that is open from being cast now, as far as it is known */
  private async obstacle (scope: JoinedScope, session: ConsensusSession): Promise<string | undefined> {
    const { consensus, clock, unasked } = this.init
    const { proposalId, expirationTimestamp } = session.proposal
    const watched = this.watched.get(keyOf(scope.key, proposalId))

    if (watched?.problem != null || clock() >= expirationTimestamp) {
      return watched?.problem
    }

    const { reason, isAskable } = await unasked(scope, session) ?? {}

    if (reason != null) {
      return isAskable === true ? undefined : reason
    }

    return watched?.tried !== true && await consensus.isBound(scope.key, proposalId) ? BOUND : undefined
  }

  /** Whether a member has told, while there is time, what it has of our key's votes. Asks again and again. */
  private async isAnswered (watched: Watched): Promise<boolean> {
    const { sync, clock } = this.init
    const { scope, proposal, exit } = watched
    const since = clock()

    while (this.needsAnswer(watched)) {
      watched.problem ??= NO_ANSWER
      const left = Number(proposal.expirationTimestamp - clock()) * 1_000

      for (const peer of askedPeers(scope)) {
        sync.request(scope, peer, { urgent: true })
      }

      try {
        await withTimeLimit(Math.max(0, Math.min(ASK_INTERVAL, left)), new Error('no member has answered'), async signal => {
          await sync.completed(scope, since, { counts: peer => isAsked(scope, peer), signal })
        }, exit.signal)
        break
      } catch {
        // the operator has voted, the proposal has ended, the scope was left, or time is up
        if (exit.signal.aborted || clock() >= proposal.expirationTimestamp) {
          return false
        }
      }
    }

    watched.problem = undefined

    return true
  }

  /** Peers that do not speak our sync protocol cannot answer, and may be all there are under the crate's rules */
  private needsAnswer ({ scope, proposal }: Watched): boolean {
    return proposal.expectedVotersCount > 1 && (scope.policy.decisionRule === 'quorum' || askedPeers(scope).length > 0)
  }

  /** Resolves with true once our key has voted */
  private async vote (key: string, watched: Watched): Promise<boolean> {
    const { consensus, log, unasked, vote } = this.init
    const { scope, proposal, exit } = watched
    const { proposalId } = proposal

    // asking may take until the deadline
    watched.problem = (await unasked(scope, await requireSession(consensus.storage, scope.key, proposalId)))?.reason
    // before the vote is cast, so that an operator who votes meanwhile gets the cause
    this.voted.add(key)
    watched.tried = true

    try {
      await vote(scope, proposalId, sideOf(scope.policy, proposal), { signal: exit.signal })
      log('voted automatically on proposal %d in scope %s', proposalId, scope.name)
      this.init.onCast(scope, proposalId, sideOf(scope.policy, proposal))
    } catch (err) {
      this.voted.delete(key)

      if (!(err instanceof UserAlreadyVotedError)) {
        throw err
      }

      log('did not vote automatically on proposal %d in scope %s: the operator was first', proposalId, scope.name)
    }

    return true
  }

  /** Stops watching a proposal whose time is up, and reports the vote if our key has cast none */
  private async end (watched: Watched): Promise<void> {
    const { storage, log, onMissed } = this.init
    const { scope, proposal: { proposalId, name }, problem: reason = NOT_THERE } = watched

    this.forget(scope.key, proposalId)

    // a storage that cannot be read is no reason to say nothing
    if (!await this.isMissed(watched).catch(() => true)) {
      return
    }

    scope.addMissedAutoVote({ proposalId, name, reason })
    // it is shown all the same, until the process ends
    await storage.saveMissed(scope.key, [...scope.missedAutoVotes]).catch(err => { log.error('could not store that the automatic vote on proposal %d in scope %s was missed - %e', proposalId, scope.name, err) })
    log.error('did not vote automatically on proposal %d in scope %s: %s', proposalId, scope.name, reason)
    onMissed(scope, proposalId, reason)
  }

  /** The operator may have voted, and others have decided while this node was not there: neither needs it */
  private async isMissed ({ scope, proposal: { proposalId }, problem }: Watched): Promise<boolean> {
    const session = await this.init.consensus.storage.getSession(scope.key, proposalId)

    return session != null && !session.hasVoted(this.init.identity as Uint8Array) && (problem != null || session.state === 'active' || session.state === 'failed')
  }
}

function min (a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function missedOf ({ missedAutoVotes }: JoinedScope, { proposalId }: ProposalHead): MissedAutoVote | undefined {
  return missedAutoVotes.find(missed => missed.proposalId === proposalId)
}

function keyOf (scopeKey: string, proposalId: number): string {
  return `${scopeKey}#${proposalId}`
}
