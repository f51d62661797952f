/**
 * Programs that run to their end.
 */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

const minute = 60_000

export interface RunOptions {
  cwd: string
  env?: NodeJS.ProcessEnv
  /** Milliseconds */
  timeout?: number
}

/** @throws {Error} with what it printed, if it does not end with 0 or not in time */
export async function run (program: string, args: string[], { cwd, env = {}, timeout = 2 * minute }: RunOptions): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { cwd, env: environment(env), timeout, maxBuffer: 64 * 1024 * 1024 })

    return stdout
  } catch (err: any) {
    throw new Error(`${[program, ...args].join(' ')} ended with ${err.signal ?? err.code}:\n${err.stdout ?? ''}${err.stderr ?? ''}`, { cause: err })
  }
}

/** npm, the one that runs this script if one does */
export async function npm (args: string[], options: RunOptions): Promise<string> {
  const { npm_execpath: script } = process.env

  return script == null ? run('npm', args, options) : run(process.execPath, [script, ...args], options)
}

/** Ours, without what npm tells the scripts of this package, and what the operator of a node on this machine has set */
export function environment (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env)
    .filter(([name]) => !/^npm_(package|lifecycle|command|execpath|node_execpath|config_local_prefix)|^(INIT_CWD|NODE_OPTIONS|FORCE_COLOR|LIBP2P_VOTING_\w+)$/.test(name))

  return { ...Object.fromEntries(inherited), NO_COLOR: '1', ...more }
}
