/**
 * What a process asks of the system, in the order in which it does.
 */

import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'

export interface SystemCall {
  name: string
  /** Arguments, with what files and connections are called */
  args: string
  result: number
  /** Positions in the trace: where it was made, and where it came back */
  begin: number
  end: number
}

const CALLS = 'fsync,fdatasync,write,writev,sendmsg,sendto,link,linkat'

/** Why nothing can be traced here, undefined if it can */
export function traceProblem (): string | undefined {
  const { error, status } = spawnSync('strace', ['-D', '-f', '-yy', '-o', '/dev/null', 'true'], { stdio: 'ignore' })

  if (error != null) {
    return 'there is no strace'
  }

  return status === 0 ? undefined : 'strace may not trace'
}

/** The command line that runs a program as itself, traced by another process */
export function strace (file: string): string[] {
  return ['strace', '-D', '-f', '-yy', '-s', '4096', '-e', `trace=${CALLS}`, '-o', file]
}

/** The calls that have come back, in the order in which they were made */
export async function readTrace (file: string): Promise<SystemCall[]> {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, Pick<SystemCall, 'name' | 'args' | 'begin'>>()
  const lines = (await readFile(file, 'utf8')).split('\n')

  for (const [position, line] of lines.entries()) {
    const [, thread, text] = /^(\d+) +(.*)$/.exec(line) ?? []
    const [, begun, begunArgs] = /^(\w+)\((.*) <unfinished \.\.\.>$/.exec(text) ?? []
    const [, resumed, rest, late] = /^<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)/.exec(text) ?? []
    const [, name, args, result] = /^(\w+)\((.*)\) += (-?\d+)/.exec(text) ?? []

    if (begun != null) {
      unfinished.set(thread, { name: begun, args: begunArgs, begin: position })
    } else if (resumed != null) {
      const call = unfinished.get(thread)

      if (call != null) {
        calls.push({ ...call, args: call.args + rest, result: Number(late), end: position })
      }
    } else if (name != null) {
      calls.push({ name, args, result: Number(result), begin: position, end: position })
    }
  }

  return calls.sort((a, b) => a.begin - b.begin)
}
