import color from 'picocolors'
import { addCommand, startCommandLine, withFull, withNode } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { formatVoters, namesIn, openScopes, printJson } from '../output.ts'
import { voteCommandLine } from '../proposals.ts'
import { isLive } from '../terminal/screen.ts'
import { describeEvent } from '../watch/describe.ts'
import { watchLive } from '../watch/live.ts'
import type { CommonOptions } from '../command.ts'
import type { Happening } from '../watch/model.ts'
import type { Command } from 'commander'

export function watchCommand (program: Command): void {
  withFull(addCommand(program, 'watch', 'Show what is being voted on as it happens, until Ctrl-C; a node that stops is waited for. Where the output is no terminal: a line for each event. What the node cannot tell any more, since it was started again, is said.', ['watch', 'watch council', 'watch council --json | jq .type', 'watch --no-reconnect']))
    .argument('[scope]', 'only what happens there')
    .option('--no-reconnect', 'end with exit code 4 when the node stops, instead of waiting for it')
    .action(watch)
}

interface WatchOptions extends CommonOptions {
  reconnect: boolean
}

async function watch (scope: string | undefined, { dataDir, json, reconnect }: WatchOptions): Promise<void> {
  const stop = new AbortController()

  process.once('SIGINT', () => { stop.abort() })
  process.once('SIGTERM', () => { stop.abort() })

  await withNode(dataDir, async client => {
    const scopes = scope == null ? await client.scopes() : [await client.scope(scope)]

    if (json !== true && isLive()) {
      const { happenings } = await watchLive(client, { scope, dataDirectory: dataDir, reconnect, signal: stop.signal })

      printHappenings(happenings)
      await failUnless(stop.signal.aborted, dataDir)

      return
    }

    let wasAway = false
    let isOpen = openScopes(scopes)
    let names = namesIn(scopes)

    try {
      for await (const event of client.events({
        signal: stop.signal,
        reconnect,
        onDisconnect: () => {
          wasAway = true
          console.error(color.yellow(`The node on ${dataDir} does not answer any more. Waiting until it is back; Ctrl-C ends it.`))
        },
        onConnect: () => {
          if (wasAway) {
            console.error(`The node on ${dataDir} is back.`)
          } else if (json !== true) {
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
          // of scopes that are joined meanwhile no event tells
          if (event.type === 'proposal') {
            const scopes = await client.scopes()

            isOpen = openScopes(scopes)
            names = namesIn(scopes)
          }

          console.info(`${new Date().toISOString().slice(11, 19)}  ${describeEvent(event, isOpen, names)}${event.type === 'proposal' ? `: ${voteCommandLine(dataDir, event.data)}` : ''}`)
        }
      }
    } catch (err) {
      if (stop.signal.aborted) {
        return
      }

      throw err
    }

    await failUnless(stop.signal.aborted, dataDir)
  })
}

async function failUnless (ended: boolean, dataDir: string): Promise<void> {
  if (!ended) {
    throw new CliError(`The node on ${dataDir} has stopped. Start it with: ${await startCommandLine(dataDir)}`, EXIT.notRunning)
  }
}

/** What the view has shown is gone with it; what matters of it stays */
function printHappenings (happenings: Happening[]): void {
  for (const { at, text } of happenings.filter(({ important }) => important)) {
    console.info(`${new Date(at).toTimeString().slice(0, 8)}  ${text}`)
  }
}
