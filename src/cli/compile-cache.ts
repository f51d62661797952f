/**
 * Node.js keeps what it compiles the program to, so that commands and nodes start faster from the second time on.
 */

import { mkdirSync, statSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { resolve } from 'node:path'

/**
 * In `libp2p-voting` in `XDG_CACHE_HOME`, else in `.cache` in the home directory, and not where Node.js would keep it: in the
 * directory for temporary files, others could have us run code of theirs. `NODE_COMPILE_CACHE` and
 * `NODE_DISABLE_COMPILE_CACHE` are Node.js's own, and left to it. Where there is no place, all works as well without it.
 */
export function keepCompiled (env: NodeJS.ProcessEnv = process.env): void {
  const { XDG_CACHE_HOME: caches = '', NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE } = env

  if (NODE_COMPILE_CACHE != null || NODE_DISABLE_COMPILE_CACHE != null) {
    return
  }

  try {
    const directory = resolve(caches === '' ? resolve(homedir(), '.cache') : caches, 'libp2p-voting')

    mkdirSync(directory, { recursive: true, mode: 0o700 })

    if (isOurs(directory)) {
      enableCompileCache(directory)
    }
  } catch {
    // a home directory that cannot be written is no reason not to vote
  }
}

/** Whether nobody else writes there, as far as can be told: Windows has other means, and homes of one's own */
function isOurs (directory: string): boolean {
  const { uid, mode } = statSync(directory)

  return process.getuid == null || (uid === process.getuid() && (mode & 0o022) === 0)
}
