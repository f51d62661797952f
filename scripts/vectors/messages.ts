/**
 * Messages as the files write them: bytes in hex, 64-bit numbers as decimal strings.
 */

import { hexToBytes } from '@noble/hashes/utils.js'
import type { Proposal, Vote } from '../../src/consensus/index.ts'

export interface VoteData {
  voteId: number
  voteOwner: string
  proposalId: number
  timestamp: string
  vote: boolean
  parentHash: string
  receivedHash: string
  voteHash: string
  signature: string
}

export interface ProposalData {
  name: string
  payload: string
  proposalId: number
  proposalOwner: string
  votes: VoteData[]
  expectedVotersCount: number
  round: number
  timestamp: string
  expirationTimestamp: string
  livenessCriteriaYes: boolean
}

export function toVote (data: VoteData): Vote {
  return {
    voteId: data.voteId,
    voteOwner: hexToBytes(data.voteOwner),
    proposalId: data.proposalId,
    timestamp: BigInt(data.timestamp),
    vote: data.vote,
    parentHash: hexToBytes(data.parentHash),
    receivedHash: hexToBytes(data.receivedHash),
    voteHash: hexToBytes(data.voteHash),
    signature: hexToBytes(data.signature)
  }
}

export function toProposal (data: ProposalData): Proposal {
  return {
    name: data.name,
    payload: hexToBytes(data.payload),
    proposalId: data.proposalId,
    proposalOwner: hexToBytes(data.proposalOwner),
    votes: data.votes.map(toVote),
    expectedVotersCount: data.expectedVotersCount,
    round: data.round,
    timestamp: BigInt(data.timestamp),
    expirationTimestamp: BigInt(data.expirationTimestamp),
    livenessCriteriaYes: data.livenessCriteriaYes
  }
}
