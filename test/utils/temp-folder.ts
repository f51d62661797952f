import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A folder of its own for every test of the suite that calls this
 *
 * @param parent - where it is made; by default where the system has its temporary files
 */
export function useTempFolder (parent = tmpdir()): { path: string } {
  const folder = { path: '' }

  beforeEach(async () => {
    folder.path = await mkdtemp(join(parent, 'libp2p-voting-'))
  })

  afterEach(async () => {
    // a process that was killed may have a file half written into it still
    await rm(folder.path, { recursive: true, maxRetries: 10 })
  })

  return folder
}
