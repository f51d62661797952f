/**
 * Reads an export: its lines, their order, and whether it is whole. What they say is not validated here.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { MAX_VOTERS } from '../../consensus/policy/policy.ts'
import { ExportFileError, parseLine } from './format.ts'
import type { EvidenceLine, ExportLine, PolicyLine, ProposalLine, RefusedLine } from './format.ts'

/** Bytes of a line. The longest is a policy with 10,000 voters and as many proposers. */
const MAX_LINE_LENGTH = 4 * 1024 * 1024

/** Votes on a proposal: no voter has more than one for each side */
const MAX_VOTES = 2 * MAX_VOTERS

const PLURALS = { vote: 'votes', evidence: 'pieces of evidence' }

const NEWLINE = 0x0a

/**
 * A policy, a proposal with all its votes and evidence, or one that was refused, and the line it begins at. Vote `i` is in line
 * `line + 1 + i`, and the evidence follows the votes.
 */
export type ExportEntry =
  { type: 'policy', line: number, content: PolicyLine } |
  { type: 'proposal', line: number, content: ProposalLine, votes: Uint8Array[], evidence: EvidenceLine[] } |
  { type: 'refused', line: number, content: RefusedLine }

/**
 * The entries of an export. Whoever reads them must not rely on any before this has ended: only the last line shows whether
 * the file is whole.
 *
 * @throws {ExportFileError}
 */
export async function * readExport (source: AsyncIterable<Uint8Array>): AsyncGenerator<ExportEntry> {
  const counts = { policies: 0, proposals: 0, votes: 0 }
  const lines = readLines(source)
  let hasEnd = false
  let last = 0

  for await (const { content, number, digest } of lines) {
    last = number

    if (hasEnd) {
      throw new ExportFileError(number, 'comes after the line of type "end", which must be the last')
    }

    switch (content.type) {
      case 'store':
        checkFirst(number)
        break
      case 'policy':
        counts.policies++
        yield { type: 'policy', line: number, content }
        break
      case 'proposal':
        counts.proposals++
        counts.votes += content.votes
        last += content.votes + content.evidence
        yield {
          type: 'proposal',
          line: number,
          content,
          votes: (await readLinesOf(lines, 'vote', content.votes, MAX_VOTES, number)).map(({ vote }) => vote),
          evidence: await readLinesOf(lines, 'evidence', content.evidence, MAX_VOTERS, number, content.votes)
        }
        break
      case 'refused':
        yield { type: 'refused', line: number, content }
        break
      case 'vote':
        throw new ExportFileError(number, 'is a vote that the proposal before it does not announce')
      case 'evidence':
        throw new ExportFileError(number, 'is evidence that the proposal before it does not announce')
      default:
        checkEnd(content, number, counts, digest)
        hasEnd = true
    }
  }

  if (!hasEnd) {
    throw new ExportFileError(last + 1, 'is missing: the file ends before its last line, so it was cut off. Export again')
  }
}

function checkFirst (number: number): void {
  if (number > 1) {
    throw new ExportFileError(number, 'is the first line of another export: import one after the other')
  }
}

/** @param after - how many lines after that of the proposal they begin */
async function readLinesOf <T extends 'vote' | 'evidence'> (lines: AsyncGenerator<Line>, type: T, count: number, max: number, line: number, after = 0): Promise<Array<Extract<ExportLine, { type: T }>>> {
  const read: Array<Extract<ExportLine, { type: T }>> = []

  if (count > max) {
    throw new ExportFileError(line, `announces ${count} ${PLURALS[type]}, a proposal has at most ${max}`)
  }

  while (read.length < count) {
    const { done, value } = await lines.next()

    if (done === true || value.content.type !== type) {
      throw new ExportFileError(line + after + read.length + 1, `must be ${type} ${read.length + 1} of the ${count} that line ${line} announces: the file was cut off or changed. Export again`)
    }

    read.push(value.content as Extract<ExportLine, { type: T }>)
  }

  return read
}

function checkEnd (end: Extract<ExportLine, { type: 'end' }>, number: number, counts: Record<'policies' | 'proposals' | 'votes', number>, digest: string): void {
  for (const [name, count] of Object.entries(counts)) {
    const expected = end[name as keyof typeof counts]

    if (expected !== count) {
      throw new ExportFileError(number, `says that there are ${expected} ${name}, and there are ${count}: the file was changed. Export again`)
    }
  }

  if (end.sha256 !== digest) {
    throw new ExportFileError(number, `has another SHA-256 (${end.sha256}) than the lines before it (${digest}): the file was changed. Export again`)
  }
}

interface Line {
  content: ExportLine
  number: number
  /** SHA-256 of all before the line, where it is the last */
  digest: string
}

async function * readLines (source: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const hash = sha256.create()
  let number = 0

  for await (const bytes of splitLines(source)) {
    const content = parseLine(decode(bytes, ++number), number)

    yield { content, number, digest: content.type === 'end' ? bytesToHex(hash.clone().digest()) : '' }
    hash.update(bytes)
  }
}

function decode (bytes: Uint8Array, number: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (err) {
    throw new ExportFileError(number, 'is no UTF-8 text, so the file was changed, or is no export', { cause: err })
  }
}

/** Lines with their line breaks; the last one may have none */
async function * splitLines (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let length = 0
  let number = 1

  for await (const chunk of source) {
    let start = 0

    for (;;) {
      const end = chunk.indexOf(NEWLINE, start) + 1
      const part = chunk.subarray(start, end === 0 ? undefined : end)

      parts.push(part)
      length += part.byteLength

      if (length > MAX_LINE_LENGTH) {
        throw new ExportFileError(number, `is longer than ${MAX_LINE_LENGTH} bytes, so the file is no export`)
      }

      if (end === 0) {
        break
      }

      yield join(parts, length)
      parts = []
      length = 0
      start = end
      number++
    }
  }

  if (length > 0) {
    yield join(parts, length)
  }
}

function join (parts: Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let offset = 0

  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.byteLength
  }

  return bytes
}
