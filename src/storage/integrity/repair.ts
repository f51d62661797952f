/**
 * Makes a store usable again that lost something: drops what is damaged and what says something of it, and makes the indexes
 * anew from the proposals.
 *
 * What is left is upheld, never guessed: a result is kept as it was stored or not at all. A proposal that was active when the
 * last record that is left of it was written is active again, and takes the votes that others bring, unless its time is up and
 * a result may be among what is lost. Vote locks are never set free: of
 * one that is damaged a record stays which no vote can be read from, so that its key goes on refusing.
 */

import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { parsePolicy } from '../../consensus/policy/policy.ts'
import { ConsensusSession } from '../../consensus/session/session.ts'
import { dayOf } from '../../consensus/storage/interface.ts'
import { isProven, keptVotes } from '../../consensus/vote/quorum-votes.ts'
import { decodeVote } from '../../consensus/vote/vote.ts'
import { NETWORK_KEY, OWNER_KEY, SCHEMA_KEY, dayKey, doubleKey, indexKey, outcomeKey, parseKey, proposalKey, votesKey, within } from '../level/keys.ts'
import { decodeHeldProofs, decodeKeptEvidence, decodeMissed, decodeOutcome, decodeRefused, decodeScopeConfig, decodeSettings, decodeStoredProposal, encodeOutcome, encodeStoredProposal } from '../level/records.ts'
import { writeSchema } from '../level/schema.ts'
import { checkMark, decodeCounter } from '../vote-lock/counter-encoding.ts'
import { checkLock, DOUBT_KEY, decodeDoubt, LOCK_IN_DOUBT, putDoubt } from '../vote-lock/level-vote-lock.ts'
import { checkedBytes } from './checksum.ts'
import type { DamagedRecord } from '../errors.ts'
import type { Database } from '../level/database.ts'
import type { StoredOutcome, StoredProposal } from '../level/records.ts'
import type { Write } from '../level/write-queue.ts'

/** Records that are read at a time */
const PAGE = 1000

/** Throws if the value is none of its kind */
const CHECKS: Record<string, (value: Uint8Array) => unknown> = {
  proposal: decodeStoredProposal,
  vote: decodeVote,
  proof: decodeVote,
  evidence: decodeKeptEvidence,
  outcome: decodeOutcome,
  config: decodeScopeConfig,
  policy: value => parsePolicy(JSON.parse(toString(value))),
  settings: decodeSettings,
  refused: decodeRefused,
  missed: decodeMissed,
  // any text will do
  [OWNER_KEY]: () => {},
  [NETWORK_KEY]: () => {},
  [DOUBT_KEY]: decodeDoubt,
  counter: decodeCounter,
  locks: checkMark,
  proven: decodeHeldProofs
}

/** Records of a session, which are not named where the session is gone */
const OF_SESSIONS = ['vote', 'proof', 'evidence']

/** Made anew from the proposals */
const INDEXES = ['order', 'active', 'day', 'double']

/**
 * What was lost, as reports of records: the problem says what became of it.
 *
 * @param time - Unix seconds
 * @param mayLackKeys - whether records may be gone that nothing tells of, as where LevelDB's files were damaged: then locks
 * may be, too, and no key votes on what is older than this repair unless its lock is there
 */
export async function repairRecords (db: Database, time: bigint, mayLackKeys: boolean): Promise<DamagedRecord[]> {
  const lost: DamagedRecord[] = []

  await dropDamaged(db, lost)
  await dropUndecidable(db, lost)

  if (mayLackKeys) {
    await doubtActive(db, lost, time)
  }

  await dropOrphans(db, lost)

  for (const index of INDEXES) {
    await change(db, within(index), ([key]) => [{ type: 'del', key }])
  }

  await change(db, within('proposal'), async ([key]) => rebuild(db, key, lost))
  await writeSchema(db)

  if (mayLackKeys || lost.some(({ kind }) => kind !== 'lock' && !Object.hasOwn(CHECKS, kind))) {
    await db.write('that locks may have been lost', [putDoubt(time)])
    lost.push({ kind: 'lock', problem: 'may have been lost: without another vote lock, as nodes have, no key votes on proposals from before this repair' })
  }

  return lost
}

async function dropDamaged (db: Database, lost: DamagedRecord[]): Promise<void> {
  await change(db, {}, ([key, record]) => {
    const about = parseKey(key)

    if (about.kind === SCHEMA_KEY || INDEXES.includes(about.kind)) {
      return []
    }

    if (about.kind === 'lock') {
      return keepLock(key, record, lost)
    }

    if (isWhole(key, record, CHECKS[about.kind])) {
      return []
    }

    lost.push({ ...about, problem: 'was damaged and is removed' })

    return [{ type: 'del', key }]
  })
}

/** A lock that cannot be read refuses to vote. It stays as a record that is whole and that no vote can be read from. */
function keepLock (key: string, record: Uint8Array, lost: DamagedRecord[]): Write[] {
  if (isWhole(key, record, checkLock)) {
    return []
  }

  lost.push({ ...parseKey(key), problem: 'was damaged: what it binds its key to is not known, so that key never votes on this proposal' })

  return [{ type: 'put', key, value: LOCK_IN_DOUBT }]
}

/** Where it is not certain that a proposal is active, it may have a result that is lost, and is not to get another one */
async function dropUndecidable (db: Database, lost: DamagedRecord[]): Promise<void> {
  await change(db, within('proposal'), async ([key, record]) => {
    const { scope = '', proposalId = 0 } = parseKey(key)
    const { place } = decodeStoredProposal(checkedBytes(key, record) as Uint8Array)
    const active = indexKey('active', scope, place)
    const [entry] = await db.rawEntries({ gte: active, lte: active, limit: 1 })
    const listed = entry == null ? undefined : checkedBytes(active, entry[1])

    if (await db.has(outcomeKey(scope, proposalId)) || (listed != null && toString(listed) === `${proposalId}`)) {
      return []
    }

    lost.push({ kind: 'outcome', scope, proposalId, problem: 'is lost, so the proposal is removed with its votes: it is to be had from the other members again' })

    return [{ type: 'del', key }]
  })
}

/**
 * Where the end of a log is gone a proposal that was decided looks as if it were active. One whose time is up would be decided
 * at once, by the votes that are left, so it is given up; others go on, and are named.
 */
async function doubtActive (db: Database, lost: DamagedRecord[], time: bigint): Promise<void> {
  await change(db, within('proposal'), async ([key, record]) => {
    const { scope = '', proposalId = 0 } = parseKey(key)
    const { parts: { proposal } } = decodeStoredProposal(checkedBytes(key, record) as Uint8Array)

    if (await db.has(outcomeKey(scope, proposalId))) {
      return []
    }

    const isOver = proposal.expirationTimestamp <= time

    lost.push({
      kind: 'outcome',
      scope,
      proposalId,
      problem: isOver
        ? 'may be lost, so the proposal is removed with its votes: it is to be had from the other members again'
        : 'may be lost: the proposal is taken for one that is being voted on, with the votes that are left. Let it meet other members before you rely on what it says'
    })

    return isOver ? [{ type: 'del', key }] : []
  })
}

/** Votes, evidence and outcomes whose proposal is gone */
async function dropOrphans (db: Database, lost: DamagedRecord[]): Promise<void> {
  const seen = new Set<string>()

  for (const table of ['outcome', 'vote', 'proof', 'evidence']) {
    await change(db, within(table), async ([key]) => {
      const { scope = '', proposalId = 0 } = parseKey(key)
      const proposal = proposalKey(scope, proposalId)

      if (await db.has(proposal)) {
        return []
      }

      // named once
      if (!seen.has(proposal) && !lost.some(record => record.scope === scope && record.proposalId === proposalId && !OF_SESSIONS.includes(record.kind))) {
        seen.add(proposal)
        lost.push({ kind: 'proposal', scope, proposalId, problem: 'is gone, so its votes and its outcome are removed as well' })
      }

      return [{ type: 'del', key }]
    })
  }
}

async function rebuild (db: Database, key: string, lost: DamagedRecord[]): Promise<Write[]> {
  const { scope = '', proposalId = 0 } = parseKey(key)
  const stored = decodeStoredProposal(await db.get(key) as Uint8Array)
  const { parts: { proposal }, place } = stored
  const id = fromString(`${proposalId}`)
  const encoded = await db.get(outcomeKey(scope, proposalId))
  const indexes: Write[] = [
    { type: 'put', key: indexKey('order', scope, place), value: id },
    { type: 'put', key: dayKey(scope, dayOf(proposal), proposalId), value: id }
  ]
  const table = encoded != null && decodeOutcome(encoded).pruned ? 'proof' : 'vote'
  const votes = await db.entries(within(votesKey(scope, proposalId, table)))
  const evidence = (await db.entries(within(votesKey(scope, proposalId, 'evidence')))).map(([, record]) => decodeKeptEvidence(record))
  const left = ConsensusSession.fromParts({ ...stored.parts, ...encoded == null ? { state: 'active' } : decodeOutcome(encoded).parts, votes: votes.map(([, vote]) => vote), evidence })

  if (table === 'vote') {
    // nothing is kept apart before the votes are pruned
    indexes.push(...(await db.keys(within(votesKey(scope, proposalId, 'proof')))).map((key): Write => ({ type: 'del', key })))
  }

  if (left.hasEvidence) {
    indexes.push({ type: 'put', key: doubleKey(scope, proposalId), value: id })
  }

  if (encoded == null) {
    return [
      ...indexes,
      { type: 'put', key: indexKey('active', scope, place), value: id },
      ...moveVotes(stored, scope, key, votes, lost)
    ]
  }

  return [...indexes, ...rebuildEnded(scope, decodeOutcome(encoded), left, votes, lost)]
}

/** The outcome with as much evidence as is left */
function withEvidenceLeft (scope: string, outcome: StoredOutcome, { proposal: { proposalId }, evidence: { length } }: ConsensusSession, lost: DamagedRecord[]): StoredOutcome {
  if (outcome.evidence === length) {
    return outcome
  }

  lost.push({ kind: 'evidence', scope, proposalId, problem: `is there ${length} times of ${outcome.evidence}, and these are kept` })

  return { ...outcome, evidence: length }
}

/** What came of a proposal stands. Of the votes that are left those are kept that prove something, if not all are there. */
function rebuildEnded (scope: string, stored: StoredOutcome, left: ConsensusSession, entries: Array<[string, Uint8Array]>, lost: DamagedRecord[]): Write[] {
  const { proposalId } = left.proposal
  const { yes, no } = left.tally
  const outcome = withEvidenceLeft(scope, stored, left, lost)
  const table = outcome.pruned ? 'proof' : 'vote'
  const path = votesKey(scope, proposalId, table)
  const isWhole = entries.length === outcome.voteCount && entries.every(([key], position) => key === voteKeyAt(path, position))

  if (isWhole && (outcome.pruned || (yes === outcome.tally.yes && no === outcome.tally.no))) {
    return outcome === stored ? [] : [{ type: 'put', key: outcomeKey(scope, proposalId), value: encodeOutcome(outcome) }]
  }

  const { tally, voteSetHash = new Uint8Array(32) } = outcome
  const kept = ConsensusSession.fromParts({ ...left, votes: outcome.pruned ? left.encodedVotes() : keptVotes(left, true), pruned: { tally, voteSetHash } })

  lost.push({ kind: table, scope, proposalId, problem: `is there ${entries.length} times of ${outcome.voteCount}; the outcome and its tally are kept, ${whatIsKept(kept)}` })

  // as if they had been pruned: what came of the proposal stands, what it came from is no longer known in full
  return [
    ...entries.map(([vote]): Write => ({ type: 'del', key: vote })),
    ...kept.encodedVotes().map((value, position): Write => ({ type: 'put', key: voteKeyAt(votesKey(scope, proposalId, 'proof'), position), value })),
    { type: 'put', key: outcomeKey(scope, proposalId), value: encodeOutcome({ ...outcome, voteCount: kept.voteCount, pruned: true, proven: isProven(kept), voteSetHash }) }
  ]
}

function whatIsKept (kept: ConsensusSession): string {
  if (kept.voteCount === 0) {
    return 'the votes are not'
  }

  return `and of the votes ${kept.voteCount}, which ${isProven(kept) ? 'prove the result' : 'do not prove the result'}`
}

/** An active proposal goes on with the votes that are left, without gaps: the others come back from the network */
function moveVotes (stored: StoredProposal, scope: string, key: string, entries: Array<[string, Uint8Array]>, lost: DamagedRecord[]): Write[] {
  const { proposalId } = stored.parts.proposal
  const path = votesKey(scope, proposalId)
  const isContiguous = entries.every(([vote], position) => vote === voteKeyAt(path, position))

  if (isContiguous && entries.length >= stored.voteCount) {
    return []
  }

  lost.push({ kind: 'vote', scope, proposalId, problem: `is there ${entries.length} times; the proposal goes on with these, others are to be had from the network` })

  return [
    { type: 'put', key, value: encodeStoredProposal({ ...stored, voteCount: 0 }) },
    ...entries.map(([vote]): Write => ({ type: 'del', key: vote })),
    ...entries.map(([, value], position): Write => ({ type: 'put', key: voteKeyAt(path, position), value }))
  ]
}

function voteKeyAt (path: string, position: number): string {
  return `${path}/${position.toString(16).padStart(8, '0')}`
}

function isWhole (key: string, record: Uint8Array, check?: (value: Uint8Array) => unknown): boolean {
  const value = checkedBytes(key, record)

  if (value == null || check == null) {
    return false
  }

  try {
    check(value)

    return true
  } catch {
    return false
  }
}

/** Writes what follows from each record of a range, page by page */
async function change (db: Database, range: { gt?: string, lt?: string }, writesOf: (entry: [string, Uint8Array]) => Write[] | Promise<Write[]>): Promise<void> {
  let page = await db.rawEntries({ ...range, limit: PAGE })

  while (page.length > 0) {
    const writes: Write[] = []

    for (const entry of page) {
      writes.push(...await writesOf(entry))
    }

    if (writes.length > 0) {
      await db.write('what is left of it', writes)
    }

    page = await db.rawEntries({ ...range, gt: page[page.length - 1][0], limit: PAGE })
  }
}
