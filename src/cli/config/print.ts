/**
 * The configuration that holds, with where each value comes from.
 */

import color from 'picocolors'
import { printJson, printTable, printable } from '../output.ts'
import { SETTINGS } from './settings.ts'
import type { Effective } from './effective.ts'
import type { SettingName } from './settings.ts'

export function printConfig ({ settings, from, file }: Effective, json?: boolean): void {
  const names = ['dataDirectory', ...Object.keys(SETTINGS)] as SettingName[]

  if (json === true) {
    printJson({ file: file ?? null, settings: Object.fromEntries(names.map(name => [name, { value: settings[name] ?? null, from: from[name] }])) })

    return
  }

  console.info(file == null ? 'There is no configuration file.' : `Configuration file: ${file}`)
  printTable(['setting', 'value', 'from'], names.flatMap(name => {
    const [first, ...others] = formatValue(settings[name])

    return [[name, first, from[name] === 'default' ? color.dim('default') : from[name]], ...others.map(value => ['', value, ''])]
  }))
}

/** A list takes a line for each */
function formatValue (value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.length === 0 ? ['none'] : value.map(item => printable(String(item)))
  }

  return [value == null ? 'none' : printable(String(value))]
}
