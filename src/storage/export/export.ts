/**
 * Writes what a store holds as lines that can be kept, read by programs, and imported into another store: see
 * export-format.ts. One proposal is in memory at a time.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { canonicalPolicy } from '../../consensus/policy/policy.ts'
import { encodeProposal } from '../../consensus/proposal/proposal.ts'
import { EXPORT_FORMAT, EXPORT_VERSION, formatLine, outcomeOf, toHex } from './format.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'
import type { ConsensusStorage, PolicyStorage } from '../../consensus/storage/interface.ts'

/**
 * The lines of an export, each with its line break. What has no last line of type `end` is no export: an error, for
 * instance StorageDamagedError, ends the lines before.
 */
export async function * exportStore (storage: ConsensusStorage & PolicyStorage): AsyncGenerator<string> {
  const hash = sha256.create()
  const counts = { policies: 0, proposals: 0, votes: 0 }

  for await (const line of contents(storage, counts)) {
    hash.update(fromString(line))
    yield line
  }

  yield formatLine({ type: 'end', ...counts, sha256: bytesToHex(hash.digest()) })
}

async function * contents (storage: ConsensusStorage & PolicyStorage, counts: { policies: number, proposals: number, votes: number }): AsyncGenerator<string> {
  yield formatLine({ type: 'store', format: EXPORT_FORMAT, version: EXPORT_VERSION })

  for (const policy of await storage.listPolicies()) {
    counts.policies++
    yield formatLine({
      type: 'policy',
      policy: JSON.parse(toString(canonicalPolicy(policy))),
      settings: await storage.getSettings(policy.name)
    })
  }

  for (const scope of await storage.listScopes() ?? []) {
    for await (const session of storage.streamScopeSessions(scope)) {
      const votes = session.encodedVotes()

      counts.proposals++
      counts.votes += votes.length
      yield proposalLine(scope, session, votes.length)

      for (const vote of votes) {
        yield formatLine({ type: 'vote', vote: toHex(vote) })
      }

      for (const { first, second } of session.evidence) {
        yield formatLine({ type: 'evidence', first: toHex(first), second: toHex(second) })
      }
    }

    for (const { proposalId, name, proposer, digest } of await storage.listRefused(scope)) {
      yield formatLine({ type: 'refused', scope, proposalId, name, proposer: toHex(proposer), digest: toHex(digest) })
    }
  }
}

function proposalLine (scope: string, session: ConsensusSession, votes: number): string {
  const { proposal, signature, config, createdAt, pruned } = session

  return formatLine({
    type: 'proposal',
    scope,
    proposal: toHex(encodeProposal({ ...proposal, round: 0, votes: [] })),
    signature: signature == null ? undefined : toHex(signature),
    config: { ...config },
    createdAt: `${createdAt}`,
    outcome: outcomeOf(session),
    ...session.decidedAt == null ? {} : { decidedAt: `${session.decidedAt}` },
    votes,
    evidence: session.evidence.length,
    pruned: pruned == null ? undefined : { ...pruned.tally, voteSetHash: toHex(pruned.voteSetHash) }
  })
}
