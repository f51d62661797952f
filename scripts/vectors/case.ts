/**
 * One case of a vector file: what was compared, and what came out otherwise than the file says.
 */

import { bytesToHex } from '@noble/hashes/utils.js'
import { ConsensusError } from '../../src/consensus/index.ts'

export interface Difference {
  what: string
  expected: string
  got: string
}

export class Case {
  readonly name: string
  readonly differences: Difference[] = []
  private compared = 0

  constructor (name: string) {
    this.name = name
  }

  /** What the file does not say cannot be right: a field that is missing is a difference */
  equal (what: string, expected: unknown, got: unknown): void {
    this.compared++

    const difference = {
      what,
      expected: expected === undefined ? 'missing in the file' : plain(expected),
      got: plain(got)
    }

    if (difference.expected !== difference.got) {
      this.differences.push(difference)
    }
  }

  /** Runs the case; what it throws is a difference, and so is a case in which nothing was compared */
  async run (check: (test: this) => void | Promise<void>): Promise<this> {
    try {
      await check(this)

      if (this.compared === 0) {
        this.differences.push({ what: 'case', expected: 'something to compare', got: 'nothing' })
      }
    } catch (err: any) {
      this.differences.push({ what: 'case', expected: 'to run', got: `${err.stack ?? err}` })
    }

    return this
  }
}

/** Runs a list of a file, a case an element */
export async function runCases <T> (list: unknown, name: (data: T) => string, check: (test: Case, data: T) => void | Promise<void>): Promise<Case[]> {
  if (!Array.isArray(list)) {
    throw new Error(`expected a list of cases, got ${typeof list}`)
  }

  const cases: Case[] = []

  for (const [index, data] of list.entries()) {
    const number = `case ${index + 1}`
    const label = typeof data === 'object' && data !== null ? `${number} (${name(data)})` : number

    cases.push(await new Case(label).run(async test => check(test, data)))
  }

  return cases
}

/** The list `cases` of a file's content */
export function casesOf (content: unknown): unknown {
  return (content as { cases?: unknown } | null)?.cases
}

/** `ok`, or the name of the error without the `Error` that only ours have at the end */
export async function outcomeOf (task: () => unknown): Promise<string> {
  try {
    await task()

    return 'ok'
  } catch (err: any) {
    return outcomeName(err)
  }
}

export function outcomeName (err: any): string {
  return err instanceof ConsensusError ? err.name.replace(/Error$/, '') : `${err.stack ?? err}`
}

/** Values in the form the files have: bytes in hex, 64-bit numbers in decimal, what is not there as null */
function plain (value: unknown): string {
  return JSON.stringify(value, (key, item) => {
    if (item === undefined) {
      return null
    }

    if (typeof item === 'bigint') {
      return item.toString()
    }

    if (item instanceof Uint8Array) {
      return bytesToHex(item)
    }

    if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
      return Object.fromEntries(Object.entries(item).sort(([a], [b]) => a < b ? -1 : 1))
    }

    return item
  }) ?? 'null'
}
