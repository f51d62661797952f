/** Milliseconds between two loads, so that a thousand votes a second are no thousand requests */
const PAUSE = 300

/** Loads when asked to, one load at a time, and not in too quick a succession. The last request is never lost. */
export class Loader {
  private readonly load: (signal: AbortSignal) => Promise<void>
  private readonly ended = new AbortController()
  private busy = false
  private wanted = false

  /** @param load - must not reject */
  constructor (load: (signal: AbortSignal) => Promise<void>) {
    this.load = load
  }

  request (): void {
    this.wanted = true
    void this.run()
  }

  stop (): void {
    this.ended.abort()
  }

  private async run (): Promise<void> {
    if (this.busy) {
      return
    }

    this.busy = true

    while (this.wanted && !this.ended.signal.aborted) {
      this.wanted = false
      await this.load(this.ended.signal)
      await new Promise(resolve => setTimeout(resolve, PAUSE))
    }

    this.busy = false
  }
}
