import color from 'picocolors'
import { addCommand, commandLine, withNode } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { formatChoice, formatDistance, formatScope, formatState, formatVoters, printJson, printable } from '../output.ts'
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
      return `${data.scope}  proposal ${data.proposalId} is decided: ${formatState({ ...data, waitingForPeer: false })}`
    case 'failed':
      return `${data.scope}  proposal ${data.proposalId} ended without a result`
    case 'confirmed':
      return `${data.scope}  proposal ${data.proposalId} is confirmed by the votes of a quorum: ${formatState({ ...data, waitingForPeer: false })}`
    case 'conflict':
      return `${data.scope}  ${color.red('conflict')} on proposal ${data.proposalId}: both sides have the votes of a quorum${data.culprits.length === 0 ? '' : `; both ways voted ${data.culprits.join(', ')}`}`
    case 'evidence':
      return `${data.scope}  ${color.red(`${data.voter} has voted both yes and no`)} on proposal ${data.proposalId}`
    case 'collision':
      return `${data.scope}  another proposal has the id ${data.proposalId}, so it is not taken: whoever made it has to propose it again`
    case 'mismatch':
      return `${data.scope}  ${color.yellow(`peer ${data.peer} has another ${data.what === 'policy' ? 'policy' : 'gossip signing policy'}`)}: neither hears the other's votes`
    case 'trimmed':
      return `${data.scope}  proposal ${data.proposalId} was dropped to make room`
    default:
      return 'Some events were missed; see list and show'
  }
}
