import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { addCommand, withNode } from '../command.ts'
import { formatDistance, printJson } from '../output.ts'
import type { CommonOptions } from '../command.ts'
import type { Command } from 'commander'

export function openCommand (program: Command): void {
  addCommand(program, 'open', 'Open the page of the node in a browser. The link works once, for a short time.', ['open', 'open --print'])
    .option('--print', 'only print the link, and open nothing')
    .action(open)
}

async function open ({ dataDir, json, print }: CommonOptions & { print?: boolean }): Promise<void> {
  const link = await withNode(dataDir, async client => client.createLink())

  if (json === true) {
    printJson(link)
  } else {
    console.info(link.url)
    // the link alone goes to programs
    console.error(`It lets one browser on this machine in, until ${new Date(link.expiresAt * 1_000).toTimeString().slice(0, 8)} (${formatDistance(link.expiresAt)}).`)
  }

  if (print !== true && json !== true && !await openInBrowser(link.url)) {
    console.error('No browser could be started here: open the link by hand.')
  }
}

/** Whether something was started that opens it */
async function openInBrowser (url: string): Promise<boolean> {
  const [program, ...args] = opener(url)

  // without a screen it would open one for text in this terminal, or wait for nothing
  if (program === 'xdg-open' && process.env.DISPLAY == null && process.env.WAYLAND_DISPLAY == null) {
    return false
  }

  const child = spawn(program, args, { stdio: 'ignore', detached: true })

  try {
    await once(child, 'spawn')
  } catch (err: any) {
    if (err.code !== 'ENOENT') {
      throw err
    }

    return false
  }

  child.unref()

  return true
}

function opener (url: string): [program: string, ...args: string[]] {
  switch (process.platform) {
    case 'darwin': return ['open', url]
    // "start" of the command line reads & and % in it
    case 'win32': return ['rundll32', 'url.dll,FileProtocolHandler', url]
    default: return ['xdg-open', url]
  }
}
