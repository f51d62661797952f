/**
 * What the files of vote locks are called and what they hold: one lock, or several that were written together and share a
 * file, each under a name of its own. Which of them binds is said by the name that the file was found under.
 */

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { encodeMessage } from '../../consensus/encoding/encode.ts'
import { sha256 } from '../../consensus/encoding/sha256.ts'
import { decodeCanonical, decodeVote, encodeVote } from '../../consensus/vote/vote.ts'
import { VoteLockBatch, VoteLockRecord } from '../../pb/record.ts'
import { StorageFormatError, VoteLockDamagedError } from '../errors.ts'
import type { ProposalHead } from '../../consensus/session/session.ts'
import type { VoteSubject } from '../../consensus/vote/vote-lock.ts'
import type { Vote } from '../../consensus/vote/vote.ts'

const RECORD_VERSION = 1
const NO_BYTES = new Uint8Array(0)

/** A lock that is to be written */
export interface NamedLock {
  /** Of its file */
  name: string
  /** See {@link encodeLock} */
  record: Uint8Array
}

/**
 * Votes count for a content, or, where they are not bound to one, for a proposal's id. The scope's name may be of any length and
 * hold anything, so it is hashed.
 */
export function lockFileName (scope: string, { proposalId, digest }: Pick<VoteSubject, 'proposalId' | 'digest'>): string {
  const [form, subject] = digest == null ? [1, proposalId] : [2, bytesToHex(digest)]

  return bytesToHex(sha256(fromString(`libp2p-voting/vote-lock/${form}\n${encodeURIComponent(scope)}\n${subject}`)))
}

export function encodeLock (scope: string, proposal: ProposalHead, unsigned: Vote): Uint8Array {
  const record = {
    version: RECORD_VERSION,
    scope,
    vote: encodeVote(unsigned) as Uint8Array<ArrayBuffer>,
    expiration: proposal.expirationTimestamp,
    checksum: NO_BYTES
  }

  return encodeRecord({ ...record, checksum: checksum(record) })
}

/** What a file holds that is linked to the names of all these locks, which differ */
export function encodeLockFile (locks: NamedLock[]): Uint8Array {
  if (locks.length === 1) {
    return locks[0].record
  }

  return encodeMessage(VoteLockBatch.codec(), {
    locks: locks.map(({ name, record }) => ({ name: hexToBytes(name), record }))
  })
}

/**
 * The vote that the lock of this name binds to. What else is in the file, and whether that is whole, is of no account.
 *
 * @param path - for the error
 * @throws {VoteLockDamagedError}
 * @throws {StorageFormatError} if a newer version of this package has written it
 */
export function decodeLockFile (path: string, bytes: Uint8Array, name: string, scope: string, expected: Pick<Vote, 'voteOwner' | 'proposalId'>): Vote {
  let record: VoteLockRecord
  let vote: Vote

  try {
    record = decodeCanonical(recordIn(bytes, name), 'vote lock', VoteLockRecord.decode, encodeRecord)

    if (!equals(checksum(record), record.checksum)) {
      throw new Error('its checksum does not fit')
    }

    vote = decodeVote(record.vote)

    if (record.scope !== scope || vote.proposalId !== expected.proposalId || !equals(vote.voteOwner, expected.voteOwner)) {
      throw new Error('it is for another proposal or voter')
    }
  } catch (err: any) {
    throw new VoteLockDamagedError(`The vote lock ${path} is damaged (${err.message}). This key has voted on the proposal, or was about to, and what is not known: it signs nothing more there. If you know from the other members that the vote never got out, remove the file to vote`, { cause: err })
  }

  if (record.version !== RECORD_VERSION) {
    throw new StorageFormatError(`The vote lock ${path} has form ${record.version}, this version reads form ${RECORD_VERSION}. Use the version of libp2p-voting that wrote it, or a newer one`)
  }

  return vote
}

/** The record of the lock of this name */
function recordIn (bytes: Uint8Array, name: string): Uint8Array {
  const { locks } = VoteLockBatch.decode(new Uint8Array(bytes))

  if (locks.length === 0) {
    // the file of a lone lock has other fields
    return bytes
  }

  const binding = hexToBytes(name)
  const [found, another] = locks.filter(lock => equals(lock.name, binding))

  if (found == null) {
    throw new Error('none of the locks in it is of this name: it is for another proposal or voter, or was changed')
  }

  if (another != null) {
    throw new Error('two of the locks in it are of this name')
  }

  return found.record
}

function encodeRecord (record: VoteLockRecord): Uint8Array {
  return encodeMessage(VoteLockRecord.codec(), record)
}

function checksum (record: VoteLockRecord): Uint8Array<ArrayBuffer> {
  return sha256(encodeRecord({ ...record, checksum: NO_BYTES })) as Uint8Array<ArrayBuffer>
}
