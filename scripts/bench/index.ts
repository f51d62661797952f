#!/usr/bin/env node

/**
 * Prints how fast things are here and now. Nothing passes or fails by it.
 *
 *     npm run bench -- core [--json]
 *     npm run bench -- storage [--votes N] [--json]
 *     npm run bench -- gossip [--only throughput] [--quick] [--json]
 *     npm run bench -- api [--quick] [--json]
 *     npm run bench -- page [--quick] [--json]
 *     npm run bench -- upstream [--json]
 */

import { parseArgs } from 'node:util'
import { api } from './api.ts'
import { core } from './core.ts'
import { gossip } from './gossip.ts'
import { page } from './page.ts'
import { storage } from './storage.ts'
import { upstream } from './upstream.ts'

interface Options {
  votes?: number
  quick?: boolean
  only?: string
}

const benchmarks: Record<string, (say: (line: string) => void, options: Options) => Promise<unknown>> = {
  core,
  storage: async (say, { votes }) => storage(say, votes),
  gossip: async (say, { quick, only }) => gossip(say, { quick, throughputOnly: only != null }),
  api: async (say, { quick }) => api(say, quick),
  page: async (say, { quick }) => page(say, quick),
  upstream
}

const USAGE = `Usage: npm run bench -- NAME [--votes N] [--only throughput] [--quick] [--json]

Prints figures of this machine, as it is loaded now.

  NAME     ${Object.keys(benchmarks).join(', ')}
  --votes  how many votes the store has that is opened, 1,000,000 if it is not given; for storage
  --only   throughput, the votes a second and nothing else; for gossip
  --quick  a run of some seconds to see whether it works, whose figures say nothing; for gossip, api and page
  --json   the figures as JSON in the last line of the output, all else goes to the standard error`

async function main (args: string[]): Promise<void> {
  const { values: { json, help, quick, only, votes }, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, quick: { type: 'boolean' }, only: { type: 'string' }, votes: { type: 'string' } }
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

  if (quick === true && !['gossip', 'api', 'page'].includes(name)) {
    throw new Error(`--quick is for gossip, api and page, got it for ${name}\n\n${USAGE}`)
  }

  if (only != null && (name !== 'gossip' || only !== 'throughput')) {
    throw new Error(`--only takes throughput, and is for gossip, got ${JSON.stringify(only)} for ${name}\n\n${USAGE}`)
  }

  const figures = await benchmarks[name](json === true ? console.error : console.info, { quick, only, votes: votes == null ? undefined : Number(votes) })

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
