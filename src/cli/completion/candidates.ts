/**
 * What can follow the words of a command line, from the same commands that run it. The shells only ask.
 */

import { withNode } from '../command.ts'
import { printableName } from '../output.ts'
import type { ProposalSummary } from '../../client/index.ts'
import type { Argument, Command, Option } from 'commander'

export interface Candidate {
  value: string
  description: string
}

/** What a shell knows itself */
export const FILES: Candidate = { value: ':files', description: '' }
export const FOLDERS: Candidate = { value: ':folders', description: '' }

/** Nobody chooses from more */
const MAX_PROPOSALS = 50

/** Before the word that is being written */
interface Position {
  command: Command
  /** Arguments of the command */
  values: string[]
  /** Whose value comes next */
  option?: Option
  dataDirectory?: string
}

/**
 * @param words - after the name of the program; the last is what has been written of the next word, maybe nothing
 * @param dataDirectory - of the node that is asked for scopes and proposals if the words do not say it
 */
export async function candidates (program: Command, words: string[], dataDirectory: string): Promise<Candidate[]> {
  const current = words.at(-1) ?? ''
  const position = read(program, words.slice(0, -1))

  if (position == null) {
    return []
  }

  const all = await following(position, current, position.dataDirectory ?? dataDirectory)

  return all.filter(candidate => candidate === FILES || candidate === FOLDERS || candidate.value.startsWith(current))
}

/** Undefined if the words are no beginning of a command line */
function read (program: Command, words: string[]): Position | undefined {
  const position: Position = { command: program, values: [] }

  for (const word of words) {
    const { command, option } = position

    if (word.startsWith('-')) {
      position.option = optionsOf(command).find(({ long, short, required, optional }) => (word === long || word === short) && (required || optional))
    } else if (option != null) {
      if (option.long === '--data-dir') {
        position.dataDirectory = word
      }

      position.option = option.variadic ? option : undefined
    } else if (command.commands.length > 0) {
      const next = command.commands.find(sub => sub.name() === word)

      if (next == null) {
        return
      }

      position.command = next
    } else {
      position.values.push(word)
    }
  }

  return position
}

async function following ({ command, values, option }: Position, current: string, dataDirectory: string): Promise<Candidate[]> {
  if (current.startsWith('-')) {
    return [...optionsOf(command), ...helpOf(command)].filter(({ hidden, long }) => !hidden && long != null).map(({ long, description }) => ({ value: long ?? '', description: brief(description) }))
  }

  if (option != null) {
    return ofOption(option)
  }

  if (command.commands.length > 0) {
    return command.createHelp().visibleCommands(command).map(sub => ({ value: sub.name(), description: brief(sub.description()) }))
  }

  const argument = command.registeredArguments[values.length] ?? command.registeredArguments.findLast(({ variadic }) => variadic)

  return argument == null ? [] : ofArgument(argument, values, current, dataDirectory)
}

function ofOption ({ long, argChoices, flags }: Option): Candidate[] {
  if (argChoices != null) {
    return argChoices.map(value => ({ value, description: '' }))
  }

  if (flags.includes('<file>')) {
    return [FILES]
  }

  if (flags.includes('<path>')) {
    return [FOLDERS]
  }

  return flags.includes('<yes|no>') ? yesNo() : []
}

async function ofArgument (argument: Argument, [scope]: string[], current: string, dataDirectory: string): Promise<Candidate[]> {
  if (argument.argChoices != null) {
    return argument.argChoices.map(value => ({ value, description: '' }))
  }

  switch (argument.name()) {
    case 'scope': return scopes(dataDirectory)
    case 'id': return proposals(scope, current, dataDirectory)
    case 'yes|no': return yesNo()
    case 'file':
    case 'name|file.json': return [FILES]
    default: return []
  }
}

function yesNo (): Candidate[] {
  return ['yes', 'no'].map(value => ({ value, description: '' }))
}

async function scopes (dataDirectory: string): Promise<Candidate[]> {
  const scopes = await ask(async () => withNode(dataDirectory, async client => client.scopes()))

  return scopes.map(({ name, open, policy }) => ({ value: name, description: open ? 'open' : `${policy.voters?.length} voters` }))
}

/** Those that are being voted on, or else the last ones; by their fingerprints only once one has been begun */
async function proposals (scope: string, current: string, dataDirectory: string): Promise<Candidate[]> {
  const proposals = await ask(async () => withNode(dataDirectory, async client => {
    const active = await client.proposals(scope, { state: 'active', order: 'newest', limit: MAX_PROPOSALS })

    return active.items.length > 0 ? active.items : (await client.proposals(scope, { order: 'newest', limit: MAX_PROPOSALS })).items
  }))

  return proposals.flatMap(({ proposalId, fingerprint, name }: ProposalSummary) => {
    const description = printableName(name)

    return [{ value: `${proposalId}`, description }, ...current === '' || fingerprint == null ? [] : [{ value: fingerprint, description }]]
  })
}

/** Nothing is a fair answer: an error would be written into the line that somebody is typing */
async function ask <T> (task: () => Promise<T[]>): Promise<T[]> {
  return task().catch(() => [])
}

function optionsOf (command: Command): readonly Option[] {
  return command.options
}

function helpOf (command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command).filter(({ long }) => long === '--help')
}

/** The first sentence */
function brief (description: string): string {
  return description.split(/\. |\n/)[0].replaceAll('\t', ' ')
}
