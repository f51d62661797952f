/**
 * Looks for evidence in what is stored.
 */

import { compare } from 'uint8arrays/compare'
import { evidenceOf } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import type { ConsensusSession } from '../session/session.ts'
import type { ConsensusStorage } from '../storage/interface.ts'

export interface EvidenceQuery {
  /** Only on this proposal */
  proposalId?: number
  /** Only what comes after the evidence against this voter on this proposal, which need not be there */
  after?: { proposalId: number, owner: Uint8Array }
}

export interface FoundEvidence {
  /** Of the proposal that it is about */
  session: ConsensusSession
  evidence: Evidence
}

/** All evidence in a scope, by ascending proposal id and identity of the voter. It is kept for ever. */
export async function * streamEvidence (storage: ConsensusStorage, scope: string, { proposalId, after }: EvidenceQuery = {}): AsyncGenerator<FoundEvidence> {
  for await (const session of sessionsOf(storage, scope, { proposalId, after })) {
    const all = evidenceOf(session).sort((a, b) => compare(a.first.voteOwner, b.first.voteOwner))

    for (const evidence of all) {
      if (after?.proposalId !== session.proposal.proposalId || compare(evidence.first.voteOwner, after.owner) > 0) {
        yield { session, evidence }
      }
    }
  }
}

async function * sessionsOf (storage: ConsensusStorage, scope: string, { proposalId, after }: EvidenceQuery): AsyncGenerator<ConsensusSession> {
  if (proposalId == null) {
    yield * streamDoubleVoted(storage, scope, after?.proposalId)
    return
  }

  const session = await storage.getSession(scope, proposalId)

  if (session != null && proposalId >= (after?.proposalId ?? 0)) {
    yield session
  }
}

/** The sessions with evidence in them, by ascending proposal id */
export async function * streamDoubleVoted (storage: ConsensusStorage, scope: string, from = 0): AsyncGenerator<ConsensusSession> {
  if (storage.streamDoubleVoted != null) {
    yield * storage.streamDoubleVoted(scope, from)
    return
  }

  const found: ConsensusSession[] = []

  for await (const session of storage.streamScopeSessions(scope)) {
    if (session.hasEvidence && session.proposal.proposalId >= from) {
      found.push(session)
    }
  }

  yield * found.sort((a, b) => a.proposal.proposalId - b.proposal.proposalId)
}
