/**
 * Writes that are asked for while others are under way go to disk together, in the order they were asked for: the next
 * batch is what has come meanwhile.
 */

/**
 * Calls that share a batch, at most, where none of them waits for the disk. If all did, whoever calls again when the last
 * one is done would come at once, and nothing would be worked on while they are written. A flush takes so much longer that
 * all are to share it.
 */
const SHARED = 32

export type Write = { type: 'put', key: string, value: Uint8Array } | { type: 'del', key: string }

interface Waiting {
  writes: Write[]
  durable: boolean
  resolve (): void
  reject (err: unknown): void
}

export class WriteQueue {
  private readonly commit: (writes: Write[], durable: boolean) => Promise<void>
  private readonly waiting: Waiting[] = []
  private running?: Promise<void>

  /**
   * @param commit - writes a batch, all or nothing. Never called while a call is under way.
   */
  constructor (commit: (writes: Write[], durable: boolean) => Promise<void>) {
    this.commit = commit
  }

  /** Resolves when the writes are stored; rejects with the error of the batch they were in */
  async write (writes: Write[], durable: boolean): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.waiting.push({ writes, durable, resolve, reject })
    })

    this.running ??= this.run()

    return written
  }

  /** Resolves when nothing is waiting any more */
  async idle (): Promise<void> {
    await this.running
  }

  private async run (): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.waiting.some(({ durable }) => durable) ? Infinity : SHARED)

      try {
        await this.commit(batch.flatMap(({ writes }) => writes), batch.some(({ durable }) => durable))
        batch.forEach(({ resolve }) => { resolve() })
      } catch (err) {
        batch.forEach(({ reject }) => { reject(err) })
      }
    }

    this.running = undefined
  }
}
