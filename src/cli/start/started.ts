/**
 * What a node says of itself once it runs.
 */

import { version } from '../../node/host/version.ts'
import { commandLine } from '../command.ts'
import { count, formatVoters, printFields, printJson, printable } from '../output.ts'
import { addressToShare, shareAddress } from './share.ts'
import type { VotingNode } from '../../node/index.ts'

export interface StartedOptions {
  local: boolean
  /** Whether the address is to be shown as a QR code */
  qr: boolean
}

/** The line that programs wait for */
export function printStartedJson ({ libp2p, voting, voter, dataDirectory, api }: VotingNode): void {
  printJson({
    version,
    pid: process.pid,
    peerId: libp2p.peerId.toString(),
    voter,
    addresses: libp2p.getMultiaddrs().map(address => address.toString()),
    api: api.url,
    dataDirectory,
    scopes: voting.scopes().map(({ name, open, mayVote }) => ({ name, open, mayVote }))
  })
}

export function printStarted (node: VotingNode, { local, qr }: StartedOptions): void {
  const { libp2p, voting, voter, dataDirectory, api, firstStart } = node
  const addresses = libp2p.getMultiaddrs().map(address => address.toString())
  const scopes = voting.scopes()

  console.info(`libp2p-voting ${version}, ${firstStart ? 'a new node' : 'a node that has run before'}`)
  printFields([
    ['  peer id', libp2p.peerId.toString()],
    ['  voter', voter],
    ['  data', dataDirectory],
    ...addresses.map((address, index): [string, string] => [index === 0 ? '  listening' : '', address]),
    ['  peers', count(libp2p.getPeers().length, 'peer')],
    ['  scopes', scopes.length === 0 ? 'none yet' : scopes.map(({ name, open, policy }) => `${name} (${formatVoters({ open, policy })})`).join(', ')],
    ['  API', api.url]
  ])

  for (const { name } of scopes.filter(({ mayVote }) => !mayVote)) {
    console.info(`This node may not vote in ${printable(name)}: ${voter} is not among the voters`)
  }

  console.info('\nNext, in another terminal:')

  if (scopes.length === 0) {
    console.info(`  ${commandLine(dataDirectory, 'scope', 'add', 'council')}`)
  } else {
    console.info(`  ${commandLine(dataDirectory, 'watch')}`)
    console.info(`  ${commandLine(dataDirectory, 'propose', scopes[0].name, 'Upgrade to version 2?', ...(scopes[0].open ? ['--voters', '2'] : []))}`)
  }

  const address = addressToShare(addresses)

  if (address != null) {
    console.info('Others join with:')
    console.info(`  libp2p-voting start ${local ? '--local --data-dir OTHER ' : ''}--bootstrap ${address}`)

    if (qr) {
      shareAddress(address, process.stdout.isTTY ? process.stdout.columns : undefined).forEach(line => { console.info(line) })
    }
  }

  console.info('Ctrl-C stops the node.')
}
