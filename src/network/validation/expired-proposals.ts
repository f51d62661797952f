/**
 * How many proposals are taken by sync whose deadline has passed. Who joins late is to have them, but they may as well have been
 * made up today: nobody's room limits them, they end at once, and what has ended is kept and given to others.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { ConsensusError } from '../../consensus/errors.ts'
import { proposalDigest } from '../../consensus/policy/policy.ts'
import { voteProblem } from '../../consensus/policy/scope-rules.ts'
import { encodeProposal } from '../../consensus/proposal/proposal.ts'
import { validateVote } from '../../consensus/vote/vote.ts'
import { RateBudget } from '../../util/rate-budget.ts'
import { MAX_PAST_LENGTH, MAX_PAST_LENGTH_OPEN, PAST_SECONDS } from '../gossip/limits.ts'
import type { Proposal } from '../../consensus/proposal/proposal.ts'
import type { SignatureScheme } from '../../consensus/signing.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { ProposalSource } from '../sync/intake.ts'

export class ExpiredProposals {
  private readonly scheme: SignatureScheme
  private readonly listed: RateBudget
  private readonly open: RateBudget

  /**
   * @param scheme - verifies votes
   * @param clock - Unix seconds
   */
  constructor (scheme: SignatureScheme, clock: () => bigint) {
    this.scheme = scheme
    const options = { seconds: PAST_SECONDS, clock: () => Number(clock()) * 1_000 }

    this.listed = new RateBudget({ ...options, amount: MAX_PAST_LENGTH })
    this.open = new RateBudget({ ...options, amount: MAX_PAST_LENGTH_OPEN })
  }

  /** Why a proposal that is valid is not taken now, in words, or undefined if it is, which counts from then on */
  async excess (scope: JoinedScope, proposal: Proposal, { peer, votes }: ProposalSource): Promise<string | undefined> {
    const length = encodeProposal(proposal).byteLength
    const owner = `${scope.name} 0x${bytesToHex(proposal.proposalOwner)}`
    const budget = scope.open ? this.open : this.listed

    // where anybody may propose, what nobody has voted on says nothing
    if (scope.open && !await this.isValid(scope, proposal, votes.at(0))) {
      return `proposal ${proposal.proposalId} is past its deadline, and no valid vote on it came along`
    }

    if (!budget.take(`${scope.name} ${peer}`, length) || !budget.take(owner, length)) {
      return `too much that is past its deadline has come lately, from ${peer} or of ${owner}`
    }
  }

  private async isValid (scope: JoinedScope, proposal: Proposal, vote?: Vote): Promise<boolean> {
    if (vote == null || voteProblem(scope, vote) != null) {
      return false
    }

    const { timestamp, expirationTimestamp } = proposal
    const digest = scope.policy.decisionRule === 'quorum' ? proposalDigest(scope.digest, proposal) : undefined

    try {
      await validateVote(vote, { timestamp, expirationTimestamp, digest }, expirationTimestamp, this.scheme)

      return true
    } catch (err) {
      if (err instanceof ConsensusError) {
        return false
      }

      throw err
    }
  }
}
