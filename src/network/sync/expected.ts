/**
 * What was asked of a peer about one proposal, and whether it delivers what it says it has.
 */

import { equals } from 'uint8arrays/equals'
import { voteSetHash } from '../../consensus/vote-set.ts'
import { outcomeHash, PRUNED } from './digests.ts'
import { SyncFaultError } from './errors.ts'
import type { ReadDelivery } from './delivery.ts'
import type { HaveSet, VoteKey } from './have-set.ts'
import type { Holding } from '../../pb/sync.ts'
import type { JoinedScope } from '../scope.ts'

export interface ExpectedInit {
  proposalId: number
  /** What the proposal is, as the peer has listed it */
  digest: Uint8Array
  /** Whether the announcement was asked for */
  announcement: boolean
  /** Whether votes were asked for */
  votes: boolean
  /** The votes that were said to be here */
  have: VoteKey[]
}

export class Expected {
  /** What the peer says it has; undefined until it has, or where it has no votes any more */
  claimed?: HaveSet
  private readonly scope: JoinedScope
  private readonly init: ExpectedInit
  private readonly have: HaveSet
  private readonly delivered: HaveSet
  /** The votes of ours that the peer says it has, and those it has delivered */
  private readonly known: VoteKey[] = []
  private holding?: Holding

  constructor (scope: JoinedScope, init: ExpectedInit) {
    this.scope = scope
    this.init = init
    this.have = scope.haveSets.of(init.have)
    this.delivered = scope.haveSets.of([])
  }

  /**
   * Checks what comes against what was asked for and what the peer says it has
   *
   * @throws {SyncFaultError}
   */
  check (delivery: ReadDelivery): void {
    if (this.holding == null) {
      this.begin(delivery)
    } else if (delivery.holding != null || delivery.announcement != null) {
      this.fail('sent twice what it has')
    }

    for (const vote of delivery.votes) {
      if (!this.init.votes || this.have.has(vote) || this.delivered.has(vote) || this.claimed?.has(vote) !== true) {
        this.fail('sent a vote that was not asked for, or that it did not say it has')
      }

      this.delivered.add(vote)
      this.known.push(vote)
    }
  }

  /**
   * Checks, when all has come, that it is what the peer has said it has
   *
   * @throws {SyncFaultError}
   */
  checkComplete (): void {
    if (this.holding == null) {
      this.fail('did not send what it listed')
    }

    if (!this.init.votes || this.claimed == null) {
      return
    }

    if (this.known.length !== this.claimed.size) {
      this.fail(`said it has ${this.claimed.size} votes, of which ${this.claimed.size - this.known.length} did not come`)
    }

    if (!this.accepts(this.holding?.entry)) {
      this.fail('has other votes than it has listed')
    }
  }

  private begin ({ holding, announcement, digest }: ReadDelivery): void {
    if (holding == null) {
      return this.fail('did not say what it has')
    }

    this.holding = holding

    if ((holding.flags & PRUNED) !== 0) {
      if (this.init.announcement) {
        this.fail('listed what it does not have')
      }

      // so it has nothing to give, and takes nothing
      return
    }

    if (this.init.announcement && (digest == null || !equals(digest, this.init.digest))) {
      this.fail('sent another proposal than it listed, or none')
    }

    if (!this.init.announcement && announcement != null) {
      this.fail('sent an announcement that was not asked for')
    }

    const claimed = this.scope.haveSets.decode(holding.have)

    this.claimed = claimed
    this.known.push(...this.init.have.filter(vote => claimed.has(vote)))
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
