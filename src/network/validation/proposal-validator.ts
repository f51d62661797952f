/**
 * Validates announcements: whether a proposal is taken in.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { ProposalAlreadyExistError, ProposalIdCollisionError } from '../../consensus/errors.ts'
import { announcementDigest, proposalDigest } from '../../consensus/policy/policy.ts'
import { proposalFault, proposalLimitProblem } from '../../consensus/policy/scope-rules.ts'
import { isSigned } from '../../consensus/proposal/announcement.ts'
import { requireSession } from '../../consensus/storage/interface.ts'
import { quotedName } from '../../consensus/text/visible-text.ts'
import { ExpiringSet } from '../../util/expiring-set.ts'
import { deadlineOf } from '../participant/request.ts'
import { REFUSAL_SECONDS } from '../sync/constants.ts'
import { ExpiredProposals } from './expired-proposals.ts'
import { aheadWindow, ProposalsAhead } from './proposals-ahead.ts'
import { ACCEPT, ANNOUNCEMENT_FAULTS, ignore, validateError, validateProblem, known, later, reject } from './verdict.ts'
import type { Validation } from './verdict.ts'
import type { VoteValidator } from './vote-validator.ts'
import type { Announcement } from '../../consensus/proposal/announcement.ts'
import type { Proposal } from '../../consensus/proposal/proposal.ts'
import type { ConsensusService } from '../../consensus/service.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { SignatureScheme } from '../../consensus/signing.ts'
import type { RefusedProposal } from '../../consensus/storage/interface.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { ProposalSource } from '../sync/intake.ts'
import type { Logger } from '@libp2p/interface'

export interface ProposalValidatorInit {
  consensus: ConsensusService
  scheme: SignatureScheme
  votes: VoteValidator
  /** Whose proposals are our own */
  identity?: Uint8Array
  /** Unix seconds */
  clock (): bigint
  log: Logger
  /** Keeps in mind what is under way */
  track (task: Promise<void>): void
  /** Milliseconds after which the clock is looked at again */
  clockCheckInterval?: number
  /** Called when proposals or votes that waited have been taken in: gossip does not spread them */
  onTakenLate (scope: JoinedScope): void
  /** Called when a signed proposal is refused since another has its id */
  onCollision (scope: JoinedScope, refused: RefusedProposal): Promise<void>
}

export class ProposalValidator {
  private readonly init: ProposalValidatorInit
  /** Proposals that were refused since others have their ids: nothing more is to be said of them */
  private readonly collided: ExpiringSet
  private readonly past: ExpiredProposals
  private readonly ahead: ProposalsAhead

  constructor (init: ProposalValidatorInit) {
    this.init = init
    this.collided = new ExpiringSet(() => init.clock(), REFUSAL_SECONDS)
    this.past = new ExpiredProposals(init.scheme, () => init.clock())
    this.ahead = new ProposalsAhead({ ...init, onDue: (scope, announcement) => { this.init.track(this.takeInAhead(scope, announcement)) } })
  }

  /**
   * @param source - where it came from by sync, or that it came with what proves a result: it need not be in time then, but not
   * be from the future
   */
  async validate (scope: JoinedScope, announcement: Announcement, source?: ProposalSource | 'proof'): Promise<Validation> {
    const { proposalId } = announcement.proposal
    const validating = this.validateNow(scope, announcement, source)
    // whoever waits for it is not told why it failed
    const arriving = validating.then(() => {}, () => {}).finally(() => {
      if (scope.arriving.get(proposalId) === arriving) {
        scope.arriving.delete(proposalId)
      }
    })

    scope.arriving.set(proposalId, arriving)

    return validating
  }

  private async validateNow (scope: JoinedScope, announcement: Announcement, source?: ProposalSource | 'proof'): Promise<Validation> {
    const { proposal, signature } = announcement
    const { proposalId, proposalOwner } = proposal
    const wrong = validateProblem(scope, proposalFault(scope, proposal), proposalLimitProblem(scope, proposal))

    if (wrong != null) {
      return wrong
    }

    const session = await this.init.consensus.storage.getSession(scope.key, proposalId)

    if (session != null) {
      return this.validateKnownId(scope, session, announcement)
    }

    const untimely = this.expired(scope, proposal, source != null) ?? await this.validateAhead(scope, announcement, source)

    if (untimely != null) {
      return untimely
    }

    // whoever has not signed may have named anybody as the owner
    const owner = signature.byteLength === 0 ? undefined : proposalOwner

    const isPast = source != null && this.init.clock() >= deadlineOf(scope.policy, proposal)
    const proposals = isPast ? scope.expired : scope.active

    if (!proposals.hasRoom(owner)) {
      return later('there are too many active proposals already, of this proposer or altogether')
    }

    if (!await isSigned(this.init.scheme, scope, announcement)) {
      return reject(`proposal ${proposalId} is not signed by its owner`)
    }

    // what is proven has cost more than making it up
    const excess = isPast && source !== 'proof' ? await this.past.excess(scope, proposal, source) : undefined

    if (excess != null) {
      return ignore(excess)
    }

    // only now, or forged proposals would take the room of those in whose names they are
    const release = proposals.reserve(proposalId, owner)

    if (release == null) {
      return later('too many proposals have become active meanwhile, of this proposer or altogether')
    }

    try {
      return await this.takeIn(scope, announcement, source != null)
    } finally {
      release()
    }
  }

  /** By sync it is a past proposal */
  private expired ({ policy }: JoinedScope, proposal: Proposal, late: boolean): Validation | undefined {
    const now = this.init.clock()

    if (!late && now >= deadlineOf(policy, proposal)) {
      return ignore(`proposal ${proposal.proposalId} expired at ${proposal.expirationTimestamp}, it is ${now}`)
    }
  }

  /** A proposal from a clock that is ahead waits, or comes again later; by sync, too, or it could fill the room of all with what ends in the far future */
  private async validateAhead (scope: JoinedScope, announcement: Announcement, source?: ProposalSource | 'proof'): Promise<Validation | undefined> {
    const { policy } = scope
    const { proposalId, timestamp } = announcement.proposal
    const now = this.init.clock()
    const validAt = timestamp - BigInt(policy.clockSkewSeconds)
    const validation = later(`proposal ${proposalId} is from ${timestamp}, in the future: it is ${now}. Check the clock`, validAt)

    if (validAt <= now) {
      return
    }

    if (source === 'proof' || timestamp > now + aheadWindow(policy)) {
      return validation
    }

    const digest = announcementDigest(policy, announcement.proposal, scope.digest)

    if (this.ahead.has(scope, digest)) {
      return { ...validation, result: 'kept' }
    }

    if (!this.ahead.hasRoom(scope, announcement)) {
      return validation
    }

    if (!await isSigned(this.init.scheme, scope, announcement)) {
      return reject(`proposal ${proposalId} is not signed by its owner`)
    }

    // meanwhile the scope may have been left, and other proposals may have come
    if (!scope.signal.aborted && !this.ahead.has(scope, digest) && this.ahead.hasRoom(scope, announcement)) {
      this.ahead.add(scope, digest, announcement)
    }

    return { ...validation, result: 'kept' }
  }

  /** Takes in a proposal that has waited for our clock */
  private async takeInAhead (scope: JoinedScope, announcement: Announcement): Promise<void> {
    const { log, onTakenLate } = this.init

    try {
      const { verdict, reason } = await this.validate(scope, announcement)

      if (verdict === 'accept') {
        onTakenLate(scope)
      } else {
        log('a proposal that waited in scope %s is not taken: %s', scope.name, reason)
      }
    } catch (err) {
      log.error('could not take in a proposal that waited in scope %s - %e', scope.name, err)
    }
  }

  /** The proposal may be known, or under `quorum` another may have its id by chance */
  private async validateKnownId (scope: JoinedScope, session: ConsensusSession, announcement: Announcement): Promise<Validation> {
    const { scheme, identity, log, onCollision } = this.init
    const { proposal } = announcement
    const { proposalId } = proposal
    const digest = proposalDigest(scope.digest, proposal)

    if (session.digest == null || equals(session.digest, digest)) {
      return known(`proposal ${proposalId} is known`)
    }

    const key = bytesToHex(digest)

    if (!this.collided.has(key)) {
      if (!await isSigned(scheme, scope, announcement)) {
        return reject(`proposal ${proposalId} is not signed by its owner`)
      }

      const isOurs = identity != null && equals(session.proposal.proposalOwner, identity)

      this.collided.add(key)
      log.error('two proposals in scope %s have the id %d, %s and %s. The first stays here; others may know the second only. %s', scope.name, proposalId, quotedName(session.proposal.name), quotedName(proposal.name), isOurs ? 'The first is ours: propose it again, which gives it another id' : 'Whoever made the second has to propose it again, which gives it another id')
      await onCollision(scope, { proposalId, name: proposal.name, proposer: proposal.proposalOwner, digest })
    }

    return ignore(`another proposal has the id ${proposalId}`)
  }

  private async takeIn (scope: JoinedScope, { proposal, signature }: Announcement, late: boolean): Promise<Validation> {
    const { consensus, votes } = this.init

    try {
      await consensus.processIncomingProposal(scope.key, proposal, { signature, late })
    } catch (err) {
      if (err instanceof ProposalAlreadyExistError) {
        return known(err.message)
      }

      // the other one has come in the meantime
      if (err instanceof ProposalIdCollisionError) {
        return this.validateKnownId(scope, await requireSession(consensus.storage, scope.key, proposal.proposalId), { proposal, signature })
      }

      return validateError(err, ANNOUNCEMENT_FAULTS)
    }

    await votes.takeInPending(scope, proposal.proposalId, late)

    return ACCEPT
  }
}
