/**
 * What holds for a node: options of the command line before variables of the environment, these before the configuration
 * file, and that before the defaults.
 */

import { resolve } from 'node:path'
import { defaultDataDirectory } from '../../node/host/running-node.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { findConfigFile, readConfigFile } from './file.ts'
import { OTHER_VARIABLES, SETTINGS, configSchema } from './settings.ts'
import type { ConfigFile } from './file.ts'
import type { Setting, SettingName, Settings } from './settings.ts'

export interface Effective {
  settings: Settings & { dataDirectory: string }
  /** Where each value comes from, in words */
  from: Record<SettingName, string>
  /** The file, if there is one */
  file?: string
  /** Variables of ours that mean nothing: they may be misspelt */
  unknownVariables: string[]
}

export interface Given {
  /** What the command line says, by the attributes of commander; what it does not say is undefined */
  options: Record<string, unknown>
  /** If it is given by --data-dir */
  dataDirectory?: string
  /** If it is given by --config */
  config?: string
}

/**
 * @throws {CliError} naming the option, the variable, or the file and the line
 */
export async function effectiveConfig ({ options, dataDirectory, config }: Given, env: NodeJS.ProcessEnv = process.env): Promise<Effective> {
  const named = config ?? nonEmpty(env.LIBP2P_VOTING_CONFIG)
  const namedFile = named == null ? undefined : await readConfigFile(named)
  const directory = dataDirectoryOf(dataDirectory, namedFile, env)
  const file = namedFile ?? await findConfigFile(directory.value)
  const settings: Settings & { dataDirectory: string } = { dataDirectory: directory.value }
  const from: Partial<Record<SettingName, string>> = { dataDirectory: directory.from }
  const names = Object.keys(SETTINGS) as Array<keyof typeof SETTINGS>

  for (const name of names) {
    const found = find(name, SETTINGS[name], options, env, file)

    if (found != null) {
      Object.assign(settings, { [name]: found.value })
      from[name] = found.from
    }
  }

  for (const name of names) {
    if (from[name] == null) {
      Object.assign(settings, { [name]: SETTINGS[name].defaultValue(settings) })
      from[name] = 'default'
    }
  }

  return { settings, from: from as Record<SettingName, string>, file: file?.path, unknownVariables: unknownVariables(env) }
}

interface Found {
  value: unknown
  from: string
}

function dataDirectoryOf (given: string | undefined, file: ConfigFile | undefined, env: NodeJS.ProcessEnv): { value: string, from: string } {
  if (given != null) {
    return { value: given, from: '--data-dir' }
  }

  if (nonEmpty(env.LIBP2P_VOTING_DATA_DIR) == null && file?.settings.dataDirectory != null) {
    return { value: file.settings.dataDirectory, from: origin(file, 'dataDirectory') }
  }

  return { value: defaultDataDirectory(env), from: nonEmpty(env.LIBP2P_VOTING_DATA_DIR) == null ? 'default' : 'LIBP2P_VOTING_DATA_DIR' }
}

function find (name: SettingName, { option, attribute, variable, kind }: Setting, options: Record<string, unknown>, env: NodeJS.ProcessEnv, file?: ConfigFile): Found | undefined {
  if (options[attribute] !== undefined) {
    return { value: options[attribute], from: option }
  }

  const text = nonEmpty(env[variable])

  if (text != null) {
    return { value: parseVariable(name, variable, kind, text), from: variable }
  }

  return file?.settings[name] === undefined ? undefined : { value: file.settings[name], from: origin(file, name) }
}

function parseVariable (name: SettingName, variable: string, kind: Setting['kind'], text: string): unknown {
  const parsed = configSchema.shape[name].safeParse(valueOf(kind, text))

  if (!parsed.success) {
    throw new CliError(`${variable}: ${parsed.error.issues.map(({ message }) => message).join('; ')}, got ${JSON.stringify(text)}`, EXIT.usage)
  }

  return parsed.data
}

const YES_NO: Record<string, boolean> = { true: true, false: false, 1: true, 0: false, yes: true, no: false }

/** Of what is no such value the text stays, which the schema then refuses */
function valueOf (kind: Setting['kind'], text: string): unknown {
  switch (kind) {
    case 'list': return text.split(/[\s,]+/).filter(item => item !== '')
    case 'yes-no': return YES_NO[text.toLowerCase()] ?? text
    case 'number': return /^\d+$/.test(text) ? Number(text) : text
    case 'path': return resolve(text)
    default: return text
  }
}

function origin ({ path, lines }: ConfigFile, name: SettingName): string {
  return `${path}, line ${lines[name]}`
}

function unknownVariables (env: NodeJS.ProcessEnv): string[] {
  const known = new Set([...OTHER_VARIABLES, ...Object.values(SETTINGS).map(({ variable }) => variable)])

  return Object.keys(env).filter(name => name.startsWith('LIBP2P_VOTING_') && !known.has(name)).sort()
}

function nonEmpty (text?: string): string | undefined {
  return text === '' ? undefined : text
}
