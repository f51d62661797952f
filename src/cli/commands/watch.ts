import { addCommand, commandLine, withNode } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { formatChoice, formatDistance, formatScope, formatVoters, printJson, printable } from '../output.ts'
import { voteCommandLine } from '../proposals.ts'
import type { NodeEvent } from '../../client/index.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function watchCommand (program: Command): void {
  addCommand(program, 'watch', 'Print proposals, votes and decisions as they happen, until Ctrl-C', ['watch', 'watch council --json'])
    .argument('[scope]', 'only what happens there')
    .action(watch)
}

async function watch (scope: string | undefined, { dataDir, json }: CommonOptions): Promise<void> {
  const stop = new AbortController()

  process.once('SIGINT', () => { stop.abort() })
  process.once('SIGTERM', () => { stop.abort() })

  await withNode(dataDir, async client => {
    const scopes = scope == null ? await client.scopes() : [await client.scope(scope)]

    try {
      for await (const event of client.events({
        signal: stop.signal,
        onConnect: () => {
          if (json !== true) {
            console.info(`Watching ${scopes.map(scope => `${scope.name} (${formatVoters(scope)})`).join(', ') || 'all scopes; there are none yet'}. Ctrl-C ends it.`)
          }
        }
      })) {
        if (scope != null && 'scope' in event.data && event.data.scope !== scope) {
          continue
        }

        if (json === true) {
          printJson(event)
        } else {
          console.info(`${new Date().toISOString().slice(11, 19)}  ${describe(event, dataDir)}`)
        }
      }
    } catch (err) {
      if (stop.signal.aborted) {
        return
      }

      throw err
    }

    if (!stop.signal.aborted) {
      throw new CliError(`The node on ${dataDir} has stopped. Start it with: ${commandLine(dataDir, 'start')}`, EXIT.notRunning)
    }
  })
}

function describe ({ type, data }: NodeEvent, dataDir: string): string {
  switch (type) {
    case 'proposal':
      return `${formatScope(data.scope, data.open)}  proposal ${data.proposalId} "${printable(data.name)}", ends ${formatDistance(data.deadline)}: ${voteCommandLine(dataDir, data)}`
    case 'vote':
      return `${data.scope}  ${data.voter} votes ${formatChoice(data.choice)} on ${data.proposalId}`
    case 'decided':
      return `${data.scope}  proposal ${data.proposalId} is decided: ${data.result == null ? '' : formatChoice(data.result)}`
    case 'failed':
      return `${data.scope}  proposal ${data.proposalId} ended without a result`
    case 'trimmed':
      return `${data.scope}  proposal ${data.proposalId} was dropped to make room`
    default:
      return 'Some events were missed; see list and show'
  }
}
