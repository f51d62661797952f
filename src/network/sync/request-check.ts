/**
 * What was asked of a peer about one proposal, and whether it delivers that.
 *
 * The peer is at fault only for what this exchange alone shows: what the want and the have-set in it did not ask for, and what
 * its own Holding says it has and does not come. What it had listed before may have changed at an honest peer meanwhile.
 */

import { equals } from 'uint8arrays/equals'
import { quorumOf } from '../../consensus/rules/decision.ts'
import { voteSetHash } from '../../consensus/vote/vote-set.ts'
import { isProofOnly } from './differences.ts'
import { outcomeHash, PRUNED } from './digests.ts'
import { SyncFaultError } from './errors.ts'
import type { ReadDelivery } from './delivery.ts'
import type { HaveSet, VoteKey } from './have-set.ts'
import type { JoinedScope } from '../scope/scope.ts'

export interface RequestCheckInit {
  proposalId: number
  /** What the proposal is, as the peer has listed it */
  digest: Uint8Array
  /** Whether the announcement was asked for */
  announcement: boolean
  /** Whether votes were asked for */
  votes: boolean
  /** The votes that were said to be here */
  have: VoteKey[]
  /** How many may vote, where the proposal is here */
  expectedVoters?: number
}

export class Expected {
  /** What the peer says it has; undefined until it has, or where it has no votes any more */
  claimed?: HaveSet
  private readonly scope: JoinedScope
  private readonly init: RequestCheckInit
  private readonly have: HaveSet
  private readonly delivered: HaveSet
  /** The votes of ours that the peer says it has, and those it has delivered */
  private readonly known: VoteKey[] = []
  private holding?: ReadDelivery['holding']
  /** Whether the announcement has come, or was not asked for */
  private isAnnounced: boolean
  /** Whether the peer has another proposal of this id by now */
  private isOther = false
  /** How many may vote, where that is known */
  private expectedVoters?: number

  constructor (scope: JoinedScope, init: RequestCheckInit) {
    this.scope = scope
    this.init = init
    this.have = scope.haveSets.of(init.have)
    this.delivered = scope.haveSets.of([])
    this.expectedVoters = init.expectedVoters
    this.isAnnounced = !init.announcement
  }

  /** Whether the peer has said what it has and takes what it lacks, which it does not where it keeps votes no longer */
  get takesVotes (): boolean {
    return this.claimed != null && this.holding != null && (this.holding.flags & PRUNED) === 0
  }

  /**
   * Checks a delivery against the want and the peer's Holding
   *
   * @returns whether it is of the proposal that was asked for
   * @throws {SyncFaultError}
   */
  check (delivery: ReadDelivery): boolean {
    if (this.holding == null) {
      this.begin(delivery)
    } else if (delivery.holding != null || delivery.announcement != null) {
      this.fail('sent twice what it has')
    } else if (delivery.votes.length === 0) {
      // or it could go on like that without end
      this.fail('sent a page with nothing of it')
    }

    for (const vote of delivery.votes) {
      if (!this.init.votes || this.have.has(vote) || this.delivered.has(vote) || this.claimed?.has(vote) !== true) {
        this.fail('sent a vote that was not asked for, or that it did not say it has')
      }

      this.delivered.add(vote)
      this.known.push(vote)
    }

    return !this.isOther
  }

  /**
   * Checks, after the last page, that the peer has delivered what its Holding says
   *
   * @returns whether that is what the peer had listed; if not, it has changed there meanwhile
   * @throws {SyncFaultError}
   */
  checkComplete (): boolean {
    if (this.holding == null || this.isOther) {
      return false
    }

    if (!this.init.votes || this.claimed == null) {
      return !this.init.votes && this.isAnnounced
    }

    if (this.known.length !== this.claimed.size) {
      this.fail(`said it has ${this.claimed.size} votes, of which ${this.claimed.size - this.known.length} did not come`)
    }

    if (this.holding != null && isProofOnly(this.holding)) {
      this.checkProof()
    } else if (!this.accepts(this.holding?.entry)) {
      this.fail('has other votes than it says it has')
    }

    return true
  }

  /** The hash is of all votes there were, so it is looked whether those that are left are what they are said to be */
  private checkProof (): void {
    const size = quorumOf(this.expectedVoters ?? 0, this.scope.policy.threshold)

    if ([true, false].every(choice => this.known.filter(({ vote }) => vote === choice).length < size)) {
      this.fail(`said it has what proves the result, and has no quorum of ${size} votes`)
    }
  }

  private begin ({ holding, announcement, digest }: ReadDelivery): void {
    if (holding == null) {
      return this.fail('did not say what it has')
    }

    this.holding = holding
    this.expectedVoters ??= announcement?.proposal.expectedVotersCount

    if (announcement != null) {
      this.checkAnnouncement(digest)
    }

    if ((holding.flags & PRUNED) !== 0 && !isProofOnly(holding)) {
      // pruned or deleted since it was listed: the peer has no votes to give, and takes none
      return
    }

    if (this.init.announcement && announcement == null) {
      this.fail('says it has the proposal, and did not send it')
    }

    const claimed = this.scope.haveSets.decode(holding.have)

    this.claimed = claimed
    this.known.push(...this.init.have.filter(vote => claimed.has(vote)))
  }

  private checkAnnouncement (digest?: Uint8Array): void {
    if (!this.init.announcement) {
      this.fail('sent an announcement that was not asked for')
    }

    this.isAnnounced = true
    // the one it listed may have been deleted since, and another of its id have come
    this.isOther = digest == null || !equals(digest, this.init.digest)
  }

  /** Whether what the peer has listed is what it has delivered, as far as that can be told */
  private accepts (entry?: Uint8Array): boolean {
    if (entry == null) {
      return false
    }

    // how a proposal ended is for us to count
    const outcomes = this.scope.policy.decisionRule === 'quorum' ? [] : [undefined, false, true].map(outcomeHash)

    return [voteSetHash(this.known), ...outcomes].some(hash => equals(hash, entry))
  }

  private fail (problem: string): never {
    throw new SyncFaultError(`${problem}, of proposal ${this.init.proposalId}`)
  }
}
