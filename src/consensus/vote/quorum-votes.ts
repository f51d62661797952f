/**
 * Which votes of a session prove what came of it: a quorum for each side that has one, and both votes of whoever has voted
 * both ways. Everything else can be given up.
 */

import { compare } from 'uint8arrays/compare'
import { exactThresholdOf } from '../policy/config.ts'
import { quorumOf } from '../rules/decision.ts'
import { ownerKey } from './vote-log.ts'
import { decodeVote } from './vote.ts'
import type { EncodedVote, Vote } from './vote.ts'
import type { ConsensusSession } from '../session/session.ts'

/**
 * The votes of a quorum for one side: those of the voters whose identities are the smallest, by ascending identity, so that
 * from equal votes everybody takes the same ones. Undefined if there are too few. Only for sessions under `quorum`.
 *
 * @param isVoter - whose votes count
 */
export function quorumVotes (session: ConsensusSession, choice: boolean, isVoter: (owner: Uint8Array) => boolean = () => true): EncodedVote[] | undefined {
  const size = quorumSizeOf(session)
  const votes = session.encodedVotes()
    .map(encoded => ({ encoded, vote: decodeVote(encoded) }))
    .filter(({ vote }) => vote.vote === choice && isVoter(vote.voteOwner))
    .sort((a, b) => compare(a.vote.voteOwner, b.vote.voteOwner))

  return votes.length < size ? undefined : votes.slice(0, size)
}

/** Whether the votes that are here are a quorum for the result, so that whoever is given them comes to it, too */
export function isProven (session: ConsensusSession): boolean {
  const { result, digest, pruned } = session

  return result != null && digest != null && (pruned == null || quorumVotes(session, result) != null)
}

/**
 * The votes that are kept for ever, in order of arrival: both of whoever has voted both ways and, where they are to prove
 * the result, a quorum for each side that has one. None but under `quorum`.
 *
 * @param proof - whether the result is to stay provable
 */
export function keptVotes (session: ConsensusSession, proof: boolean): Uint8Array[] {
  const { tally: { yes, no }, digest } = session

  if (digest == null) {
    return []
  }

  const size = quorumSizeOf(session)
  const sides = proof ? [true, false].filter(choice => (choice ? yes : no) >= size) : []
  const kept = new Set(sides.flatMap(choice => quorumVotes(session, choice) ?? []).map(({ vote }) => keyOf(vote)))

  session.doubleVotes().flat().forEach(vote => kept.add(keyOf(vote)))

  return kept.size === 0 ? [] : session.encodedVotes().filter(encoded => kept.has(keyOf(decodeVote(encoded))))
}

function quorumSizeOf ({ proposal: { expectedVotersCount }, config }: ConsensusSession): number {
  return quorumOf(expectedVotersCount, exactThresholdOf(config))
}

function keyOf ({ voteOwner, vote }: Vote): string {
  return `${vote ? 1 : 0}${ownerKey(voteOwner)}`
}
