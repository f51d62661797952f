/**
 * The public types of the service, which its parts share.
 */

import type { PubSub } from './gossip/pubsub.ts'
import type { ScopePolicy, ScopePolicyInput } from '../consensus/policy/policy.ts'
import type { Evidence } from '../consensus/proofs/evidence.ts'
import type { MemberProof } from '../consensus/proofs/member-proof.ts'
import type { ProofKind } from '../consensus/proofs/proof.ts'
import type { Proposal } from '../consensus/proposal/proposal.ts'
import type { Tally } from '../consensus/rules/decision.ts'
import type { ConsensusService } from '../consensus/service.ts'
import type { ConsensusSession, SessionState } from '../consensus/session/session.ts'
import type { ConsensusSigner, SignatureScheme } from '../consensus/signing.ts'
import type { ConsensusStorage, MissedAutoVote, PolicyStorage, ScopeSettings } from '../consensus/storage/interface.ts'
import type { VoteLock } from '../consensus/vote/vote-lock.ts'
import type { Vote } from '../consensus/vote/vote.ts'
import type { AbortOptions, ComponentLogger, Connection, Metrics, PeerId, Startable, Stream, StreamHandler, StreamHandlerOptions, TypedEventTarget } from '@libp2p/interface'

/**
 * A scope this node is a member of
 */
export interface Scope {
  readonly name: string
  readonly policy: ScopePolicy
  /** SHA-256 of the canonical policy, 32 bytes: equal at all members. Compare it aloud. */
  readonly digest: Uint8Array
  /** The gossipsub topic of this name and policy */
  readonly topic: string
  /** Whether anybody may vote, since the policy names no voters */
  readonly open: boolean
  /** How many proposals take votes, or wait for their end */
  readonly activeProposals: number
  /** Whether this node has a key that may vote in it: a policy file may list another than was meant */
  readonly mayVote: boolean
  /** Whether this node has a key that may propose in it */
  readonly mayPropose: boolean
  /** What this node does with the scope automatically; members may differ */
  readonly settings: Readonly<ScopeSettings>
  /** The peers on the topic that this node knows of, members and strangers */
  readonly peers: PeerId[]
  /** The connected peers that have proven that they are a voter's; always none in open scopes */
  readonly members: ScopeMembers
  /** Whether a member, in open scopes any peer, has been asked what was missed, and has answered, since this node is in the scope */
  readonly synced: boolean
  /**
   * Whether peers are there under the crate's rules, and none of them can be asked what was missed, as those that run the crate
   * cannot: none is a member; in open scopes none has answered since this node is in the scope
   */
  readonly noneToAsk: boolean
  /** The peers that are in a scope of this name under another policy: they and we never hear of each other's votes */
  readonly otherPolicies: OtherPolicyPeer[]
  /** The members that sign their gossip in another way: they and we hear of each other's votes by sync only, which takes its time */
  readonly otherSigning: OtherSigningPeer[]
  /** The latest automatic votes that were due and could not be cast, also before a restart, the latest last; at most 20 */
  readonly missedAutoVotes: readonly MissedAutoVote[]
  /** How this node's clock compares with those of the connected members, by their answers to its syncs; undefined before the first */
  readonly clockOffset?: ClockOffset
  /** On how many proposals a peer keeps the votes no longer, as it says with each sync; it cannot give them to those who come late */
  prunedBy (peer: PeerId): number
}

/** Which connected peers have proven that they hold a voter's key. Voters are lower-case addresses. */
export interface ScopeMembers {
  /** For each voter the peer that counts, in no order; never one of this node's own voter */
  connected (): Member[]
  /** All connected peers with a valid proof */
  proven (): ProvenPeer[]
  /** The voter for which a peer counts; undefined for a stranger */
  voterOf (peer: PeerId): string | undefined
  /** Whether a peer counts for a voter other than our own */
  isMember (peer: PeerId): boolean
}

/**
 * What is proposed
 */
export interface ProposalRequest {
  /** For people; at most 256 bytes of UTF-8, at least 1 */
  name: string

  /**
   * What is decided, for machines; at most 32 KiB
   *
   * @default empty
   */
  payload?: Uint8Array

  /**
   * How long the proposal is open, in whole seconds: at least the policy's minimum, at most 30 days
   *
   * @default the policy's defaultTimeoutSeconds
   */
  timeoutSeconds?: number

  /**
   * Where ties and, at the timeout, the silent count. Must be left out, or the same, where the policy says it.
   *
   * @default the policy's livenessCriteriaYes, or true
   */
  livenessCriteriaYes?: boolean

  /**
   * How many may vote, 1 to 10,000. Needed in open scopes; elsewhere it is the number of listed voters.
   */
  expectedVotersCount?: number
}

/**
 * How a proposal ended
 */
export interface Decision {
  scope: string
  proposalId: number
  /** `failed` if the votes decided nothing in time, `conflict` if both sides have the votes of a quorum */
  state: 'reached' | 'failed' | 'conflict'
  /** true is yes; present if and only if the state is `reached` */
  result?: boolean
  /** True, or else absent: the other side has got the votes of a quorum, too */
  contradicted?: boolean
  /**
   * True, or else absent: this node first held the quorum later than the deadline by more than a day, or by more than the life of
   * the proposal if that is longer. An old key may have signed a vote with an old date, so do not act on such a result unless a
   * person asks for it.
   */
  late?: boolean
}

/**
 * Who voted what
 */
export interface CastVote {
  /** Identity of the voter */
  owner: Uint8Array
  /** true is yes */
  choice: boolean
  /** When it was cast, Unix seconds by the voter's clock */
  timestamp: bigint
}

/**
 * A proposal as this node sees it now, without the single votes
 */
export interface ProposalSummary {
  scope: string
  proposalId: number
  /** Tells it apart from others with its id or name, see `fingerprintOf`; present if and only if the decision rule is `quorum` */
  fingerprint?: string
  name: string
  payload: Uint8Array
  /** Identity of the proposer */
  proposalOwner: Uint8Array
  /** Unix seconds */
  timestamp: bigint
  /** Unix seconds: from then on no vote is taken, and the votes that are there are counted */
  deadline: bigint
  expectedVotersCount: number
  /** Share of the voters a side needs, a fraction in lowest terms like "2/3" */
  threshold: string
  /** How many votes for one side decide; present if and only if the decision rule is `quorum` */
  quorum?: number
  livenessCriteriaYes: boolean
  state: SessionState
  /** true is yes; present if and only if the state is `reached` */
  result?: boolean
  /** True, or else absent: the other side has got the votes of a quorum after the result was reached */
  contradicted?: boolean
  /** When this node first held the quorum, Unix seconds by its clock; present if and only if it was reached under `quorum` */
  decidedAt?: bigint
  /** True, or else absent: it was decided here so late that nothing must act on it unless a person asks for it, see {@link Decision} */
  late?: boolean
  /** Why there is no result (yet); present if and only if there is none */
  undecided?: Undecided
  /** Voters on each side; who has voted both ways is on both, and counted in `doubles` */
  tally: Tally
  /**
   * Voters who have signed both yes and no: those counted in `tally.doubles`, and those with a vote that was not cast in the proposal's
   * time, which counts for no side
   */
  doubleVoters: number
  /** Whether its time is up, and members are asked for votes that are missing here: for at most 15 seconds */
  isEnding: boolean
  /** Whether the single votes were pruned, as the scope's settings say, except those that prove something */
  votesPruned: boolean
}

/**
 * A proposal as this node sees it now
 */
export interface ProposalState extends ProposalSummary {
  /** In order of arrival; after pruning, the votes that prove the result or that a voter has voted both ways */
  votes: CastVote[]
  /**
   * What this node votes automatically, or why it does not; present where the policy asks for automatic votes, this node's voter
   * has not voted, and there is no result. Only {@link Voting.get} says it.
   */
  autoVote?: AutoVote
  /** That this node has cast its own vote automatically, in words, as far as it is known. Only from `get`. */
  autoVoted?: string
  /** Why this node does not vote on it now unless it is forced to, in words; absent if it does, or has voted. Only from `get`. */
  unasked?: string
}

export interface ListOptions extends AbortOptions {
  /** Only the proposals after this one */
  after?: number
  /** Only the proposals in this state */
  state?: SessionState
  /**
   * The other way round: the proposal that this node learned of last first
   *
   * @default false
   */
  newestFirst?: boolean
}

export interface EvidenceOptions extends AbortOptions {
  /** Only on this proposal */
  proposalId?: number
  /** Only what comes after the evidence against this voter on this proposal */
  after?: { proposalId: number, owner: Uint8Array }
}

/**
 * The two votes of a voter who has voted both yes and no
 */
export interface FoundEvidence extends Evidence {
  scope: string
  proposalId: number
  /** Identity of the voter */
  owner: Uint8Array
}

/**
 * What has become of a proof that was imported
 */
export interface ImportedProof {
  kind: ProofKind
  scope: string
  proposalId: number
  /** Whether something of it was not known here */
  isNew: boolean
}

export interface VoteOptions extends AbortOptions {
  /**
   * Whether to vote on a proposal that is older than this process, or than the restore of this node, though those were not asked
   * yet who may know what this key has voted on it
   *
   * @default false
   */
  force?: boolean
}

export interface VotingEvents {
  /** A proposal, ours or another's, is known from now on */
  'voting:proposal': CustomEvent<ProposalState>
  /** A vote, ours or another voter's, that arrived outside a proposal is stored. Votes inside a proposal come with `voting:proposal`. */
  'voting:vote': CustomEvent<{ scope: string, vote: Vote }>
  /** A proposal is decided */
  'voting:decided': CustomEvent<Decision>
  /** A proposal ended without a result. Under the decision rule `quorum` votes that come later may still decide it. */
  'voting:failed': CustomEvent<Decision>
  /** Both sides have the votes of a quorum: there is no result or, if there was one, others may have the opposite one */
  'voting:conflict': CustomEvent<Decision & { culprits: Uint8Array[] }>
  /** A voter has signed both yes and no, which the two votes prove */
  'voting:evidence': CustomEvent<Evidence & { scope: string, proposalId: number, owner: Uint8Array }>
  /**
   * A vote of our own key came from elsewhere that this node knew nothing of: another node votes with the key, or this one has
   * forgotten it. It counts, and this node casts no other; `bound` is there if it was bound to another vote before, true for yes.
   */
  'voting:own-vote': CustomEvent<{ scope: string, proposalId: number, choice: boolean, bound?: boolean }>
  /** Another node has proven that it has this node's voter key or its peer key: stop one of the two */
  'voting:own-key': CustomEvent<KeyAlarm>
  /** A voter has several nodes in a scope, or one peer has the keys of more voters than may fail together */
  'voting:members': CustomEvent<MemberWarning>

  /** This node has voted automatically, as the scope's policy says */
  'voting:auto-vote': CustomEvent<{ scope: string, proposalId: number, choice: boolean }>

  /** This node leaves a proposal to its operator, though the policy asks for automatic votes; the reason is in words */
  'voting:auto-vote-skipped': CustomEvent<{ scope: string, proposalId: number, reason: string }>

  /** The time in which this node votes automatically on a proposal is over, and it could not; the reason is in words */
  'voting:auto-vote-missed': CustomEvent<{ scope: string, proposalId: number, reason: string }>
  /**
   * This node has found that its key, its vote locks or all of it were restored from an older copy, or are in use elsewhere. On
   * proposals from before, Unix seconds, it votes only after it has asked others. The reason is in words.
   */
  'voting:restored': CustomEvent<{ restoredAt: bigint, reason: string }>
  /** The vote locks cannot be used, so that this node signs nothing, for this reason in words; without one they can again */
  'voting:locks': CustomEvent<{ problem?: string }>
  /** A proposal was refused since another has its id: others may hold the one that was refused. Told once, and kept as an alarm. */
  'voting:collision': CustomEvent<Alarm>
  /** A peer is in a scope of ours, but signs its gossip in another way, so that neither hears the other */
  'voting:other-signing': CustomEvent<{ scope: string, peer: PeerId }>
  /**
   * A peer sends what only a later version of this software can read: a message in a scope of ours, with the field of the envelope,
   * or a request in a sync, which may name no scope. Dispatched at most once an hour for the messages of a scope, and once in ten
   * minutes for the requests of a peer.
   */
  'voting:newer-format': CustomEvent<{ scope?: string, peer: PeerId, field?: number }>
  /**
   * The clock of this node differs from those of the members by more than the policy's clockSkewSeconds, or, if not `isOff`, no
   * longer does
   */
  'voting:clock': CustomEvent<ClockOffset & { scope: string }>
  /** A peer is in a scope of ours under another policy; somebody has another file than the others */
  'voting:other-policy': CustomEvent<OtherPolicyPeer & { scope: string }>
  /**
   * A peer did what the sync protocol does not allow, or sent an invalid message that gossipsub no longer kept when the verdict came.
   * Hosts may think less of the peer. After a fault in a sync the service does not sync with the peer for 10 minutes.
   */
  'voting:fault': CustomEvent<{ peer: PeerId, reason: string }>
  /** A proposal was dropped from memory to make room */
  'voting:trimmed': CustomEvent<{ scope: string, proposalId: number, session: ConsensusSession }>
}

/**
 * Every method takes an AbortSignal and throws NotStartedError before the node has started. The signal ends the caller's wait. The
 * service completes what it has begun, except for a proposal that is not stored yet.
 */
export interface Voting extends TypedEventTarget<VotingEvents>, Startable {
  /**
   * Becomes a member of a scope: by its policy, or by its name for the open scope of that name with the defaults.
   * The scope is joined again whenever the node starts. Joining twice under the same policy changes nothing.
   *
   * @throws {InvalidPolicyError} if the name or the policy is not valid
   * @throws {ScopeConflictError} if the scope is joined under another policy
   */
  join (scope: string | ScopePolicyInput, options?: AbortOptions): Promise<Scope>

  /**
   * Changes what this node does with a scope automatically, from now on
   *
   * @throws {ScopeNotJoinedError}
   * @throws {InvalidRequestError} if a setting is not valid
   */
  configure (scope: string, settings: Partial<ScopeSettings>, options?: AbortOptions): Promise<Scope>

  /**
   * Leaves a scope. What is stored of it stays.
   *
   * @throws {ScopeNotJoinedError}
   */
  leave (scope: string, options?: AbortOptions): Promise<void>

  /**
   * Makes a proposal, stores it and tells the members of the scope.
   *
   * @throws {ScopeNotJoinedError}
   * @throws {InvalidRequestError} if a field of the request is not valid under the policy
   * @throws {NotListedError} if we may not propose
   * @throws {TooManyProposalsError} if as many proposals of ours are active as may be
   */
  propose (scope: string, request: ProposalRequest, options?: AbortOptions): Promise<Proposal>

  /**
   * Votes, stores the vote and tells the members of the scope. One identity votes once on a proposal.
   *
   * @throws {ScopeNotJoinedError}
   * @throws {NotListedError} if we may not vote
   * @throws {NotSyncedError} if the proposal is older than this process, or than the restore of this node, and those were not
   * there to ask who may know what this key has voted
   * @throws {VoteLockError} and others of the vote lock, where it cannot be used
   * @throws {SessionNotFoundError} | {ProposalExpiredError} | {UserAlreadyVotedError} and others of the consensus core
   */
  vote (scope: string, proposalId: number, choice: boolean, options?: VoteOptions): Promise<Vote>

  /**
   * Waits until the proposal has ended and resolves with how. Failing is an answer, not an error.
   *
   * @throws {ScopeNotJoinedError} | {SessionNotFoundError}
   */
  decision (scope: string, proposalId: number, options?: AbortOptions): Promise<Decision>

  /**
   * A proposal as it stands
   *
   * @throws {ScopeNotJoinedError} | {SessionNotFoundError}
   */
  get (scope: string, proposalId: number, options?: AbortOptions): Promise<ProposalState>

  /**
   * The proposals of a scope, in the order this node learned of them. Ended proposals stay in the list forever.
   *
   * @throws {ScopeNotJoinedError}
   * @throws {SessionNotFoundError} if the proposal to begin after is not known
   */
  list (scope: string, options?: ListOptions): AsyncIterable<ProposalSummary>

  /**
   * What somebody has to look into: the latest proposals on which both sides have got the votes of a quorum, then the latest
   * whose id another proposal has as well, at most 20 of each, the latest last. They are still there after a restart; right after one this waits until all of the scope has been read.
   *
   * @throws {ScopeNotJoinedError}
   */
  alarms (scope: string, options?: AbortOptions): Promise<Alarm[]>

  /** The other nodes that have proven, since the service was made, that they have this node's voter key or its peer key, at most 20 */
  keyAlarms (): KeyAlarm[]

  /** The peers that have sent what only a later version of this software can read, since the service was made, at most 20 */
  newerFormats (): NewerFormat[]

  /**
   * Call when another process has proven this node's own peer id in a handshake. libp2p closes such a connection before any
   * service sees it, so that its host has to tell. It is an alarm from then on, see {@link keyAlarms}.
   *
   * @param address - where the other process is, a multiaddr
   */
  onOwnPeerId (address?: string): void

  /** What an operator is to know of the vote locks of this node's key */
  ownLocks (): OwnLocksState

  /**
   * The certificate of a decided proposal, a file by which anybody who knows the scope's policy can verify the result, see
   * `verifyCertificate` of `libp2p-voting/consensus`. It stays available forever, also after votes were pruned.
   *
   * @throws {ScopeNotJoinedError} | {SessionNotFoundError}
   * @throws {ProofUnavailableError} if there is none: the scope is open or decides by another rule than `quorum`, or there is
   * no result
   */
  certificate (scope: string, proposalId: number, options?: AbortOptions): Promise<Uint8Array>

  /**
   * Who has voted both yes and no in a scope that decides by `quorum`, by ascending proposal id and identity. It is kept forever.
   *
   * @throws {ScopeNotJoinedError}
   */
  evidence (scope: string, options?: EvidenceOptions): AsyncIterable<FoundEvidence>

  /**
   * The evidence against a voter as a file that anybody can verify who knows the scope's policy, see `verifyEvidenceProof` of
   * `libp2p-voting/consensus`
   *
   * @throws {ScopeNotJoinedError} | {SessionNotFoundError}
   * @throws {ProofUnavailableError} if there is none
   */
  evidenceProof (scope: string, proposalId: number, owner: Uint8Array, options?: AbortOptions): Promise<Uint8Array>

  /**
   * Takes in a certificate or an evidence file of a scope this node is in, as if its proposal and votes had come from a member.
   * The rule decides. Nothing is stored of one that is refused.
   *
   * @throws {InvalidCertificateError} | {InvalidEvidenceError} | {InvalidProofError} with the reason why it proves nothing
   * @throws {ScopeNotJoinedError}
   * @throws {ProofRefusedError} if it is valid, and this node cannot take it in all the same
   */
  importProof (bytes: Uint8Array, options?: AbortOptions): Promise<ImportedProof>

  /** The scopes this node is a member of */
  scopes (): Scope[]

  /** The core that counts */
  readonly consensus: ConsensusService
}

export interface VotingInit {
  /**
   * Signs this node's proposals and votes. Without one the node follows and relays, but cannot propose or vote.
   */
  signer?: ConsensusSigner

  /**
   * Verifies signatures
   *
   * @default ethereumScheme()
   */
  scheme?: SignatureScheme

  /**
   * Where sessions, votes and joined scopes are kept
   *
   * @default MemoryStorage
   */
  storage?: ConsensusStorage & PolicyStorage

  /**
   * Keeps the signer from ever signing two votes on one proposal. Where several nodes on a machine may have one key, or the
   * storage may be restored from a backup, use FileVoteLock of `libp2p-voting/storage/file-vote-lock`.
   *
   * @default the storage if it is one, as LevelStorage is, else MemoryVoteLock
   */
  voteLock?: VoteLock

  /**
   * Unix seconds
   *
   * @default the system's clock
   */
  clock? (): bigint

  /**
   * Milliseconds of a clock that is never set: where `clock` moves and this does not, the process was suspended, or resumed
   * from a snapshot
   *
   * @default performance.now
   */
  monotonic? (): number

  /**
   * How long syncs with other members may take, in milliseconds, before a proposal whose time is up ends or a vote is refused
   *
   * @default 15 seconds
   */
  syncWait?: number

  /**
   * How often the clock is compared with the times of proposals, in milliseconds, so that a suspended machine or a clock that
   * was set is noticed
   *
   * @default 10 seconds
   */
  clockCheckInterval?: number

  /** How often members compare what they have, and how long that may take */
  sync?: SyncTimes

  /** Called before the service subscribes to the topic of a scope: give gossipsub its score parameters here, see `votingScoreParams` */
  onSubscribe? (topic: string): void

  /** Called after the service has unsubscribed from the topic of a scope */
  onUnsubscribe? (topic: string): void

  /**
   * Whether messages are validated side by side, up to 128 messages and 256 KiB of a peer at a time. The same must be given to
   * gossipsub, with `awaitRpcHandler: true`, `awaitRpcMessageHandler: true` and an `mcacheLength` of 30 or more, and every other
   * user of that gossipsub must report its verdicts, too. Where the two differ, start fails with an InvalidParametersError.
   *
   * @default false
   */
  asyncValidation?: boolean
}

export interface VotingComponents extends SyncComponents {
  /** A gossipsub, under the service name `pubsub` */
  pubsub: PubSub
  peerId: PeerId
  logger: ComponentLogger
  /** Where the host measures, see `createLibp2p({ metrics })` */
  metrics?: Metrics
}

export interface Alarm {
  /** Name of the scope */
  scope: string
  proposalId: number
  /** Of the proposal that this node holds, see `fingerprintOf` */
  fingerprint: string
  /** Of the proposal that this node holds */
  name: string
  /** Identity of its proposer */
  proposer: Uint8Array
  /**
   * - `conflict`: both sides have the votes of a quorum, and there is no result
   * - `contradicted`: there is a result, and others may have the opposite one
   * - `collision`: another proposal has this id, and others may hold that one
   */
  kind: 'conflict' | 'contradicted' | 'collision'
  /** In words, without who is to blame */
  reason: string
  /** Who has voted both yes and no, as far as it is known here */
  culprits: Uint8Array[]
  /** The proposal that this node has refused; present if and only if the kind is `collision` */
  refused?: { fingerprint: string, name: string, proposer: Uint8Array }
}

/** Another node has a key of this node */
export interface KeyAlarm {
  /** Which key: the one of the voter, or the one of this node's peer id */
  kind: 'voter' | 'peer'
  /** Name of the scope in which the other node has proven it; absent if it was a connection that proved it */
  scope?: string
  /** Peer id of the other node: this node's own where the kind is `peer` */
  peer: string
  /** Where the other node is, a multiaddr; absent if other members have passed on what it proves */
  address?: string
  /** When this node first saw the proof, Unix seconds */
  since: bigint
  /** In words */
  reason: string
}

/** Peers of other voters that are set up in a way that cannot be right */
export interface MemberWarning {
  scope: string
  peer: PeerId
  /** Lower-case address of the voter */
  voter: string
  kind: 'two-nodes' | 'many-voters'
  /** In words */
  reason: string
}

/** The peer that counts for a voter */
export interface Member {
  peer: PeerId
  /** Lower-case address of the voter */
  voter: string
}

/** A connected peer that has proven the key of a voter */
export interface ProvenPeer {
  peer: PeerId
  /** Lower-case address of the voter */
  voter: string
  proof: MemberProof
  /** Whether it is the peer that counts for this voter; never true for this node's own voter */
  counts: boolean
}

/** What an operator is to know of the vote locks */
export interface OwnLocksState {
  /** Why this node signs nothing, in words; absent while it can */
  problem?: string
  /** When this node last found that it was restored, Unix seconds; absent if it never was, or 30 days ago */
  restoredAt?: bigint
}

/** What is needed of a libp2p node */
export interface SyncComponents {
  peerId: PeerId
  registrar: {
    handle (protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
    unhandle (protocol: string): Promise<void>
  }
  connectionManager: {
    openStream (peer: PeerId, protocol: string, options?: AbortOptions): Promise<Stream>
    getConnections (peer: PeerId): Connection[]
  }
}

export interface SyncTimes extends DriverTimes {
  /**
   * How long a peer may take for a frame, in milliseconds
   *
   * @default 10 seconds
   */
  frameTimeout?: number

  /**
   * How long a sync may take, in milliseconds
   *
   * @default 5 minutes
   */
  syncTimeout?: number

  /**
   * Syncs that a peer may begin with us in ten seconds
   *
   * @default 5
   */
  maxRequests?: number

  /**
   * Frames of one sync, each way
   *
   * @default 4,096
   */
  maxFrames?: number

  /**
   * How many days back from today proposals are asked for, and taken, that have expired; 0 for those of today only (UTC)
   *
   * @default all
   */
  pastDays?: number
}

export interface DriverTimes {
  /**
   * How often some peers are asked though nothing has happened, in milliseconds, give or take a quarter
   *
   * @default 30 seconds
   */
  interval?: number

  /**
   * What a sync has taught us is passed on by syncs with others at most this often, in milliseconds
   *
   * @default 1 second
   */
  teachInterval?: number

  /**
   * How long a sync may take while others wait for their turn, in milliseconds; a third of it for one that is urgent
   *
   * @default 30 seconds
   */
  slice?: number

  /**
   * How long a peer that is busy is left alone, in milliseconds, and up to twice that
   *
   * @default 3 seconds
   */
  busyDelay?: number
}

export interface Undecided {
  /** In words: which votes are missing, whether a peer is waited for, whether late votes may still decide it */
  reason: string
  /**
   * How many more votes for a side decide it, whatever the others vote. More than there are voters left where the side cannot
   * get there any more. Absent where no vote decides it, and under the decision rule `legacy`.
   */
  missing?: { yes: number, no: number }
  /** When it ends if no vote decides it before, Unix seconds; only while it has not ended */
  endsAt?: bigint
}

/** A peer that uses a newer format */
export interface NewerFormat {
  peer: PeerId
  /** Name of the scope in which it has sent it; absent where it has asked for something before it named a scope */
  scope?: string
  /** When this node first saw it, Unix seconds */
  since: bigint
}

/** A peer that is in a scope of ours under another policy */
export interface OtherPolicyPeer {
  peer: PeerId
  /** Digest of its policy, 64 hex digits */
  digest: string
}

/** A peer in a scope of ours that does not hear us, nor we it */
export interface OtherSigningPeer {
  peer: PeerId
  /** How it signs */
  signing: 'StrictSign' | 'StrictNoSign'
}

/** How our clock compares with those of others */
export interface ClockOffset {
  /** Seconds that the clocks of the others are ahead of ours; less than 0 if ours is ahead */
  seconds: number
  /** How many peers that is the median of */
  peers: number
  /** Whether it is more than the policy's clockSkewSeconds */
  isOff: boolean
}

/** What a node votes automatically on a proposal, or why it does not */
export interface AutoVote {
  /** true is yes */
  choice: boolean
  /** When it is due, Unix seconds by this node's clock */
  dueAt: bigint
  /** In words; absent while the node is going to vote */
  problem?: string
}
