/**
 * Keeps the sessions of a service: one change after the other, each stored, then told of.
 */

import { checkString, checkUint32, checkUint64, isMilliseconds } from './check.ts'
import { ConsensusError, ProposalAlreadyExistError } from './errors.ts'
import { KeyedMutex } from './mutex.ts'
import { requireSession } from './storage.ts'
import type { ConsensusEvent, ConsensusEventBus } from './events.ts'
import type { ConsensusObserver } from './service-init.ts'
import type { ConsensusSession, SessionStep } from './session.ts'
import type { ConsensusStorage } from './storage.ts'
import type { Vote } from './vote.ts'

export interface SessionKeeperInit {
  storage: ConsensusStorage
  events: ConsensusEventBus
  observer: ConsensusObserver
  /** Unix seconds */
  clock (): bigint
  /** How many sessions a scope keeps; Infinity for all */
  maxSessionsPerScope: number
}

export class SessionKeeper {
  private readonly storage: ConsensusStorage
  private readonly events: ConsensusEventBus
  private readonly observer: ConsensusObserver
  private readonly clock: () => bigint
  private readonly maxSessionsPerScope: number
  private readonly mutex = new KeyedMutex()

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

    if (session.state !== 'active') {
      this.publishEnd(scope, session)
    }

    await this.trim(scope)
  }

  /** Stores what a step has made of a session, publishes the change of state, then fails if the step says so */
  async apply (scope: string, before: ConsensusSession, { session: after, error }: SessionStep, { vote, durable = false }: { vote?: Vote, durable?: boolean } = {}): Promise<ConsensusSession> {
    if (vote != null && after.voteCount > before.voteCount) {
      await this.storage.appendVote(scope, after, { durable: durable || after.state !== before.state })
      this.observer.onVote?.(scope, vote, after)
    } else if (after !== before) {
      await this.storage.updateSession(scope, after.proposal.proposalId, () => after)
    }

    if (after.state !== before.state) {
      this.publishEnd(scope, after)
    }

    if (error != null) {
      throw error
    }

    return after
  }

  private publishEnd (scope: string, { proposal: { proposalId }, result }: ConsensusSession): void {
    const timestamp = this.now()
    const event: ConsensusEvent = result == null
      ? { type: 'ConsensusFailed', proposalId, timestamp }
      : { type: 'ConsensusReached', proposalId, result, timestamp }

    this.events.publish(scope, event)
  }

  /** Drops the sessions beyond the limit: those created first, of equal ones those stored first */
  private async trim (scope: string): Promise<void> {
    if (this.maxSessionsPerScope === Infinity) {
      return
    }

    const sessions = await this.storage.listScopeSessions(scope) ?? []
    const excess = sessions.length - this.maxSessionsPerScope

    if (excess <= 0) {
      return
    }

    // sorting is stable, so sessions of equal age stay in the order they were stored
    const oldest = sessions.sort((a, b) => Number(a.createdAt - b.createdAt)).slice(0, excess)

    for (const { proposal: { proposalId } } of oldest) {
      await this.mutex.run(proposalKey(scope, proposalId), async () => {
        const session = await this.storage.removeSession(scope, proposalId)

        if (session != null) {
          this.events.publish(scope, { type: 'ProposalTrimmed', proposalId, session, timestamp: this.now() })
        }
      })
    }
  }

  async refuseKnown (scope: string, proposalId: number): Promise<void> {
    if (await this.storage.getSession(scope, proposalId) != null) {
      throw new ProposalAlreadyExistError('A proposal with this id is known already', { scope, proposalId })
    }
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
