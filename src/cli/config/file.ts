/**
 * Reads a configuration file, YAML or JSON, which is YAML as well. What is wrong in it is said with the line.
 */

import { access, constants, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml'
import { CONFIG_FILES, explain } from '../../node/host/running-node.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { SETTINGS, configSchema } from './settings.ts'
import type { SettingName, Settings } from './settings.ts'
import type { Document } from 'yaml'
import type { ZodError } from 'zod'

/** A value that is wrong is shown up to this length */
const MAX_SHOWN = 80

/** Paths in a file are relative to it */
const PATHS: SettingName[] = ['dataDirectory', 'lockDirectory', 'swarmKey']

export interface ConfigFile {
  path: string
  settings: Settings
  /** Of each setting that is there, from 1 */
  lines: Partial<Record<SettingName, number>>
}

type Issue = ZodError['issues'][number]

/** The file of a data directory, undefined if it has none. Throws CliError if it has several, or it is not valid. */
export async function findConfigFile (dataDirectory: string): Promise<ConfigFile | undefined> {
  const found: ConfigFile[] = []

  for (const name of CONFIG_FILES) {
    const path = join(dataDirectory, name)
    const text = await readFile(path, 'utf8').catch(async err => {
      // what is wrong with the directory is said by whoever opens it
      if (!['ENOENT', 'ENOTDIR'].includes(err.code) && await canEnter(dataDirectory)) {
        throw unreadable(path, err)
      }
    })

    if (text != null) {
      found.push(parseConfigFile(path, text))
    }
  }

  if (found.length > 1) {
    throw new CliError(`There are ${found.map(({ path }) => path).join(' and ')}: it is not clear which is meant. Keep one, or name it with --config`, EXIT.usage)
  }

  const [file] = found

  if (file?.settings.dataDirectory != null) {
    throw new CliError(`${file.path}, line ${file.lines.dataDirectory}: dataDirectory: cannot be said in a file that is in the data directory. Give it with --data-dir, or this file with --config from elsewhere`, EXIT.usage)
  }

  return file
}

/** @throws {CliError} if it cannot be read or is not valid */
export async function readConfigFile (path: string): Promise<ConfigFile> {
  let text: string

  try {
    text = await readFile(path, 'utf8')
  } catch (err) {
    throw unreadable(path, err as NodeJS.ErrnoException)
  }

  return parseConfigFile(resolve(path), text)
}

/** @throws {CliError} with the file, the line, the setting and what is accepted, for everything that is wrong */
export function parseConfigFile (path: string, text: string): ConfigFile {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const lineOf = (offset: number): number => lineCounter.linePos(offset).line

  if (document.errors.length > 0) {
    throw new CliError(`${path}, ${document.errors.map(({ pos, message }) => `line ${lineOf(pos[0])}: ${message.split('\n')[0]}`).join('; ')}`, EXIT.usage)
  }

  // a file of comments only says nothing, which is fine
  const parsed = configSchema.safeParse(document.toJS() ?? {})

  if (!parsed.success) {
    throw new CliError(`${path}, ${parsed.error.issues.flatMap(issue => describe(issue, document, lineOf)).sort((a, b) => a.line - b.line).map(({ line, text }) => `line ${line}: ${text}`).join('; ')}`, EXIT.usage)
  }

  const settings = { ...parsed.data }

  for (const name of PATHS) {
    if (settings[name] != null) {
      Object.assign(settings, { [name]: resolve(dirname(path), settings[name] as string) })
    }
  }

  return { path, settings, lines: Object.fromEntries(Object.keys(settings).map(name => [name, lineOf(keyOffset(document, name))])) }
}

interface Problem {
  line: number
  text: string
}

function describe (issue: Issue, document: Document, lineOf: (offset: number) => number): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = ['dataDirectory', ...Object.keys(SETTINGS)].join(', ')

    return issue.keys.map(key => ({ line: lineOf(keyOffset(document, key)), text: `${key}: there is no such setting; there are ${known}` }))
  }

  if (issue.path.length === 0) {
    return [{ line: lineOf(offsetOf(document.contents)), text: 'must be settings, a name and a value each, like "mdns: true"' }]
  }

  const node = document.getIn(issue.path, true)
  const value = JSON.stringify(isNode(node) ? node.toJSON() : node) ?? 'nothing'

  return [{
    line: lineOf(offsetOf(node) || keyOffset(document, String(issue.path[0]))),
    text: `${issue.path.join('.')}: ${issue.message}, got ${value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value}`
  }]
}

function keyOffset ({ contents }: Document, name: string): number {
  const pair = isMap(contents) ? contents.items.find(({ key }) => isScalar(key) && key.value === name) : undefined

  return offsetOf(pair?.key)
}

function offsetOf (node: unknown): number {
  return isNode(node) ? node.range?.[0] ?? 0 : 0
}

async function canEnter (directory: string): Promise<boolean> {
  return access(directory, constants.X_OK).then(() => true, () => false)
}

function unreadable (path: string, err: NodeJS.ErrnoException): CliError {
  return new CliError(`The configuration file ${path} cannot be read: ${err.code === 'ENOENT' ? 'there is no such file' : explain(err)}`, EXIT.usage, { cause: err })
}
