/**
 * A ballot that is decided by quorum, up to its last vote: those that come after the decision are stored, too.
 */

import { buildVote, ConsensusService, parsePolicy, policyDigest, proposalDigest, proposalIdOf, signedPayload } from '../../src/consensus/index.ts'
import { scopeConfig, scopeKey } from '../../src/network/scope/scope.ts'
import { ethereumScheme, ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { NOW, proposalOf } from './votes.ts'
import type { ConsensusStorage, Proposal, ScopePolicy, Vote } from '../../src/consensus/index.ts'

/** Votes in a turn */
export const QUORUM_TURN = 100

export interface QuorumBallot {
  policy: ScopePolicy
  proposal: Proposal
  votes: Vote[]
}

export async function makeQuorumBallot (voters: number): Promise<QuorumBallot> {
  const signers = Array.from({ length: voters }, (_, index) => {
    const key = new Uint8Array(32)

    new DataView(key.buffer).setUint32(28, index + 1)

    return ethereumSigner(key)
  })
  const policy = parsePolicy({ name: 'bench', voters: signers.map(({ identity }) => identityToAddress(identity)) })
  const content = proposalOf(voters)
  const digest = proposalDigest(policyDigest(policy), content)
  const proposal = { ...content, proposalId: proposalIdOf(digest) }
  const votes = await Promise.all(signers.map(async signer => {
    const unsigned = buildVote({ proposalId: proposal.proposalId, owner: signer.identity, choice: true, timestamp: NOW, votes: [], digest })

    return { ...unsigned, signature: await signer.sign(signedPayload(unsigned)) }
  }))

  return { policy, proposal, votes }
}

/** Takes in the vote of this index */
export async function takingIn (storage: ConsensusStorage, { policy, proposal, votes }: QuorumBallot): Promise<(index: number) => Promise<void>> {
  const service = new ConsensusService({ storage, scheme: ethereumScheme(), clock: () => NOW, maxSessionsPerScope: Infinity })
  const scope = scopeKey(policy)

  await storage.setScopeConfig(scope, scopeConfig(policy))
  await service.processIncomingProposal(scope, proposal)

  return async index => { await service.processIncomingVote(scope, votes[index]) }
}
