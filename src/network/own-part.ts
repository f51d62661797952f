/**
 * Our own part in what is decided: the proposals and votes of this node's key.
 */

import { equals } from 'uint8arrays/equals'
import { ProposalAlreadyExistError, UserAlreadyVotedError } from '../consensus/errors.ts'
import { proposalDigest, proposalIdOf } from '../consensus/policy.ts'
import { createProposal } from '../consensus/proposal.ts'
import { proposalProblem, voterProblem } from '../consensus/scope-rules.ts'
import { requireSession } from '../consensus/storage.ts'
import { InvalidRequestError, NotSyncedError, TooManyProposalsError } from './errors.ts'
import { completeRequest } from './rules.ts'
import type { Publisher } from './publisher.ts'
import type { JoinedScope } from './scope.ts'
import type { Sync } from './sync/index.ts'
import type { Validator } from './validator.ts'
import type { Proposal } from '../consensus/proposal.ts'
import type { ConsensusService } from '../consensus/service.ts'
import type { ConsensusSession, ProposalHead } from '../consensus/session.ts'
import type { Vote } from '../consensus/vote.ts'
import type { ProposalRequest, VoteOptions } from '../index.ts'
import type { AbortOptions, Logger } from '@libp2p/interface'

export interface OwnPartInit {
  consensus: ConsensusService
  publisher: Publisher
  validator: Validator
  sync: Sync
  /** Unix seconds */
  clock (): bigint
  /** Milliseconds that a first sync may take before it is an error that there was none */
  syncWait: number
  log: Logger
  /** Why our own vote is there, in words, if this node has cast it by itself */
  autoVoteCause (scope: JoinedScope, session: ConsensusSession): string | undefined
}

export class OwnPart {
  private readonly init: OwnPartInit
  /** When this process began, Unix seconds by our clock: what it has done in older proposals it may not remember */
  private readonly since: bigint

  constructor (init: OwnPartInit) {
    this.init = init
    this.since = init.clock()
  }

  async propose (scope: JoinedScope, request: ProposalRequest, { signal }: AbortOptions): Promise<Proposal> {
    const { consensus, publisher, validator, clock } = this.init
    const complete = completeRequest(scope.policy, request, publisher.requireSigner('propose').identity)

    for (;;) {
      const proposal = withId(scope, createProposal(complete, clock()))
      const problem = proposalProblem(scope, proposal)

      if (problem != null) {
        throw new InvalidRequestError(`The proposal is not valid in scope "${scope.name}": ${problem}`, Object.keys(request).find(field => problem.startsWith(`${field} `)))
      }

      // the others would not take it either, and say nothing
      const release = scope.active.reserve(proposal.proposalId, proposal.proposalOwner)

      if (release == null) {
        throw tooManyProposals(scope)
      }

      // signed before it is stored, so that no proposal is stored that cannot be sent
      let signature: Uint8Array

      try {
        signature = await publisher.sign(scope, proposal)
        signal?.throwIfAborted()
        await consensus.processIncomingProposal(scope.key, proposal, { signature })
      } catch (err) {
        // a random id is taken, and there are others; one that follows from the content stays
        if (err instanceof ProposalAlreadyExistError && scope.policy.decisionRule !== 'quorum') {
          continue
        }

        throw err
      } finally {
        release()
      }

      await validator.takeInPending(scope, proposal.proposalId)
      await publisher.outbox.send(publisher.announcement(scope, proposal, signature))

      return proposal
    }
  }

  async vote (scope: JoinedScope, proposalId: number, choice: boolean, options: VoteOptions): Promise<Vote> {
    const { consensus, publisher } = this.init
    const { identity } = publisher.requireSigner('vote')
    const problem = voterProblem(scope, identity)

    if (problem != null) {
      throw new InvalidRequestError(`We may not vote in scope "${scope.name}": ${problem}. Vote from a node with the key of one of them, or agree with the others on a policy that lists this one`)
    }

    const session = await requireSession(consensus.storage, scope.key, proposalId)

    // what it has voted is known then
    if (!session.hasVoted(identity) && !await consensus.isBound(scope.key, proposalId)) {
      await this.checkSynced(scope, session, identity, options)
    }

    try {
      const vote = await consensus.castVote(scope.key, proposalId, choice)
      await publisher.sendVote(scope, session.proposal, vote)

      return vote
    } catch (err) {
      // an earlier vote that was never completed is now, and the others are to have it
      if (err instanceof UserAlreadyVotedError && err.vote != null) {
        await publisher.sendVote(scope, session.proposal, err.vote)
      }

      throw await this.withCause(scope, proposalId, err)
    }
  }

  /** Whoever cannot vote since this node has done so by itself is told that */
  private async withCause (scope: JoinedScope, proposalId: number, err: unknown): Promise<unknown> {
    const { consensus, autoVoteCause } = this.init

    if (!(err instanceof UserAlreadyVotedError)) {
      return err
    }

    const { owner, vote, reason } = err
    const cause = autoVoteCause(scope, await requireSession(consensus.storage, scope.key, proposalId))

    return cause == null ? err : new UserAlreadyVotedError(`${reason}: ${cause}`, { scope: scope.key, proposalId, owner, vote, cause: err })
  }

  /** Our part in a proposal may have been cut off when the process ended: before it was stored, or before it got out */
  async resume (scope: JoinedScope, { proposal: { proposalId } }: ConsensusSession): Promise<void> {
    const { consensus, publisher, log } = this.init

    // one may fail where the other can be done: a damaged lock is no reason not to send our own proposal
    for (const step of [
      async () => consensus.completeVote(scope.key, proposalId),
      async () => publisher.resend(scope, await requireSession(consensus.storage, scope.key, proposalId))
    ]) {
      try {
        await step()
      } catch (err) {
        log.error('could not take up our part in proposal %d in scope %s again - %e', proposalId, scope.name, err)
      }
    }
  }

  /**
   * What this key has voted on a proposal that is older than the process may be known to the others only, for instance where a
   * backup was restored
   */
  private async checkSynced (scope: JoinedScope, { proposal, voterCount }: ConsensusSession, identity: Uint8Array, { force, signal }: VoteOptions): Promise<void> {
    const { sync, syncWait } = this.init

    if (force === true || proposal.expectedVotersCount === 1 || this.isNew(scope, proposal, identity) || sync.hasCompleted(scope)) {
      return
    }

    const patience = AbortSignal.timeout(syncWait)

    try {
      // where nobody is there somebody may come any time, or never
      if (scope.peers.length === 0) {
        throw new Error('no peer is in the scope')
      }

      await sync.completed(scope, undefined, { signal: signal == null ? patience : AbortSignal.any([patience, signal]) })
    } catch (err: any) {
      signal?.throwIfAborted()
      scope.signal.throwIfAborted()

      throw new NotSyncedError(`Proposal ${proposal.proposalId} in scope "${scope.name}" may be older than this process, and no other member was there since to ask what this key has voted on it (${voterCount} votes are known here): ${err.name === 'TimeoutError' ? 'none has answered in time' : err.message}. Connect to a member, or vote with force (--force) if you are sure that this key has not voted on it`)
    }
  }

  /** Whether a proposal was made while this process ran, by our clock, or by one that may be ahead of it by the skew */
  private isNew ({ policy }: JoinedScope, { timestamp, proposalOwner }: ProposalHead, identity: Uint8Array): boolean {
    return equals(proposalOwner, identity)
      ? timestamp >= this.since
      : timestamp > this.since + BigInt(policy.clockSkewSeconds)
  }
}

function tooManyProposals ({ name, open, proposers, active }: JoinedScope): TooManyProposalsError {
  const limit = proposers == null
    ? `${active.ownLimit} proposals may be active in scope "${name}"`
    : `Each proposer of scope "${name}" may have ${active.ownLimit} active ${active.ownLimit === 1 ? 'proposal' : 'proposals'}, since it has ${proposers.size} ${proposers.size === 1 ? 'proposer' : 'proposers'}${open ? ' on its list' : ''}`

  return new TooManyProposalsError(`${limit}, and that many are. Propose again when one has ended`)
}

/** Under `quorum` the id follows from the content */
function withId (scope: JoinedScope, proposal: Proposal): Proposal {
  return scope.policy.decisionRule === 'quorum'
    ? { ...proposal, proposalId: proposalIdOf(proposalDigest(scope.digest, proposal)) }
    : proposal
}
