/**
 * The consensus core without a network: what it takes to check and store the votes that a node is to take in.
 */

import { ConsensusService } from '../../../src/consensus/service.ts'
import { decodeGossip } from '../../../src/network/gossip/envelope.ts'
import { scopeConfig, scopeKey } from '../../../src/network/scope/scope.ts'
import { ethereumScheme } from '../../../src/signers/ethereum.ts'
import { inParallel } from '../turns.ts'
import type { ConsensusStorage } from '../../../src/consensus/storage/interface.ts'
import type { Vote } from '../../../src/consensus/vote/vote.ts'
import type { ScopePolicy } from '../../../src/index.ts'

/** Votes that are under way at the same time */
export const UNDER_WAY = 64

export class CoreAlone {
  private readonly service: ConsensusService
  private readonly scope: string
  private readonly ready: Promise<void>

  constructor (policy: ScopePolicy, announcements: Uint8Array[], storage?: ConsensusStorage) {
    this.service = new ConsensusService({ storage, scheme: ethereumScheme(), maxSessionsPerScope: Infinity })
    this.scope = scopeKey(policy)
    this.ready = takeInProposals(this.service, policy, announcements)
  }

  /** Seconds that it takes to take votes in, from gossip messages that have been decoded before */
  async takeIn (messages: Uint8Array[]): Promise<number> {
    const votes = messages.map(readVote)

    await this.ready

    const begin = performance.now()

    await takeInVotes(this.service, this.scope, votes)

    return (performance.now() - begin) / 1000
  }
}

/** Puts proposals into a core as if it had known them all along */
export async function takeInProposals (service: ConsensusService, policy: ScopePolicy, announcements: Uint8Array[]): Promise<void> {
  const scope = scopeKey(policy)

  await service.storage.setScopeConfig(scope, scopeConfig(policy))

  for (const message of announcements) {
    const content = decodeGossip(message)

    if (content.type === 'announcement') {
      const { proposal, signature } = content.announcement

      await service.processIncomingProposal(scope, proposal, { signature, late: true })
    }
  }
}

export async function takeInVotes (service: ConsensusService, scope: string, votes: Vote[]): Promise<void> {
  await inParallel(UNDER_WAY, 0, votes.length, async index => {
    try {
      await service.processIncomingVote(scope, votes[index], { late: true })
    } catch (err: any) {
      // a sync may have brought it
      if (err.name !== 'DuplicateVoteError') {
        throw err
      }
    }
  })
}

export function readVote (message: Uint8Array): Vote {
  const content = decodeGossip(message)

  if (content.type !== 'vote') {
    throw new Error(`expected a vote, got ${content.type}`)
  }

  return content.vote
}
