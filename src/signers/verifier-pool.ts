/**
 * @packageDocumentation
 *
 * Verifies Ethereum signatures on several cores, for nodes on Node.js that take in more votes than one core can verify
 * (some 10,000 a second). Votes that are processed at the same time are verified in batches, in worker threads that are
 * started once there is work for them. A lone vote is verified in the thread that asks, which is sooner, and so are all while
 * other processes take the cores.
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
import { checkBytes } from '../consensus/encoding/check.ts'
import { SignatureSchemeError } from '../consensus/errors.ts'
import { ethereumScheme } from './ethereum-scheme.ts'
import { FreeCores } from './free-cores.ts'
import { END, REFUSED, VALID, writeBatch } from './verifier-batch.ts'
import type { BatchVerdicts, VerifierTask } from './verifier-batch.ts'
import type { SignatureScheme } from '../consensus/signing.ts'

export interface VerifierPoolInit {
  /**
   * How many threads, at most
   *
   * @default the number of cores
   */
  workers?: number

  /**
   * How many signatures a thread is given at once
   *
   * @default 32
   */
  batchSize?: number
}

/** The Ethereum scheme, verified elsewhere */
export interface VerifierPool extends SignatureScheme {
  verify (identity: Uint8Array, payload: Uint8Array, signature: Uint8Array): Promise<boolean>

  /** Ends the threads when they have done what is under way. What comes later is verified in the thread that asks. */
  close (): Promise<void>
}

interface PendingTask extends VerifierTask {
  resolve (valid: boolean): void
  reject (err: Error): void
}

export const DEFAULT_BATCH_SIZE = 32

/** Batches a thread has at once: the next one is there when it has done with the first */
const BATCHES_AHEAD = 2

/** Signatures for which another thread is worth the handing over, or a first one the start */
const FEW = 8

/** Signatures that wait for no others: handing them over one by one takes as long as verifying them */
const ENOUGH = 16

/** Milliseconds that fewer wait for others, in a busy time */
const PATIENCE = 2

/** Milliseconds after which a signature is taken for a lone one: in a busy time the next has come before */
const QUIET = 5

export function verifierPool ({ workers = availableParallelism(), batchSize = DEFAULT_BATCH_SIZE }: VerifierPoolInit = {}): VerifierPool {
  checkCount('workers', workers)
  checkCount('batchSize', batchSize)

  return new ThreadPool(workers, batchSize)
}

class ThreadPool implements VerifierPool {
  private readonly batchSize: number
  private readonly threads = new Set<Thread>()
  /** How many more may be started. One that has ended by itself is not replaced: the next would, too. */
  private unstarted: number
  private waiting: PendingTask[] = []
  private readonly cores = new FreeCores()
  /** All that waits is handed over when it goes off; `isSoon` in this turn of the event loop */
  private timer?: ReturnType<typeof setTimeout>
  private isSoon = false
  private askedAt = -Infinity

  constructor (workers: number, batchSize: number) {
    this.batchSize = batchSize
    this.unstarted = workers
  }

  async verify (identity: Uint8Array, payload: Uint8Array, signature: Uint8Array): Promise<boolean> {
    checkBytes('identity', identity)
    checkBytes('payload', payload)
    checkBytes('signature', signature)

    return new Promise((resolve, reject) => {
      const task = { identity, payload, signature, resolve, reject }
      const now = performance.now()
      const isLone = now - this.askedAt > QUIET

      this.askedAt = now

      if (isLone || !this.cores.areThere()) {
        verifyHere(task)
      } else {
        this.waiting.push(task)
        this.schedule()
      }
    })
  }

  async close (): Promise<void> {
    const threads = [...this.threads]

    this.unstarted = 0
    this.threads.clear()
    await Promise.all(threads.map(async thread => thread.close()))
    this.dispatch()
  }

  /** Waits for what else is asked for, so that it is one batch */
  private schedule (): void {
    if (this.waiting.length < ENOUGH) {
      this.timer ??= setTimeout(() => { this.dispatch() }, PATIENCE)
    } else {
      this.dispatchSoon()
    }
  }

  private dispatchSoon (): void {
    if (!this.isSoon) {
      this.isSoon = true
      setImmediate(() => { this.dispatch() })
    }
  }

  private dispatch (): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.isSoon = false

    if (this.threads.size + this.unstarted === 0 || (this.threads.size === 0 && this.waiting.length < FEW)) {
      this.waiting.splice(0).forEach(verifyHere)
      return
    }

    // shared out evenly where there is less than would fill all batches
    const share = Math.max(FEW, Math.ceil(this.waiting.length / (this.threads.size + this.unstarted)))

    while (this.waiting.length > 0) {
      const thread = this.next()

      if (thread == null) {
        // all have enough to do, or are not ready yet, so this thread does its part, one at a time to see what else is to be done
        this.waiting.splice(0, 1).forEach(verifyHere)
        this.dispatchSoon()
        return
      }

      thread.send(this.waiting.splice(0, Math.min(this.batchSize, share)))
    }
  }

  /** The one that will have done first, unless all have enough to do. Another is started where none has nothing to do. */
  private next (): Thread | undefined {
    const [least] = [...this.threads].filter(({ ready }) => ready).sort((one, other) => one.batches - other.batches)

    if (least?.batches !== 0 && this.unstarted > 0 && [...this.threads].every(({ ready }) => ready)) {
      this.start()
    }

    return least != null && least.batches < BATCHES_AHEAD ? least : undefined
  }

  private start (): void {
    this.unstarted--
    this.threads.add(new Thread(
      () => { this.dispatch() },
      thread => { this.threads.delete(thread) }
    ))
  }
}

class Thread {
  /** It takes some time to load what it needs */
  ready = false
  private closing = false
  private readonly worker: Worker
  private readonly underWay: PendingTask[][] = []
  private readonly onFree: () => void
  private readonly onEnd: (thread: Thread) => void

  constructor (onFree: () => void, onEnd: (thread: Thread) => void) {
    this.onFree = onFree
    this.onEnd = onEnd
    // the file next to this one, with the extension that this one has
    this.worker = new Worker(new URL(import.meta.url.replace(/verifier-pool(\.\w+)$/, 'verifier-worker$1')))
    this.worker.once('message', () => {
      this.ready = true
      this.worker.on('message', answer => { this.settle(answer) })
      this.onFree()
    })
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

  /** Lets it do what it was given. To terminate a thread while it is in native code would end the process. */
  async close (): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()

    this.closing = true
    this.worker.once('exit', () => { resolve() })
    this.worker.ref()
    this.worker.postMessage(END)
    await promise
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

    if (this.underWay.length === 0 && !this.closing) {
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
