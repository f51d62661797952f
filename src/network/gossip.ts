/**
 * What travels on a scope's topic: one envelope that holds an announcement, a vote or evidence.
 */

import { isUnicode } from '../consensus/check.ts'
import { encodeMessage } from '../consensus/encode.ts'
import { decodeCanonical } from '../consensus/vote.ts'
import { Gossip } from '../pb/gossip.ts'
import { MAX_EMBEDDED_VOTES, MAX_MESSAGE_LENGTH } from './limits.ts'
import type { Announcement } from '../consensus/announcement.ts'
import type { Evidence } from '../consensus/evidence.ts'
import type { Vote } from '../consensus/vote.ts'

export type GossipContent =
  { type: 'announcement', announcement: Announcement } |
  /** With the encoding of the vote */
  { type: 'vote', vote: Vote, encoded: Uint8Array } |
  { type: 'evidence', evidence: Evidence }

/** A message that is no gossip of this protocol; the message says why */
export class InvalidGossipError extends Error {
  readonly name = 'InvalidGossipError'
}

/** Each vote costs, however short it is */
function decodeBounded (data: Uint8Array<ArrayBuffer>): Gossip {
  return Gossip.decode(data, { limits: { announcement$: { proposal$: { votes: MAX_EMBEDDED_VOTES } } } })
}

function encodeGossip (gossip: Gossip): Uint8Array {
  return encodeMessage(Gossip.codec(), gossip)
}

export function encodeAnnouncement (announcement: Announcement): Uint8Array {
  return encodeGossip({ announcement } as Gossip)
}

export function encodeVoteGossip (vote: Vote): Uint8Array {
  return encodeGossip({ vote } as Gossip)
}

export function encodeEvidence (evidence: Evidence): Uint8Array {
  return encodeGossip({ evidence } as Gossip)
}

/**
 * Reads a message of at most 64 KiB in its canonical encoding
 *
 * @throws {InvalidGossipError} | {NonCanonicalEncodingError}
 */
export function decodeGossip (data: Uint8Array): GossipContent {
  if (data.byteLength > MAX_MESSAGE_LENGTH) {
    throw new InvalidGossipError(`A message has at most ${MAX_MESSAGE_LENGTH} bytes, got ${data.byteLength}`)
  }

  let encoded: Uint8Array = data
  const { announcement, vote, evidence } = decodeCanonical(data, 'gossip message', decodeBounded, gossip => {
    encoded = encodeGossip(gossip)

    return encoded
  })

  if (announcement?.proposal != null) {
    if (!isUnicode(announcement.proposal.name)) {
      throw new InvalidGossipError('The name of the proposal is no valid Unicode')
    }

    return { type: 'announcement', announcement: { ...announcement, proposal: announcement.proposal } }
  }

  if (vote != null) {
    return { type: 'vote', vote, encoded: onlyField(encoded) }
  }

  if (evidence?.first != null && evidence.second != null) {
    return { type: 'evidence', evidence: { first: evidence.first, second: evidence.second } }
  }

  throw new InvalidGossipError('The message holds no whole announcement, vote or evidence')
}

/** The content of the one field of a message: what comes after its number and its length, of which each byte but the last has the highest bit */
function onlyField (encoded: Uint8Array): Uint8Array {
  return encoded.subarray(2 + encoded.subarray(1).findIndex(byte => byte < 128))
}
