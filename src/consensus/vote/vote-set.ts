/**
 * What tells whether two members have the same votes on a proposal.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { compare } from 'uint8arrays/compare'
import { fromString } from 'uint8arrays/from-string'
import type { Vote } from './vote.ts'
import type { ConsensusSession } from '../session/session.ts'

/**
 * SHA-256 over the votes' owners and values (0 or 1, a byte), sorted and joined: who has voted what, whatever else the votes
 * say and in whatever order they came. 32 bytes.
 */
export function voteSetHash (votes: ReadonlyArray<Pick<Vote, 'voteOwner' | 'vote'>>): Uint8Array {
  const hash = sha256.create()

  for (const entry of votes.map(toEntry).sort(compare)) {
    hash.update(entry)
  }

  return hash.digest()
}

/** Sessions are values: what is asked of one again and again, for each sync, is made once */
const hashes = new WeakMap<ConsensusSession, Uint8Array>()

/** The hash of all votes of a session, of those that are kept no longer, too */
export function sessionVoteSetHash (session: ConsensusSession): Uint8Array {
  let hash = session.pruned?.voteSetHash ?? hashes.get(session)

  if (hash == null) {
    // characters are bytes here, so they sort as bytes do; decoding the votes would take most of the time of a sync
    hash = sha256(fromString(session.choices().sort().join(''), 'latin1'))
    hashes.set(session, hash)
  }

  return hash
}

function toEntry ({ voteOwner, vote }: Pick<Vote, 'voteOwner' | 'vote'>): Uint8Array {
  const entry = new Uint8Array(voteOwner.byteLength + 1)

  entry.set(voteOwner)
  entry[voteOwner.byteLength] = vote ? 1 : 0

  return entry
}
