/**
 * Opens a store in a process of its own, asks what a node asks first, and prints what that took as JSON.
 *
 *     node open-store.js LOCATION SCOPE PROPOSAL
 */

import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import type { Opening } from './archive.ts'

const [location, scope, proposalId] = process.argv.slice(2)
const begin = performance.now()
const storage = await LevelStorage.open(location)
let active = 0

for await (const summary of storage.streamSummaries(scope, { state: 'active' })) {
  active += summary.voteCount > 0 ? 1 : 0
}

const session = await storage.getSession(scope, Number(proposalId))
const opening: Opening = {
  active,
  result: session?.result,
  seconds: (performance.now() - begin) / 1000,
  peakMiB: process.resourceUsage().maxRSS / 1024
}

await storage.close()
console.info(JSON.stringify(opening))
