/**
 * One node of the network: the binary as a process of its own, driven through its control API.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { VotingClient } from '../../src/client/index.ts'
import { readToken } from '../../src/node/index.ts'
import type { RunFolder } from './run-folder.ts'
import type { ChildProcess } from 'node:child_process'

/** The binary */
export const CLI = fileURLToPath(new URL('../../src/cli/index.js', import.meta.url))

/** Nodes must not be left behind by a script that was killed */
const TETHER = new URL('./tether.js', import.meta.url).href

const second = 1_000
const START_TIMEOUT = 30 * second
const STOP_TIMEOUT = 6 * second

/** What `start --json` prints */
interface Started {
  pid: number
  peerId: string
  voter: string
  addresses: string[]
  api: string
}

/** Says that a node runs */
export function startOf ({ name, pid, info }: NodeProcess): string {
  return `${name} runs as process ${pid}, voter ${info.voter}`
}

export class NodeProcess {
  readonly name: string
  readonly dataDirectory: string
  private readonly lockDirectory: string
  private readonly logFile: string
  private readonly compileCache: string
  private readonly program: string
  private readonly onExit: (err: Error) => void
  private child?: ChildProcess
  private exited: Promise<unknown> = Promise.resolve()
  private ending = false
  private started?: Started
  private votingClient?: VotingClient

  /**
   * @param number - tells it from the others, 1 or more
   * @param folder - where its data directory, its log and the locks are
   * @param onExit - told if the process ends although nobody ended it
   * @param program - what takes the arguments of the binary in its place
   */
  constructor (number: number, folder: RunFolder, onExit: (err: Error) => void, program = CLI) {
    this.name = `node-${number}`
    this.dataDirectory = join(folder.path, this.name)
    this.lockDirectory = folder.locks
    this.logFile = join(folder.logs, `${this.name}.log`)
    this.compileCache = join(folder.path, 'compile-cache')
    this.program = program
    this.onExit = onExit
  }

  get client (): VotingClient {
    return this.running(this.votingClient)
  }

  get info (): Started {
    return this.running(this.started)
  }

  get pid (): number | undefined {
    return this.child?.pid
  }

  /**
   * Resolves when the node is ready. The first start makes its keys if there are none, later ones find them.
   *
   * @param options - of the command line, besides those that all nodes have
   */
  async start (bootstrap: string[], signal: AbortSignal, options: string[] = []): Promise<void> {
    const { NODE_OPTIONS, LIBP2P_VOTING_DATA_DIR, ...env } = process.env
    const child = spawn(process.execPath, [
      '--import', TETHER, this.program, 'start', '--json', '--local', '--data-dir', this.dataDirectory, '--lock-dir', this.lockDirectory, ...bootstrap.flatMap(address => ['--bootstrap', address]), ...options
    ], {
      // most of a start is spent on compiling, which all nodes of a run can share
      env: { ...env, NO_COLOR: '1', DEBUG: 'libp2p:voting*', NODE_COMPILE_CACHE: this.compileCache },
      // its standard input is what ties it to this process
      stdio: ['pipe', 'pipe', 'pipe']
    })
    const log = createWriteStream(this.logFile, { flags: 'a' })
    const output = createInterface({ input: child.stdout })
    const over = new AbortController()
    let lastLine = ''

    this.child = child
    this.ending = false
    this.exited = once(child, 'close')
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    createInterface({ input: child.stderr }).on('line', line => {
      lastLine = /^(error|warning):/.test(line) ? line : lastLine
    })
    child.once('close', (code, signal) => {
      log.end()
      over.abort()

      if (!this.ending) {
        this.onExit(new Error(`${this.name} (process ${child.pid}) has ended by itself: ${signal ?? `exit code ${code}`}. ${lastLine}`))
      }
    })

    const limit = AbortSignal.any([signal, over.signal, AbortSignal.timeout(START_TIMEOUT)])
    const [line] = await once(output, 'line', { signal: limit }).catch(() => {
      signal.throwIfAborted()

      if (over.signal.aborted) {
        throw new Error(`${this.name} has ended before it was ready`)
      }

      throw new Error(`${this.name} did not start within ${START_TIMEOUT / second} seconds`)
    })

    this.started = JSON.parse(line) as Started
    this.votingClient = new VotingClient({ url: this.started.api, token: await readToken(this.dataDirectory) ?? '' })
  }

  /** Ends the process as a power cut would */
  async kill (): Promise<void> {
    await this.end('SIGKILL')
  }

  /** Ends the process as its operator would; by force if it does not end */
  async stop (): Promise<void> {
    const timer = setTimeout(() => { this.child?.kill('SIGKILL') }, STOP_TIMEOUT)

    try {
      await this.end('SIGTERM')
    } finally {
      clearTimeout(timer)
    }
  }

  private async end (signal: NodeJS.Signals): Promise<void> {
    this.ending = true
    this.child?.kill(signal)
    await this.exited
    this.child = undefined
  }

  private running <T> (value?: T): T {
    if (value == null) {
      throw new Error(`${this.name} has not been started`)
    }

    return value
  }
}
