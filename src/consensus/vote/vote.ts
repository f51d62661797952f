/**
 * One vote: its bytes, its hash, how it is built on the votes before it and what makes it valid.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { Vote as VoteMessage } from '../../pb/consensus.ts'
import { formatDuration } from '../../util/duration.ts'
import { checkBoolean, checkBytes, checkDigest, checkObject, checkUint32, checkUint64, show } from '../encoding/check.ts'
import { encodeMessage } from '../encoding/encode.ts'
import { sha256 } from '../encoding/sha256.ts'
import {
  ConsensusError, EmptySignatureError, EmptyVoteHashError, EmptyVoteOwnerError, InvalidVoteHashError, InvalidVoteSignatureError, NonCanonicalEncodingError,
  ParentHashMismatchError, ReceivedHashMismatchError, TimestampOlderThanCreationTimeError, VoteExpiredError
} from '../errors.ts'
import { generateId } from '../proposal/id.ts'
import { hasSigned } from '../signing.ts'
import type { ProposalTimes, Vote } from '../interface.ts'
import type { SignatureScheme } from '../signing.ts'

export type { EncodedVote, ProposalTimes, Vote } from '../interface.ts'

const EMPTY = new Uint8Array(0)

/**
 * Throws a TypeError that names the first field with a value of the wrong type or range
 */
export function checkVote (vote: Vote): void {
  checkHashedFields(vote)
  checkBytes('vote.voteHash', vote.voteHash)
  checkBytes('vote.signature', vote.signature)
}

function checkHashedFields (vote: Omit<Vote, 'voteHash' | 'signature'>): void {
  checkObject('vote', vote)
  checkUint32('vote.voteId', vote.voteId)
  checkBytes('vote.voteOwner', vote.voteOwner)
  checkUint32('vote.proposalId', vote.proposalId)
  checkUint64('vote.timestamp', vote.timestamp)
  checkBoolean('vote.vote', vote.vote)
  checkBytes('vote.parentHash', vote.parentHash)
  checkBytes('vote.receivedHash', vote.receivedHash)
}

/** As {@link checkVote}, for a list of votes */
export function checkVotes (field: string, votes: readonly Vote[]): void {
  if (!Array.isArray(votes)) {
    throw new TypeError(`${field} must be an array of votes, got ${show(votes)}`)
  }

  votes.forEach(checkVote)
}

/**
 * The canonical encoding of a vote: fields in ascending number, default values left out
 */
export function encodeVote (vote: Vote): Uint8Array {
  checkVote(vote)

  return encodeMessage(VoteMessage.codec(), vote)
}

/**
 * Reads a vote from its canonical encoding. Anything else is refused with {@link NonCanonicalEncodingError}: unknown
 * fields, fields out of order or repeated, over-long varints, default values written out, bytes cut off. One vote so
 * has one encoding, and equal votes are equal bytes.
 */
export function decodeVote (bytes: Uint8Array): Vote {
  return decodeCanonical(bytes, 'vote', VoteMessage.decode, encodeVote)
}

/**
 * As {@link decodeVote}, in half the time, for bytes that were read or written as a vote before. The result shares no memory
 * with them.
 */
export function decodeKnownVote (bytes: Uint8Array): Vote {
  return VoteMessage.decode(new Uint8Array(bytes))
}

/**
 * Decodes bytes and makes sure that they are what encoding the result gives. The result shares no memory with the bytes.
 */
export function decodeCanonical <T> (bytes: Uint8Array, what: string, decode: (bytes: any) => T, encode: (value: T) => Uint8Array): T {
  checkBytes(what, bytes)

  let value: T

  try {
    value = decode(new Uint8Array(bytes))
  } catch (err: any) {
    throw new NonCanonicalEncodingError(`The bytes are no ${what}: ${err.message}`, { cause: err })
  }

  if (!equals(encode(value), bytes)) {
    throw new NonCanonicalEncodingError(`The ${what} is not in its canonical encoding: fields must be known, in ascending order, in shortest form, with default values left out`)
  }

  return value
}

/**
 * The hash of a vote: SHA-256 over vote id (4 bytes, little-endian), owner, proposal id (4 bytes, little-endian), time
 * (8 bytes, little-endian), 1 or 0 for yes or no, parent hash, received hash. 32 bytes.
 */
export function computeVoteHash (vote: Omit<Vote, 'voteHash' | 'signature'>): Uint8Array {
  checkHashedFields(vote)

  const { voteOwner, parentHash, receivedHash } = vote
  const input = new Uint8Array(17 + voteOwner.byteLength + parentHash.byteLength + receivedHash.byteLength)
  const view = new DataView(input.buffer)
  let offset = 0

  view.setUint32(offset, vote.voteId, true)
  offset += 4
  input.set(voteOwner, offset)
  offset += voteOwner.byteLength
  view.setUint32(offset, vote.proposalId, true)
  offset += 4
  view.setBigUint64(offset, vote.timestamp, true)
  offset += 8
  input[offset++] = vote.vote ? 1 : 0
  input.set(parentHash, offset)
  offset += parentHash.byteLength
  input.set(receivedHash, offset)

  return sha256(input)
}

/**
 * The bytes an owner signs: the canonical encoding with the vote hash set and the signature empty
 */
export function signedPayload (vote: Vote): Uint8Array {
  return payloadOf(vote, encodeVote(vote))
}

/** The signature is the last field, so the payload is what comes before it. A copy: a scheme may keep it or write to it. */
function payloadOf ({ signature: { byteLength } }: Vote, encoded: Uint8Array): Uint8Array {
  return new Uint8Array(encoded.subarray(0, encoded.byteLength - (byteLength === 0 ? 0 : 2 + varintLength(byteLength) + byteLength)))
}

function varintLength (value: number): number {
  return value < 128 ? 1 : 1 + varintLength(Math.floor(value / 128))
}

/**
 * What a vote is built from
 */
export interface BuildVoteInit {
  proposalId: number
  /** Identity of the voter */
  owner: Uint8Array
  /** true is yes, false is no */
  choice: boolean
  /** Unix seconds */
  timestamp: bigint
  /** The votes known so far, in order of arrival; only the last one and the owner's own last one matter */
  votes: ReadonlyArray<Pick<Vote, 'voteOwner' | 'voteHash'>>
  /** Under `quorum` the proposal digest, 32 bytes: the vote is bound to it, and to no other votes */
  digest?: Uint8Array
}

/**
 * Builds a vote on the votes known so far: links, hash and a fresh id are set, the signature is empty.
 */
export function buildVote (init: BuildVoteInit): Vote {
  checkBuildVoteInit(init)

  const { proposalId, owner, choice, timestamp, votes, digest } = init
  const links = digest == null
    ? { parentHash: votes.findLast(vote => equals(vote.voteOwner, owner))?.voteHash ?? EMPTY, receivedHash: votes.at(-1)?.voteHash ?? EMPTY }
    : { parentHash: digest, receivedHash: EMPTY }
  const unhashed = {
    voteId: generateId(),
    voteOwner: owner,
    proposalId,
    timestamp,
    vote: choice,
    ...links
  }

  return {
    ...unhashed,
    voteHash: computeVoteHash(unhashed),
    signature: EMPTY
  }
}

function checkBuildVoteInit (init: BuildVoteInit): void {
  checkObject('init', init)
  checkUint32('init.proposalId', init.proposalId)
  checkBytes('init.owner', init.owner)
  checkBoolean('init.choice', init.choice)
  checkUint64('init.timestamp', init.timestamp)

  if (!Array.isArray(init.votes)) {
    throw new TypeError(`init.votes must be an array of votes, got ${show(init.votes)}`)
  }

  for (const { voteOwner, voteHash } of init.votes) {
    checkBytes('init.votes[].voteOwner', voteOwner)
    checkBytes('init.votes[].voteHash', voteHash)
  }

  if (init.digest != null) {
    checkDigest('init.digest', init.digest)
  }
}

/**
 * Checks one vote against the times of its proposal. In this order: what {@link verifyVote} checks,
 * TimestampOlderThanCreationTime, VoteExpired (the vote's time or `now` is after the expiration). Links are not checked
 * here, since voters who vote at the same time build on the same vote.
 *
 * Under `quorum`, where the times come with a digest, ParentHashMismatch comes first, and `now` is not looked at.
 *
 * @param now - our clock, Unix seconds
 * @param encoded - the vote's canonical encoding, where it is there already
 */
export async function validateVote (vote: Vote, times: ProposalTimes, now: bigint, scheme: SignatureScheme, encoded: Uint8Array = encodeVote(vote)): Promise<void> {
  checkObject('times', times)

  if (times.digest != null) {
    checkBound(vote, times.digest)
  }

  await verifyVote(vote, scheme, encoded)
  checkTimes(vote, times, now)
}

/** Throws ParentHashMismatch unless a vote was cast on the proposal with this digest */
export function checkBound ({ parentHash, proposalId, voteOwner }: Vote, digest?: Uint8Array): void {
  checkDigest('digest', digest)

  if (!equals(parentHash, digest)) {
    throw new ParentHashMismatchError(`The vote was cast on another proposal than this: its parent hash is ${bytesToHex(parentHash)}, where the proposal digest ${bytesToHex(digest)} is wanted`, { proposalId, owner: voteOwner })
  }
}

/**
 * Checks that a vote is whole and its owner's, whatever it is about. In this order: EmptyVoteOwner, EmptyVoteHash,
 * EmptySignature, InvalidVoteHash, the signature scheme's own errors or InvalidVoteSignature.
 *
 * @param encoded - the vote's canonical encoding, where it is there already
 */
export async function verifyVote (vote: Vote, scheme: SignatureScheme, encoded: Uint8Array = encodeVote(vote)): Promise<void> {
  checkVoteHash(vote)
  await verifySignature(vote, payloadOf(vote, encoded), scheme)
}

/**
 * The part of {@link verifyVote} that needs no signature scheme: EmptyVoteOwner, EmptyVoteHash, EmptySignature,
 * InvalidVoteHash
 */
export function checkVoteHash (vote: Vote): void {
  const about = { proposalId: vote.proposalId, owner: vote.voteOwner }

  if (vote.voteOwner.byteLength === 0) {
    throw new EmptyVoteOwnerError('The vote names no owner', { proposalId: vote.proposalId })
  }

  if (vote.voteHash.byteLength === 0) {
    throw new EmptyVoteHashError('The vote has no vote hash', about)
  }

  if (vote.signature.byteLength === 0) {
    throw new EmptySignatureError('The vote is not signed', about)
  }

  const expectedHash = computeVoteHash(vote)

  if (!equals(expectedHash, vote.voteHash)) {
    throw new InvalidVoteHashError(`The vote hash is ${bytesToHex(vote.voteHash)}, the vote's fields hash to ${bytesToHex(expectedHash)}`, about)
  }
}

/** Whether a vote was cast in its proposal's time. One that was not counts for no side. */
export function isTimely ({ timestamp }: Vote, times: Pick<ProposalTimes, 'timestamp' | 'expirationTimestamp'>): boolean {
  return timestamp >= times.timestamp && timestamp <= times.expirationTimestamp
}

/**
 * Checks when a vote was cast: TimestampOlderThanCreationTime, VoteExpired, see {@link validateVote}. Under `quorum` our
 * clock is not asked.
 *
 * @param now - our clock, Unix seconds
 */
export function checkTimes (vote: Vote, times: ProposalTimes, now: bigint): void {
  const about = { proposalId: vote.proposalId, owner: vote.voteOwner }

  checkObject('times', times)
  checkUint64('times.timestamp', times.timestamp)
  checkUint64('times.expirationTimestamp', times.expirationTimestamp)
  checkUint64('now', now)

  if (vote.timestamp < times.timestamp) {
    throw new TimestampOlderThanCreationTimeError(`The vote was cast at ${vote.timestamp}, before the proposal was made at ${times.timestamp}`, about)
  }

  if (vote.timestamp > times.expirationTimestamp) {
    throw new VoteExpiredError(`The vote was cast at ${vote.timestamp}, after the proposal's expiration at ${times.expirationTimestamp}`, about)
  }

  if (times.digest == null && now > times.expirationTimestamp) {
    throw new VoteExpiredError(`Voting ended ${formatDuration(Number(now - times.expirationTimestamp))} ago`, about)
  }
}

async function verifySignature (vote: Vote, payload: Uint8Array, scheme: SignatureScheme): Promise<void> {
  const about = { proposalId: vote.proposalId, owner: vote.voteOwner }
  let isSigned: boolean | Promise<boolean>

  try {
    isSigned = hasSigned(scheme, vote.voteOwner, payload, vote.signature)

    if (typeof isSigned !== 'boolean') {
      isSigned = await isSigned
    }
  } catch (err) {
    throw err instanceof ConsensusError ? err.about(about) : err
  }

  if (!isSigned) {
    throw new InvalidVoteSignatureError('The signature was not made by the vote\'s owner', about)
  }
}

/**
 * Checks the links inside a list of two or more votes, as they come embedded in a proposal. A received hash, in every
 * vote but the first and where there is one, is the hash of the vote before it, and time does not run backwards between
 * the two. A parent hash, where there is one, is the hash of an earlier vote in the list, of the same owner and not later
 * in time. A list of one is not checked: what it was built on is not in it.
 */
export function validateVoteChain (votes: readonly Vote[]): void {
  checkVotes('votes', votes)

  if (votes.length < 2) {
    return
  }

  // of votes with one hash the last counts, as in the crate
  const positions = new Map(votes.map((vote, index) => [bytesToHex(vote.voteHash), index]))

  for (const [index, vote] of votes.entries()) {
    const about = { proposalId: vote.proposalId, owner: vote.voteOwner }

    if (index > 0 && vote.receivedHash.byteLength > 0) {
      const previous = votes[index - 1]

      if (!equals(vote.receivedHash, previous.voteHash)) {
        throw new ReceivedHashMismatchError('The received hash is not the hash of the vote before it', about)
      }

      if (vote.timestamp < previous.timestamp) {
        throw new ReceivedHashMismatchError(`The vote was cast at ${vote.timestamp}, before the vote it builds on at ${previous.timestamp}`, about)
      }
    }

    if (vote.parentHash.byteLength > 0) {
      const position = positions.get(bytesToHex(vote.parentHash)) ?? index
      const parent = votes[position]

      if (position >= index || !equals(parent.voteOwner, vote.voteOwner) || parent.timestamp > vote.timestamp) {
        throw new ParentHashMismatchError('The parent hash is not the hash of an earlier vote of the same owner', about)
      }
    }
  }
}
