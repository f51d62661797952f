/**
 * Plays schedules in a thread of its own, whose clock and random numbers nobody else needs.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { play } from './summary.ts'
import type { PlanOptions } from './plan.ts'

export interface WorkerData extends PlanOptions {
  seed: number
}

/** Numbers of schedules, the last excluded */
export interface Chunk {
  from: number
  to: number
}

const { seed, ...options } = workerData as WorkerData

// where each stream that ends is an error, taking down where it came from takes longer than the rest
Error.stackTraceLimit = 0

parentPort?.on('message', ({ from, to }: Chunk) => {
  void play(seed, from, to, options).then(played => { parentPort?.postMessage(played) })
})
