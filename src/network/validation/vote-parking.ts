/**
 * Lets votes wait whose proposal has not arrived, within limits.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { MAX_LIFETIME_SECONDS } from '../../consensus/policy/policy.ts'
import { verifyVote } from '../../consensus/vote/vote.ts'
import { RateBudget } from '../../util/rate-budget.ts'
import { MAX_PARKED_PER_VOTER, PARKED_TTL } from './parked-votes.ts'
import { ACCEPT, ignore, validateError, later, VOTE_FAULTS } from './verdict.ts'
import type { Validation } from './verdict.ts'
import type { SignatureScheme } from '../../consensus/signing.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { JoinedScope } from '../scope/scope.ts'

/** Votes of one voter that begin to wait in {@link PARKED_TTL}, with those that gave way: each of them is passed on */
const MAX_PARKED = 16 * MAX_PARKED_PER_VOTER

export interface VoteParkingInit {
  scheme: SignatureScheme
  /** Unix seconds */
  clock (): bigint
}

export class VoteParking {
  private readonly init: VoteParkingInit
  private readonly parked: RateBudget

  constructor (init: VoteParkingInit) {
    this.init = init
    this.parked = new RateBudget({ amount: MAX_PARKED, seconds: PARKED_TTL / 1_000, clock: () => Number(init.clock()) * 1_000 })
  }

  /**
   * Lets a valid vote wait for its proposal. Votes of listed voters are passed on; in an open scope, where voters cost
   * nothing, a vote that may be for nothing goes no further.
   */
  async park (scope: JoinedScope, vote: Vote, encoded?: Uint8Array): Promise<Validation> {
    const unparkable = this.unparkable(scope, vote)

    if (unparkable != null) {
      return unparkable
    }

    try {
      await verifyVote(vote, this.init.scheme, encoded)
    } catch (err) {
      return validateError(err, VOTE_FAULTS)
    }

    // meanwhile the scope may have been left, and other votes may have come
    const late = scope.signal.aborted ? ignore('the scope was left') : this.unparkable(scope, vote)

    if (late != null) {
      return late
    }

    // only now, or forged votes would take the share of the voter that they name
    if (!scope.open && !this.parked.take(`${scope.key} ${bytesToHex(vote.voteOwner)}`)) {
      return later('too many votes of this voter have waited for their proposals recently')
    }

    scope.parked.add(vote)

    return { ...scope.open ? ignore(`proposal ${vote.proposalId} is not known yet, the vote waits for it`) : ACCEPT, result: 'parked' }
  }

  /** Why a vote cannot wait for its proposal, undefined if it can */
  private unparkable ({ policy, parked }: JoinedScope, vote: Vote): Validation | undefined {
    const now = this.init.clock()
    const skew = BigInt(policy.clockSkewSeconds)

    if (vote.timestamp > now + skew) {
      return later(`the vote is from ${vote.timestamp}, in the future: it is ${now}. Check the clock`, vote.timestamp - skew)
    }

    // no proposal is open for longer
    if (vote.timestamp < now - BigInt(MAX_LIFETIME_SECONDS)) {
      return ignore(`the vote is from ${vote.timestamp}, too old to wait for its proposal: it is ${now}`)
    }

    if (parked.has(vote)) {
      return ignore('a vote of the voter for this side waits for the proposal already')
    }

    if (!parked.hasRoom(vote)) {
      return later('too many votes wait for their proposals')
    }
  }
}
