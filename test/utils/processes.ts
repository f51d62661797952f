import { readdir, readFile } from 'node:fs/promises'
import pWaitFor from 'p-wait-for'

/** The processes of nodes, by what a script has printed */
export function pids (stdout: string): number[] {
  return [...stdout.matchAll(/runs as process (\d+)/g)].map(([, pid]) => Number(pid))
}

/** Waits until none of the nodes that a script has named is left */
export async function expectGone (stdout: string): Promise<void> {
  for (const pid of pids(stdout)) {
    await pWaitFor(() => !isAlive(pid), { interval: 20, timeout: 30_000 })
  }
}

/** The processes whose command line names a folder, where the system shows them as files */
export async function processesOf (folder: string): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))
  const commandLines = await Promise.all(pids.map(async pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))

  return pids.filter((pid, index) => commandLines[index].includes(folder)).map(Number)
}

/** Kills a process that may have ended already */
export function killIfAlive (pid: number): void {
  if (isAlive(pid)) {
    process.kill(pid, 'SIGKILL')
  }
}

function isAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)

    return true
  } catch (err: any) {
    if (err.code === 'ESRCH') {
      return false
    }

    throw err
  }
}
