#!/usr/bin/env node

/**
 * Runs a folder of test vectors through the public API: a line a file, the differences, and the count.
 *
 *     npm run vectors -- [DIR]
 */

import { stat } from 'node:fs/promises'
import { runFolder } from './vectors/run.ts'
import type { FileResult } from './vectors/run.ts'

const DEFAULT_FOLDER = 'test/vectors'

/** Cases and differences of a file that are shown; a rule that is wrong is wrong in thousands */
const MAX_SHOWN = 20

const USAGE = `Usage: npm run vectors -- [DIR]

Runs every vector file of DIR (default ${DEFAULT_FOLDER}) through the public API. Exits with 1 if anything differs,
if a file is missing, empty, without cases or unknown.`

function show ({ file, passed, failed, problem }: FileResult): void {
  console.info(problem == null ? `${file}: ${passed} passed, ${failed.length} failed` : `${file}: failed: ${problem}`)

  for (const { name, differences } of failed.slice(0, MAX_SHOWN)) {
    for (const { what, expected, got } of differences.slice(0, MAX_SHOWN)) {
      console.info(`  ${name}: ${what}\n    expected ${expected}\n    got      ${got}`)
    }

    if (differences.length > MAX_SHOWN) {
      console.info(`  ${name}: and ${differences.length - MAX_SHOWN} more differences`)
    }
  }

  if (failed.length > MAX_SHOWN) {
    console.info(`  and ${failed.length - MAX_SHOWN} more cases`)
  }
}

async function main (args: string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    console.info(USAGE)
    return
  }

  const [folder = DEFAULT_FOLDER, ...others] = args

  if (others.length > 0 || folder.startsWith('-')) {
    throw new Error(`One folder is all that can be given.\n\n${USAGE}`)
  }

  if (!await stat(folder).then(stats => stats.isDirectory(), () => false)) {
    throw new Error(`There is no folder ${folder}`)
  }

  let passed = 0
  let failed = 0

  for await (const result of runFolder(folder)) {
    show(result)
    passed += result.passed
    failed += result.failed.length + (result.problem == null ? 0 : 1)
  }

  console.info(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
}

try {
  await main(process.argv.slice(2))
} catch (err: any) {
  console.error(err.message)
  console.info('0 passed, 1 failed')
  process.exitCode = 1
}
