/**
 * What a node has seen of a result by silence, for others to read. It proves nothing: nobody can prove that there were no other
 * votes in time. What is decided by a quorum has a certificate instead.
 */

import { compare } from 'uint8arrays/compare'
import { ProofUnavailableError } from './errors.ts'
import { parsePolicy, policyDigest } from './policy.ts'
import { subjectToJson, voteToJson } from './proof-json.ts'
import { encodeSubject } from './proof.ts'
import type { ScopePolicy } from './policy.ts'
import type { SubjectJson, VoteJson } from './proof-json.ts'
import type { ConsensusSession } from './session.ts'

/** A statement as JSON. Times are Unix seconds, bytes are 0x and hex digits. */
export interface StatementJson extends SubjectJson {
  type: 'statement'
  result: 'yes' | 'no'
  grade: 'timeout'
  /** All that were seen, by ascending owner, for yes before for no */
  votes: VoteJson[]
}

/**
 * The statement of a node whose session was decided by silence.
 *
 * @param session - of grade `timeout`
 * @param policy - of its scope
 * @throws {ProofUnavailableError} with the reason why there is none
 */
export function makeStatement (session: ConsensusSession, policy: ScopePolicy): StatementJson {
  const { proposal, digest, result, grade, signature, pruned } = session
  const { proposalId } = proposal
  const ofScope = parsePolicy(policy)

  // what a certificate could not be about, a statement is not about either
  encodeSubject(session, ofScope)

  if (result == null || grade !== 'timeout') {
    throw new ProofUnavailableError(grade === 'quorum'
      ? 'The result rests on the votes of a quorum, which a certificate proves: a statement is of results by silence'
      : 'The proposal has no result by silence to state', { proposalId })
  }

  if (pruned != null) {
    throw new ProofUnavailableError('The votes that the result by silence rests on are kept no longer', { proposalId })
  }

  const subject = { policy: ofScope, policyDigest: policyDigest(ofScope), proposal: { ...proposal, round: 1, votes: [] }, digest: digest as Uint8Array, signature: signature as Uint8Array }

  return {
    type: 'statement',
    ...subjectToJson(subject),
    result: result ? 'yes' : 'no',
    grade,
    votes: session.votes()
      .sort((a, b) => compare(a.voteOwner, b.voteOwner) || Number(b.vote) - Number(a.vote))
      .map(voteToJson)
  }
}
