/**
 * What travels on a scope's topic: one envelope that holds an announcement, a vote or evidence.
 */

import { reader } from 'protons-runtime'
import { isUnicode } from '../../consensus/encoding/check.ts'
import { encodeMessage } from '../../consensus/encoding/encode.ts'
import { decodeCanonical } from '../../consensus/vote/vote.ts'
import { Gossip } from '../../pb/gossip.ts'
import { MAX_EMBEDDED_VOTES, MAX_MESSAGE_LENGTH } from './limits.ts'
import type { Evidence } from '../../consensus/proofs/evidence.ts'
import type { Announcement } from '../../consensus/proposal/announcement.ts'
import type { Vote } from '../../consensus/vote/vote.ts'

export type GossipContent =
  { type: 'announcement', announcement: Announcement } |
  /** With the encoding of the vote */
  { type: 'vote', vote: Vote, encoded: Uint8Array } |
  { type: 'evidence', evidence: Evidence } |
  /** Of a later version of this protocol: nothing but a field that this version does not know */
  { type: 'newer', field: number }

/** A message that is no gossip of this protocol; the message says why */
export class InvalidGossipError extends Error {
  readonly name = 'InvalidGossipError'
}

/** A message that is longer than this protocol allows */
export class MessageTooLongError extends InvalidGossipError {}

/** The fields of later versions begin here */
const FIRST_NEWER_FIELD = 4

/** The wire type of messages */
const LENGTH_DELIMITED = 2

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
 * @throws {MessageTooLongError} | {InvalidGossipError} | {NonCanonicalEncodingError}
 */
export function decodeGossip (data: Uint8Array): GossipContent {
  if (data.byteLength > MAX_MESSAGE_LENGTH) {
    throw new MessageTooLongError(`A message has at most ${MAX_MESSAGE_LENGTH} bytes, got ${data.byteLength}`)
  }

  const field = newerField(data)

  if (field != null) {
    return { type: 'newer', field }
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

/** The number of the only field of a message, where it is one that a later version may have in place of ours */
function newerField (data: Uint8Array): number | undefined {
  const read = reader(data)

  try {
    const tag = read.uint32()
    const length = read.uint32()
    const field = tag >>> 3

    return (tag & 7) === LENGTH_DELIMITED && field >= FIRST_NEWER_FIELD && read.pos + length === data.byteLength ? field : undefined
  } catch {
    // cut off: decoding it says so
  }
}

/** The content of the one field of a message: what comes after its number and its length, of which each byte but the last has the highest bit */
function onlyField (encoded: Uint8Array): Uint8Array {
  return encoded.subarray(2 + encoded.subarray(1).findIndex(byte => byte < 128))
}
