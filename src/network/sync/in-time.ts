/**
 * What a promise resolves with, or undefined if that takes longer than so many milliseconds. What it does goes on.
 */
export async function inTime <T> (promise: Promise<T>, patience: number): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => { resolve(undefined) }, patience)

  try {
    return await Promise.race([promise, over])
  } finally {
    clearTimeout(timer)
  }
}
