/**
 * Which votes of a session prove what came of it: a quorum for each side that has one, and both votes of whoever has voted
 * both ways. Everything else can be given up.
 */

import { compare } from 'uint8arrays/compare'
import { quorumOf } from './decision.ts'
import { decodeVote } from './vote.ts'
import type { ConsensusSession } from './session.ts'
import type { Vote } from './vote.ts'

/** A vote with its canonical encoding */
export interface EncodedVote {
  vote: Vote
  encoded: Uint8Array
}

/**
 * The votes of a quorum for one side: those of the voters whose identities are the smallest, by ascending identity, so that
 * from equal votes everybody takes the same ones. Undefined if there are too few. Only for sessions under `quorum`.
 *
 * @param isVoter - whose votes count
 */
export function quorumVotes (session: ConsensusSession, choice: boolean, isVoter: (owner: Uint8Array) => boolean = () => true): EncodedVote[] | undefined {
  const size = quorumOf(session.proposal.expectedVotersCount, session.config.consensusThreshold)
  const votes = session.encodedVotes()
    .map(encoded => ({ encoded, vote: decodeVote(encoded) }))
    .filter(({ vote }) => vote.vote === choice && isVoter(vote.voteOwner))
    .sort((a, b) => compare(a.vote.voteOwner, b.vote.voteOwner))

  return votes.length < size ? undefined : votes.slice(0, size)
}
