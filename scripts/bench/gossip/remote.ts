/**
 * Members in processes of their own, as the benchmark sees them.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BareMember } from './bare-member.ts'
import type { FullMember } from './full-member.ts'
import type { ChildProcess } from 'node:child_process'

const PROGRAM = fileURLToPath(new URL('./member.js', import.meta.url))

/** Milliseconds that a process may take to end */
const END_TIMEOUT = 10_000

export interface Call {
  id: number
  method: string
  args: unknown[]
}

export interface Answer {
  id: number
  value?: unknown
  /** Why the call failed */
  error?: string
}

interface Kinds {
  full: FullMember
  bare: BareMember
}

type Method = (...args: any[]) => Promise<any>

interface Pending {
  resolve (value: any): void
  reject (err: Error): void
}

export class Remote<Member extends { stop: Method }> {
  private readonly child: ChildProcess
  private readonly pending = new Map<number, Pending>()
  private calls = 0

  private constructor (kind: keyof Kinds) {
    const { NODE_OPTIONS, LIBP2P_VOTING_DATA_DIR, ...env } = process.env

    this.child = fork(PROGRAM, [kind], { serialization: 'advanced', env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.child.on('message', ({ id, value, error }: Answer) => {
      const pending = this.pending.get(id)

      this.pending.delete(id)
      error == null ? pending?.resolve(value) : pending?.reject(new Error(error))
    })
    this.child.on('error', err => { this.fail(err) })
    this.child.on('exit', (code, signal) => { this.fail(new Error(`process ${this.child.pid} has ended: ${signal ?? `exit code ${code}`}`)) })
  }

  static start <K extends keyof Kinds> (kind: K): Remote<Kinds[K]> {
    return new Remote(kind)
  }

  async call <K extends keyof Member> (method: K, ...args: Member[K] extends Method ? Parameters<Member[K]> : never): Promise<Member[K] extends Method ? Awaited<ReturnType<Member[K]>> : never> {
    return this.request(String(method), args)
  }

  /** As {@link Remote.call}, where it is not known what the member can do */
  async request (method: string, args: unknown[]): Promise<any> {
    const { promise, resolve, reject } = Promise.withResolvers<any>()
    const call: Call = { id: this.calls++, method, args }

    this.pending.set(call.id, { resolve, reject })
    this.child.send(call, err => {
      if (err != null) {
        reject(err)
      }
    })

    return promise
  }

  /** Lets the member stop and the process end, or ends it */
  async end (): Promise<void> {
    if (this.child.exitCode != null || this.child.signalCode != null) {
      return
    }

    const exited = once(this.child, 'exit')
    const timer = setTimeout(() => { this.child.kill('SIGKILL') }, END_TIMEOUT)

    try {
      await this.request('stop', []).catch(() => {})

      if (this.child.connected) {
        this.child.disconnect()
      }

      await exited
    } finally {
      clearTimeout(timer)
    }
  }

  private fail (err: Error): void {
    this.pending.forEach(({ reject }) => { reject(err) })
    this.pending.clear()
  }
}

/** Does something with members that are ended afterwards, however it ends */
export async function withMembers <T> (task: (start: <K extends keyof Kinds>(kind: K, count: number) => Array<Remote<Kinds[K]>>) => Promise<T>): Promise<T> {
  const started: Array<Remote<any>> = []

  try {
    return await task((kind, count) => {
      const members = Array.from({ length: count }, () => Remote.start(kind))

      started.push(...members)

      return members
    })
  } finally {
    await Promise.all(started.map(async member => member.end()))
  }
}
