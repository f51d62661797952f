#!/usr/bin/env node

/**
 * Prints how fast things are here and now. Nothing passes or fails by it.
 *
 *     npm run bench -- core [--json]
 *     npm run bench -- storage [--votes N] [--json]
 */

import { parseArgs } from 'node:util'
import { core } from './core.ts'
import { storage } from './storage.ts'

const benchmarks: Record<string, (say: (line: string) => void, votes?: number) => Promise<unknown>> = { core, storage }

const USAGE = `Usage: npm run bench -- NAME [--votes N] [--json]

Prints figures of this machine, as it is loaded now.

  NAME     ${Object.keys(benchmarks).join(', ')}
  --votes  how many votes the store has that is opened, 1,000,000 if it is not given; for storage
  --json   the figures as JSON in the last line of the output, all else goes to the standard error`

async function main (args: string[]): Promise<void> {
  const { values: { json, help, votes }, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, votes: { type: 'string' } }
  })
  const name = positionals.join(' ')

  if (help === true) {
    console.info(USAGE)
    return
  }

  if (!Object.hasOwn(benchmarks, name)) {
    throw new Error(`There is no benchmark ${JSON.stringify(name)}\n\n${USAGE}`)
  }

  if (votes != null && (name !== 'storage' || !/^[1-9]\d{0,8}$/.test(votes))) {
    throw new Error(`--votes is a whole number of at least 1, and for storage, got ${JSON.stringify(votes)} for ${name}\n\n${USAGE}`)
  }

  const figures = await benchmarks[name](json === true ? console.error : console.info, votes == null ? undefined : Number(votes))

  if (json === true) {
    console.info(JSON.stringify(figures))
  }
}

try {
  await main(process.argv.slice(2))
} catch (err: any) {
  console.error(err.message)
  process.exitCode = 1
}
