/**
 * What the service knows, as the control API says it.
 */

import { toString } from 'uint8arrays/to-string'
import { IDENTITY_LENGTH, identityToAddress } from '../../signers/ethereum.ts'
import type { AlarmInfo, Choice, DecisionInfo, ProposalInfo, ProposalSummary, ScopeInfo, UndecidedInfo, VoteInfo } from './types.ts'
import type { Alarm, CastVote, Decision, ProposalState, Scope, Undecided, ProposalSummary as VotingProposalSummary } from '../../index.ts'

/** Line breaks and tabs aside, control characters make bytes something else than text */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

export function toScopeInfo ({ name, digest, topic, open, mayVote, mayPropose, policy, settings, peers, otherPolicies, otherSigning }: Scope): ScopeInfo {
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
    otherPolicies: otherPolicies.map(({ peer, digest }) => ({ peer: peer.toString(), digest })),
    otherSigning: otherSigning.map(({ peer, signing }) => ({ peer: peer.toString(), signing }))
  }
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
    waitingForPeer: state.waitingForPeer,
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

export function toProposalInfo (state: ProposalState, open: boolean): ProposalInfo {
  const payloadText = toText(state.payload)

  return {
    ...toProposalSummary(state, open),
    payload: `0x${toString(state.payload, 'hex')}`,
    ...(payloadText == null ? {} : { payloadText }),
    votes: state.votes.map(toVoteInfo)
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
