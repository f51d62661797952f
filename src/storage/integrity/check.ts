/**
 * Looks for all that is wrong with a store: first at each record by itself, then at what they say of each other.
 */

import { equals } from 'uint8arrays/equals'
import { toString } from 'uint8arrays/to-string'
import { parsePolicy } from '../../consensus/policy/policy.ts'
import { dayOf } from '../../consensus/storage/interface.ts'
import { isProven } from '../../consensus/vote/quorum-votes.ts'
import { sessionVoteSetHash } from '../../consensus/vote/vote-set.ts'
import { decodeVote } from '../../consensus/vote/vote.ts'
import { StorageDamagedError } from '../errors.ts'
import { after, dayKey, doubleKey, indexKey, lastNumber, parseKey, proposalKey, NETWORK_KEY, OWNER_KEY, SCHEMA_KEY, votesKey, within } from '../level/keys.ts'
import { decodeHeldProofs, decodeKeptEvidence, decodeMissed, decodeOutcome, decodeRefused, decodeScopeConfig, decodeSettings, decodeStoredProposal } from '../level/records.ts'
import { checkSchema } from '../level/schema.ts'
import { Sessions } from '../level/sessions.ts'
import { checkMark, decodeCounter } from '../vote-lock/counter-encoding.ts'
import { checkLock, decodeDoubt, DOUBT_KEY } from '../vote-lock/level-vote-lock.ts'
import { checkedBytes } from './checksum.ts'
import type { DamagedRecord } from '../errors.ts'
import type { Database } from '../level/database.ts'
import type { Index, SessionTable } from '../level/keys.ts'
import type { StoredHead } from '../level/sessions.ts'

/** Records that are read at a time */
const PAGE = 1000

/** Throws if the value is none of its kind */
const decoders: Record<string, (value: Uint8Array) => void> = {
  // checked when it is opened
  [SCHEMA_KEY]: () => {},
  // any text will do
  [OWNER_KEY]: () => {},
  [NETWORK_KEY]: () => {},
  proposal: decodeStoredProposal,
  vote: decodeVote,
  proof: decodeVote,
  evidence: decodeKeptEvidence,
  outcome: decodeOutcome,
  order: decodeId,
  active: decodeId,
  day: decodeId,
  double: decodeId,
  config: decodeScopeConfig,
  policy: value => { parsePolicy(JSON.parse(toString(value))) },
  settings: decodeSettings,
  refused: decodeRefused,
  missed: decodeMissed,
  lock: checkLock,
  [DOUBT_KEY]: decodeDoubt,
  counter: decodeCounter,
  locks: checkMark,
  proven: decodeHeldProofs
}

export async function checkStore (db: Database): Promise<DamagedRecord[]> {
  const damaged: DamagedRecord[] = []
  const seen = new Set<string>()
  const report = (record: DamagedRecord): void => {
    // a record that is damaged is damaged for those that need it, too
    const name = `${record.kind} ${record.scope} ${record.proposalId} ${record.problem}`

    if (!seen.has(name)) {
      seen.add(name)
      damaged.push(record)
    }
  }
  const reporting = async (task: () => Promise<void>): Promise<void> => {
    try {
      await task()
    } catch (err: any) {
      if (!(err instanceof StorageDamagedError)) {
        throw err
      }

      report({ kind: err.kind, scope: err.scope, proposalId: err.proposalId, problem: err.problem })
    }
  }

  await reporting(async () => checkSchema(db))
  await reporting(async () => checkRecords(db, report))
  await reporting(async () => checkSessions(db, report, reporting))
  await reporting(async () => checkIndex(db, 'order', report, reporting))
  await reporting(async () => checkIndex(db, 'active', report, reporting))
  await reporting(async () => checkIndex(db, 'day', report, reporting))
  await reporting(async () => checkIndex(db, 'double', report, reporting))
  await reporting(async () => checkOutcomes(db, report))
  await reporting(async () => checkVotes(db, 'vote', report))
  await reporting(async () => checkVotes(db, 'proof', report))
  await reporting(async () => checkVotes(db, 'evidence', report))

  return damaged
}

async function checkRecords (db: Database, report: (record: DamagedRecord) => void): Promise<void> {
  for await (const [key, record] of all(db, {})) {
    const value = checkedBytes(key, record)
    const about = parseKey(key)

    if (!Object.hasOwn(decoders, about.kind)) {
      report({ ...about, problem: `has the key ${JSON.stringify(key.slice(0, 80))}, which is none of this version` })
    } else if (value == null) {
      report({ ...about, problem: 'has a checksum that does not fit' })
    } else {
      try {
        decoders[about.kind](value)
      } catch (err: any) {
        report({ ...about, problem: `cannot be decoded: ${err.message}` })
      }
    }
  }
}

async function checkSessions (db: Database, report: (record: DamagedRecord) => void, reporting: (task: () => Promise<void>) => Promise<void>): Promise<void> {
  const sessions = new Sessions(db)

  for await (const [key] of all(db, within('proposal'))) {
    const { kind, scope = '', proposalId = 0 } = parseKey(key)

    await reporting(async () => {
      const head = await sessions.head(scope, proposalId)

      if (head == null) {
        return
      }

      const { parts: { proposal }, place, outcome } = head

      if (await idAt(db, indexKey('order', scope, place)) !== proposalId) {
        report({ kind, scope, proposalId, problem: 'is not at its place in the table order' })
      }

      if (await idAt(db, dayKey(scope, dayOf(proposal), proposalId)) !== proposalId) {
        report({ kind, scope, proposalId, problem: 'is not in the table day' })
      }

      const session = await sessions.readVotes(scope, head)

      if (outcome?.voteSetHash != null && !equals(outcome.voteSetHash, sessionVoteSetHash(session))) {
        report({ kind: 'outcome', scope, proposalId, problem: 'has a hash of votes that does not fit' })
      }

      if (outcome?.pruned === true && outcome.proven !== isProven(session)) {
        report({ kind: 'outcome', scope, proposalId, problem: `says that the votes that were kept ${outcome.proven === true ? 'prove the result, and they do not' : 'do not prove the result, and they do'}` })
      }

      if (session.hasEvidence && await idAt(db, doubleKey(scope, proposalId)) !== proposalId) {
        report({ kind, scope, proposalId, problem: 'is not in the table double, though somebody has voted both ways' })
      }

      if (outcome?.pruned !== true && (await db.keys({ ...within(votesKey(scope, proposalId, 'proof')), limit: 1 })).length > 0) {
        report({ kind: 'proof', scope, proposalId, problem: 'is there, though the votes were not pruned' })
      }
    })
  }
}

async function checkIndex (db: Database, index: Index, report: (record: DamagedRecord) => void, reporting: (task: () => Promise<void>) => Promise<void>): Promise<void> {
  const sessions = new Sessions(db)

  for await (const [key] of all(db, within(index))) {
    const { scope = '' } = parseKey(key)

    await reporting(async () => {
      const proposalId = await idAt(db, key)

      if (proposalId == null) {
        report({ kind: index, scope, problem: 'is there and cannot be found by its key' })
        return
      }

      const head = await sessions.head(scope, proposalId)

      if (head == null) {
        throw sessions.missing(index, scope, proposalId)
      }

      if (!isPlaceOf(index, key, scope, head)) {
        report({ kind: index, scope, proposalId, problem: 'is not where the proposal says' })
      }

      if (index === 'active' && head.outcome != null) {
        report({ kind: index, scope, proposalId, problem: 'is of a session that has ended' })
      }

      if (index === 'double' && !(await sessions.readVotes(scope, head)).hasEvidence) {
        report({ kind: index, scope, proposalId, problem: 'is of a session in which nobody has voted both ways' })
      }
    })
  }
}

function isPlaceOf (index: Index, key: string, scope: string, { parts: { proposal }, place }: StoredHead): boolean {
  switch (index) {
    case 'day': return key === dayKey(scope, dayOf(proposal), proposal.proposalId)
    case 'double': return key === doubleKey(scope, proposal.proposalId)
    default: return lastNumber(key) === place
  }
}

/** Outcomes without their proposal; those with one are looked at with it */
async function checkOutcomes (db: Database, report: (record: DamagedRecord) => void): Promise<void> {
  for await (const [key] of all(db, within('outcome'))) {
    const { scope, proposalId } = parseKey(key)

    // a damaged key, which is reported by now, may name no proposal
    if (scope != null && proposalId != null && !await db.has(proposalKey(scope, proposalId))) {
      report({ kind: 'proposal', scope, proposalId, problem: 'is missing, though there is an outcome' })
    }
  }
}

/** Votes and evidence without their proposal; those with one are looked at with it */
async function checkVotes (db: Database, table: SessionTable, report: (record: DamagedRecord) => void): Promise<void> {
  let [key] = await db.keys({ ...within(table), limit: 1 })

  while (key != null) {
    const { scope, proposalId } = parseKey(key)
    // a damaged key, which is reported by now, may name no proposal
    const isWhole = scope != null && proposalId != null && key.startsWith(`${votesKey(scope, proposalId, table)}/`)

    if (isWhole && !await db.has(proposalKey(scope, proposalId))) {
      report({ kind: 'proposal', scope, proposalId, problem: `is missing, though there ${table === 'evidence' ? 'is evidence' : 'are votes'}` })
    }

    [key] = await db.keys({ ...within(table), gt: isWhole ? after(votesKey(scope, proposalId, table)) : key, limit: 1 })
  }
}

/** Every record of a range, unchecked */
async function * all (db: Database, range: { gt?: string, lt?: string }): AsyncGenerator<[string, Uint8Array]> {
  let page = await db.rawEntries({ ...range, limit: PAGE })

  while (page.length > 0) {
    yield * page
    page = await db.rawEntries({ ...range, gt: page[page.length - 1][0], limit: PAGE })
  }
}

async function idAt (db: Database, key: string): Promise<number | undefined> {
  const id = await db.get(key)

  return id == null ? undefined : db.decode(key, () => decodeId(id))
}

function decodeId (value: Uint8Array): number {
  const text = toString(value)

  if (!/^\d{1,10}$/.test(text)) {
    throw new Error(`${JSON.stringify(text)} is no proposal id`)
  }

  return Number(text)
}
