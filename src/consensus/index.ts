/**
 * @packageDocumentation
 *
 * The consensus protocol as a library: no network, no timers, no files. It decides yes/no questions from signed votes, to
 * the byte as the Rust crate `hashgraph-like-consensus` and RFC 73 do.
 *
 * @example
 *
 * ```TypeScript
 * import { ConsensusService } from 'libp2p-voting/consensus'
 * import { ethereumScheme, ethereumSigner } from 'libp2p-voting/signers/ethereum'
 * import { generatePrivateKey } from 'viem/accounts'
 *
 * const alice = ethereumSigner(generatePrivateKey())
 * const bob = ethereumSigner(generatePrivateKey())
 * const service = new ConsensusService({ scheme: ethereumScheme() })
 *
 * const { proposalId } = await service.createProposal('council', {
 *   name: 'Upgrade to version 2?',
 *   payload: new Uint8Array(),
 *   proposalOwner: alice.identity,
 *   expectedVotersCount: 2,
 *   expirationTimestamp: 60n, // seconds from now
 *   livenessCriteriaYes: true
 * })
 *
 * await service.castVote('council', proposalId, true, alice)
 * await service.castVote('council', proposalId, true, bob)
 *
 * console.info((await service.storage.getSession('council', proposalId))?.result) // true
 * ```
 */

export { ConsensusService } from './service.ts'
export { DEFAULT_MAX_SESSIONS_PER_SCOPE } from './service-init.ts'
export { certificateToJson, inspectCertificate, makeCertificate, verifyCertificate } from './certificate.ts'
export { systemClock } from './clock.ts'
export { gossipsubConfig, p2pConfig, validateConfig } from './config.ts'
export { resolveConfig } from './resolve-config.ts'
export { calculateConsensusResult, decideByQuorum, hasSufficientVotes, quorumOf, toleranceOf } from './decision.ts'
export * from './errors.ts'
export { checkEvidence, evidenceAgainst, evidenceOf, makeEvidence, verifyEvidence } from './evidence.ts'
export { streamDoubleVoted, streamEvidence } from './evidence-query.ts'
export { evidenceProofToJson, inspectEvidenceProof, makeEvidenceProof, verifyEvidenceProof } from './evidence-proof.ts'
export { BroadcastEventBus } from './events.ts'
export { isCurrent, memberProofProblem, memberText, signMemberProof, verifyMemberProof } from './member-proof.ts'
export { MemoryStorage } from './memory-storage.ts'
export { fingerprintOf } from './fingerprint.ts'
export { announcementDigest, canonicalPolicy, parsePolicy, policyDigest, policyJsonSchema, proposalDigest, proposalIdOf, MAX_LIFETIME_SECONDS, MAX_VOTERS } from './policy.ts'
export { EARLIER_MARK_LENGTH, isOfOtherLocks, LOCK_MARK_LENGTH, MAX_EARLIER_MARKS, MAX_LOCK_COUNT, nextCounter } from './lock-counter.ts'
export { MAX_PROOF_LENGTH, proofKind } from './proof.ts'
export { createProposal, decodeProposal, encodeProposal, validateProposal } from './proposal.ts'
export { defaultScopeConfig, ScopeConfigBuilder, validateScopeConfig } from './scope-config.ts'
export { ConsensusSession } from './session.ts'
export { isLate } from './session-quorum.ts'
export { VerifierUnavailableError } from './signing.ts'
export { dayOf, getActiveProposals, getConsensusResult, getProposal, getProposalConfig, getReachedProposals, listDays, streamDay, streamSummaries } from './storage.ts'
export { sessionVoteSetHash, voteSetHash } from './vote-set.ts'
export { MemoryVoteLock } from './vote-lock.ts'
export { buildVote, checkBound, checkTimes, computeVoteHash, decodeVote, encodeVote, signedPayload, validateVote, validateVoteChain, verifyVote } from './vote.ts'
export type { Certificate, CertificateJson } from './certificate.ts'
export type { ConsensusConfig } from './config.ts'
export type { DecisionRule, DecisionTerms, QuorumTerms, QuorumVerdict, Tally } from './decision.ts'
export type { ConsensusConflictEvent, ConsensusContradictedEvent, ConsensusEvent, ConsensusEventBus, ConsensusFailedEvent, ConsensusNotification, ConsensusReachedEvent, ProposalTrimmedEvent, SubscribeOptions } from './events.ts'
export type { Evidence } from './evidence.ts'
export type { EvidenceProof, EvidenceProofJson } from './evidence-proof.ts'
export type { EvidenceQuery, FoundEvidence } from './evidence-query.ts'
export type { HeldProof, MemberClaim, MemberProof, MemberSubject } from './member-proof.ts'
export type { ProofKind, ProofSubject, VerifyOptions } from './proof.ts'
export type { SubjectJson, VoteJson } from './proof-json.ts'
export type { PolicyVoter, ScopePolicy, ScopePolicyInput } from './policy.ts'
export type { CreateProposalRequest, Proposal } from './proposal.ts'
export type { NetworkType, ScopeConfig, ScopeConfigTarget } from './scope-config.ts'
export type { ScopeRules } from './scope-rules.ts'
export type { ConsensusObserver, ConsensusServiceInit, IncomingProposalOptions, IncomingVoteOptions, ScopeStats } from './service-init.ts'
export type { KeptEvidence, Outcome, ProposalHead, PrunedVotes, SessionParts, SessionState, SessionStep, TogetherStep } from './session.ts'
export type { ConsensusSigner, SignatureScheme } from './signing.ts'
export type { AppendVoteOptions, ConsensusStorage, PolicyStorage, PruneOptions, RefusedProposal, ScopeSettings, SessionSummary, SummaryQuery, SyncSummary } from './storage.ts'
export type { LockCounter, RaiseOptions } from './lock-counter.ts'
export type { VoteLock, VoteSubject } from './vote-lock.ts'
export type { BuildVoteInit, EncodedVote, ProposalTimes, Vote } from './vote.ts'
