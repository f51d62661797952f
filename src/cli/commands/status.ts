import color from 'picocolors'
import { addCommand, commandLine, withFull, withNode } from '../command.ts'
import { count, formatAlarm, formatClock, formatDuration, formatEnd, formatPart, formatPeers, formatScopeName, formatTime, formatVoters, namesIn, openScopes, printFields, printJson, printable, quotedName } from '../output.ts'
import type { LocksInfo, StatusInfo, StorageInfo } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function statusCommand (program: Command): void {
  withFull(addCommand(program, 'status', 'How the node is: since when it runs, its peers and scopes', ['status', 'status --json']))
    .action(async ({ dataDir, json }: CommonOptions) => {
      const status = await withNode(dataDir, async client => client.status())

      if (json === true) {
        printJson(status)

        return
      }

      const isOpen = openScopes(status.scopes)
      const names = namesIn(status.scopes)

      printFields([
        ['version', status.version],
        ['running', `${formatDuration(status.uptimeSeconds)}, since ${formatTime(status.startedAt)}, process ${status.pid}`],
        ['data', status.dataDirectory],
        ...formatReadOnly(status.storage),
        ...formatLocks(status.locks),
        ['peer id', status.peerId],
        ['voter', status.voter],
        ['peers', status.peers === 0 ? color.yellow('none: nobody hears this node') : count(status.peers, 'peer')],
        ...status.bootstrap.map(({ address, connected }): [string, string] => ['bootstrap', `${address} ${connected ? 'connected' : color.yellow('not connected')}`]),
        ...status.scopes.map((scope): [string, string] => ['scope', `${scope.name} (${formatVoters(scope)}), ${formatPeers(scope)}${scope.mayVote ? '' : `, ${formatPart(scope)}`}`]),
        ...status.scopes.flatMap((scope): Array<[string, string]> => {
          const clock = formatClock(scope)

          return clock == null ? [] : [[color.yellow('clock'), `in scope ${scope.name} ${clock}`]]
        }),
        ...formatUndecided(dataDir, status.undecided, isOpen),
        ...status.keyAlarms.map(({ reason, since }): [string, string] => [color.red('alarm'), `${reason} (since ${formatTime(since)})`]),
        ...status.newerFormats.map(({ peer, scope, since }): [string, string] => [color.yellow('newer format'), `peer ${peer} sends what only a later version can read${scope == null ? '' : ` in ${formatScopeName(scope, isOpen(scope))}`} (since ${formatTime(since)}): update this node`]),
        ...status.scopes.flatMap(({ name, missedAutoVotes }) => missedAutoVotes.map((missed): [string, string] => ['auto-vote', `${color.yellow('none')} on ${formatScopeName(name, isOpen(name))} ${missed.proposalId} ${quotedName(missed.name)}: ${missed.reason}`])),
        ...status.alarms.map((alarm): [string, string] => [color.red('alarm'), formatAlarm(alarm, isOpen(alarm.scope), names(alarm.scope))])
      ])
    })
}

function formatUndecided (dataDir: string, { total, items }: StatusInfo['undecided'], isOpen: (scope: string) => boolean): Array<[string, string]> {
  const lines = items.map(({ scope, proposalId, name, deadline, reason, endsAt }) => `${formatScopeName(scope, isOpen(scope))} ${proposalId} ${quotedName(name)}: ${reason}${endsAt == null ? '' : ` ${formatEnd(deadline, endsAt)}`}`)

  if (total > items.length) {
    lines.push(`and ${total - items.length} more: ${commandLine(dataDir, 'list', items[0]?.scope ?? 'SCOPE', '--state', 'active')}`)
  }

  return lines.map(line => ['undecided', line])
}

function formatReadOnly ({ writable, reason = '', since = 0 }: StorageInfo): Array<[string, string]> {
  return writable ? [] : [['storage', color.yellow(`read-only since ${formatTime(since)} (${printable(reason)}): no vote and no proposal is taken`)]]
}

function formatLocks ({ problem, restoredAt }: LocksInfo): Array<[string, string]> {
  return [
    ...problem == null ? [] : [['locks', color.red(`this node signs nothing: ${printable(problem)}`)] as [string, string]],
    ...restoredAt == null ? [] : [['restored', color.yellow(`at ${formatTime(restoredAt)}: on proposals from before it votes once it has asked the members of a quorum, or with --force`)] as [string, string]]
  ]
}
