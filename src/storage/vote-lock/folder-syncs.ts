/**
 * Makes new names in folders durable, for several calls at a time: those that come during one sync, which may not see their
 * names, share the next.
 */

import { syncFolder } from '../files/make-folder.ts'

export class FolderSyncs {
  private readonly running = new Map<string, Promise<void>>()
  private readonly next = new Map<string, Promise<void>>()

  async sync (folder: string): Promise<void> {
    const running = this.running.get(folder)

    if (running == null) {
      return this.start(folder)
    }

    const start = async (): Promise<void> => {
      this.next.delete(folder)

      return this.start(folder)
    }
    const next = this.next.get(folder) ?? running.then(start, start)

    this.next.set(folder, next)

    return next
  }

  private async start (folder: string): Promise<void> {
    const sync = syncFolder(folder).finally(() => {
      if (this.running.get(folder) === sync) {
        this.running.delete(folder)
      }
    })

    this.running.set(folder, sync)

    return sync
  }
}
