/**
 * What is told of a session whose outcome has changed.
 */

import type { ConsensusEvent } from '../events.ts'
import type { ConsensusSession } from './session.ts'
import type { Outcome } from '../rules/session-rules.ts'

type About<T> = T extends ConsensusEvent ? Omit<T, 'proposalId' | 'timestamp'> : never

/** What has changed, without where and when */
export type Change = About<Exclude<ConsensusEvent, { type: 'ProposalTrimmed' }>>

/** Each change once, in the order they follow from each other */
export function changesBetween (before: Outcome, after: ConsensusSession): Change[] {
  const changes: Change[] = []

  if (after.state !== before.state) {
    changes.push(...entered(after))
  }

  if (after.contradicted === true && before.contradicted !== true) {
    changes.push({ type: 'ConsensusContradicted', ...resultOf(after), culprits: culpritsOf(after) })
  }

  return changes
}

function entered (session: ConsensusSession): Change[] {
  switch (session.state) {
    case 'reached':
      return [{ type: 'ConsensusReached', ...resultOf(session) }]
    case 'failed':
      return [{ type: 'ConsensusFailed' }]
    case 'conflict':
      return [{ type: 'ConsensusConflict', culprits: culpritsOf(session) }]
    default:
      return []
  }
}

function resultOf ({ result, late }: ConsensusSession): { result: boolean, late?: boolean } {
  return { result: result === true, ...late ? { late } : {} }
}

function culpritsOf (session: ConsensusSession): Uint8Array[] {
  return session.doubleVotes().map(([{ voteOwner }]) => voteOwner)
}
