/**
 * @packageDocumentation
 *
 * Verifies Ethereum signatures on several cores, for nodes on Node.js that take in more votes than one core can verify
 * (some 10,000 a second). Votes that are processed at the same time are verified in batches, in worker threads.
 *
 * @example
 *
 * ```TypeScript
 * import { ConsensusService } from 'libp2p-voting/consensus'
 * import { verifierPool } from 'libp2p-voting/signers/verifier-pool'
 *
 * const pool = verifierPool()
 * const service = new ConsensusService({ scheme: pool })
 *
 * // …
 *
 * await pool.close()
 * ```
 */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { checkBytes } from '../consensus/check.ts'
import { SignatureSchemeError } from '../consensus/errors.ts'
import { ethereumScheme } from './ethereum.ts'
import { REFUSED, VALID, writeBatch } from './verifier-batch.ts'
import type { BatchVerdicts, VerifierTask } from './verifier-batch.ts'
import type { SignatureScheme } from '../consensus/signing.ts'

export interface VerifierPoolInit {
  /**
   * How many threads
   *
   * @default the number of cores
   */
  workers?: number

  /**
   * How many signatures a thread is given at once
   *
   * @default 64
   */
  batchSize?: number
}

/** The Ethereum scheme, verified elsewhere */
export interface VerifierPool extends SignatureScheme {
  verify (identity: Uint8Array, payload: Uint8Array, signature: Uint8Array): Promise<boolean>

  /** Stops the threads. What is under way or comes later is verified in the thread that asks. */
  close (): Promise<void>
}

interface PendingTask extends VerifierTask {
  resolve (valid: boolean): void
  reject (err: Error): void
}

export const DEFAULT_BATCH_SIZE = 64

/** Batches a thread has at once: the next one is there when it has done with the first */
const BATCHES_AHEAD = 2

export function verifierPool ({ workers = availableParallelism(), batchSize = DEFAULT_BATCH_SIZE }: VerifierPoolInit = {}): VerifierPool {
  checkCount('workers', workers)
  checkCount('batchSize', batchSize)

  return new ThreadPool(workers, batchSize)
}

class ThreadPool implements VerifierPool {
  private readonly batchSize: number
  private readonly threads: Set<Thread>
  private waiting: PendingTask[] = []
  private scheduled = false

  constructor (workers: number, batchSize: number) {
    this.batchSize = batchSize
    this.threads = new Set(Array.from({ length: workers }, () => new Thread(
      () => { this.dispatch() },
      thread => { this.threads.delete(thread) }
    )))
  }

  async verify (identity: Uint8Array, payload: Uint8Array, signature: Uint8Array): Promise<boolean> {
    checkBytes('identity', identity)
    checkBytes('payload', payload)
    checkBytes('signature', signature)

    return new Promise((resolve, reject) => {
      this.waiting.push({ identity, payload, signature, resolve, reject })
      this.schedule()
    })
  }

  async close (): Promise<void> {
    const threads = [...this.threads]

    this.threads.clear()
    await Promise.all(threads.map(async thread => thread.close()))
    this.dispatch()
  }

  /** Waits for what else is asked for in this turn of the event loop, so that it is one batch */
  private schedule (): void {
    if (this.scheduled) {
      return
    }

    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.dispatch()
    })
  }

  private dispatch (): void {
    if (this.threads.size === 0) {
      this.waiting.splice(0).forEach(verifyHere)
      return
    }

    // shared out evenly where there is less than would fill all batches
    const share = Math.min(this.batchSize, Math.ceil(this.waiting.length / this.threads.size))

    for (const thread of this.threads) {
      while (this.waiting.length > 0 && thread.batches < BATCHES_AHEAD) {
        thread.send(this.waiting.splice(0, share))
      }
    }
  }
}

class Thread {
  private readonly worker: Worker
  private readonly underWay: PendingTask[][] = []
  private readonly onFree: () => void
  private readonly onEnd: (thread: Thread) => void

  constructor (onFree: () => void, onEnd: (thread: Thread) => void) {
    this.onFree = onFree
    this.onEnd = onEnd
    // the file next to this one, with the extension that this one has
    this.worker = new Worker(new URL(import.meta.url.replace(/verifier-pool(\.\w+)$/, 'verifier-worker$1')))
    this.worker.on('message', answer => { this.settle(answer) })
    this.worker.on('error', () => { this.end() })
    this.worker.on('exit', () => { this.end() })
    // threads with nothing to do do not keep the process alive
    this.worker.unref()
  }

  get batches (): number {
    return this.underWay.length
  }

  send (tasks: PendingTask[]): void {
    const batch = writeBatch(tasks)

    this.underWay.push(tasks)
    this.worker.ref()
    this.worker.postMessage(batch, [batch.buffer])
  }

  async close (): Promise<void> {
    await this.worker.terminate()
    this.end()
  }

  private settle ({ verdicts, errors }: BatchVerdicts): void {
    const tasks = this.underWay.shift() ?? []

    for (const [index, { identity, resolve, reject }] of tasks.entries()) {
      if (verdicts[index] === REFUSED) {
        reject(new SignatureSchemeError(errors.shift() ?? '', { owner: identity }))
      } else {
        resolve(verdicts[index] === VALID)
      }
    }

    if (this.underWay.length === 0) {
      this.worker.unref()
    }

    this.onFree()
  }

  /** A thread that is gone takes no vote with it */
  private end (): void {
    this.onEnd(this)
    this.underWay.splice(0).flat().forEach(verifyHere)
    this.onFree()
  }
}

const scheme = ethereumScheme()

function verifyHere ({ identity, payload, signature, resolve, reject }: PendingTask): void {
  try {
    resolve(scheme.verify(identity, payload, signature) === true)
  } catch (err: any) {
    reject(err)
  }
}

function checkCount (field: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new TypeError(`${field} must be a whole number of at least 1, got ${value}`)
  }
}
