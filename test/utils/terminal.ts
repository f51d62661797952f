/**
 * What the binary does in a terminal. `script` of util-linux makes one.
 */

import { spawnSync } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import type { Running } from './binary.ts'

export interface TerminalSize {
  columns: number
  rows: number
}

/** Whether this machine has what makes terminals */
export const hasTerminals = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false

const FRAME_START = '\u001b[H'
const FRAME_END = '\u001b[?2026l'

/** Arguments of `script` that run a command in a terminal of this size. One that is made anew has none. */
export function inTerminal (command: string[], { columns, rows }: TerminalSize): string[] {
  return ['--quiet', '--return', '--command', `stty cols ${columns} rows ${rows}; exec ${command.map(word => `'${word.replaceAll('\'', '\'\\\'\'')}'`).join(' ')}`, '/dev/null']
}

/** What is typed on the keyboard */
export function type ({ child }: Running, text: string): void {
  child.stdin?.write(text)
}

/** The lines of the last frame that was drawn whole on the whole screen */
export function frameOf ({ stdout }: Running): string[] {
  const frames = stdout.split(FRAME_START).filter(frame => frame.includes(FRAME_END))

  return stripVTControlCharacters(frames.at(-1)?.split(FRAME_END)[0] ?? '').split(/\r+\n/)
}
