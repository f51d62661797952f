/**
 * How a script that runs nodes ends: when it is done, at Ctrl-C, or since a node has ended by itself.
 */

import { NodeUnreachableError } from '../../src/client/index.ts'

/** Milliseconds until a busy machine has told us of a process that has ended */
const DEATH_TIMEOUT = 15_000

export const INTERRUPTED = new Error('Interrupted')

/**
 * Runs a script to its end and exits: with 0 if it gives true, with 1 if it gives false or throws, with 130 if a signal
 * has interrupted it.
 */
export async function runScript (main: (stop: AbortController) => Promise<boolean>): Promise<never> {
  const stop = new AbortController()

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => { stop.abort(INTERRUPTED) })
  }

  try {
    process.exit(await main(stop) ? 0 : 1)
  } catch (err: any) {
    console.error(err === INTERRUPTED ? 'Interrupted; everything was stopped and removed' : `error: ${err.message}`)
    process.exit(err === INTERRUPTED ? 130 : 1)
  }
}

/** Why a run has failed: a node that has ended by itself is the reason for everything after it */
export async function causeOf (err: unknown, { signal }: AbortController): Promise<unknown> {
  if (err instanceof NodeUnreachableError) {
    // a node that has died is not heard before it is known to have died
    await aborted(AbortSignal.any([signal, AbortSignal.timeout(DEATH_TIMEOUT)]))
  }

  return signal.aborted ? signal.reason : err
}

export async function aborted (signal: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    if (signal.aborted) {
      resolve()
    }

    signal.addEventListener('abort', () => { resolve() })
  })
}
