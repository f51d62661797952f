/**
 * Votes by itself where the operator has not, if the scope's policy says so (`onSilence`): once, shortly before the proposal
 * expires, and only when another member could be asked whether this key has voted elsewhere.
 *
 * It goes the way of every vote of ours, through the vote lock: whoever binds the key first, the operator or this, has
 * voted, and the other is told. The decision rule makes no difference to it.
 */

import { equals } from 'uint8arrays/equals'
import { UserAlreadyVotedError } from '../consensus/errors.ts'
import { voterProblem } from '../consensus/scope-rules.ts'
import { Deadlines } from './deadlines.ts'
import { autoVoteDueAt, sideOf } from './rules.ts'
import type { JoinedScope } from './scope.ts'
import type { Sync } from './sync/index.ts'
import type { ConsensusService } from '../consensus/service.ts'
import type { ConsensusSession, ProposalHead } from '../consensus/session.ts'
import type { Vote } from '../consensus/vote.ts'
import type { Logger } from '@libp2p/interface'

/** How long it takes until a vote that could not be stored, for instance since the disk is full, is tried again */
const RETRY_SECONDS = 2

/** Milliseconds that a timer can wait: more than a proposal has left when this node is to vote by itself */
const MAX_DELAY = 2 ** 31 - 1

/** So many votes are remembered as the node's own doing before the oldest is forgotten */
const MAX_REMEMBERED = 1_000

export interface AutoVoterInit {
  consensus: ConsensusService
  sync: Sync
  /** Who votes; nobody does without */
  identity?: Uint8Array
  /** Unix seconds */
  clock (): bigint
  log: Logger
  /** Casts our vote and tells the others */
  vote (scope: JoinedScope, proposalId: number, choice: boolean): Promise<Vote>
  /** Keeps in mind what is under way */
  track (task: Promise<void>): void
}

/** A proposal on which this node is to vote by itself */
interface Watched {
  scope: JoinedScope
  proposal: ProposalHead
  /** Aborts when there is nothing to do any more */
  exit: AbortController
}

export class AutoVoter {
  private readonly init: AutoVoterInit
  private readonly due: Deadlines
  private readonly watched = new Map<string, Watched>()
  /** Keys of the scopes in which there can be syncs */
  private readonly entered = new Set<string>()
  /** The proposals on which this process has voted by itself */
  private readonly voted = new Set<string>()

  constructor (init: AutoVoterInit) {
    this.init = init
    this.due = new Deadlines(() => init.clock(), key => { init.track(this.onDue(key)) })
  }

  /** Is to be called when syncs in a scope have begun: before, nothing is due in it */
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

  /** Is to be called with each proposal that takes votes by which it may end */
  watch (scope: JoinedScope, proposal: ProposalHead): void {
    const { identity, clock } = this.init

    if (scope.policy.onSilence === 'none' || identity == null || voterProblem(scope, identity) != null || clock() >= proposal.expirationTimestamp) {
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

  /** Is to be called when a proposal has ended */
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
   * Why our own vote is there, in words, if this node has cast it by itself. What an earlier process has done is not stored:
   * it is told from the vote.
   */
  causeOf ({ key, policy }: JoinedScope, session: ConsensusSession): string | undefined {
    const { proposal } = session
    const { onSilence } = policy
    const own = onSilence === 'none' ? undefined : this.ownVote(session)

    if (own == null || own.vote !== sideOf(policy, proposal) || own.timestamp < autoVoteDueAt(policy, proposal)) {
      return
    }

    return `this node ${this.voted.has(keyOf(key, proposal.proposalId)) ? 'voted' : 'seems to have voted'} by itself, as the scope's policy says (onSilence: ${onSilence})`
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

    const { scope, proposal: { proposalId } } = watched

    try {
      if (await this.isSilent(watched) && await this.isSynced(watched) && await this.isSilent(watched)) {
        await this.vote(key, watched)
      }

      // once: whatever came of it
      if (this.watched.get(key) === watched) {
        this.forget(scope.key, proposalId)
      }
    } catch (err) {
      this.init.log.error('could not vote by itself on proposal %d in scope %s, as its policy says; it is tried again in %d s - %e', proposalId, scope.name, RETRY_SECONDS, err)

      if (this.watched.get(key) === watched && this.init.clock() < watched.proposal.expirationTimestamp) {
        this.due.arm(key, this.init.clock() + BigInt(RETRY_SECONDS))
      }
    }
  }

  /** Whether the proposal is open and our key has not voted, nor is about to */
  private async isSilent ({ scope, proposal: { proposalId, expirationTimestamp }, exit }: Watched): Promise<boolean> {
    const { consensus, identity, clock } = this.init
    const session = exit.signal.aborted ? undefined : await consensus.storage.getSession(scope.key, proposalId)

    return session?.state === 'active' &&
      clock() < expirationTimestamp &&
      !session.hasVoted(identity as Uint8Array) &&
      !await consensus.isBound(scope.key, proposalId) &&
      !exit.signal.aborted
  }

  /** Whether another member could be asked, while there is time, what our key has voted */
  private async isSynced ({ scope, proposal, exit }: Watched): Promise<boolean> {
    const { sync, clock, log } = this.init

    if (proposal.expectedVotersCount === 1) {
      return true
    }

    const now = clock()
    const tooLate = new AbortController()
    const timer = setTimeout(() => { tooLate.abort() }, Math.min(Number(proposal.expirationTimestamp - now) * 1_000, MAX_DELAY))

    sync.request(scope)

    try {
      await sync.completed(scope, now, { signal: AbortSignal.any([exit.signal, tooLate.signal]) })

      return true
    } catch {
      // the scope was left, the proposal has ended, or nobody was there
      if (tooLate.signal.aborted) {
        log.error('did not vote by itself on proposal %d in scope %s, as its policy says: no member could be asked in time what this key has voted', proposal.proposalId, scope.name)
      }

      return false
    } finally {
      clearTimeout(timer)
    }
  }

  private async vote (key: string, { scope, proposal }: Watched): Promise<void> {
    const { log, vote } = this.init
    const { proposalId } = proposal
    const { onSilence } = scope.policy

    this.remember(key)

    try {
      await vote(scope, proposalId, sideOf(scope.policy, proposal))
      log('voted %s by itself on proposal %d in scope %s, as its policy says', onSilence, proposalId, scope.name)
    } catch (err) {
      this.voted.delete(key)

      if (!(err instanceof UserAlreadyVotedError)) {
        throw err
      }

      log('did not vote by itself on proposal %d in scope %s: the operator was first', proposalId, scope.name)
    }
  }

  /** From before the vote is cast: whoever comes while it is, is to know */
  private remember (key: string): void {
    this.voted.add(key)

    if (this.voted.size > MAX_REMEMBERED) {
      const [oldest] = this.voted

      this.voted.delete(oldest)
    }
  }
}

function keyOf (scopeKey: string, proposalId: number): string {
  return `${scopeKey}#${proposalId}`
}
