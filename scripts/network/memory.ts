import { readFile } from 'node:fs/promises'

const MiB = 1_024 * 1_024

/** The memory of a process that is in RAM now, in bytes */
export async function residentSet (pid: number): Promise<number> {
  return parseResidentSet(await readFile(`/proc/${pid}/status`, 'utf8'))
}

/**
 * @param status - content of /proc/PID/status
 */
export function parseResidentSet (status: string): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? []

  if (kibibytes == null) {
    throw new Error('The system does not say how much memory the process has: there is no VmRSS in its status')
  }

  return Number(kibibytes) * 1_024
}

/** Bytes as MiB, rounded */
export function inMiB (bytes: number): number {
  return Math.round(bytes / MiB)
}
