/** Resolves after some milliseconds, or rejects with the reason of the signal */
export async function pause (milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, milliseconds)

    signal?.addEventListener('abort', abort, { once: true })
  })
}
