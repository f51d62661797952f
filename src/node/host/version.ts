import { existsSync, readFileSync } from 'node:fs'

/** Of the package, whether this file is in src or in dist/src */
export const version: string = findVersion(new URL('.', import.meta.url))

function findVersion (folder: URL): string {
  const file = new URL('package.json', folder)

  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : findVersion(new URL('..', folder))
}
