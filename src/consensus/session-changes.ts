/**
 * What is told of a session whose outcome has changed.
 */

import type { ConsensusEvent } from './events.ts'
import type { Outcome } from './session-rules.ts'
import type { ConsensusSession } from './session.ts'

type About<T> = T extends ConsensusEvent ? Omit<T, 'proposalId' | 'timestamp'> : never

/** What has changed, without where and when */
export type Change = About<Exclude<ConsensusEvent, { type: 'ProposalTrimmed' }>>

/** Each change once, in the order they follow from each other */
export function changesBetween (before: Outcome, after: ConsensusSession): Change[] {
  const { state, result, contradicted } = after
  const changes: Change[] = []

  if (state !== before.state) {
    changes.push(...entered(after))
  }

  if (result != null && contradicted === true && before.contradicted !== true) {
    changes.push({ type: 'ConsensusContradicted', result, culprits: culpritsOf(after) })
  }

  return changes
}

function entered (session: ConsensusSession): Change[] {
  const { state, result } = session

  switch (state) {
    case 'reached':
      return [{ type: 'ConsensusReached', result: result === true }]
    case 'failed':
      return [{ type: 'ConsensusFailed' }]
    case 'conflict':
      return [{ type: 'ConsensusConflict', culprits: culpritsOf(session) }]
    default:
      return []
  }
}

function culpritsOf (session: ConsensusSession): Uint8Array[] {
  return session.doubleVotes().map(([{ voteOwner }]) => voteOwner)
}
