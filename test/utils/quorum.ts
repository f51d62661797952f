/**
 * Proposals, votes and evidence of scopes that decide by quorum, as any member could make them, and any liar.
 */

import { gossipsubConfig } from '../../src/consensus/policy/config.ts'
import { policyDigest, proposalDigest, proposalIdOf } from '../../src/consensus/policy/policy.ts'
import { makeCertificate } from '../../src/consensus/proofs/certificate.ts'
import { makeEvidenceProof } from '../../src/consensus/proofs/evidence-proof.ts'
import { makeEvidence } from '../../src/consensus/proofs/evidence.ts'
import { ConsensusSession } from '../../src/consensus/session/session.ts'
import { encodeEvidence } from '../../src/network/gossip/envelope.ts'
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

/** Two proposals with one id, which some 2^16 tries find */
export function twins (owner: ConsensusSigner, policy: ScopePolicy, changes: Partial<Proposal> = {}): [Proposal, Proposal] {
  const proposal = makeProposal(owner, policy, changes)
  const digest = policyDigest(policy)
  const names = new Map<number, string>()

  for (let tries = 0; ; tries++) {
    const name = `${proposal.name} ${tries}`
    const proposalId = proposalIdOf(proposalDigest(digest, { ...proposal, name }))
    const other = names.get(proposalId)

    if (other != null) {
      return [{ ...proposal, proposalId, name: other }, { ...proposal, proposalId, name }]
    }

    names.set(proposalId, name)
  }
}

/** A vote bound to a proposal under a policy, with changes made before it is hashed and signed */
export async function boundVote (signer: ConsensusSigner, policy: ScopePolicy, proposal: Proposal, choice: boolean, changes: Partial<Vote> = {}): Promise<Vote> {
  return makeVote(signer, proposal, choice, { parentHash: digestOf(policy, proposal), ...changes })
}

/** The message that says that somebody has voted both ways */
export async function evidenceMessage (signer: ConsensusSigner, policy: ScopePolicy, proposal: Proposal): Promise<Uint8Array> {
  return encodeEvidence({ first: await boundVote(signer, policy, proposal, true), second: await boundVote(signer, policy, proposal, false) })
}

/** The file that proves that somebody has voted both ways on a proposal that this voter has made */
export async function evidenceFile (proposer: ConsensusSigner, policy: ScopePolicy, proposal: Proposal, cheat: ConsensusSigner): Promise<Uint8Array> {
  const config = { ...gossipsubConfig(), exactThreshold: policy.threshold, decisionRule: 'quorum', policyDigest: policyDigest(policy) } as const
  const session = ConsensusSession.create(proposal, config, proposal.timestamp, await proposer.sign(digestOf(policy, proposal)))

  return makeEvidenceProof(session, policy, makeEvidence(await boundVote(cheat, policy, proposal, true), await boundVote(cheat, policy, proposal, false)))
}

/** The certificate of a proposal that this voter has made, with votes for yes of these */
export async function certificateFile (proposer: ConsensusSigner, policy: ScopePolicy, proposal: Proposal, voters: ConsensusSigner[], choice = true): Promise<Uint8Array> {
  const config = { ...gossipsubConfig(), exactThreshold: policy.threshold, decisionRule: 'quorum', policyDigest: policyDigest(policy) } as const
  let session = ConsensusSession.create(proposal, config, proposal.timestamp, await proposer.sign(digestOf(policy, proposal)))

  for (const voter of voters) {
    session = session.addVote(await boundVote(voter, policy, proposal, choice), proposal.timestamp).session
  }

  return makeCertificate(session, policy)
}
