/**
 * Waiting for a proposal to end.
 */

import type { Decision, VotingEvents } from '../interface.ts'
import type { TypedEventTarget } from '@libp2p/interface'

/** How a proposal can end */
const ENDS = ['voting:decided', 'voting:failed', 'voting:conflict'] as const

/**
 * Resolves with how a proposal has ended, or will have
 *
 * @param events - of the service
 * @param find - how it has ended, undefined if it has not yet
 */
export async function awaitDecision (events: TypedEventTarget<VotingEvents>, scope: string, proposalId: number, find: () => Promise<Decision | undefined>, signal: AbortSignal): Promise<Decision> {
  const ended = Promise.withResolvers<Decision>()

  const onEnded = ({ detail }: CustomEvent<Decision>): void => {
    if (detail.scope === scope && detail.proposalId === proposalId) {
      ended.resolve(detail)
    }
  }
  const onAbort = (): void => { ended.reject(signal.reason) }

  // where the session has ended, or is not there, nobody waits any more
  ended.promise.catch(() => {})

  // before it is looked for, or it could end in between
  ENDS.forEach(type => { events.addEventListener(type, onEnded) })
  signal.addEventListener('abort', onAbort)

  try {
    const found = await find()

    if (found != null) {
      return found
    }

    const decision = await ended.promise

    // votes that came together with the last one may have contradicted it already
    return await find() ?? decision
  } finally {
    ENDS.forEach(type => { events.removeEventListener(type, onEnded) })
    signal.removeEventListener('abort', onAbort)
  }
}
