/**
 * A data directory as it is after years: many proposals that have ended, and many that take votes.
 */

import { randomFillSync } from 'node:crypto'
import { join } from 'node:path'
import { ConsensusSession } from '../../../src/consensus/index.ts'
import { configFromScope } from '../../../src/consensus/policy/resolve-config.ts'
import { scopeConfig, scopeKey } from '../../../src/network/scope/scope.ts'
import { createNode } from '../../../src/node/index.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import type { ConsensusConfig } from '../../../src/consensus/index.ts'

export const SCOPE = 'bench'

/** Sessions that are stored at the same time, to share batches */
const TOGETHER = 250

/** Seconds for which those that are active take votes: longer than a run */
const OPEN = 6n * 60n * 60n

const WORDS = ['Upgrade', 'bridge', 'validator', 'council', 'treasury', 'parameter', 'release', 'member', 'fee', 'limit']

export interface Directories {
  dataDirectory: string
  lockDirectory: string
}

/** Makes a data directory whose node is in one open scope with these proposals; those that are active came last */
export async function fill (directories: Directories, finished: number, active: number): Promise<void> {
  const node = await createNode({ ...directories, local: true })
  const { policy } = await node.voting.join({ name: SCOPE, decisionRule: 'reference' })

  await node.stop()

  const storage = await LevelStorage.open(join(directories.dataDirectory, 'store'))
  const config = configFromScope(scopeConfig(policy))

  try {
    for (let from = 1; from <= finished + active; from += TOGETHER) {
      const ids = Array.from({ length: Math.min(TOGETHER, finished + active + 1 - from) }, (_, index) => from + index)

      await Promise.all(ids.map(async id => storage.saveSession(scopeKey(policy), sessionOf(id, config, id > finished))))
    }
  } finally {
    await storage.close()
  }
}

/** Without votes: lists read none */
function sessionOf (proposalId: number, config: ConsensusConfig, isActive: boolean): ConsensusSession {
  const now = BigInt(Math.floor(Date.now() / 1_000))
  const proposal = {
    name: `${WORDS[proposalId % WORDS.length]} ${WORDS[(proposalId >> 3) % WORDS.length]} ${proposalId}`,
    payload: randomFillSync(new Uint8Array(100)),
    proposalId,
    proposalOwner: randomFillSync(new Uint8Array(20)),
    expectedVotersCount: 10,
    timestamp: now,
    expirationTimestamp: now + OPEN,
    livenessCriteriaYes: true
  }

  return ConsensusSession.fromParts({ proposal, config, createdAt: now, votes: [], ...isActive ? { state: 'active' } : { state: proposalId % 50 === 0 ? 'failed' : 'reached', ...proposalId % 50 === 0 ? {} : { result: proposalId % 3 > 0 } } })
}
