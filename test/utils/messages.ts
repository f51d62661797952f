/**
 * Proposals, votes and messages as any member could make them, and any liar.
 */

import { toString } from 'uint8arrays/to-string'
import { announcementDigest } from '../../src/consensus/policy/policy.ts'
import { generateId } from '../../src/consensus/proposal/id.ts'
import { buildVote, computeVoteHash, signedPayload } from '../../src/consensus/vote/vote.ts'
import { encodeAnnouncement } from '../../src/network/gossip/envelope.ts'
import type { ConsensusSigner } from '../../src/consensus/signing.ts'
import type { Proposal, ScopePolicy, Vote } from '../../src/index.ts'

export function now (): bigint {
  return BigInt(Math.floor(Date.now() / 1000))
}

export function makeProposal (owner: ConsensusSigner, policy: ScopePolicy, changes: Partial<Proposal> = {}): Proposal {
  const timestamp = changes.timestamp ?? now()

  return {
    name: 'Go?',
    payload: new Uint8Array(),
    proposalId: generateId(),
    proposalOwner: owner.identity,
    votes: [],
    expectedVotersCount: policy.voters?.length ?? 3,
    round: 1,
    timestamp,
    expirationTimestamp: timestamp + 60n,
    livenessCriteriaYes: true,
    ...changes
  }
}

export async function announce (signer: ConsensusSigner, policy: ScopePolicy, proposal: Proposal): Promise<Uint8Array> {
  const signature = await signer.sign(announcementDigest(policy, proposal))

  return encodeAnnouncement({ proposal, signature })
}

/** A vote with changes made before it is hashed and signed */
export async function makeVote (signer: ConsensusSigner, proposal: Pick<Proposal, 'proposalId' | 'timestamp'>, choice: boolean, changes: Partial<Vote> = {}): Promise<Vote> {
  const unsigned = {
    ...buildVote({ proposalId: proposal.proposalId, owner: signer.identity, choice, timestamp: proposal.timestamp, votes: [] }),
    ...changes
  }

  if (changes.voteHash == null) {
    unsigned.voteHash = computeVoteHash(unsigned)
  }

  return { ...unsigned, signature: changes.signature ?? await signer.sign(signedPayload(unsigned)) }
}

/** Whether what a signer is given is a proof that its key is at a node, not a vote or a proposal */
export function isMemberText (payload: Uint8Array): boolean {
  return toString(payload).startsWith('libp2p-voting member\n')
}
