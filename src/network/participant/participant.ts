/**
 * Our own part in what is decided: the proposals and votes of this node's key.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { ConsensusError, ProposalAlreadyExistError, UserAlreadyVotedError } from '../../consensus/errors.ts'
import { proposalDigest, proposalIdOf } from '../../consensus/policy/policy.ts'
import { isListed, proposalProblem, voterProblem } from '../../consensus/policy/scope-rules.ts'
import { checkNotExpired, createProposal } from '../../consensus/proposal/proposal.ts'
import { requireSession } from '../../consensus/storage/interface.ts'
import { InvalidRequestError, NotListedError, TooManyProposalsError } from '../errors.ts'
import { completeRequest } from './request.ts'
import type { Proposal } from '../../consensus/proposal/proposal.ts'
import type { ConsensusService } from '../../consensus/service.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { Vote } from '../../consensus/vote/vote.ts'
import type { Publisher } from '../gossip/publisher.ts'
import type { ProposalRequest, VoteOptions } from '../interface.ts'
import type { OwnProofs } from '../members/own-proofs.ts'
import type { OwnLocks, Unasked, VoteGuard } from '../restore/index.ts'
import type { LiveScope } from '../scope/live-scope.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { Validator } from '../validation/validator.ts'
import type { AbortOptions, Logger } from '@libp2p/interface'

export interface ParticipantInit {
  /** Of this node's key, if it has one */
  identity?: Uint8Array
  consensus: ConsensusService
  publisher: Publisher
  validator: Validator
  locks: OwnLocks
  guard: VoteGuard
  ownProofs: OwnProofs
  /** Unix seconds */
  clock (): bigint
  log: Logger
}

export class Participant {
  private readonly init: ParticipantInit

  constructor (init: ParticipantInit) {
    this.init = init
  }

  async propose (scope: JoinedScope, request: ProposalRequest, { signal }: AbortOptions): Promise<Proposal> {
    const { consensus, publisher, validator, locks, guard, clock } = this.init

    // where votes cannot be signed nothing is
    await locks.check()

    const complete = completeRequest(scope.policy, request, publisher.requireSigner('propose').identity)

    if (!isListed(scope.proposers, complete.proposalOwner)) {
      throw new NotListedError(`We may not propose in scope "${scope.name}": 0x${bytesToHex(complete.proposalOwner)} is not among those who may propose. Propose from a node with the key of one of them, or agree with the others on a policy that lists this one`)
    }

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
        guard.onMade(scope, proposal.proposalId)
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

  async vote (scope: LiveScope, proposalId: number, choice: boolean, options: VoteOptions): Promise<Vote> {
    const { consensus, publisher, locks, guard, ownProofs, clock } = this.init
    const { identity } = publisher.requireSigner('vote')
    const problem = voterProblem(scope, identity)

    if (problem != null) {
      throw new NotListedError(`We may not vote in scope "${scope.name}": ${problem}. Vote from a node with the key of one of them, or agree with the others on a policy that lists this one`)
    }

    const session = await requireSession(consensus.storage, scope.key, proposalId)

    checkNotExpired(session.proposal, clock())

    // what it has voted is known then
    if (!session.hasVoted(identity)) {
      await guard.check(scope, session, async () => consensus.isBound(scope.key, proposalId), options)
    }

    try {
      const vote = await consensus.castVote(scope.key, proposalId, choice)

      // a member that sees the vote can tell by the proof that a copy of the locks from before it is old
      await ownProofs.changed()
      await publisher.sendVote(scope, session.proposal, vote)

      return vote
    } catch (err) {
      // an earlier vote that was never completed is now, and the others are to have it
      if (err instanceof UserAlreadyVotedError && err.vote != null) {
        await publisher.sendVote(scope, session.proposal, err.vote)
      }

      if (!(err instanceof ConsensusError)) {
        // the operator is told if no other vote could be signed either
        await locks.start()
      }

      throw await this.withCause(scope, proposalId, err)
    }
  }

  /** Why this node does not vote on a proposal now, where it may and has not */
  async unasked (scope: JoinedScope, session: ConsensusSession): Promise<Unasked | undefined> {
    const { consensus, guard, identity, clock } = this.init
    const { proposal: { proposalId, expirationTimestamp } } = session

    if (!scope.mayVote || clock() >= expirationTimestamp || session.hasVoted(identity as Uint8Array)) {
      return
    }

    try {
      return await consensus.isBound(scope.key, proposalId) ? undefined : await guard.unasked(scope, session)
    } catch (err: any) {
      // the vote locks cannot be used
      return { reason: err.message, isAskable: false }
    }
  }

  /** Adds to the error of a caller who cannot vote that this node has voted automatically */
  private async withCause (scope: LiveScope, proposalId: number, err: unknown): Promise<unknown> {
    if (!(err instanceof UserAlreadyVotedError)) {
      return err
    }

    const { owner, vote, reason } = err
    const cause = scope.autoVoter.causeOf(await requireSession(this.init.consensus.storage, scope.key, proposalId))

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
