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
export { certificateToJson, inspectCertificate, makeCertificate, verifyCertificate } from './proofs/certificate.ts'
export { systemClock } from './clock.ts'
export { gossipsubConfig, p2pConfig, validateConfig } from './policy/config.ts'
export { resolveConfig } from './policy/resolve-config.ts'
export { calculateConsensusResult, decideByQuorum, hasSufficientVotes, quorumOf, toleranceOf } from './rules/decision.ts'
export * from './errors.ts'
export { checkEvidence, evidenceAgainst, evidenceOf, makeEvidence, verifyEvidence } from './proofs/evidence.ts'
export { streamDoubleVoted, streamEvidence } from './proofs/evidence-query.ts'
export { evidenceProofToJson, inspectEvidenceProof, makeEvidenceProof, verifyEvidenceProof } from './proofs/evidence-proof.ts'
export { BroadcastEventBus } from './events.ts'
export { isCurrent, memberProofProblem, memberText, signMemberProof, verifyMemberProof } from './proofs/member-proof.ts'
export { MemoryStorage } from './storage/memory.ts'
export { fingerprintOf } from './proposal/fingerprint.ts'
export { announcementDigest, canonicalPolicy, parsePolicy, policyDigest, policyJsonSchema, proposalDigest, proposalIdOf, MAX_LIFETIME_SECONDS, MAX_VOTERS } from './policy/policy.ts'
export { EARLIER_MARK_LENGTH, isOfOtherLocks, LOCK_MARK_LENGTH, MAX_EARLIER_MARKS, MAX_LOCK_COUNT, nextCounter } from './vote/lock-counter.ts'
export { MAX_PROOF_LENGTH, proofKind } from './proofs/proof.ts'
export { createProposal, decodeProposal, encodeProposal, validateProposal } from './proposal/proposal.ts'
export { defaultScopeConfig, ScopeConfigBuilder, validateScopeConfig } from './policy/scope-config.ts'
export { ConsensusSession } from './session/session.ts'
export { isLate } from './rules/quorum.ts'
export { VerifierUnavailableError } from './signing.ts'
export { dayOf, getActiveProposals, getConsensusResult, getProposal, getProposalConfig, getReachedProposals, listDays, streamDay, streamSummaries } from './storage/interface.ts'
export { sessionVoteSetHash, voteSetHash } from './vote/vote-set.ts'
export { MemoryVoteLock } from './vote/vote-lock.ts'
export { buildVote, checkBound, checkTimes, computeVoteHash, decodeVote, encodeVote, signedPayload, validateVote, validateVoteChain, verifyVote } from './vote/vote.ts'
export type { Certificate, CertificateJson } from './proofs/certificate.ts'
export type { ConsensusConfig } from './policy/config.ts'
export type { DecisionRule, DecisionTerms, QuorumTerms, QuorumVerdict, Tally } from './rules/decision.ts'
export type { ConsensusConflictEvent, ConsensusContradictedEvent, ConsensusEvent, ConsensusEventBus, ConsensusFailedEvent, ConsensusNotification, ConsensusReachedEvent, ProposalTrimmedEvent, SubscribeOptions } from './events.ts'
export type { Evidence } from './proofs/evidence.ts'
export type { EvidenceProof, EvidenceProofJson } from './proofs/evidence-proof.ts'
export type { EvidenceQuery, FoundEvidence } from './proofs/evidence-query.ts'
export type { HeldProof, MemberClaim, MemberProof, MemberSubject } from './proofs/member-proof.ts'
export type { ProofKind, ProofSubject, VerifyOptions } from './proofs/proof.ts'
export type { SubjectJson, VoteJson } from './proofs/proof-json.ts'
export type { PolicyVoter, ScopePolicy, ScopePolicyInput } from './policy/policy.ts'
export type { CreateProposalRequest, Proposal } from './proposal/proposal.ts'
export type { NetworkType, ScopeConfig, ScopeConfigTarget } from './policy/scope-config.ts'
export type { ScopeRules } from './policy/scope-rules.ts'
export type { ConsensusObserver, ConsensusServiceInit, IncomingProposalOptions, IncomingVoteOptions, ScopeStats } from './service-init.ts'
export type { KeptEvidence, Outcome, ProposalHead, PrunedVotes, SessionParts, SessionState, SessionStep, TogetherStep } from './session/session.ts'
export type { ConsensusSigner, SignatureScheme } from './signing.ts'
export type { AppendVoteOptions, ConsensusStorage, PolicyStorage, PruneOptions, RefusedProposal, ScopeSettings, SessionSummary, SummaryQuery, SyncSummary } from './storage/interface.ts'
export type { LockCounter, RaiseOptions } from './vote/lock-counter.ts'
export type { VoteLock, VoteSubject } from './vote/vote-lock.ts'
export type { BuildVoteInit, EncodedVote, ProposalTimes, Vote } from './vote/vote.ts'
