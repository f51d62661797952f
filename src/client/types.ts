/**
 * What the control API sends and takes, as JSON. Times are Unix seconds, addresses of voters are 0x and 40 hex digits with
 * their checksum, bytes are 0x and hex digits.
 */

import type { ScopePolicy, ScopePolicyInput } from '../consensus/policy/policy.ts'

/** A side of a vote or a result, as it is written everywhere */
export type Choice = 'yes' | 'no'

export interface IdInfo {
  /** What other peers know the node by */
  peerId: string
  /** The address the node votes as */
  voter: string
  /** Where other peers reach the node: multiaddrs that end in /p2p/ and the peer id */
  addresses: string[]
}

export interface StatusInfo extends IdInfo {
  version: string
  pid: number
  dataDirectory: string
  /** Unix seconds */
  startedAt: number
  uptimeSeconds: number
  /** How many peers are connected */
  peers: number
  /** Addresses the node was told to join by, and whether a peer is connected there now */
  bootstrap: Array<{ address: string, connected: boolean }>
  storage: StorageInfo
  locks: LocksInfo
  scopes: ScopeInfo[]
  /** The proposals that have not ended, in all scopes: how many there are, and why some of them are not decided yet */
  undecided: { total: number, items: UndecidedProposal[] }
  /** What somebody has to look into, of each scope the latest 20 of either kind; still there after a restart */
  alarms: AlarmInfo[]
  /** Other nodes that have this node's voter key or its peer key, as they have proven since it started, at most 20 */
  keyAlarms: KeyAlarmInfo[]
  /** Peers that have sent what only a later version can read since the node started, at most 20: update the node */
  newerFormats: NewerFormatInfo[]
}

export interface NewerFormatInfo {
  /** Peer id */
  peer: string
  /** Name of the scope in which it has sent it; absent where it has named none */
  scope?: string
  /** When the node first saw it, Unix seconds */
  since: number
}

/** The vote locks of the node's key, which keep it from voting twice */
export interface LocksInfo {
  /** Whether they can be used. While they cannot, the node signs nothing. */
  usable: boolean
  /** If not: why */
  problem?: string
  /** When the node last found that it was restored, Unix seconds; absent if it never was, or 30 days ago */
  restoredAt?: number
}

export interface UndecidedProposal extends UndecidedInfo {
  scope: string
  proposalId: number
  name: string
  /** From then on no vote is taken, Unix seconds */
  deadline: number
}

/** Why a proposal has no result (yet) */
export interface UndecidedInfo {
  /** In words: which votes are missing, whether a peer is waited for, whether late votes may still decide it */
  reason: string
  /** How many more votes for a side decide it; more than there are voters left where the side cannot get there any more */
  missing?: { yes: number, no: number }
  /** When it ends if no vote decides it before, Unix seconds; only while it has not ended */
  endsAt?: number
}

/** A proposal on which both sides have got the votes of a quorum, or whose id another proposal has as well */
export interface AlarmInfo {
  scope: string
  proposalId: number
  /** Of the proposal that the node holds */
  fingerprint: string
  name: string
  /** Address of its proposer */
  proposer: string
  /** Whether there is no result, or one that other members may have the opposite of, or other members may hold another proposal */
  kind: 'conflict' | 'contradicted' | 'collision'
  /** In words */
  reason: string
  /** Addresses of those who have voted both yes and no, as far as it is known here */
  culprits: string[]
  /** The proposal with this id that the node has refused; present if and only if the kind is `collision` */
  refused?: { fingerprint: string, name: string, proposer: string }
}

/** Another node that has a key of this node */
export interface KeyAlarmInfo {
  /** Which key: the one of the voter, or the one of this node's peer id */
  kind: 'voter' | 'peer'
  /** Name of the scope in which it has proven that; absent if it was a connection that proved it */
  scope?: string
  /** Its peer id: this node's own where the kind is `peer` */
  peer: string
  /** Where it is, a multiaddr; absent if other members have passed on what it proves */
  address?: string
  /** When this node first saw the proof, Unix seconds */
  since: number
  /** In words */
  reason: string
}

export interface StorageInfo {
  /** Whether votes and proposals can be stored. While they cannot, none is taken, and queries are answered. */
  writable: boolean
  /** If not: since when, Unix seconds */
  since?: number
  /** If not: why, for instance that there is no space left */
  reason?: string
}

export interface PeerInfo {
  peerId: string
  /** The other ends of its connections */
  addresses: string[]
  direction: 'inbound' | 'outbound'
  /** When it connected, Unix seconds */
  connectedAt: number
  /** Names of the scopes, of those this node is in, that the peer is in too */
  scopes: string[]
  /** The voters whose key the peer has proven to have, in these scopes; a peer that has proven none is a stranger */
  voters: PeerVoterInfo[]
  /** Of these scopes, those in which the peer keeps the votes on so many proposals no longer, as it says: it cannot give them to others */
  votesGivenUp: Array<{ scope: string, proposals: number }>
}

/** What a peer has proven */
export interface PeerVoterInfo extends MemberInfo {
  scope: string
  /** Whether this is the one peer that counts for the voter; never true of this node's own voter */
  counts: boolean
}

/** A voter whose node is there */
export interface MemberInfo {
  /** Peer id */
  peer: string
  /** Address of the voter */
  voter: string
  /** What the policy calls the voter, null if it does not */
  name: string | null
}

export interface ScopeInfo {
  name: string
  /** SHA-256 of the canonical policy, 64 hex digits: equal at all members */
  digest: string
  topic: string
  /** Whether anybody may vote, since the policy names no voters */
  open: boolean
  /** Whether this node's key may vote */
  mayVote: boolean
  /** Whether this node's key may propose */
  mayPropose: boolean
  policy: ScopePolicy
  /** Seconds after a proposal's expiration at which this node gives up its votes; null to keep them for ever */
  retainVotesSeconds: number | null
  /** Peer ids of those in the scope that this node knows of, members and strangers */
  peers: string[]
  /** The other voters' nodes that are connected, one for each voter, as they have proven; none in open scopes */
  members: MemberInfo[]
  /**
   * Whether peers are there under the crate's rules, and none of them can be asked what was missed: none is a member; in open
   * scopes none has answered since the node is in the scope
   */
  noneToAsk: boolean
  /** Peers that are in a scope of this name under another policy, by its digest: somebody has another policy file */
  otherPolicies: Array<{ peer: string, digest: string }>
  /** Peers that sign their gossip in another way, so that neither they nor we hear the other */
  otherSigning: Array<{ peer: string, signing: string }>
  /** The latest automatic votes that were due and could not be cast, also before a restart, the latest last; at most 20 */
  missedAutoVotes: MissedAutoVoteInfo[]
  /** How this node's clock compares with those of the connected members; null before the first sync */
  clockOffset: ClockOffsetInfo | null
}

export interface ClockOffsetInfo {
  /** Seconds that the clocks of the others are ahead of the node's; less than 0 if its own is ahead */
  seconds: number
  /** How many peers that is the median of */
  peers: number
  /** Whether it is more than the policy's clockSkewSeconds */
  isOff: boolean
}

/** Either of the two: the name is for the open scope of that name with the default policy */
export interface JoinRequest {
  name?: string
  policy?: ScopePolicyInput
}

export interface ScopeSettingsRequest {
  /** Seconds after a proposal's expiration at which its votes are given up; null to keep them for ever */
  retainVotesSeconds: number | null
}

export interface ProposeRequest {
  name: string
  /** What is decided, 0x and hex digits; at most 32 KiB */
  payload?: string
  /** Whole seconds */
  timeoutSeconds?: number
  livenessCriteriaYes?: boolean
  /** Needed in open scopes */
  expectedVotersCount?: number
}

export interface VoteRequest {
  choice: Choice
  /** Whether to vote on a proposal older than the node's process though no member could be asked yet what its key has voted */
  force?: boolean
}

export interface VoteInfo {
  /** Address of who voted */
  voter: string
  choice: Choice
  /** When, by the voter's clock, Unix seconds */
  timestamp: number
}

/** A proposal as it stands, as lists show it */
export interface ProposalSummary {
  scope: string
  /** Whether anybody may vote in the scope */
  open: boolean
  proposalId: number
  /** Tells it apart from others with its id or name: four groups of four hex digits. Present if and only if the decision rule is `quorum`. */
  fingerprint?: string
  name: string
  /** Address of who proposed */
  proposer: string
  /** Unix seconds */
  timestamp: number
  /** From then on no vote is taken, Unix seconds */
  deadline: number
  expectedVotersCount: number
  /** Share of the voters a side needs, a fraction in lowest terms like "2/3" */
  threshold: string
  /** How many votes for one side decide; present if and only if the decision rule is `quorum` */
  quorum?: number
  livenessCriteriaYes: boolean
  state: ProposalStateName
  /** Present if and only if the state is `reached` */
  result?: Choice
  /** True, or else absent: the other side has got the votes of a quorum, too */
  contradicted?: boolean
  /** When the node first held the quorum, Unix seconds by its clock; under the decision rule `quorum` */
  decidedAt?: number
  /** True, or else absent: it was decided at the node so late that nothing must act on it unless a person asks for it */
  late?: boolean
  /** Present if and only if there is no result (yet) */
  undecided?: UndecidedInfo
  /** Voters on each side; who has voted both ways is on both, and counted in `doubles` */
  tally: { yes: number, no: number, doubles?: number }
  /**
   * Voters who have signed both yes and no: those counted in `tally.doubles`, and those with a vote that was not cast in the proposal's
   * time, which counts for no side
   */
  doubleVoters: number
  /** Whether its time is up, and members are asked for votes that are missing here: for at most 15 seconds */
  isEnding: boolean
  /** Whether the single votes are kept no longer, as the scope's settings say, but for those that prove something */
  votesPruned: boolean
}

export interface ProposalInfo extends ProposalSummary {
  /** 0x and hex digits */
  payload: string
  /** The payload where it is text that can be shown */
  payloadText?: string
  /** In order of arrival; if they are kept no longer, those that prove the result or who has voted both ways */
  votes: VoteInfo[]
  /** Present where the policy asks for automatic votes, the node's voter has not voted, and there is no result */
  autoVote?: AutoVoteInfo
  /** That the node has cast its own vote automatically, in words, as far as it is known */
  autoVoted?: string
  /** Why this node does not vote on it now unless it is forced to, in words; absent if it does, or has voted */
  unasked?: string
}

/** What a node votes automatically on a proposal, or why it does not */
export interface AutoVoteInfo {
  choice: Choice
  /** When it is due, Unix seconds by the node's clock */
  dueAt: number
  /** In words; absent while the node is going to vote */
  problem?: string
}

/** An automatic vote that was due and could not be cast */
export interface MissedAutoVoteInfo {
  proposalId: number
  name: string
  /** In words */
  reason: string
}

export type ProposalStateName = 'active' | 'reached' | 'failed' | 'conflict'

/** One page of a list */
export interface Page<T> {
  items: T[]
  /** Gives the next page; absent on the last one */
  cursor?: string
}

export interface DecisionInfo {
  scope: string
  proposalId: number
  state: 'reached' | 'failed' | 'conflict'
  /** Present if and only if the state is `reached` */
  result?: Choice
  /** True, or else absent: the other side has got the votes of a quorum, too */
  contradicted?: boolean
  /** True, or else absent: it was decided at the node so late that nothing must act on it unless a person asks for it */
  late?: boolean
}

/** A voter who has signed both yes and no */
export interface DoubleVoteInfo {
  scope: string
  proposalId: number
  /** Address */
  voter: string
}

/** A voter who has signed both yes and no, with the votes: first yes, then no */
export interface EvidenceInfo extends DoubleVoteInfo {
  votes: VoteInfo[]
}

/** What has become of a certificate or an evidence file that was imported */
export interface ImportedProofInfo {
  kind: 'certificate' | 'evidence'
  scope: string
  proposalId: number
  /** Whether something of it was not known to the node */
  isNew: boolean
}

/** Of an event that names voters */
export interface NamedVoters {
  /** What the policy of the scope calls them, by the addresses that are in the event; absent if it calls none of them anything */
  names?: Record<string, string>
}

/** What happens at the node, by the name of the event */
export interface NodeEvents {
  proposal: ProposalSummary & NamedVoters
  vote: VoteInfo & NamedVoters & { scope: string, proposalId: number }
  decided: DecisionInfo
  failed: DecisionInfo
  /** Both sides have the votes of a quorum; by addresses, who has voted both ways */
  conflict: DecisionInfo & NamedVoters & { culprits: string[] }
  evidence: DoubleVoteInfo & NamedVoters
  /**
   * A vote of the node's own key came from elsewhere that the node knew nothing of: another node votes with the key, or this one
   * has forgotten it. `bound` is there if the node was bound to another vote before.
   */
  'own-vote': { scope: string, proposalId: number, choice: Choice, bound?: Choice }
  /** Another node has proven that it has this node's voter key */
  'own-key': KeyAlarmInfo
  /** A voter has several nodes in a scope, or one peer has the keys of too many voters; the reason is in words */
  members: NamedVoters & { scope: string, peer: string, voter: string, reason: string }
  /** The time in which the node votes automatically on a proposal is over, and it could not; the reason is in words */
  'auto-vote-missed': { scope: string, proposalId: number, reason: string }
  /** A proposal was refused since another has its id: it is an alarm from now on */
  collision: AlarmInfo & NamedVoters
  /**
   * A peer is in a scope of the node under another policy, or with another gossip signing policy: they never hear each other's
   * votes. Or it sends what only a later version can read; then there is no scope where it has named none.
   */
  mismatch: { scope?: string, peer: string, what: 'policy' | 'signing' | 'format' }
  /** The node's clock differs from those of the members by more than the policy allows, or, if not `isOff`, no longer does */
  clock: ClockOffsetInfo & { scope: string }
  trimmed: { scope: string, proposalId: number }
  /** Events before this one cannot be given any more: read again what matters */
  reset: Record<string, never>
}

export type NodeEvent = { [T in keyof NodeEvents]: { id: string, type: T, data: NodeEvents[T] } }[keyof NodeEvents]

/** Lets a browser in, once */
export interface LinkInfo {
  /** To be opened in a browser on the node's machine */
  url: string
  /** Unix seconds */
  expiresAt: number
}

export interface HealthInfo {
  /** Whether the node can do its work */
  status: 'ok' | 'unavailable'
  /** What has been looked at, by its name, and whether it is as it should be */
  checks: Record<string, boolean>
}

/** An error of the API: RFC 9457 problem details */
export interface Problem {
  /** Tells kinds of errors apart: `urn:libp2p-voting:problem:` and the name of the error */
  type: string
  /** The kind of error, for people */
  title: string
  /** HTTP status */
  status: number
  /** What was wrong, the value, what to do */
  detail: string
  /** The fields of a request that are not valid */
  errors?: Array<{ field: string, message: string }>
}
