const INTERVAL = 50

/**
 * Asks again and again until there is an answer.
 *
 * @param what - is waited for, for the error
 * @throws {Error} after `timeout` milliseconds
 */
export async function until <T> (what: string, timeout: number, signal: AbortSignal, ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + timeout

  for (;;) {
    const answer = await ask()

    if (answer != null) {
      return answer
    }

    if (Date.now() > end) {
      throw new Error(`${what} did not happen within ${timeout / 1_000} seconds`)
    }

    await pause(INTERVAL, signal)
  }
}

/** Lets so many milliseconds pass */
export async function pause (milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end)
      resolve()
    }, milliseconds)
    const end = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }

    signal.throwIfAborted()
    signal.addEventListener('abort', end, { once: true })
  })
}
