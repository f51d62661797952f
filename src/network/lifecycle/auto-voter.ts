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
import type { ScopeContext } from './context.ts'
import type { ConsensusSession, ProposalHead } from '../../consensus/session/session.ts'
import type { MissedAutoVote } from '../../consensus/storage/interface.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { AutoVote, VoteOptions } from '../interface.ts'
import type { Unasked } from '../restore/index.ts'
import type { JoinedScope } from '../scope/scope.ts'

/** Seconds until a vote that could not be cast, for instance because the disk is full, is cast again */
const RETRY_SECONDS = 2

const NO_ANSWER = 'no member has answered since the vote was due, so that this key may have voted elsewhere'
const BOUND = 'an earlier vote on it binds this node\'s key and was not completed; voting by hand completes it'
const NOT_THERE = 'this node did not run, or was not in the scope, when the vote was due'

/** Milliseconds after which the members are asked again: a peer answers 5 syncs in 10 seconds */
const ASK_INTERVAL = 4_000

/** Automatic votes that are remembered before the oldest is forgotten */
const MAX_REMEMBERED = 1_000

export interface AutoVoterInit extends ScopeContext {
  autoVotes: AutoVotes
  /** Casts our vote and sends it */
  vote (proposalId: number, choice: boolean, options: VoteOptions): Promise<Vote>
  /** Returns what keeps this node from voting on a proposal now, or undefined if nothing is known to */
  unasked (session: ConsensusSession): Promise<Unasked | undefined>
}

/** What this process has done, also in scopes that were left since */
export class AutoVotes {
  /** The proposals on which it has voted automatically */
  readonly voted = new BoundedSet<string>(MAX_REMEMBERED)
  /** The proposals of which it has said that they are left to the operator */
  readonly skipped = new BoundedSet<string>(MAX_REMEMBERED)
}

/** A proposal on which this node is going to vote automatically */
interface Watched {
  proposal: ProposalHead
  /** Why the vote that is due has not been cast yet, in words */
  problem?: string
  /** Whether this node has begun to cast the vote: what binds its key then is that vote */
  tried?: boolean
  /** Aborts when there is nothing left to do */
  exit: AbortController
}

export class AutoVoter {
  private readonly scope: JoinedScope
  private readonly init: AutoVoterInit
  private readonly due: Deadlines<number>
  private readonly watched = new Map<number, Watched>()
  private begun = false

  constructor (scope: JoinedScope, init: AutoVoterInit) {
    this.scope = scope
    this.init = init
    this.due = new Deadlines(init.clock, proposalId => { init.track(this.onDue(proposalId)) }, init.clockCheckInterval, scope.signal)
    scope.signal.addEventListener('abort', () => { [...this.watched.keys()].forEach(proposalId => { this.forget(proposalId) }) }, { once: true })
  }

  /** Call when syncs in the scope have begun: no vote is due before */
  begin (): void {
    this.begun = true
    this.watched.forEach(({ proposal }) => { this.arm(proposal) })
  }

  /** Votes on a proposal in its time, if that is left to the node. Call for each proposal that is active. */
  watch ({ proposal, createdAt }: Pick<ConsensusSession, 'proposal' | 'createdAt'>): void {
    const { scope, mayVote } = this

    if (!mayVote || this.watched.has(proposal.proposalId) || this.missed(proposal) != null) {
      return
    }

    const reason = autoVoteProblem(scope.policy, proposal, createdAt)

    if (reason != null) {
      this.skip(proposal, reason)
      return
    }

    this.watched.set(proposal.proposalId, { proposal, exit: new AbortController() })

    if (this.begun) {
      this.arm(proposal)
    }
  }

  /** Call when a proposal has ended: the vote that was due is not needed where it ended early, and was missed where it ended in its time */
  onEnded (proposalId: number): void {
    const watched = this.watched.get(proposalId)

    if (watched != null && this.init.clock() >= watched.proposal.expirationTimestamp) {
      this.init.track(this.end(watched))
    } else {
      this.forget(proposalId)
    }
  }

  /**
   * What this node votes automatically on a proposal that has no result, or why it does not; undefined where its operator has
   * voted already or may not vote, and where the policy asks for no automatic votes
   */
  async stateOf (session: ConsensusSession): Promise<AutoVote | undefined> {
    const { policy } = this.scope
    const { proposal, createdAt, state } = session

    if (!this.mayVote || !(state === 'active' || state === 'failed') || session.pruned != null || session.hasVoted(this.init.identity as Uint8Array)) {
      return
    }

    const problem = autoVoteProblem(policy, proposal, createdAt) ?? this.missed(proposal)?.reason ?? await this.obstacle(session)

    return state === 'failed' && problem == null
      ? undefined
      : { choice: sideOf(policy, proposal), dueAt: autoVoteDueAt(policy, proposal), ...problem == null ? {} : { problem } }
  }

  /**
   * Why our own vote is there, in words, if this node has cast it automatically. What an earlier process did is not stored: it
   * is told from the vote.
   */
  causeOf (session: ConsensusSession): string | undefined {
    const { policy } = this.scope
    const { proposal } = session
    const { onSilence } = policy
    const own = onSilence === 'none' ? undefined : this.ownVote(session)

    if (own == null || own.vote !== sideOf(policy, proposal) || own.timestamp < autoVoteDueAt(policy, proposal)) {
      return
    }

    return `this node ${this.init.autoVotes.voted.has(this.keyOf(proposal.proposalId)) ? 'voted' : 'seems to have voted'} automatically, as the scope's policy says (onSilence: ${onSilence})`
  }

  private get mayVote (): boolean {
    const { policy, mayVote } = this.scope

    return policy.onSilence !== 'none' && this.init.identity != null && mayVote
  }

  private ownVote (session: ConsensusSession): Vote | undefined {
    const { identity } = this.init

    return identity != null && session.hasVoted(identity) ? session.votes().find(({ voteOwner }) => equals(voteOwner, identity)) : undefined
  }

  private missed ({ proposalId }: ProposalHead): MissedAutoVote | undefined {
    return this.scope.missedAutoVotes.find(missed => missed.proposalId === proposalId)
  }

  /** What a proposal is remembered by beyond the scope */
  private keyOf (proposalId: number): string {
    return `${this.scope.key}#${proposalId}`
  }

  private forget (proposalId: number): void {
    this.due.disarm(proposalId)
    this.watched.get(proposalId)?.exit.abort()
    this.watched.delete(proposalId)
  }

  /** A proposal that has expired is left to nobody */
  private skip ({ proposalId, expirationTimestamp }: ProposalHead, reason: string): void {
    const { autoVotes: { skipped }, clock, dispatch } = this.init
    const key = this.keyOf(proposalId)

    if (!skipped.has(key) && clock() < expirationTimestamp) {
      skipped.add(key)
      dispatch('voting:auto-vote-skipped', { scope: this.scope.name, proposalId, reason })
    }
  }

  private arm (proposal: ProposalHead): void {
    // one that has expired may have a vote of our key elsewhere, which the first sync brings before it ends
    if (this.init.clock() < proposal.expirationTimestamp) {
      this.due.arm(proposal.proposalId, autoVoteDueAt(this.scope.policy, proposal))
    }
  }

  /** Casts the vote, tries again as long as there is time, and reports what was missed */
  private async onDue (proposalId: number): Promise<void> {
    const { scope, init: { clock, log } } = this
    const watched = this.watched.get(proposalId)

    if (watched == null) {
      return
    }

    const { expirationTimestamp } = watched.proposal

    if (clock() >= expirationTimestamp) {
      await this.end(watched)
      return
    }

    const settled = await this.settle(watched).catch(err => {
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
    if (this.watched.get(proposalId) !== watched) {
      return
    }

    if (settled) {
      this.forget(proposalId)
    } else {
      this.due.arm(proposalId, min(clock() + BigInt(RETRY_SECONDS), expirationTimestamp))
    }
  }

  /** Casts the vote if our key has cast none. Resolves with whether nothing is left to be done. */
  private async settle (watched: Watched): Promise<boolean> {
    const { proposalId } = watched.proposal

    for (const step of [async () => this.isAnswered(watched), async () => this.vote(watched)]) {
      const session = await this.open(watched)

      if (session == null) {
        return true
      }

      if (watched.tried !== true && await this.init.consensus.isBound(this.scope.key, proposalId)) {
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
  private async open ({ proposal: { proposalId }, exit }: Watched): Promise<ConsensusSession | undefined> {
    const session = exit.signal.aborted ? undefined : await this.init.storage.getSession(this.scope.key, proposalId)

    return session?.state === 'active' && !session.hasVoted(this.init.identity as Uint8Array) ? session : undefined
  }

  /** What keeps the vote on a proposal that is open from being cast now, as far as it is known */
  private async obstacle (session: ConsensusSession): Promise<string | undefined> {
    const { consensus, clock, unasked } = this.init
    const { proposalId, expirationTimestamp } = session.proposal
    const watched = this.watched.get(proposalId)

    if (watched?.problem != null || clock() >= expirationTimestamp) {
      return watched?.problem
    }

    const { reason, isAskable } = await unasked(session) ?? {}

    if (reason != null) {
      return isAskable === true ? undefined : reason
    }

    return watched?.tried !== true && await consensus.isBound(this.scope.key, proposalId) ? BOUND : undefined
  }

  /** Whether a member has told, while there is time, what it has of our key's votes. Asks again and again. */
  private async isAnswered (watched: Watched): Promise<boolean> {
    const { scope, init: { sync, clock } } = this
    const { proposal, exit } = watched
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
  private needsAnswer ({ proposal }: Watched): boolean {
    return proposal.expectedVotersCount > 1 && (this.scope.policy.decisionRule === 'quorum' || askedPeers(this.scope).length > 0)
  }

  /** Resolves with true once our key has voted */
  private async vote (watched: Watched): Promise<boolean> {
    const { scope, init: { storage, autoVotes: { voted }, metrics, log, unasked, vote, dispatch } } = this
    const { proposal, proposal: { proposalId }, exit } = watched
    const choice = sideOf(scope.policy, proposal)
    const key = this.keyOf(proposalId)

    // asking may take until the deadline
    watched.problem = (await unasked(await requireSession(storage, scope.key, proposalId)))?.reason
    // before the vote is cast, so that an operator who votes meanwhile gets the cause
    voted.add(key)
    watched.tried = true

    try {
      await vote(proposalId, choice, { signal: exit.signal })
      log('voted automatically on proposal %d in scope %s', proposalId, scope.name)
      metrics.onAutoVote('cast')
      dispatch('voting:auto-vote', { scope: scope.name, proposalId, choice })
    } catch (err) {
      voted.delete(key)

      if (!(err instanceof UserAlreadyVotedError)) {
        throw err
      }

      log('did not vote automatically on proposal %d in scope %s: the operator was first', proposalId, scope.name)
    }

    return true
  }

  /** Stops watching a proposal whose time is up, and reports the vote if our key has cast none */
  private async end (watched: Watched): Promise<void> {
    const { scope, init: { storage, metrics, log, dispatch } } = this
    const { proposal: { proposalId, name }, problem: reason = NOT_THERE } = watched

    this.forget(proposalId)

    // a storage that cannot be read is no reason to say nothing
    if (!await this.isMissed(watched).catch(() => true)) {
      return
    }

    scope.addMissedAutoVote({ proposalId, name, reason })
    // it is shown all the same, until the process ends
    await storage.saveMissed(scope.key, [...scope.missedAutoVotes]).catch(err => { log.error('could not store that the automatic vote on proposal %d in scope %s was missed - %e', proposalId, scope.name, err) })
    log.error('did not vote automatically on proposal %d in scope %s: %s', proposalId, scope.name, reason)
    metrics.onAutoVote('missed')
    dispatch('voting:auto-vote-missed', { scope: scope.name, proposalId, reason })
  }

  /** The operator may have voted, and others have decided while this node was not there: neither needs it */
  private async isMissed ({ proposal: { proposalId }, problem }: Watched): Promise<boolean> {
    const session = await this.init.storage.getSession(this.scope.key, proposalId)

    return session != null && !session.hasVoted(this.init.identity as Uint8Array) && (problem != null || session.state === 'active' || session.state === 'failed')
  }
}

function min (a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
