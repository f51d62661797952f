/**
 * Proofs as JSON, for reading. Times are Unix seconds, bytes are 0x and hex digits.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { voterNames } from '../policy/voter-names.ts'
import { fingerprintOf } from '../proposal/fingerprint.ts'
import type { ProofSubject } from './proof.ts'
import type { ScopePolicy } from '../policy/policy.ts'
import type { NameOf } from '../policy/voter-names.ts'
import type { Vote } from '../vote/vote.ts'

export interface SubjectJson {
  /** Name of the scope */
  scope: string
  /** 64 hex digits, as scopes show it */
  policyDigest: string
  policy: ScopePolicy
  /** 64 hex digits: what the votes are bound to */
  proposalDigest: string
  proposal: {
    proposalId: number
    /** Of the proposal digest, as lists show it */
    fingerprint: string
    name: string
    payload: string
    proposer: string
    /** What the policy calls the proposer; absent where it has no name */
    proposerName?: string
    timestamp: number
    deadline: number
    expectedVotersCount: number
    livenessCriteriaYes: boolean
    /** The proposer's, of the announcement */
    signature: string
  }
}

export interface VoteJson {
  voter: string
  /** What the policy calls the voter; absent where it has no name */
  name?: string
  choice: 'yes' | 'no'
  timestamp: number
  voteId: number
  voteHash: string
  signature: string
}

export function subjectToJson ({ policy, policyDigest, proposal, digest, signature }: ProofSubject): SubjectJson {
  const proposer = toHex(proposal.proposalOwner)
  const proposerName = voterNames(policy)(proposer)

  return {
    scope: policy.name,
    policyDigest: bytesToHex(policyDigest),
    policy,
    proposalDigest: bytesToHex(digest),
    proposal: {
      proposalId: proposal.proposalId,
      fingerprint: fingerprintOf(digest),
      name: proposal.name,
      payload: toHex(proposal.payload),
      proposer,
      ...proposerName == null ? {} : { proposerName },
      timestamp: Number(proposal.timestamp),
      deadline: Number(proposal.expirationTimestamp),
      expectedVotersCount: proposal.expectedVotersCount,
      livenessCriteriaYes: proposal.livenessCriteriaYes,
      signature: toHex(signature)
    }
  }
}

export function voteToJson ({ voteOwner, vote, timestamp, voteId, voteHash, signature }: Vote, nameOf: NameOf): VoteJson {
  const voter = toHex(voteOwner)
  const name = nameOf(voter)

  return {
    voter,
    ...name == null ? {} : { name },
    choice: vote ? 'yes' : 'no',
    timestamp: Number(timestamp),
    voteId,
    voteHash: toHex(voteHash),
    signature: toHex(signature)
  }
}

function toHex (bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`
}
