/**
 * A node whose vote lock holds nothing, to show that the crash test finds what a vote lock is there to prevent. It takes the
 * arguments that the test starts nodes with.
 */

import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { createNode } from '../../src/node/index.ts'
import type { VoteLock } from '../../src/index.ts'

const forgetful: VoteLock = {
  acquire: async (scope, proposal, vote) => ({ ...vote, signature: new Uint8Array(0) }),
  find: async () => undefined
}

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    'data-dir': { type: 'string' },
    'lock-dir': { type: 'string' },
    bootstrap: { type: 'string', multiple: true },
    local: { type: 'boolean' },
    json: { type: 'boolean' }
  }
})

const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
const node = await createNode({
  dataDirectory: values['data-dir'],
  voteLock: forgetful,
  bootstrap: values.bootstrap,
  local: values.local
})

console.info(JSON.stringify({
  pid: process.pid,
  peerId: node.libp2p.peerId.toString(),
  voter: node.voter,
  addresses: node.libp2p.getMultiaddrs().map(address => address.toString()),
  api: node.api.url
}))
await stopped
await node.stop()
process.exit()
