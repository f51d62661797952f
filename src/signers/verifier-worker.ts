/**
 * The other side of `verifier-pool.ts`: verifies batches in a thread of its own.
 */

import { parentPort } from 'node:worker_threads'
import { ethereumScheme } from './ethereum-scheme.ts'
import { END, INVALID, readBatch, REFUSED, VALID } from './verifier-batch.ts'
import type { BatchVerdicts } from './verifier-batch.ts'

const scheme = ethereumScheme()

parentPort?.on('message', (batch: Uint8Array | typeof END) => {
  if (batch === END) {
    parentPort?.close()

    return
  }

  const verdicts: number[] = []
  const errors: string[] = []

  for (const { identity, payload, signature } of readBatch(batch)) {
    try {
      verdicts.push(scheme.verify(identity, payload, signature) === true ? VALID : INVALID)
    } catch (err: any) {
      verdicts.push(REFUSED)
      errors.push(err.reason ?? err.message)
    }
  }

  const answer: BatchVerdicts = { verdicts, errors }

  parentPort?.postMessage(answer)
})

parentPort?.postMessage('ready')
