/**
 * The records of LevelDB and the values they stand for.
 */

import { equals } from 'uint8arrays/equals'
import { checkDigest } from '../../consensus/encoding/check.ts'
import { encodeMessage } from '../../consensus/encoding/encode.ts'
import { decodeProposal, encodeProposal } from '../../consensus/proposal/proposal.ts'
import { isProven } from '../../consensus/vote/quorum-votes.ts'
import { decodeVote } from '../../consensus/vote/vote.ts'
import { EvidenceRecord, HeldProofsRecord, MissedAutoVotesRecord, OutcomeRecord, ProposalRecord, RefusedProposalRecord, ScopeConfigRecord, ScopeSettingsRecord, StoredState } from '../../pb/record.ts'
import type { ConsensusConfig } from '../../consensus/policy/config.ts'
import type { ScopeConfig } from '../../consensus/policy/scope-config.ts'
import type { HeldProof } from '../../consensus/proofs/member-proof.ts'
import type { Tally } from '../../consensus/rules/decision.ts'
import type { ConsensusSession, KeptEvidence, SessionParts } from '../../consensus/session/session.ts'
import type { MissedAutoVote, RefusedProposal, ScopeSettings } from '../../consensus/storage/interface.ts'

/** What is stored of a proposal, as it first was */
export interface StoredProposal {
  parts: Pick<SessionParts, 'proposal' | 'config' | 'createdAt' | 'signature'>
  /** Place in the order the sessions were first stored */
  place: bigint
  /** Votes that it was stored with: an active session may have more */
  voteCount: number
}

/** What is stored of what came of a proposal */
export interface StoredOutcome {
  parts: Pick<SessionParts, 'state' | 'result' | 'contradicted' | 'decidedAt'>
  tally: Tally
  /** Votes it rests on; if they were pruned, those that were kept */
  voteCount: number
  /** Absent until somebody has asked for it */
  voteSetHash?: Uint8Array
  pruned: boolean
  /** Pieces of evidence that are kept beside the votes */
  evidence: number
  /** Whether the votes that were kept when the others were pruned are a quorum for the result */
  proven?: boolean
}

/** The states that a stored one stands for */
const STATES: Record<StoredState, Pick<SessionParts, 'state' | 'result'>> = {
  [StoredState.ACTIVE]: { state: 'active' },
  [StoredState.YES]: { state: 'reached', result: true },
  [StoredState.NO]: { state: 'reached', result: false },
  [StoredState.FAILED]: { state: 'failed' },
  [StoredState.CONFLICT]: { state: 'conflict' }
}

export function encodeStoredProposal ({ parts: { proposal, config, createdAt, signature }, place, voteCount }: StoredProposal): Uint8Array {
  return encodeMessage(ProposalRecord.codec(), {
    proposal: encodeProposal({ ...proposal, round: 0, votes: [] }),
    config,
    createdAt,
    sequence: place,
    voteCount,
    signature
  })
}

export function decodeStoredProposal (record: Uint8Array): StoredProposal {
  const { proposal: encoded, config, createdAt, sequence: place, voteCount, signature } = ProposalRecord.decode(record)
  const { votes, round, ...proposal } = decodeProposal(encoded)

  return {
    parts: { proposal, config: config as ConsensusConfig, createdAt, ...signature == null ? {} : { signature } },
    place,
    voteCount
  }
}

export function encodeOutcome ({ parts, tally: { yes, no, doubles }, voteCount, voteSetHash, pruned, proven, evidence }: StoredOutcome): Uint8Array {
  return encodeMessage(OutcomeRecord.codec(), {
    state: storedState(parts),
    yes,
    no,
    voteCount,
    voteSetHash,
    pruned,
    contradicted: parts.contradicted,
    decidedAt: parts.decidedAt,
    doubles,
    proven,
    evidence
  })
}

/** Throws if the record is of a state in which there is no outcome */
export function decodeOutcome (record: Uint8Array): StoredOutcome {
  const { state, yes, no, voteCount, voteSetHash, pruned, contradicted, decidedAt, doubles, proven, evidence } = OutcomeRecord.decode(record)

  if (state === StoredState.ACTIVE) {
    throw new Error('an outcome of a proposal that is being voted on is none')
  }

  return {
    parts: { ...STATES[state], ...contradicted ? { contradicted } : {}, ...decidedAt == null ? {} : { decidedAt } },
    tally: { yes, no, ...doubles === 0 ? {} : { doubles } },
    voteCount,
    ...voteSetHash.byteLength === 0 ? {} : { voteSetHash },
    pruned,
    proven,
    evidence
  }
}

/**
 * What came of a session that has ended.
 *
 * @param voteSetHash - where it is known; it follows from the votes, at a cost that not every vote is to bear
 */
export function outcomeOf (session: ConsensusSession, voteSetHash?: Uint8Array): StoredOutcome {
  const { state, result, contradicted, decidedAt, tally, voteCount, pruned } = session

  return {
    parts: { state, result, contradicted, decidedAt },
    tally,
    voteCount,
    voteSetHash: pruned?.voteSetHash ?? voteSetHash,
    pruned: pruned != null,
    proven: pruned != null && isProven(session),
    evidence: session.evidence.length
  }
}

export function encodeScopeConfig (config: ScopeConfig): Uint8Array {
  return encodeMessage(ScopeConfigRecord.codec(), config)
}

export function decodeScopeConfig (record: Uint8Array): ScopeConfig {
  return ScopeConfigRecord.decode(record) as ScopeConfig
}

export function encodeSettings ({ retainVotesSeconds }: ScopeSettings): Uint8Array {
  return encodeMessage(ScopeSettingsRecord.codec(), retainVotesSeconds == null ? {} : { retainVotesSeconds: BigInt(retainVotesSeconds) })
}

export function decodeSettings (record: Uint8Array): ScopeSettings {
  const { retainVotesSeconds } = ScopeSettingsRecord.decode(record)

  return { retainVotesSeconds: retainVotesSeconds == null ? null : Number(retainVotesSeconds) }
}

export function encodeHeldProofs (proofs: HeldProof[]): Uint8Array {
  return encodeMessage(HeldProofsRecord.codec(), { proofs: proofs.map(({ proof, peer }) => ({ ...proof, peer })) })
}

export function decodeHeldProofs (record: Uint8Array): HeldProof[] {
  return HeldProofsRecord.decode(record).proofs.map(({ peer, ...proof }) => ({ proof, peer }))
}

function storedState ({ state, result }: StoredOutcome['parts']): StoredState {
  const found = Object.entries(STATES).find(([, parts]) => parts.state === state && parts.result === result)

  if (found == null) {
    throw new TypeError(`a session in state ${state} with result ${result} cannot be stored`)
  }

  return found[0] as StoredState
}

export function encodeRefused ({ name, proposer, digest }: RefusedProposal): Uint8Array {
  return encodeMessage(RefusedProposalRecord.codec(), { name, proposer, digest })
}

export function encodeMissed (votes: MissedAutoVote[]): Uint8Array {
  return encodeMessage(MissedAutoVotesRecord.codec(), { votes })
}

/** Throws if the record is damaged */
export function decodeMissed (bytes: Uint8Array): MissedAutoVote[] {
  return MissedAutoVotesRecord.decode(bytes).votes
}

export function encodeKeptEvidence ({ first, second }: KeptEvidence): Uint8Array {
  return encodeMessage(EvidenceRecord.codec(), { first, second })
}

/** Throws if the record is damaged */
export function decodeKeptEvidence (record: Uint8Array): KeptEvidence {
  const { first, second } = EvidenceRecord.decode(record)
  const [yes, no] = [decodeVote(first), decodeVote(second)]

  if (!yes.vote || no.vote || !equals(yes.voteOwner, no.voteOwner)) {
    throw new Error('evidence is a vote for yes and then a vote for no, of one voter')
  }

  return { owner: yes.voteOwner, first, second }
}

/** Throws if the record is damaged */
export function decodeRefused (bytes: Uint8Array): Omit<RefusedProposal, 'proposalId'> {
  const { name, proposer, digest } = RefusedProposalRecord.decode(bytes)

  checkDigest('digest', digest)

  return { name, proposer, digest }
}
