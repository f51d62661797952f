/**
 * The types that most of the core shares. This file imports none of the others.
 */

/**
 * A vote as it is hashed, signed and sent (RFC 73, message `Vote`)
 */
export interface Vote {
  /** Random identifier, unsigned 32 bits */
  voteId: number
  /** Identity of the voter; with Ethereum signatures the 20 bytes of an address */
  voteOwner: Uint8Array
  /** The proposal this vote is for, unsigned 32 bits */
  proposalId: number
  /** When the vote was cast, Unix seconds */
  timestamp: bigint
  /** true is yes, false is no */
  vote: boolean
  /**
   * `voteHash` of this owner's own previous vote in the list the vote was built on, empty if there was none. Under `quorum`
   * the proposal digest, so that a vote counts only for the content it was cast on.
   */
  parentHash: Uint8Array
  /** `voteHash` of the last vote in that list, empty if it was empty */
  receivedHash: Uint8Array
  /** SHA-256 over the other fields, see `computeVoteHash` */
  voteHash: Uint8Array
  /** The owner's signature over the canonical encoding with this field empty */
  signature: Uint8Array
}

/**
 * When a proposal was made and when it ends, and under `quorum` what it is: what a vote is checked against
 */
export interface ProposalTimes {
  /** Unix seconds */
  timestamp: bigint
  /** Unix seconds */
  expirationTimestamp: bigint
  /** The proposal digest, 32 bytes, under `quorum`: the vote must be bound to it, and our clock does not refuse it */
  digest?: Uint8Array
}

/** A vote with its canonical encoding */
export interface EncodedVote {
  vote: Vote
  encoded: Uint8Array
}

/**
 * Two votes of one owner on one proposal. In this order and no other, so that equal evidence is equal bytes.
 */
export interface Evidence {
  /** The vote for yes */
  first: Vote
  /** The vote for no */
  second: Vote
}

/**
 * Evidence that a session keeps beside its votes, since at least one of the two votes was not cast in the proposal's time: such a
 * vote is no vote of the session, counts for no side, and proves all the same that its owner has signed both.
 */
export interface KeptEvidence {
  owner: Uint8Array
  /** Canonical encoding of the vote for yes */
  first: Uint8Array
  /** Canonical encoding of the vote for no */
  second: Uint8Array
}
