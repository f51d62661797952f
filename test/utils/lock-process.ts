/**
 * A process that asks for vote locks, on a system that does what a test wants of it.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('acquire-locks.ts', import.meta.url))

export type LockAnswer = { proposalId: number, choice: 'yes' | 'no' } | { proposalId: number, error: string }

export class LockProcess {
  private readonly lines: AsyncIterator<string>
  private readonly child

  /**
   * @param fault - what strace does to the process, for instance `inject=fsync:error=EIO`. Files are worked on one after the
   *   other then.
   */
  constructor (folder: string, choice: 'yes' | 'no', count: number, fault?: string) {
    const command = [process.execPath, ...process.execArgv, PROGRAM, folder, choice, `${count}`]
    const [program, ...args] = fault == null ? command : ['strace', '-D', '-f', '-o', '/dev/null', '-e', 'trace=fsync,?link,linkat,?unlink,unlinkat', '-e', fault, ...command]

    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...fault == null ? {} : { UV_THREADPOOL_SIZE: '1' } } })
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  async ready (): Promise<void> {
    await this.lines.next()
  }

  /** Has it ask, and resolves with what it has printed when it has ended */
  async answers (): Promise<LockAnswer[]> {
    const answers: LockAnswer[] = []
    const closed = once(this.child, 'close')

    this.child.stdin.end('go')

    for (let line = await this.lines.next(); line.done !== true; line = await this.lines.next()) {
      answers.push(JSON.parse(line.value))
    }

    await closed

    return answers
  }

  /** The signal that has ended it, if any did */
  get signal (): NodeJS.Signals | null {
    return this.child.signalCode
  }
}
