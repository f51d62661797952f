#!/usr/bin/env node

/**
 * Prints how fast things are here and now. Nothing passes or fails by it.
 *
 *     npm run bench -- core [--json]
 */

import { core } from './core.ts'

const benchmarks: Record<string, (say: (line: string) => void) => Promise<unknown>> = { core }

const USAGE = `Usage: npm run bench -- NAME [--json]

Prints figures of this machine, as it is loaded now.

  NAME     ${Object.keys(benchmarks).join(', ')}
  --json   the figures as JSON in the last line of the output, all else goes to the standard error`

async function main (args: string[]): Promise<void> {
  const json = args.includes('--json')
  const [name, ...others] = args.filter(arg => arg !== '--json')

  if (name === '--help' || name === '-h') {
    console.info(USAGE)
    return
  }

  if (!Object.hasOwn(benchmarks, name ?? '') || others.length > 0) {
    throw new Error(`There is no benchmark ${JSON.stringify([name, ...others].join(' '))}\n\n${USAGE}`)
  }

  const figures = await benchmarks[name](json ? console.error : console.info)

  if (json) {
    console.info(JSON.stringify(figures))
  }
}

try {
  await main(process.argv.slice(2))
} catch (err: any) {
  console.error(err.message)
  process.exitCode = 1
}
