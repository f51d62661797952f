import { execFileSync } from 'node:child_process'
import { statfs, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Mounts a small file system in memory on a folder. False where that is not allowed: it takes rights that not everybody has. */
export function mountTmpfs (path: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' })

    return true
  } catch {
    return false
  }
}

/** Mounts what is mounted on a folder anew, so that nothing can be written there */
export function makeReadOnly (path: string): void {
  execFileSync('mount', ['-o', 'remount,ro', path])
}

export function makeWritable (path: string): void {
  execFileSync('mount', ['-o', 'remount,rw', path])
}

export function unmount (path: string): void {
  execFileSync('umount', [path])
}

/** Writes a file that leaves nothing free where it is */
export async function fillUp (file: string): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(file))

  await writeFile(file, new Uint8Array(bavail * bsize))
}
