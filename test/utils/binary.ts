/**
 * The binary as its users run it: a process of its own.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pWaitFor from 'p-wait-for'
import { VotingClient } from '../../src/client/index.ts'
import { readToken } from '../../src/node/index.ts'
import { inTerminal } from './terminal.ts'
import type { TerminalSize } from './terminal.ts'
import type { ChildProcess } from 'node:child_process'

const CLI = fileURLToPath(new URL('../../dist/src/cli/index.js', import.meta.url))
const CRASH = fileURLToPath(new URL('../../dist/scripts/crash.js', import.meta.url))
const NETWORK = fileURLToPath(new URL('../../dist/scripts/network.js', import.meta.url))
const SIMULATE = fileURLToPath(new URL('../../dist/scripts/simulate.js', import.meta.url))

/** Where programs keep what they are compiled to, so that not each compiles it anew */
export const CACHES = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))

/** Milliseconds in which several nodes start on a busy machine, one after the other */
const START_TIMEOUT = 120_000

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A process that runs, with what it has printed so far */
export class Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''

  constructor (program: string, args: string[], env: NodeJS.ProcessEnv, stdin: 'ignore' | 'pipe' = 'ignore') {
    const { NODE_OPTIONS, FORCE_COLOR, LIBP2P_VOTING_DATA_DIR, LIBP2P_VOTING_LOCK_DIR, ...inherited } = process.env

    this.child = spawn(program, args, { env: { ...inherited, NO_COLOR: '1', XDG_CACHE_HOME: CACHES, ...env }, stdio: [stdin, 'pipe', 'pipe'] })
    this.child.stdout?.setEncoding('utf8').on('data', text => { this.stdout += text })
    this.child.stderr?.setEncoding('utf8').on('data', text => { this.stderr += text })
    this.ended = once(this.child, 'close').then(([code]) => ({ code, stdout: this.stdout, stderr: this.stderr }))
  }

  get pid (): number {
    return this.child.pid ?? 0
  }

  /** Waits until it has printed something, and fails if it ends before */
  async prints (pattern: RegExp): Promise<RegExpExecArray> {
    let match: RegExpExecArray | null = null

    await Promise.race([
      pWaitFor(() => (match = pattern.exec(this.stdout)) != null, { interval: 20, timeout: START_TIMEOUT }),
      this.ended.then(({ code, stdout, stderr }) => {
        if (!pattern.test(stdout)) {
          throw new Error(`ended with ${code} before it printed ${pattern}: ${stdout}${stderr}`)
        }
      })
    ])

    return match ?? pattern.exec(this.stdout) as RegExpExecArray
  }

  async end (signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal)

    return this.ended
  }
}

export interface StartedNode extends Running {
  dataDirectory: string
}

/**
 * Runs the binary in a home of its own, and ends all processes that are left after each test.
 */
export class Binary {
  private readonly home: () => string
  private readonly running = new Set<Running>()

  constructor (home: () => string) {
    this.home = home

    afterEach(async () => { await this.end() })
  }

  /** Runs a command to its end */
  async run (...args: string[]): Promise<Ended> {
    return this.spawn(...args).ended
  }

  /** Runs a command to its end, by a program that is given its command line */
  async runUnder ([program, ...options]: string[], ...args: string[]): Promise<Ended> {
    const env = { HOME: this.home(), XDG_STATE_HOME: this.home() }

    return this.track(new Running(program, [...options, process.execPath, CLI, ...args], env)).ended
  }

  /** Runs a command to its end, with what it prints written to a file as it is */
  async write (file: string, ...args: string[]): Promise<Ended> {
    const env = { HOME: this.home(), XDG_STATE_HOME: this.home() }

    return this.track(new Running('sh', ['-c', 'exec "$@" > "$0"', file, process.execPath, CLI, ...args], env)).ended
  }

  /** Runs a command to its end in a terminal of its own, as script(1) of util-linux makes one */
  async inTerminal (...args: string[]): Promise<Ended> {
    const env = { HOME: this.home(), XDG_STATE_HOME: this.home() }
    const line = [process.execPath, CLI, ...args].map(word => `'${word}'`).join(' ')

    return this.track(new Running('script', ['-qec', line, '/dev/null'], env)).ended
  }

  /** Runs a command that has to succeed, and gives what it prints as JSON */
  async json (...args: string[]): Promise<any> {
    const { code, stdout, stderr } = await this.run(...args, '--json')

    if (code !== 0) {
      throw new Error(`libp2p-voting ${args.join(' ')} ended with ${code}: ${stderr}`)
    }

    return JSON.parse(stdout)
  }

  spawn (...args: string[]): Running {
    return this.node(CLI, args, { HOME: this.home(), XDG_STATE_HOME: this.home() })
  }

  /** As {@link Binary.spawn}, with variables of the environment besides or instead of those there are */
  spawnIn (env: NodeJS.ProcessEnv, ...args: string[]): Running {
    return this.node(CLI, args, { HOME: this.home(), XDG_STATE_HOME: this.home(), ...env })
  }

  crash (...args: string[]): Running {
    return this.node(CRASH, args, { TMPDIR: this.home() })
  }

  network (...args: string[]): Running {
    return this.node(NETWORK, args, { TMPDIR: this.home() })
  }

  simulate (...args: string[]): Running {
    return this.node(SIMULATE, args, { TMPDIR: this.home() })
  }

  /** Starts a node with a data directory of this name and waits until it runs */
  async start (name: string, ...args: string[]): Promise<StartedNode> {
    return this.started(name, args => this.spawn(...args), args)
  }

  /** As {@link Binary.start}, by a program that runs it: it is given the command line, and must become that process */
  async startUnder ([program, ...options]: string[], name: string, ...args: string[]): Promise<StartedNode> {
    const env = { HOME: this.home(), XDG_STATE_HOME: this.home() }

    return this.started(name, args => this.track(new Running(program, [...options, process.execPath, CLI, ...args], env)), args)
  }

  /** Runs it in a terminal; see {@link hasTerminals} */
  terminal (size: TerminalSize, args: string[], env: NodeJS.ProcessEnv = {}): Running {
    return this.track(new Running('script', inTerminal([process.execPath, CLI, ...args], size), { HOME: this.home(), XDG_STATE_HOME: this.home(), TERM: 'xterm-256color', ...env }, 'pipe'))
  }

  private async started (name: string, spawn: (args: string[]) => Running, args: string[]): Promise<StartedNode> {
    const dataDirectory = join(this.home(), name)
    const node = spawn(['start', '--local', '--data-dir', dataDirectory, ...args])

    await node.prints(/Ctrl-C stops the node/)

    return Object.assign(node, { dataDirectory })
  }

  async end (): Promise<void> {
    for (const running of this.running) {
      await running.end('SIGKILL')
    }
  }

  private node (script: string, args: string[], env: NodeJS.ProcessEnv): Running {
    return this.track(new Running(process.execPath, [script, ...args], env))
  }

  private track (running: Running): Running {
    this.running.add(running)
    void running.ended.then(() => this.running.delete(running))

    return running
  }
}

/** The address a node prints for others to join by */
export function addressOf ({ stdout }: Running): string {
  return /--bootstrap (\S+)/.exec(stdout)?.[1] ?? ''
}

/** The client of a node that runs, by what it has written to its data directory */
export async function clientOf ({ stdout, dataDirectory }: StartedNode): Promise<VotingClient> {
  return new VotingClient({ url: /API +(\S+)/.exec(stdout)?.[1] ?? '', token: await readToken(dataDirectory) ?? '' })
}
