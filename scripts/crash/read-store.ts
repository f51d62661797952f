/**
 * What a node that has ended has received, from its store, and what its key is bound to, from the vote locks.
 */

import { join } from 'node:path'
import { bytesToHex } from '@noble/hashes/utils.js'
import { voteSubject } from '../../src/consensus/vote/vote-lock.ts'
import { scopeKey } from '../../src/network/scope/scope.ts'
import { identityToAddress } from '../../src/signers/ethereum.ts'
import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import type { Observations, SeenVote } from './observations.ts'
import type { ConsensusSession, ScopePolicy, Vote } from '../../src/index.ts'
import type { FileVoteLock } from '../../src/storage/vote-lock/file-vote-lock.ts'
import type { NodeProcess } from '../network/node-process.ts'

/**
 * @param node - one that has ended
 * @param locks - absent for nodes without a vote lock
 */
export async function readStore (node: Pick<NodeProcess, 'name' | 'dataDirectory'>, policies: ScopePolicy[], observations: Observations, locks?: FileVoteLock): Promise<void> {
  const storage = await LevelStorage.open(join(node.dataDirectory, 'store'))

  try {
    for (const policy of policies) {
      for await (const session of storage.streamScopeSessions(scopeKey(policy))) {
        observe(node.name, policy, session, observations)
        await observeLocks(policy, session, observations, locks)
      }
    }
  } finally {
    await storage.close()
  }
}

function observe (node: string, { name: scope }: ScopePolicy, session: ConsensusSession, observations: Observations): void {
  const { proposal: { proposalId }, state, result } = session

  session.votes().forEach(vote => { observations.addVote(`the store of ${node}`, toSeen(scope, vote)) })
  observations.addDecision(node, `the store of ${node}`, { scope, proposalId, state, ...result == null ? {} : { result: result ? 'yes' : 'no' } })
}

async function observeLocks (policy: ScopePolicy, session: ConsensusSession, observations: Observations, locks?: FileVoteLock): Promise<void> {
  for (const { voteOwner } of session.votes()) {
    const vote = await locks?.find(scopeKey(policy), voteSubject(session), voteOwner)

    if (vote != null) {
      observations.addVote('the vote locks', toSeen(policy.name, vote))
    }
  }
}

function toSeen (scope: string, { proposalId, voteOwner, vote, timestamp, voteHash }: Vote): SeenVote {
  return { scope, proposalId, voter: identityToAddress(voteOwner), choice: vote ? 'yes' : 'no', timestamp: Number(timestamp), hash: bytesToHex(voteHash) }
}
