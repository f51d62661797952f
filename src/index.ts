/**
 * @packageDocumentation
 *
 * Lets a group of libp2p peers decide yes/no questions together. Add the `voting` service to a node that has a gossipsub
 * and identify; proposals and votes of a scope travel on a gossipsub topic of their own, every node checks and counts them
 * itself, and all come to the same result.
 *
 * @example
 *
 * ```TypeScript
 * import { noise } from '@chainsafe/libp2p-noise'
 * import { yamux } from '@chainsafe/libp2p-yamux'
 * import { gossipsub } from '@chainsafe/libp2p-gossipsub'
 * import { identify } from '@libp2p/identify'
 * import { tcp } from '@libp2p/tcp'
 * import { createLibp2p } from 'libp2p'
 * import { voting } from 'libp2p-voting'
 * import { ethereumSigner } from 'libp2p-voting/signers/ethereum'
 * import { generatePrivateKey } from 'viem/accounts'
 *
 * const node = await createLibp2p({
 *   addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
 *   transports: [tcp()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux()],
 *   services: {
 *     identify: identify(),
 *     pubsub: gossipsub(),
 *     voting: voting({ signer: ethereumSigner(generatePrivateKey()) })
 *   }
 * })
 *
 * await node.services.voting.join('council')
 *
 * const proposal = await node.services.voting.propose('council', {
 *   name: 'Upgrade to version 2?',
 *   expectedVotersCount: 1
 * })
 *
 * await node.services.voting.vote('council', proposal.proposalId, true)
 *
 * const { result } = await node.services.voting.decision('council', proposal.proposalId)
 * console.info(result) // true
 *
 * await node.stop()
 * ```
 */

import { VotingService } from './network/service.ts'
import { ethereumScheme } from './signers/ethereum.ts'
import type { Voting, VotingComponents, VotingInit } from './network/interface.ts'

/**
 * The voting service, for `createLibp2p({ services: { … } })`
 */
export function voting (init: VotingInit = {}): (components: any) => Voting {
  return (components: VotingComponents) => new VotingService(components, { ...init, scheme: init.scheme ?? ethereumScheme() })
}

export { InvalidRequestError, NotListedError, NotSyncedError, ProofRefusedError, ScopeConflictError, ScopeNotJoinedError, TooManyProposalsError } from './network/errors.ts'
export { votingScoreParams } from './network/gossip/score.ts'
export { topicOf } from './network/gossip/topic.ts'
export type { Tally } from './consensus/rules/decision.ts'
export type { Evidence } from './consensus/proofs/evidence.ts'
export type { PolicyVoter, ScopePolicy, ScopePolicyInput } from './consensus/policy/policy.ts'
export type { ProofKind } from './consensus/proofs/proof.ts'
export type { Proposal } from './consensus/proposal/proposal.ts'
export type { ConsensusService } from './consensus/service.ts'
export type { ConsensusSession, SessionState } from './consensus/session/session.ts'
export type { ConsensusSigner, SignatureScheme } from './consensus/signing.ts'
export type { ConsensusStorage, MissedAutoVote, PolicyStorage, ScopeSettings } from './consensus/storage/interface.ts'
export type { Vote } from './consensus/vote/vote.ts'
export type { VoteLock } from './consensus/vote/vote-lock.ts'
export type { Alarm, AutoVote, CastVote, ClockOffset, Decision, EvidenceOptions, FoundEvidence, ImportedProof, KeyAlarm, ListOptions, Member, MemberWarning, NewerFormat, OtherPolicyPeer, OtherSigningPeer, OwnLocksState, ProposalRequest, ProposalState, ProposalSummary, ProvenPeer, Scope, ScopeMembers, SyncTimes, Undecided, VoteOptions, Voting, VotingComponents, VotingEvents, VotingInit } from './network/interface.ts'
export type { PubSub } from './network/gossip/pubsub.ts'
export type { VotingTopicScoreParams } from './network/gossip/score.ts'
