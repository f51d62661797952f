/**
 * What a store is exported as: a JSON object a line, with bytes in hex.
 *
 * | type | what |
 * |---|---|
 * | `store` | the first line: which format this is |
 * | `policy` | a policy the node has joined, with what the node does with the scope |
 * | `proposal` | a proposal, how it ended, and how many of the following lines are its votes, and then its evidence |
 * | `vote` | a vote on the proposal before it |
 * | `evidence` | two votes that prove that a voter has signed both yes and no, at least one of which was not cast in the proposal's time |
 * | `refused` | a proposal of the scope of the proposals before it that the node has refused, since another has its id: an alarm |
 * | `end` | the last line: how many there were, and SHA-256 over all bytes before this line |
 */

import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import * as z from 'zod'
import { MAX_UINT32 } from '../../consensus/encoding/check.ts'
import type { ConsensusSession } from '../../consensus/session/session.ts'

export const EXPORT_FORMAT = 'libp2p-voting-export'
export const EXPORT_VERSION = 2

/** An export that cannot be imported; the message names the line and nothing was changed */
export class ExportFileError extends Error {
  readonly name = 'ExportFileError'
  readonly line: number

  constructor (line: number, problem: string, options?: ErrorOptions) {
    super(`Line ${line} of the export ${problem}. Nothing was imported`, options)
    this.line = line
  }
}

const bytes = z.string().regex(/^([0-9a-f]{2})*$/, 'must be bytes in hex').transform(hex => fromString(hex, 'hex'))
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 32 bytes in hex')
const count = z.int().min(0)

const line = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('store'), format: z.literal(EXPORT_FORMAT), version: z.literal(EXPORT_VERSION) }),
  z.strictObject({
    type: z.literal('policy'),
    policy: z.record(z.string(), z.unknown()),
    settings: z.strictObject({ retainVotesSeconds: count.nullable() }).optional()
  }),
  z.strictObject({
    type: z.literal('proposal'),
    scope: z.string(),
    proposal: bytes,
    signature: bytes.optional(),
    config: z.record(z.string(), z.unknown()),
    createdAt: z.string().regex(/^\d{1,20}$/, 'must be Unix seconds'),
    outcome: z.enum(['active', 'yes', 'no', 'failed', 'conflict']),
    /** When this node first held the quorum that decides */
    decidedAt: z.string().regex(/^\d{1,20}$/, 'must be Unix seconds').optional(),
    votes: count.max(MAX_UINT32),
    evidence: count.max(MAX_UINT32),
    /** Present where the votes are kept no longer: of all there were. Those that prove something are kept, and follow. */
    pruned: z.strictObject({ yes: count, no: count, doubles: count.optional(), voteSetHash: hash }).optional()
  }),
  z.strictObject({ type: z.literal('vote'), vote: bytes }),
  z.strictObject({ type: z.literal('evidence'), first: bytes, second: bytes }),
  z.strictObject({ type: z.literal('refused'), scope: z.string(), proposalId: z.int().min(0).max(MAX_UINT32), name: z.string(), proposer: bytes, digest: hash }),
  z.strictObject({ type: z.literal('end'), policies: count, proposals: count, votes: count, sha256: hash })
], { error: 'is of no type that an export has' })

export type ExportLine = z.output<typeof line>
type LineOf <T extends ExportLine['type']> = Extract<ExportLine, { type: T }>
export type PolicyLine = LineOf<'policy'>
export type ProposalLine = LineOf<'proposal'>
export type EvidenceLine = LineOf<'evidence'>
export type RefusedLine = LineOf<'refused'>
export type Outcome = ProposalLine['outcome']

/** Writes a line. Bytes are given as hex. */
export function formatLine (value: z.input<typeof line>): string {
  return `${JSON.stringify(value)}\n`
}

/**
 * @param number - of the line, from 1
 * @throws {ExportFileError}
 */
export function parseLine (text: string, number: number): ExportLine {
  let value: any

  try {
    value = JSON.parse(text)
  } catch (err) {
    throw new ExportFileError(number, number === 1 ? 'is no JSON, so the file is no export of libp2p-voting' : 'is no JSON, it was cut off or changed: export again', { cause: err })
  }

  if (number === 1 && (value?.type !== 'store' || value.format !== EXPORT_FORMAT)) {
    throw new ExportFileError(number, `does not begin an export of libp2p-voting: it must have the format "${EXPORT_FORMAT}"`)
  }

  if (number === 1 && value.version !== EXPORT_VERSION) {
    throw new ExportFileError(number, `says that it has version ${JSON.stringify(value.version)} of the format, this version of libp2p-voting reads version ${EXPORT_VERSION}`)
  }

  const parsed = line.safeParse(value)

  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]

    throw new ExportFileError(number, path.length === 0 ? message : `is not valid: ${path.join('.')}: ${message}`)
  }

  return parsed.data
}

export function outcomeOf ({ state, result }: Pick<ConsensusSession, 'state' | 'result'>): Outcome {
  if (state === 'reached') {
    return result === true ? 'yes' : 'no'
  }

  return state
}

export function toHex (value: Uint8Array): string {
  return toString(value, 'hex')
}
