/**
 * The other side of `isolated.ts`.
 */

import { inspectRecords } from './inspect-records.ts'
import { salvage } from './salvage.ts'
import type { IsolatedAnswer } from './isolated.ts'

const [task, copy] = process.argv.slice(2)

async function run (): Promise<IsolatedAnswer> {
  try {
    if (task === 'inspect') {
      return { found: await inspectRecords(copy) }
    }

    await salvage(copy)

    return { found: [] }
  } catch (err: any) {
    return { name: err.name, message: err.message }
  }
}

// it ends with the connection, once the answer is on its way
process.send?.(await run(), () => { process.disconnect() })
