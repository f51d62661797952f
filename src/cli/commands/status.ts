import color from 'picocolors'
import { addCommand, withNode } from '../command.ts'
import { count, formatDuration, formatPart, formatPeers, formatTime, formatVoters, printFields, printJson, printable } from '../output.ts'
import type { StorageInfo } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function statusCommand (program: Command): void {
  addCommand(program, 'status', 'How the node is: since when it runs, its peers and scopes', ['status', 'status --json'])
    .action(async ({ dataDir, json }: CommonOptions) => {
      const status = await withNode(dataDir, async client => client.status())

      if (json === true) {
        printJson(status)

        return
      }

      printFields([
        ['version', status.version],
        ['running', `${formatDuration(status.uptimeSeconds)}, since ${formatTime(status.startedAt)}, process ${status.pid}`],
        ['data', status.dataDirectory],
        ...formatReadOnly(status.storage),
        ['peer id', status.peerId],
        ['voter', status.voter],
        ['peers', status.peers === 0 ? color.yellow('none: nobody hears this node') : count(status.peers, 'peer')],
        ...status.bootstrap.map(({ address, connected }): [string, string] => ['bootstrap', `${address} ${connected ? 'connected' : color.yellow('not connected')}`]),
        ...status.scopes.map((scope): [string, string] => ['scope', `${scope.name} (${formatVoters(scope)}), ${formatPeers(scope)}${scope.mayVote ? '' : `, ${formatPart(scope)}`}`])
      ])
    })
}

function formatReadOnly ({ writable, reason = '', since = 0 }: StorageInfo): Array<[string, string]> {
  return writable ? [] : [['storage', color.yellow(`read-only since ${formatTime(since)} (${printable(reason)}): no vote and no proposal is taken`)]]
}
