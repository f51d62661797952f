/**
 * What the service knows, as the control API says it.
 */

import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { IDENTITY_LENGTH, identityToAddress } from '../../signers/ethereum.ts'
import type { AlarmInfo, Choice, DecisionInfo, KeyAlarmInfo, LocksInfo, MemberInfo, NewerFormatInfo, PeerVoterInfo, ProposalInfo, ProposalSummary, ScopeInfo, UndecidedInfo, VoteInfo } from './types.ts'
import type { Alarm, CastVote, Decision, KeyAlarm, NewerFormat, OwnLocksState, ProposalState, Scope, ScopePolicy, Undecided, ProposalSummary as VotingProposalSummary } from '../../index.ts'
import type { PeerId } from '@libp2p/interface'

/** Line breaks and tabs aside, control characters make bytes something else than text */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

export function toScopeInfo ({ name, digest, topic, open, mayVote, mayPropose, policy, settings, peers, members, noneToAsk, otherPolicies, otherSigning, missedAutoVotes, clockOffset }: Scope): ScopeInfo {
  return {
    name,
    digest: toString(digest, 'hex'),
    topic,
    open,
    mayVote,
    mayPropose,
    policy,
    retainVotesSeconds: settings.retainVotesSeconds,
    peers: peers.map(peerId => peerId.toString()),
    members: members.connected().map(member => toMemberInfo(policy, member)),
    otherPolicies: otherPolicies.map(({ peer, digest }) => ({ peer: peer.toString(), digest })),
    noneToAsk,
    otherSigning: otherSigning.map(({ peer, signing }) => ({ peer: peer.toString(), signing })),
    missedAutoVotes: [...missedAutoVotes],
    clockOffset: clockOffset ?? null
  }
}

/** What a peer has proven in the scopes that it shares with this node */
export function toPeerVoters (scopes: Scope[], peerId: PeerId): PeerVoterInfo[] {
  return scopes.flatMap(({ name: scope, policy, members }) => members.proven()
    .filter(({ peer }) => peer.equals(peerId))
    .map(({ counts, ...member }) => ({ scope, ...toMemberInfo(policy, member), counts })))
}

function toMemberInfo (policy: ScopePolicy, { peer, voter }: { peer: PeerId, voter: string }): MemberInfo {
  return { peer: peer.toString(), voter: toVoter(voter), name: policy.voters?.find(({ address }) => address === voter)?.name ?? null }
}

export function toProposalSummary (state: VotingProposalSummary, open: boolean): ProposalSummary {
  return {
    scope: state.scope,
    open,
    proposalId: state.proposalId,
    ...state.fingerprint == null ? {} : { fingerprint: state.fingerprint },
    name: state.name,
    proposer: toAddress(state.proposalOwner),
    timestamp: Number(state.timestamp),
    deadline: Number(state.deadline),
    expectedVotersCount: state.expectedVotersCount,
    threshold: state.threshold,
    ...state.quorum == null ? {} : { quorum: state.quorum },
    livenessCriteriaYes: state.livenessCriteriaYes,
    state: state.state,
    ...toResult(state),
    ...state.decidedAt == null ? {} : { decidedAt: Number(state.decidedAt) },
    ...state.undecided == null ? {} : { undecided: toUndecidedInfo(state.undecided) },
    tally: state.tally,
    doubleVoters: state.doubleVoters,
    isEnding: state.isEnding,
    votesPruned: state.votesPruned
  }
}

export function toUndecidedInfo ({ endsAt, ...undecided }: Undecided): UndecidedInfo {
  return { ...undecided, ...endsAt == null ? {} : { endsAt: Number(endsAt) } }
}

export function toAlarmInfo ({ proposer, culprits, refused, ...alarm }: Alarm): AlarmInfo {
  return {
    ...alarm,
    proposer: toAddress(proposer),
    culprits: culprits.map(toAddress),
    ...refused == null ? {} : { refused: { ...refused, proposer: toAddress(refused.proposer) } }
  }
}

/** A voter whose address is in lower case, with its checksum */
export function toVoter (voter: string): string {
  return toAddress(toIdentity(voter))
}

/** The identity of a voter by its address */
export function toIdentity (voter: string): Uint8Array {
  return fromString(voter.slice(2).toLowerCase(), 'hex')
}

/** Identities of those who have made the two proposals that have one id */
export function proposersOf ({ proposer, refused }: Alarm): Uint8Array[] {
  return [proposer, ...refused == null ? [] : [refused.proposer]]
}

export function toKeyAlarmInfo ({ since, ...alarm }: KeyAlarm): KeyAlarmInfo {
  return { ...alarm, since: Number(since) }
}

export function toNewerFormatInfo ({ peer, scope, since }: NewerFormat): NewerFormatInfo {
  return { peer: `${peer}`, ...scope == null ? {} : { scope }, since: Number(since) }
}

export function toProposalInfo (state: ProposalState, open: boolean): ProposalInfo {
  const payloadText = toText(state.payload)

  return {
    ...toProposalSummary(state, open),
    payload: `0x${toString(state.payload, 'hex')}`,
    ...(payloadText == null ? {} : { payloadText }),
    votes: state.votes.map(toVoteInfo),
    ...state.autoVoted == null ? {} : { autoVoted: state.autoVoted },
    ...state.autoVote == null ? {} : { autoVote: { ...state.autoVote, choice: toChoice(state.autoVote.choice), dueAt: Number(state.autoVote.dueAt) } },
    ...state.unasked == null ? {} : { unasked: state.unasked }
  }
}

export function toLocksInfo ({ problem, restoredAt }: OwnLocksState): LocksInfo {
  return {
    usable: problem == null,
    ...problem == null ? {} : { problem },
    ...restoredAt == null ? {} : { restoredAt: Number(restoredAt) }
  }
}

export function toVoteInfo ({ owner, choice, timestamp }: CastVote): VoteInfo {
  return { voter: toAddress(owner), choice: toChoice(choice), timestamp: Number(timestamp) }
}

export function toDecisionInfo ({ scope, proposalId, state, ...decision }: Decision): DecisionInfo {
  return { scope, proposalId, state, ...toResult(decision) }
}

export function toChoice (choice: boolean): Choice {
  return choice ? 'yes' : 'no'
}

function toResult ({ result, contradicted, late }: Omit<Decision, 'scope' | 'proposalId' | 'state'>): Omit<DecisionInfo, 'scope' | 'proposalId' | 'state'> {
  return {
    ...result == null ? {} : { result: toChoice(result) },
    ...contradicted == null ? {} : { contradicted },
    ...late == null ? {} : { late }
  }
}

/** In open scopes anybody may have put anything in the place of an address */
export function toAddress (identity: Uint8Array): string {
  return identity.byteLength === IDENTITY_LENGTH ? identityToAddress(identity) : `0x${toString(identity, 'hex')}`
}

function toText (bytes: Uint8Array): string | undefined {
  if (bytes.byteLength === 0) {
    return
  }

  let text: string

  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // these bytes are no text, which is an answer
    return
  }

  return CONTROL.test(text) ? undefined : text
}
