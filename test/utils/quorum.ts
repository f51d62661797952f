/**
 * Proposals, votes and evidence of scopes that decide by quorum, as any member could make them, and any liar.
 */

import { policyDigest, proposalDigest, proposalIdOf } from '../../src/consensus/policy.ts'
import { encodeEvidence } from '../../src/network/gossip.ts'
import { makeProposal, makeVote } from './messages.ts'
import type { ConsensusSigner, Proposal, ScopePolicy, Vote } from '../../src/index.ts'

export function digestOf (policy: ScopePolicy, proposal: Proposal): Uint8Array {
  return proposalDigest(policyDigest(policy), proposal)
}

/** A proposal whose id follows from its content, unless it is given */
export function quorumProposal (owner: ConsensusSigner, policy: ScopePolicy, changes: Partial<Proposal> = {}): Proposal {
  const proposal = makeProposal(owner, policy, changes)

  return { ...proposal, proposalId: changes.proposalId ?? proposalIdOf(digestOf(policy, proposal)) }
}

/** A vote bound to a proposal under a policy, with changes made before it is hashed and signed */
export async function boundVote (signer: ConsensusSigner, policy: ScopePolicy, proposal: Proposal, choice: boolean, changes: Partial<Vote> = {}): Promise<Vote> {
  return makeVote(signer, proposal, choice, { parentHash: digestOf(policy, proposal), ...changes })
}

/** The message that says that somebody has voted both ways */
export async function evidenceMessage (signer: ConsensusSigner, policy: ScopePolicy, proposal: Proposal): Promise<Uint8Array> {
  return encodeEvidence({ first: await boundVote(signer, policy, proposal, true), second: await boundVote(signer, policy, proposal, false) })
}
