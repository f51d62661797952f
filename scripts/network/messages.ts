/**
 * Proposals and votes as a member makes them, for keys that no node holds, or that a node holds and would not use so.
 */

import { fromString } from 'uint8arrays/from-string'
import { systemClock } from '../../src/consensus/clock.ts'
import { announcementDigest, parsePolicy, policyDigest, proposalDigest, proposalIdOf } from '../../src/consensus/policy/policy.ts'
import { createProposal } from '../../src/consensus/proposal/proposal.ts'
import { buildVote, signedPayload } from '../../src/consensus/vote/vote.ts'
import { encodeAnnouncement, encodeVoteGossip } from '../../src/network/gossip/envelope.ts'
import type { ProposalInfo } from '../../src/client/index.ts'
import type { ConsensusSigner, Proposal, ScopePolicyInput } from '../../src/index.ts'

/** A proposal and what it is under its policy */
export interface Made {
  proposalId: number
  /** The proposal digest, 32 bytes */
  digest: Uint8Array
  timestamp: bigint
  /** The gossip message that makes it known */
  announcement: Uint8Array
}

/**
 * Makes and signs a proposal for a `quorum` scope
 *
 * @param now - when it is made, by the clock of its owner
 */
export async function makeProposal (owner: ConsensusSigner, input: ScopePolicyInput, name: string, timeoutSeconds: number, now = systemClock()): Promise<Made> {
  const policy = parsePolicy(input)
  const unnamed = createProposal({
    name,
    payload: new Uint8Array(0),
    proposalOwner: owner.identity,
    expectedVotersCount: policy.voters?.length ?? 1,
    expirationTimestamp: BigInt(timeoutSeconds),
    livenessCriteriaYes: true
  }, now)
  const digest = proposalDigest(policyDigest(policy), unnamed)
  const proposal: Proposal = { ...unnamed, proposalId: proposalIdOf(digest) }

  return {
    proposalId: proposal.proposalId,
    digest,
    timestamp: proposal.timestamp,
    announcement: encodeAnnouncement({ proposal, signature: await owner.sign(announcementDigest(policy, proposal)) })
  }
}

/** The gossip message of a vote, signed without asking any vote lock */
export async function makeVote (voter: ConsensusSigner, { proposalId, digest, timestamp }: Pick<Made, 'proposalId' | 'digest' | 'timestamp'>, choice: boolean): Promise<Uint8Array> {
  const vote = buildVote({ proposalId, owner: voter.identity, choice, timestamp, votes: [], digest })

  return encodeVoteGossip({ ...vote, signature: await voter.sign(signedPayload(vote)) })
}

/** A proposal as it was announced, out of what the control API says of it */
export function proposalOf (info: ProposalInfo): Omit<Proposal, 'votes' | 'round'> {
  const { proposalId, name, payload, proposer, expectedVotersCount, timestamp, deadline, livenessCriteriaYes } = info

  return {
    proposalId,
    name,
    payload: fromString(payload.slice(2), 'hex'),
    proposalOwner: fromString(proposer.slice(2).toLowerCase(), 'hex'),
    expectedVotersCount,
    timestamp: BigInt(timestamp),
    expirationTimestamp: BigInt(deadline),
    livenessCriteriaYes
  }
}
