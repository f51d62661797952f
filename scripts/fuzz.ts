#!/usr/bin/env node

/**
 * Gives the consensus core random and nearly right bytes, messages and policies.
 *
 *     npm run fuzz -- --runs 100000 --seed 1
 */

import { parseArgs } from 'node:util'
import { fuzz } from './fuzz/run.ts'

const USAGE = `Usage: npm run fuzz -- [--runs N] [--seed S]

Gives the decoders and validators of the consensus core random and nearly right input. Exits with 1 if any of them
throws what it should not. The same seed makes the same runs.

  --runs N   how many, 100,000 by default
  --seed S   a whole number, random by default`

async function main (): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '100000' },
      seed: { type: 'string', default: `${Math.floor(Math.random() * 1_000_000)}` },
      help: { type: 'boolean', short: 'h' }
    }
  })

  if (values.help === true) {
    console.info(USAGE)
    return
  }

  const runs = wholeNumber('--runs', values.runs)
  const seed = wholeNumber('--seed', values.seed)

  console.info(`${runs} runs, seed ${seed}`)

  const { outcomes, failures } = await fuzz({
    runs,
    seed,
    onProgress: process.stderr.isTTY ? done => process.stderr.write(`\r${done}`) : undefined
  })

  for (const [target, counts] of [...outcomes].sort()) {
    console.info(`${target}: ${[...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}`).join(', ')}`)
  }

  for (const { run, target, input, error } of failures) {
    console.error(`run ${run}, ${target}: ${error.stack ?? error.message}\n  input ${input}`)
  }

  console.info(failures.length === 0 ? 'nothing found' : `${failures.length} found`)
  process.exitCode = failures.length === 0 ? 0 : 1
}

function wholeNumber (name: string, text: string): number {
  const number = Number(text)

  if (!Number.isSafeInteger(number) || number < 0 || text.trim() === '') {
    throw new Error(`${name} must be a whole number, got ${JSON.stringify(text)}\n\n${USAGE}`)
  }

  return number
}

try {
  await main()
} catch (err: any) {
  console.error(err.message)
  process.exitCode = 1
}
