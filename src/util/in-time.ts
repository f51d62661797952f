/** Resolves as a promise does, or with undefined after a time in milliseconds. What the promise stands for goes on. */
export async function inTime <T> (promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => { resolve(undefined) }, milliseconds)

  try {
    return await Promise.race([promise, over])
  } finally {
    clearTimeout(timer)
  }
}
