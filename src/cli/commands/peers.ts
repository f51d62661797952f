import color from 'picocolors'
import { addCommand, startCommandLine, withFull, withNode } from '../command.ts'
import { count, formatDistance, formatScopeName, openScopes, printJson, printTable, printable, printableName, shortAddress } from '../output.ts'
import type { PeerInfo } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function peersCommand (program: Command): void {
  withFull(addCommand(program, 'peers', 'The peers that are connected, whose voter each of them is, and the scopes they share with this node', ['peers']))
    .action(async ({ dataDir, json }: CommonOptions) => {
      const { peers, isOpen } = await withNode(dataDir, async client => {
        const [peers, scopes] = await Promise.all([client.peers(), client.scopes()])

        return { peers, isOpen: openScopes(scopes) }
      })

      if (json === true) {
        printJson(peers)
      } else if (peers.length === 0) {
        console.info(`No peer is connected. Join one with: ${await startCommandLine(dataDir, '--bootstrap', 'ADDRESS')}`)
      } else {
        printTable(['peer', 'voter', 'address', 'direction', 'connected', 'scopes'], peers.map(({ peerId, voters, addresses, direction, connectedAt, scopes, votesGivenUp }) => [
          peerId, formatPeerVoters(voters), printable((addresses[0] ?? '').replace(/\/p2p\/.*$/, '')), direction, formatDistance(connectedAt), scopes.map(scope => formatScope(scope, isOpen(scope), votesGivenUp)).join(', ')
        ]))
      }
    })
}

/** Whose node a peer is, as it has proven */
function formatPeerVoters (voters: PeerInfo['voters']): string {
  const names = voters.map(({ voter, name, counts }) => `${name == null ? shortAddress(voter) : `${printableName(name)} ${shortAddress(voter)}`}${counts ? '' : color.yellow(' (does not count)')}`)

  return names.length === 0 ? 'stranger' : [...new Set(names)].join(', ')
}

/** A scope, with what the peer cannot give of it to those who come late */
function formatScope (scope: string, open: boolean, votesGivenUp: PeerInfo['votesGivenUp']): string {
  const proposals = votesGivenUp.find(given => given.scope === scope)?.proposals ?? 0
  const name = formatScopeName(scope, open)

  return proposals === 0 ? name : `${name} (has given up the votes on ${count(proposals, 'proposal')})`
}
