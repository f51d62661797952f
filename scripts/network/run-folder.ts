import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LOGS = 'logs'

/** A folder for one run of a script: what its nodes write, and their logs */
export class RunFolder {
  readonly path: string
  readonly logs: string
  /** What the keys of a run are bound to */
  readonly locks: string

  private constructor (path: string) {
    this.path = path
    this.logs = join(path, LOGS)
    this.locks = join(path, 'locks')
  }

  /**
   * @param name - of the script
   */
  static async create (name: string): Promise<RunFolder> {
    const folder = new RunFolder(await mkdtemp(join(tmpdir(), `libp2p-voting-${name}-`)))

    await mkdir(folder.logs)

    return folder
  }

  /** Removes all of it, or all but the logs: they hold no keys, what else is there does */
  async remove ({ keepLogs }: { keepLogs: boolean }): Promise<void> {
    if (!keepLogs) {
      await rm(this.path, { recursive: true, force: true })

      return
    }

    for (const name of await readdir(this.path)) {
      if (name !== LOGS) {
        await rm(join(this.path, name), { recursive: true, force: true })
      }
    }
  }
}
