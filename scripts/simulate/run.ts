/**
 * Plays many schedules, on all cores.
 */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { add, emptySummary } from './summary.ts'
import type { PlanOptions } from './plan.ts'
import type { Failure, Summary } from './summary.ts'
import type { Chunk, WorkerData } from './worker.ts'

export interface RunOptions extends PlanOptions {
  schedules: number
  seed: number
  /** Ends it early */
  signal: AbortSignal
  onProgress? (summary: Summary): void
}

/** Schedules that a thread is given at a time */
const CHUNK = 50

/** What a schedule leaves behind lives short, and goes at little cost where there is room for much of it; MiB */
const YOUNG_GENERATION = 64

/**
 * @throws {Error} that a thread has thrown, or that is the reason of the signal
 */
export async function runMany ({ schedules, signal, onProgress, seed, rule, faults, sabotage }: RunOptions): Promise<{ summary: Summary, failures: Failure[] }> {
  const summary = emptySummary()
  const failures: Failure[] = []
  const chunks = Array.from({ length: Math.ceil(schedules / CHUNK) }, (_, index) => ({ from: index * CHUNK, to: Math.min(schedules, (index + 1) * CHUNK) }))
  const workerData: WorkerData = { seed, rule, faults, sabotage }

  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION } })

    try {
      for (let chunk = chunks.shift(); chunk != null; chunk = chunks.shift()) {
        const played = await ask(worker, chunk, signal)

        add(summary, played.summary)
        failures.push(...played.failures)
        onProgress?.(summary)
      }
    } finally {
      // the others need not go on where one has failed
      chunks.length = 0
      await worker.terminate()
    }
  }

  await Promise.all(Array.from({ length: Math.min(availableParallelism(), chunks.length) }, work))

  return { summary, failures }
}

async function ask (worker: Worker, chunk: Chunk, signal: AbortSignal): Promise<{ summary: Summary, failures: Failure[] }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ summary: Summary, failures: Failure[] }>()
  const onAbort = (): void => { reject(signal.reason) }
  const onExit = (code: number): void => { reject(new Error(`a thread that plays schedules has ended with ${code}`)) }

  signal.throwIfAborted()
  signal.addEventListener('abort', onAbort)
  worker.once('message', resolve).once('error', reject).once('exit', onExit)
  worker.postMessage(chunk)

  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
    worker.off('message', resolve).off('error', reject).off('exit', onExit)
  }
}
