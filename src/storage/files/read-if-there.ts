import { readFile } from 'node:fs/promises'

/** Returns the bytes of a file, undefined if there is none */
export async function readIfThere (path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (err: any) {
    if (err.code !== 'ENOENT') {
      throw err
    }
  }
}
