/**
 * A scope that this node is a member of, with what the service keeps for it in memory.
 */

import { setMaxListeners } from '@libp2p/interface'
import { bytesToHex } from '@noble/hashes/utils.js'
import { policyDigest } from '../../consensus/policy/policy.ts'
import { isListed, scopeRules } from '../../consensus/policy/scope-rules.ts'
import { shareOf } from '../../consensus/rules/threshold.ts'
import { topicOf } from '../gossip/topic.ts'
import { ClockOffsets } from '../lifecycle/clock-offsets.ts'
import { Members } from '../members/registry.ts'
import { askedPeers } from '../sync/asked-peers.ts'
import { HaveSets } from '../sync/have-set.ts'
import { PrunedProposals } from '../sync/pruned-proposals.ts'
import { LateVotes } from '../validation/late-votes.ts'
import { MAX_PARKED_OPEN, MAX_PARKED_PER_VOTER, ParkedVotes } from '../validation/parked-votes.ts'
import { ActiveProposals } from './active-proposals.ts'
import type { ScopePolicy } from '../../consensus/policy/policy.ts'
import type { ScopeConfig } from '../../consensus/policy/scope-config.ts'
import type { ScopeRules } from '../../consensus/policy/scope-rules.ts'
import type { MissedAutoVote, ScopeSettings } from '../../consensus/storage/interface.ts'
import type { PolicyMismatches } from '../gossip/policy-mismatch.ts'
import type { PubSub } from '../gossip/pubsub.ts'
import type { SigningMismatches } from '../gossip/signing-mismatch.ts'
import type { ClockOffset, OtherPolicyPeer, OtherSigningPeer, Scope } from '../interface.ts'
import type { PeerId } from '@libp2p/interface'

/** The latest automatic votes that were missed: after the first somebody has to look at the node */
const MAX_MISSED_AUTO_VOTES = 20

/** Nothing that was decided is given up unless its operator says so */
const KEEP_ALL: ScopeSettings = { retainVotesSeconds: null }

export interface ScopeComponents {
  /** Whose proposals are our own */
  identity?: Uint8Array
  /** Unix seconds */
  clock (): bigint
  isConnected (peer: PeerId): boolean
  /** Called when our clock is found to be off, and when it is right again */
  onClock? (scopeName: string, offset: ClockOffset): void
  pubsub: PubSub
  otherPolicies: PolicyMismatches
  otherSigning?: SigningMismatches
}

export class JoinedScope implements Scope, ScopeRules {
  readonly name: string
  readonly policy: ScopePolicy
  readonly digest: Uint8Array
  readonly topic: string
  readonly open: boolean
  readonly mayVote: boolean
  readonly mayPropose: boolean

  /**
   * What the scope is called in the core and its storage: name and policy, so that what was decided under another policy is
   * never taken for what is decided under this one.
   */
  readonly key: string

  readonly voters: ReadonlySet<string> | null
  readonly proposers: ReadonlySet<string> | null

  /** Votes whose proposal has not arrived yet */
  readonly parked: ParkedVotes

  /** Proposals that are being validated: votes on them that come meanwhile need not wait for them as for one that is not known */
  readonly arriving = new Map<number, Promise<unknown>>()

  /** What this node does with the scope by itself */
  settings: Readonly<ScopeSettings> = KEEP_ALL

  /** Whether a sync has been completed */
  synced = false

  /** The proposals that take votes by which they may end */
  readonly active: ActiveProposals

  /** Those that came by sync when their time was up, and have not ended yet: they take the room of none that take votes */
  readonly expired: ActiveProposals

  /** Proposals whose time is up, and that wait for a sync */
  readonly ending = new Set<number>()

  /** Who has voted after the decision: such votes are passed on once and not stored */
  readonly late = new LateVotes()

  /** The connected peers that have proven to be a voter's */
  readonly members: Members

  /** The automatic votes that were due and could not be cast, the latest last */
  missedAutoVotes: readonly MissedAutoVote[] = []

  /** How our clock compares with theirs */
  readonly clocks: ClockOffsets

  /** Which members have given up votes */
  readonly prunedProposals = new PrunedProposals()

  /** How votes are told apart when members compare what they have */
  readonly haveSets: HaveSets

  private readonly exit = new AbortController()
  private readonly components: ScopeComponents

  constructor (components: ScopeComponents, policy: ScopePolicy) {
    this.components = components
    this.name = policy.name
    this.policy = policy
    this.digest = policyDigest(policy)
    this.topic = topicOf(policy.name, this.digest)
    this.open = policy.voters == null
    const { voters, proposers } = scopeRules(policy, this.digest)

    this.voters = voters
    this.proposers = proposers
    this.mayVote = components.identity != null && isListed(voters, components.identity)
    this.mayPropose = components.identity != null && isListed(proposers, components.identity)
    this.members = new Members({ ...components, skew: policy.clockSkewSeconds })
    this.clocks = new ClockOffsets({
      ...components,
      skew: policy.clockSkewSeconds,
      // a stranger may say anything
      counted: () => askedPeers(this),
      onChange: offset => { components.onClock?.(this.name, offset) }
    })
    this.haveSets = new HaveSets(policy.voters?.map(({ address }) => address) ?? null)
    this.active = new ActiveProposals(proposers?.size, components.identity)
    this.expired = new ActiveProposals(proposers?.size, components.identity)
    this.key = scopeKey(policy, this.digest)
    this.parked = new ParkedVotes({
      bound: policy.decisionRule === 'quorum',
      ...this.open ? { maxPerVoter: MAX_PARKED_OPEN, maxTotal: MAX_PARKED_OPEN } : { maxPerVoter: MAX_PARKED_PER_VOTER, maxTotal: Infinity }
    })
    setMaxListeners(Infinity, this.exit.signal)
  }

  /** Aborts when this node takes part in the scope no more, with the error for those who wait for something in it */
  get signal (): AbortSignal {
    return this.exit.signal
  }

  get activeProposals (): number {
    return this.active.size
  }

  get peers (): PeerId[] {
    return this.components.pubsub.getSubscribers(this.topic)
  }

  get otherPolicies (): OtherPolicyPeer[] {
    return this.components.otherPolicies.of(this.name, this.topic)
  }

  get otherSigning (): OtherSigningPeer[] {
    return this.components.otherSigning?.of(this.name) ?? []
  }

  get clockOffset (): ClockOffset | undefined {
    return this.clocks.current
  }

  get noneToAsk (): boolean {
    const { decisionRule, voters } = this.policy

    return decisionRule !== 'quorum' && voters?.length !== 1 && this.peers.length > 0 && (this.open ? !this.synced : this.members.connected().length === 0)
  }

  prunedBy (peer: PeerId): number {
    return this.prunedProposals.of(peer)
  }

  addMissedAutoVote (missed: MissedAutoVote): void {
    // one proposal has one, whatever a restart makes of it
    this.missedAutoVotes = [...this.missedAutoVotes.filter(({ proposalId }) => proposalId !== missed.proposalId), missed].slice(-MAX_MISSED_AUTO_VOTES)
  }

  /** Gives up what is only kept in memory, and all waiting */
  close (reason: Error): void {
    this.exit.abort(reason)
    this.active.clear()
    this.expired.clear()
    this.ending.clear()
    this.parked.clear()
    this.late.clear()
    this.prunedProposals.clear()
    this.members.clear()
    this.clocks.clear()
    this.components.otherSigning?.clear(this.name)
  }

  /** What the core counts by */
  get config (): ScopeConfig {
    return scopeConfig(this.policy, this.digest)
  }
}

/**
 * What the core and its storage know a scope by, see {@link JoinedScope.key}
 *
 * @param digest - the policy digest, where it is there already, as with those below: making it takes long
 */
export function scopeKey (policy: ScopePolicy, digest = policyDigest(policy)): string {
  return `${policy.name}/${bytesToHex(digest)}`
}

/** What the core counts by in a scope of this policy */
export function scopeConfig (policy: ScopePolicy, digest = policyDigest(policy)): ScopeConfig {
  return {
    networkType: policy.networkType,
    defaultConsensusThreshold: shareOf(policy.threshold),
    defaultTimeout: policy.defaultTimeoutSeconds,
    defaultLivenessCriteriaYes: policy.livenessCriteriaYes ?? true,
    decisionRule: policy.decisionRule,
    ...policy.decisionRule === 'quorum' ? { policyDigest: digest, exactThreshold: policy.threshold } : {}
  }
}
