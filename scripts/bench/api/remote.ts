/**
 * The node that is measured, as the benchmark sees it.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Directories } from './store.ts'
import type { ChildProcess } from 'node:child_process'

const PROGRAM = fileURLToPath(new URL('./node.js', import.meta.url))

export interface Deciding {
  seconds: number
  /** Of all threads of the node */
  cpuSeconds: number
}

export class RemoteNode {
  readonly api: { url: string, token: string }
  private readonly child: ChildProcess

  private constructor (child: ChildProcess, api: { url: string, token: string }) {
    this.child = child
    this.api = api
  }

  static async start ({ dataDirectory, lockDirectory }: Directories): Promise<RemoteNode> {
    const child = fork(PROGRAM, [dataDirectory, lockDirectory], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })

    return new RemoteNode(child, await answerOf(child))
  }

  /** Has the node make, and decide by its own vote, so many proposals */
  async decide (decisions: number): Promise<Deciding> {
    this.child.send({ decisions })

    return answerOf(this.child)
  }

  async stop (): Promise<void> {
    const ended = once(this.child, 'exit')

    this.child.disconnect()
    await ended
  }
}

async function answerOf (child: ChildProcess): Promise<any> {
  const answered = new AbortController()

  try {
    const [answer] = await Promise.race([
      once(child, 'message', { signal: answered.signal }),
      once(child, 'exit', { signal: answered.signal }).then(([code]) => { throw new Error(`the node has ended with exit code ${code}`) })
    ])

    if (answer.error != null) {
      throw new Error(answer.error)
    }

    return answer
  } finally {
    answered.abort()
  }
}
