/**
 * Bundles what is meant for browsers, as an application's bundler does, and says how large it is. Where Chromium is at hand
 * two members vote in it. Takes what was built last. Runs from source: Node strips the types.
 *
 * `npm run build && npm run bundle-check` prints a line for each export, and exits with 1 if one cannot be bundled.
 */

import { bundleEntry } from './bundle-check/bundle.ts'
import { voteInBrowser } from './bundle-check/in-browser.ts'
import { chromiumProblem } from './chromium.ts'

/** What must run in browsers, and what its users need with it */
const ENTRIES = ['libp2p-voting', 'libp2p-voting/consensus', 'libp2p-voting/client', 'libp2p-voting/signers/ethereum', 'libp2p-voting/storage/level']

let failed = false

async function check (name: string, run: () => Promise<string>): Promise<void> {
  try {
    console.info(`ok      ${name.padEnd(32)} ${await run()}`)
  } catch (err: any) {
    failed = true
    console.error(`FAILED  ${name}\n${String(err.message).replaceAll(/^/gm, '    ')}`)
  }
}

for (const entry of ENTRIES) {
  await check(entry, async () => bundleEntry(entry))
}

const problem = await chromiumProblem()

if (problem == null) {
  await check('a vote in Chromium', voteInBrowser)
} else {
  console.info(`skipped a vote in Chromium: ${problem}`)
}

process.exitCode = failed ? 1 : 0
