/**
 * Keeps the sessions of a service: one change after the other, each stored, then told of.
 */

import { equals } from 'uint8arrays/equals'
import { KeyedMutex } from '../../util/keyed-mutex.ts'
import { checkString, checkUint32, checkUint64, isMilliseconds } from '../encoding/check.ts'
import { ConsensusError, ProposalAlreadyExistError, ProposalIdCollisionError } from '../errors.ts'
import { evidenceAgainst, evidenceOf } from '../proofs/evidence.ts'
import { sameOutcome } from '../rules/session-rules.ts'
import { requireSession, streamActiveSessions } from '../storage/interface.ts'
import { decodeKnownVote } from '../vote/vote.ts'
import { changesBetween } from './changes.ts'
import type { ConsensusEventBus } from '../events.ts'
import type { ConsensusSession, SessionStep, TogetherStep } from './session.ts'
import type { Evidence } from '../proofs/evidence.ts'
import type { Outcome } from '../rules/session-rules.ts'
import type { ConsensusObserver } from '../service-init.ts'
import type { ConsensusStorage } from '../storage/interface.ts'
import type { Vote } from '../vote/vote.ts'

export interface SessionKeeperInit {
  storage: ConsensusStorage
  events: ConsensusEventBus
  observer: ConsensusObserver
  /** Unix seconds */
  clock (): bigint
  /** How many sessions a scope keeps; Infinity for all */
  maxSessionsPerScope: number
}

/** A vote that waits for its proposal's turn, and who waits for it */
interface IncomingVote {
  vote: Vote
  /** Makes the step that adds it, or throws */
  add (session: ConsensusSession): Promise<SessionStep>
  resolve (session: ConsensusSession): void
  reject (err: unknown): void
}

export class SessionKeeper {
  private readonly storage: ConsensusStorage
  private readonly events: ConsensusEventBus
  private readonly observer: ConsensusObserver
  private readonly clock: () => bigint
  private readonly maxSessionsPerScope: number
  private readonly mutex = new KeyedMutex()
  /** Votes that wait for their proposals' turns */
  private readonly incoming = new Map<string, IncomingVote[]>()

  constructor (init: SessionKeeperInit) {
    this.storage = init.storage
    this.events = init.events
    this.observer = init.observer
    this.clock = () => init.clock()
    this.maxSessionsPerScope = init.maxSessionsPerScope
  }

  /** Our clock, Unix seconds. Throws a TypeError if it gives something else. */
  now (): bigint {
    const now = this.clock()

    checkUint64('clock()', now)

    if (isMilliseconds(now)) {
      throw new TypeError(`clock() must be in seconds, got ${now}n, which is a date in milliseconds`)
    }

    return now
  }

  /** Stores a new session, tells of it, and makes room. Only called within the scope. */
  async add (scope: string, session: ConsensusSession): Promise<void> {
    await this.storage.saveSession(scope, session)
    this.observer.onProposal?.(scope, session)
    this.tellEvidence(scope, session, evidenceOf(session))
    this.publishChanges(scope, { state: 'active' }, session)
    await this.trim(scope)
  }

  /** Stores what a step has made of a session, publishes what has changed, then fails if the step says so */
  async apply (scope: string, before: ConsensusSession, step: SessionStep, { vote, durable }: { vote?: Vote, durable?: boolean } = {}): Promise<ConsensusSession> {
    await this.store(scope, before, step.session, durable)

    return this.tell(scope, before, step, vote)
  }

  /** Stores a session with votes in place of one whose votes were pruned, and notifies of what is new. Only called on the proposal. */
  async replace (scope: string, before: ConsensusSession, after: ConsensusSession): Promise<ConsensusSession> {
    await this.storage.saveSession(scope, after)
    this.tellVotes(scope, before, after, after.votes().filter(({ voteOwner, vote }) => !before.hasVotedFor(voteOwner, vote)))

    return after
  }

  /** Adds votes that arrived together when it is their proposal's turn: stores them in one step, then notifies of each */
  async addTogether (scope: string, proposalId: number, add: (session: ConsensusSession) => Promise<TogetherStep>): Promise<TogetherStep> {
    return this.onProposal(scope, proposalId, async before => {
      const step = await add(before)
      const { session: after } = step

      await this.store(scope, before, after)
      this.tellVotes(scope, before, after, after.encodedVotes(before.voteCount).map(decodeKnownVote))

      return step
    })
  }

  /**
   * Adds a vote when it is its proposal's turn, as {@link SessionKeeper.apply} does. Those that wait for the same turn are
   * stored together: most votes on a proposal come at once, and would wait for the disk one after the other.
   */
  async addVote (scope: string, vote: Vote, add: IncomingVote['add']): Promise<ConsensusSession> {
    const { promise, resolve, reject } = Promise.withResolvers<ConsensusSession>()
    const key = proposalKey(scope, vote.proposalId)
    const incoming = { vote, add, resolve, reject }
    const waiting = this.incoming.get(key)

    if (waiting == null) {
      const group = [incoming]

      this.incoming.set(key, group)
      void this.mutex.run(key, async () => {
        // who comes from now on waits for the next turn
        this.incoming.delete(key)
        await this.addVotes(scope, vote.proposalId, group)
      })
    } else {
      waiting.push(incoming)
    }

    return promise
  }

  /** Adds votes one after the other, stores what has become of them at once, then tells of each. Only called on the proposal. */
  private async addVotes (scope: string, proposalId: number, group: IncomingVote[]): Promise<void> {
    const outcomes: Array<() => ConsensusSession> = []

    try {
      const before = await requireSession(this.storage, scope, proposalId)
      let session = before

      for (const { vote, add } of group) {
        const last = session

        try {
          const step = await add(last)

          session = step.session
          outcomes.push(() => this.tell(scope, last, step, vote))
        } catch (err) {
          // told when all is stored: the reason may be another vote of these
          outcomes.push(() => { throw err })
        }
      }

      await this.store(scope, before, session)
    } catch (err) {
      group.forEach(({ reject }) => { reject(namingScope(scope, err)) })
      return
    }

    group.forEach(({ resolve, reject }, index) => {
      try {
        resolve(outcomes[index]())
      } catch (err) {
        reject(namingScope(scope, err))
      }
    })
  }

  /** Stores what has become of a session: the votes and the evidence that are new, or else its outcome */
  private async store (scope: string, before: ConsensusSession, after: ConsensusSession, durable = false): Promise<void> {
    const count = after.voteCount - before.voteCount
    const known = new Set(before.evidence)
    const evidence = after.evidence.filter(evidence => !known.has(evidence))

    if (count > 0 || evidence.length > 0) {
      await this.storage.appendVote(scope, after, { count, evidence, durable: durable || !sameOutcome(after, before) })
    } else if (after !== before) {
      await this.storage.updateSession(scope, after.proposal.proposalId, () => after)
    }
  }

  /** Tells of a step that is stored, with the vote if one was to be added, then fails if the step says so */
  private tell (scope: string, before: ConsensusSession, { session: after, error }: SessionStep, vote?: Vote): ConsensusSession {
    if (vote != null && after.voteCount > before.voteCount) {
      this.observer.onVote?.(scope, vote, after)

      const evidence = before.hasEvidenceAgainst(vote.voteOwner) ? undefined : evidenceAgainst(after, vote.voteOwner)

      this.tellEvidence(scope, after, evidence == null ? [] : [evidence])
    }

    this.publishChanges(scope, before, after)

    if (error != null) {
      throw error
    }

    return after
  }

  /** Tells of a session that has got these votes at once, and of the evidence that came with them */
  private tellVotes (scope: string, before: ConsensusSession, after: ConsensusSession, votes: Vote[]): void {
    for (const vote of votes) {
      this.observer.onVote?.(scope, vote, after)
    }

    this.tellEvidence(scope, after, evidenceOf(after).filter(({ first }) => !before.hasEvidenceAgainst(first.voteOwner)))
    this.publishChanges(scope, before, after)
  }

  private publishChanges (scope: string, before: Outcome, after: ConsensusSession): void {
    if (sameOutcome(before, after)) {
      return
    }

    const timestamp = this.now()

    for (const change of changesBetween(before, after)) {
      this.events.publish(scope, { ...change, proposalId: after.proposal.proposalId, timestamp })
    }
  }

  private tellEvidence (scope: string, session: ConsensusSession, evidence: Evidence[]): void {
    for (const { first, second } of evidence) {
      this.observer.onEvidence?.(scope, first, second, session)
    }
  }

  /** Drops the sessions beyond the limit: those created first, of equal ones those stored first */
  private async trim (scope: string): Promise<void> {
    if (this.maxSessionsPerScope === Infinity) {
      return
    }

    const sessions = await this.droppable(scope)
    const excess = sessions.length - this.maxSessionsPerScope

    if (excess <= 0) {
      return
    }

    // sorting is stable, so sessions of equal age stay in the order they were stored
    const oldest = sessions.sort((a, b) => Number(a.createdAt - b.createdAt)).slice(0, excess)

    for (const { proposal: { proposalId } } of oldest) {
      await this.mutex.run(proposalKey(scope, proposalId), async () => {
        // an archive keeps what has ended meanwhile
        if (this.storage.isArchive === true && (await this.storage.getSession(scope, proposalId))?.state !== 'active') {
          return
        }

        const session = await this.storage.removeSession(scope, proposalId)

        if (session != null) {
          this.events.publish(scope, { type: 'ProposalTrimmed', proposalId, session, timestamp: this.now() })
        }
      })
    }
  }

  /** What has ended is never dropped from an archive */
  private async droppable (scope: string): Promise<ConsensusSession[]> {
    if (this.storage.isArchive !== true) {
      return await this.storage.listScopeSessions(scope) ?? []
    }

    const active: ConsensusSession[] = []

    for await (const session of streamActiveSessions(this.storage, scope)) {
      active.push(session)
    }

    return active
  }

  /** Throws ProposalAlreadyExist, and under `quorum` ProposalIdCollision if the one that is known has other content */
  async refuseKnown (scope: string, proposalId: number, digest?: Uint8Array): Promise<void> {
    const known = await this.storage.getSession(scope, proposalId)

    if (known == null) {
      return
    }

    if (digest != null && (known.digest == null || !equals(known.digest, digest))) {
      throw new ProposalIdCollisionError('Another proposal has this id. The first one stays; propose this one again in another second, which gives it another id', { scope, proposalId })
    }

    throw new ProposalAlreadyExistError('A proposal with this id is known already', { scope, proposalId })
  }

  /** One call at a time that adds or drops sessions of a scope */
  async inScope <T> (scope: string, task: () => Promise<T>): Promise<T> {
    return this.mutex.run(scopeKey(scope), async () => {
      try {
        return await task()
      } catch (err) {
        throw namingScope(scope, err)
      }
    })
  }

  /** One call at a time that changes a proposal's session */
  async onProposal <T> (scope: string, proposalId: number, task: (session: ConsensusSession) => Promise<T>): Promise<T> {
    checkString('scope', scope)
    checkUint32('proposalId', proposalId)

    return this.mutex.run(proposalKey(scope, proposalId), async () => {
      try {
        return await task(await requireSession(this.storage, scope, proposalId))
      } catch (err) {
        throw namingScope(scope, err)
      }
    })
  }
}

/** The error, which names the scope if it is one of the rules', which do not know it */
export function namingScope (scope: string, err: unknown): unknown {
  return err instanceof ConsensusError ? err.about({ scope }) : err
}

function scopeKey (scope: string): string {
  return `scope ${scope}`
}

function proposalKey (scope: string, proposalId: number): string {
  return `proposal ${proposalId} ${scope}`
}
