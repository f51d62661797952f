/**
 * What all commands have in common: the data directory, --json, and how they find the node that runs.
 */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { ApiProblemError, NodeUnreachableError, VotingClient } from '../client/index.ts'
import { defaultDataDirectory, defaultLockDirectory, readLockDirectory, readRunning, readToken } from '../node/host/running-node.ts'
import { CliError } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { showInFull } from './output.ts'

export interface CommonOptions {
  dataDir: string
  json?: boolean
}

/**
 * @param examples - command lines without the name of the binary
 */
export function addCommand (parent: Command, usage: string, description: string, examples: string[]): Command {
  return parent.command(usage)
    .description(description)
    .option('--data-dir <path>', 'directory of the node; also LIBP2P_VOTING_DATA_DIR', path => resolve(path), defaultDataDirectory())
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', `\nExample${examples.length > 1 ? 's' : ''}:\n${examples.map(example => `  $ libp2p-voting ${example}`).join('\n')}`)
}

/** Lets a command that shortens addresses and digests print them in full */
export function withFull (command: Command): Command {
  return command
    .option('--full', 'print whole addresses and digests where they would be shortened')
    .hook('preAction', (_, action) => {
      if (action.opts<{ full?: boolean }>().full === true) {
        showInFull()
      }
    })
}

/**
 * Does something with the client of the node that runs on a data directory.
 *
 * @throws {CliError} if none does
 */
export async function withNode <T> (dataDirectory: string, task: (client: VotingClient) => Promise<T>): Promise<T> {
  const node = await locateNode(dataDirectory)

  if (node == null) {
    throw await notRunning(dataDirectory)
  }

  try {
    return await task(new VotingClient({ ...node, locate: async () => locateNode(dataDirectory) }))
  } catch (err) {
    if (err instanceof NodeUnreachableError) {
      throw await notRunning(dataDirectory, err)
    }

    if (err instanceof ApiProblemError && err.status === 401) {
      throw new CliError(`The node at ${node.url} refuses the token in ${dataDirectory}: ${err.message}. If another node runs there, start this one again: ${await startCommandLine(dataDirectory)}`, EXIT.refused, { cause: err })
    }

    throw err
  }
}

/** What a node that runs has written to its data directory; one that was killed may have left it behind */
async function locateNode (dataDirectory: string): Promise<{ url: string, token: string } | undefined> {
  const [running, token] = await Promise.all([readRunning(dataDirectory), readToken(dataDirectory)])

  return running?.url == null || token == null ? undefined : { url: running.url, token }
}

/** A command line for people to paste, in a terminal where LIBP2P_VOTING_DATA_DIR may not be set */
export function commandLine (dataDirectory: string, ...args: string[]): string {
  const option = dataDirectory === defaultDataDirectory({ ...process.env, LIBP2P_VOTING_DATA_DIR: undefined }) ? [] : ['--data-dir', dataDirectory]

  return shellLine('libp2p-voting', ...args, ...option)
}

/** Words as a shell reads them */
export function shellLine (...words: string[]): string {
  return words.map(quote).join(' ')
}

/** How to start a node again: with other vote locks than before it would take itself for restored */
export async function startCommandLine (dataDirectory: string, ...args: string[]): Promise<string> {
  // what keeps it from being read keeps the node from starting, which says so
  const locks = await readLockDirectory(dataDirectory).catch(() => undefined)
  const isOther = locks != null && locks !== defaultLockDirectory({ ...process.env, LIBP2P_VOTING_LOCK_DIR: undefined }) && existsSync(locks)

  return commandLine(dataDirectory, 'start', ...args, ...isOther ? ['--lock-dir', locks] : [])
}

export function parseWholeNumber (min: number, max: number): (text: string) => number {
  return text => {
    const value = Number(text)

    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
    }

    return value
  }
}

export function parseYesNo (text: string): 'yes' | 'no' {
  if (text !== 'yes' && text !== 'no') {
    throw new InvalidArgumentError('It must be yes or no.')
  }

  return text
}

async function notRunning (dataDirectory: string, cause?: Error): Promise<CliError> {
  return new CliError(`No node is running on ${dataDirectory}. Start it with: ${await startCommandLine(dataDirectory)}`, EXIT.notRunning, { cause })
}

function quote (word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`
}
