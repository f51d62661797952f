/**
 * Takes in what is delivered, page by page: different proposals side by side, and the votes of one together.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { equals } from 'uint8arrays/equals'
import { announcementDigest } from '../../consensus/policy/policy.ts'
import { SyncFaultError } from './errors.ts'
import type { ReadDelivery } from './delivery.ts'
import type { IntakeResult, SyncIntake } from './intake.ts'
import type { ConsensusStorage } from '../../consensus/storage/interface.ts'
import type { ExpiringSet } from '../../util/expiring-set.ts'
import type { JoinedScope } from '../scope/scope.ts'
import type { PeerId } from '@libp2p/interface'

export interface ReceiverInit {
  scope: JoinedScope
  /** Who delivers */
  peer: PeerId
  storage: ConsensusStorage
  intake: SyncIntake
  /** What was refused, see {@link refusalKey}: is added to */
  refused: ExpiringSet
}

/** What has come of a delivery */
type Taken = Exclude<IntakeResult, 'invalid'>

/**
 * Under what a refused delivery is remembered. Another peer may deliver the same proposal with votes, or a proof, that let it in.
 */
export function refusalKey (peer: PeerId, digest: Uint8Array): string {
  return `${peer} ${bytesToHex(digest)}`
}

export class Receiver {
  /** How much was new so far */
  readonly taught = { proposals: 0, votes: 0 }
  /** Proposals that we refused, themselves or votes on them, for a reason that passes */
  readonly later = new Set<number>()
  /** Proposals that were not taken in, or not all votes on them */
  readonly untaken = new Set<number>()
  private readonly init: ReceiverInit
  /** New proposals of which there may be more votes to come */
  private readonly unsettled = new Set<number>()
  /** Proposals whose votes are not for us */
  private readonly skipped = new Set<number>()

  constructor (init: ReceiverInit) {
    this.init = init
  }

  /**
   * Takes in a page, and resolves with the ids of the proposals of which something was new
   *
   * @throws {SyncFaultError} if something in it is not valid
   */
  async receive (deliveries: ReadDelivery[]): Promise<number[]> {
    if (new Set(deliveries.map(({ proposalId }) => proposalId)).size < deliveries.length) {
      throw new SyncFaultError('sent a proposal twice on one page')
    }

    // all are done before the first error is told
    const results = await Promise.allSettled(deliveries.map(async delivery => this.take(delivery)))

    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') {
        throw result.reason
      }

      // there may have been too many at a time, most of which have ended by their votes meanwhile
      if (isRefused(result.value)) {
        result.value = await this.take(deliveries[index], true)
      }
    }

    this.settle(deliveries.at(-1)?.proposalId)

    return deliveries.filter((_, index) => (results[index] as PromiseFulfilledResult<Taken>).value === 'new').map(({ proposalId }) => proposalId)
  }

  /** Is to be called when nothing more comes, however that came about */
  finish (): void {
    this.settle()
  }

  /** Settles what cannot go on on the next page, as only the last proposal of a page does */
  private settle (last?: number): void {
    for (const proposalId of this.unsettled) {
      if (proposalId !== last) {
        this.unsettled.delete(proposalId)
        this.init.intake.settle(this.init.scope, proposalId)
      }
    }

    for (const proposalId of this.skipped) {
      if (proposalId !== last) {
        this.skipped.delete(proposalId)
      }
    }
  }

  /** @param again - whether the proposal was refused before, and is for good if it is again */
  private async take (delivery: ReadDelivery, again = false): Promise<Taken> {
    const taken = await this.takeProposal(delivery, again)

    if (isRefused(taken) || this.skipped.has(delivery.proposalId)) {
      return taken
    }

    return await this.takeVotes(delivery) > 0 ? 'new' : taken
  }

  /** Resolves with how many were new */
  private async takeVotes ({ proposalId, votes }: ReadDelivery): Promise<number> {
    const { scope, intake } = this.init
    const results = votes.length === 0 ? [] : await intake.votes(scope, proposalId, votes)
    const taken = results.filter(result => result === 'new').length

    this.taught.votes += taken

    if (results.includes('invalid')) {
      throw new SyncFaultError(`sent a vote on proposal ${proposalId} that is not valid`)
    }

    if (results.includes('later')) {
      this.later.add(proposalId)
      this.untaken.add(proposalId)
    }

    return taken
  }

  private async takeProposal ({ proposalId, announcement, digest, votes }: ReadDelivery, again: boolean): Promise<Taken> {
    const { scope, peer, intake } = this.init

    if (announcement == null || digest == null) {
      return 'known'
    }

    const result = await intake.proposal(scope, announcement, { peer: `${peer}`, votes })

    switch (result) {
      case 'new':
        this.taught.proposals++
        this.unsettled.add(proposalId)
        return 'new'
      case 'known':
        if (!await isStored(this.init.storage, scope, proposalId, digest)) {
          this.skipped.add(proposalId)
          this.untaken.add(proposalId)
        }
        return 'known'
      case 'refused':
      case 'later':
        if (again) {
          this.skipped.add(proposalId)
          this.untaken.add(proposalId)
          this.onRefused(proposalId, digest, result)
        }
        return result
      default:
        throw new SyncFaultError(`sent proposal ${proposalId}, which is not valid`)
    }
  }

  /** What is refused for good is not asked for again for a while, anything else in the next sync */
  private onRefused (proposalId: number, digest: Uint8Array, result: 'refused' | 'later'): void {
    if (result === 'refused') {
      this.init.refused.add(refusalKey(this.init.peer, digest))
    } else {
      this.later.add(proposalId)
    }
  }
}

function isRefused (result: Taken): boolean {
  return result === 'refused' || result === 'later'
}

/** Whether the proposal that we have of this id is the one with this digest */
async function isStored (storage: ConsensusStorage, scope: JoinedScope, proposalId: number, digest: Uint8Array): Promise<boolean> {
  const session = await storage.getSession(scope.key, proposalId)

  return session != null && equals(announcementDigest(scope.policy, session.proposal, scope.digest), digest)
}
