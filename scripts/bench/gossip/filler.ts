/**
 * Finished proposals as they lie in a store after years. All in them is as it would be, but the signatures: these are random
 * bytes, which nobody looks at any more.
 */

import { randomFillSync } from 'node:crypto'
import { fromString } from 'uint8arrays/from-string'
import { policyDigest, proposalDigest, proposalIdOf } from '../../../src/consensus/policy/policy.ts'
import { resolveConfig } from '../../../src/consensus/policy/resolve-config.ts'
import { ConsensusSession } from '../../../src/consensus/session/session.ts'
import { computeVoteHash, encodeVote } from '../../../src/consensus/vote/vote.ts'
import { scopeConfig, scopeKey } from '../../../src/network/scope/scope.ts'
import { inParallel } from '../turns.ts'
import type { Proposal } from '../../../src/consensus/proposal/proposal.ts'
import type { ConsensusStorage } from '../../../src/consensus/storage/interface.ts'
import type { ScopePolicy } from '../../../src/index.ts'

/** Sessions that are stored at the same time, to share batches */
const TOGETHER = 64

const DAY_SECONDS = 24 * 60 * 60

export const PROPOSALS_PER_DAY = 100

/** The same at each call, so that several stores are equal. All voters have voted yes. */
export async function fillFinished (storage: ConsensusStorage, policy: ScopePolicy, count: number): Promise<void> {
  const digest = policyDigest(policy)
  const config = scopeConfig(policy)
  const scope = scopeKey(policy)
  const ids = new Set<number>()

  await inParallel(TOGETHER, 0, count, async index => {
    const { votes: none, round, ...proposal } = proposalOf(policy, digest, index)

    // a collision or so is to be expected of as many
    if (!ids.has(proposal.proposalId)) {
      ids.add(proposal.proposalId)

      await storage.saveSession(scope, ConsensusSession.fromParts({
        proposal,
        config: resolveConfig({ ...proposal, votes: [], round }, config),
        createdAt: proposal.timestamp,
        signature: randomFillSync(new Uint8Array(65)),
        votes: votesOn(policy, digest, proposal),
        state: 'reached',
        result: true
      }))
    }
  })
}

function proposalOf ({ voters, proposers }: ScopePolicy, digest: Uint8Array, index: number): Proposal {
  const timestamp = 1_500_000_000n + BigInt(Math.floor(index * DAY_SECONDS / PROPOSALS_PER_DAY))
  const proposal: Proposal = {
    name: `Question ${index}`,
    payload: new Uint8Array(100),
    proposalId: 0,
    proposalOwner: bytesOf(proposers?.[0] ?? voters?.[0].address ?? ''),
    votes: [],
    expectedVotersCount: voters?.length ?? 0,
    round: 1,
    timestamp,
    expirationTimestamp: timestamp + 3600n,
    livenessCriteriaYes: true
  }

  return { ...proposal, proposalId: proposalIdOf(proposalDigest(digest, proposal)) }
}

function votesOn ({ voters }: ScopePolicy, digest: Uint8Array, proposal: Omit<Proposal, 'votes' | 'round'>): Uint8Array[] {
  const parentHash = proposalDigest(digest, proposal)

  return (voters ?? []).map(({ address }) => {
    const [voteId] = randomFillSync(new Uint32Array(1))
    const vote = { voteId, voteOwner: bytesOf(address), proposalId: proposal.proposalId, timestamp: proposal.timestamp, vote: true, parentHash, receivedHash: new Uint8Array(0) }

    return encodeVote({ ...vote, voteHash: computeVoteHash(vote), signature: randomFillSync(new Uint8Array(65)) })
  })
}

function bytesOf (address: string): Uint8Array {
  return fromString(address.slice(2), 'base16')
}
