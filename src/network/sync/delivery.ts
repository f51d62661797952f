/**
 * Proposals and votes on their way: taken apart into pieces that fit into pages, put together again, and read.
 */

import { announcementDigest } from '../../consensus/policy/policy.ts'
import { decodeProposal, encodeProposal } from '../../consensus/proposal/proposal.ts'
import { toSummary } from '../../consensus/storage/interface.ts'
import { sessionVoteSetHash } from '../../consensus/vote/vote-set.ts'
import { decodeVote } from '../../consensus/vote/vote.ts'
import { Vote as VoteMessage } from '../../pb/consensus.ts'
import { MAX_MESSAGE_LENGTH } from '../gossip/limits.ts'
import { entryOf } from './digests.ts'
import { SyncFaultError } from './errors.ts'
import type { HaveSet, VoteKey } from './have-set.ts'
import type { Encodable } from '../../consensus/encoding/encode.ts'
import type { Announcement } from '../../consensus/proposal/announcement.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { Delivery, Holding, SyncAnnouncement } from '../../pb/sync.ts'
import type { JoinedScope } from '../scope/scope.ts'

/** The head of a proposal or one of its votes */
export interface Piece {
  proposalId: number
  announcement?: Encodable<SyncAnnouncement>
  holding?: Encodable<Holding>
  vote?: Uint8Array
}

/** A delivery that has been read */
export interface ReadDelivery {
  proposalId: number
  announcement?: Announcement
  /** The digest of the proposal that is announced, 32 bytes */
  digest?: Uint8Array
  holding?: Encodable<Holding>
  votes: Vote[]
}

/** Bytes of tags and lengths that a piece takes at most besides what it holds */
const OVERHEAD = 32

export function pieceLength ({ announcement, holding, vote }: Piece): number {
  return OVERHEAD +
    (announcement == null ? 0 : announcement.proposal.byteLength + announcement.signature.byteLength) +
    (holding == null ? 0 : holding.have.byteLength + holding.entry.byteLength) +
    (vote == null ? 0 : vote.byteLength)
}

/** Puts the pieces of a page together */
export function toDeliveries (pieces: Piece[]): Array<Encodable<Delivery>> {
  const deliveries: Array<Encodable<Delivery>> = []

  for (const { proposalId, announcement, holding, vote } of pieces) {
    let delivery = deliveries.at(-1)

    if (delivery?.proposalId !== proposalId) {
      delivery = { proposalId, announcement, holding, votes: [] }
      deliveries.push(delivery)
    }

    if (vote != null) {
      delivery.votes.push(vote)
    }
  }

  return deliveries
}

/** Who has voted what in a session */
export function voteKeys (session: ConsensusSession): VoteKey[] {
  return session.encodedVotes().map(encoded => VoteMessage.decode(encoded))
}

/** The votes of a session that are not in a have-set, as pieces */
export function * missingVotes (session: ConsensusSession, have?: HaveSet): Generator<Piece, undefined> {
  const { proposalId } = session.proposal

  for (const vote of session.encodedVotes()) {
    if (have?.has(VoteMessage.decode(vote)) !== true) {
      yield { proposalId, vote }
    }
  }
}

/** What others are told a proposal is */
export function announcementOf ({ proposal, signature }: ConsensusSession): Encodable<SyncAnnouncement> {
  return {
    proposal: encodeProposal({ ...proposal, round: 1, votes: [] }),
    signature: signature ?? new Uint8Array(0)
  }
}

/** What we have of a proposal */
export function holdingOf (scope: JoinedScope, session: ConsensusSession): Encodable<Holding> {
  const { entry, flags } = entryOf(scope, { ...toSummary(session), voteSetHash: sessionVoteSetHash(session) })

  return {
    have: scope.haveSets.of(voteKeys(session)).encode(),
    entry,
    flags
  }
}

/**
 * Reads what a peer delivers
 *
 * @throws {SyncFaultError} if it is not what can be delivered
 */
export function readDelivery (scope: JoinedScope, { proposalId, announcement, holding, votes }: Encodable<Delivery>): ReadDelivery {
  const read: ReadDelivery = { proposalId, holding, votes: votes.map(readVote) }

  if (announcement != null) {
    read.announcement = readAnnouncement(announcement)
    read.digest = announcementDigest(scope.policy, read.announcement.proposal, scope.digest)
  }

  if (read.votes.some(vote => vote.proposalId !== proposalId) || (read.announcement ?? { proposal: { proposalId } }).proposal.proposalId !== proposalId) {
    throw new SyncFaultError(`sent what is for another proposal than ${proposalId}`)
  }

  return read
}

function readAnnouncement ({ proposal: encoded, signature }: Encodable<SyncAnnouncement>): Announcement {
  if (encoded.byteLength + signature.byteLength > MAX_MESSAGE_LENGTH) {
    throw new SyncFaultError(`sent a proposal of ${encoded.byteLength} bytes`)
  }

  const proposal = canonical(() => decodeProposal(encoded))

  if (proposal.votes.length > 0 || proposal.round !== 1) {
    throw new SyncFaultError('sent a proposal with votes or a round in it')
  }

  return { proposal, signature }
}

function readVote (encoded: Uint8Array): Vote {
  return canonical(() => decodeVote(encoded))
}

function canonical <T> (decode: () => T): T {
  try {
    return decode()
  } catch (err: any) {
    throw new SyncFaultError(`sent what cannot be read: ${err.message}`)
  }
}
