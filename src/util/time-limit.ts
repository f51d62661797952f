import { setMaxListeners } from '@libp2p/interface'

/**
 * Runs a task with a signal that aborts with a reason after a time in milliseconds, or when another signal aborts. The task ends
 * when it heeds the signal.
 */
export async function withTimeLimit <T> (milliseconds: number, reason: Error, task: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted()

  const controller = new AbortController()
  const onAbort = (): void => { controller.abort(signal?.reason) }
  const timer = setTimeout(() => { controller.abort(reason) }, milliseconds)

  setMaxListeners(Infinity, controller.signal)
  // AbortSignal.any would be kept by a signal that outlives the task
  signal?.addEventListener('abort', onAbort)

  try {
    return await task(controller.signal)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
