/**
 * Runs tasks of one key one after the other, in the order they came; tasks of different keys side by side.
 */
export class KeyedMutex {
  private readonly tails = new Map<string, Promise<unknown>>()

  async run <T> (key: string, task: () => Promise<T>): Promise<T> {
    const previous = this.tails.get(key)
    const current = previous == null ? task() : previous.then(task, task)

    this.tails.set(key, current)

    try {
      return await current
    } finally {
      if (this.tails.get(key) === current) {
        this.tails.delete(key)
      }
    }
  }
}
