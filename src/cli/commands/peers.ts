import { addCommand, commandLine, withNode } from '../command.ts'
import { formatDistance, formatScopeName, openScopes, printJson, printTable } from '../output.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function peersCommand (program: Command): void {
  addCommand(program, 'peers', 'The peers that are connected, and the scopes they share with this node', ['peers'])
    .action(async ({ dataDir, json }: CommonOptions) => {
      const { peers, isOpen } = await withNode(dataDir, async client => {
        const [peers, scopes] = await Promise.all([client.peers(), client.scopes()])

        return { peers, isOpen: openScopes(scopes) }
      })

      if (json === true) {
        printJson(peers)
      } else if (peers.length === 0) {
        console.info(`No peer is connected. Join one with: ${commandLine(dataDir, 'start', '--bootstrap', 'ADDRESS')}`)
      } else {
        printTable(['peer', 'address', 'direction', 'connected', 'scopes'], peers.map(({ peerId, addresses, direction, connectedAt, scopes }) => [
          peerId, (addresses[0] ?? '').replace(/\/p2p\/.*$/, ''), direction, formatDistance(connectedAt), scopes.map(scope => formatScopeName(scope, isOpen(scope))).join(', ')
        ]))
      }
    })
}
