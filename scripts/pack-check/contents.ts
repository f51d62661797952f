/**
 * What is in the package. The sources are, as in the packages of libp2p: source maps and declaration maps refer to them, so that
 * debuggers and editors show them.
 */

import { readFile } from 'node:fs/promises'
import { dirname, join, normalize, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatSize } from './format.ts'
import { npm } from './run.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const kB = 1_000

/** More than this is a mistake: what is meant to be there is less than half of it, gzipped */
const MAX_PACKED = 2_000 * kB

/** Besides package.json and the files that npm always takes */
const WANTED = /^(src|dist\/src)\/|^(package\.json|README\.md|LICENSE(-\w+)?)$/

/** Tests, their data and what the compiler remembers. src/conformance/storage-tests.ts is an export. */
const UNWANTED = /(^|\/)(test|tests|fixtures|vectors|scripts|examples|coverage)\/|\.(spec|test|bench)\.|\.(tsbuildinfo|log|tgz|env|pem|key)$|(^|\/)\.[^/]*$/

export interface Packed {
  /** Path of the .tgz */
  tarball: string
  files: Array<{ path: string, size: number }>
  /** Bytes */
  size: number
  unpackedSize: number
}

/** As `npm publish` does, but for building anew */
export async function pack (folder: string): Promise<Packed> {
  const [{ filename, files, size, unpackedSize }] = JSON.parse(await npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: ROOT }))

  return { tarball: join(folder, filename), files, size, unpackedSize }
}

export async function inspectContents ({ files, size, unpackedSize }: Packed): Promise<string> {
  const paths = new Set(files.map(({ path }) => path))
  const problems = [
    ...[...paths].filter(path => !WANTED.test(path) || UNWANTED.test(path)).map(path => `${path} is not meant to be published`),
    ...await stale(paths),
    ...(await Promise.all([...paths].filter(path => path.endsWith('.map')).map(async path => lost(path, paths)))).flat(),
    ...(size > MAX_PACKED ? [`The package has ${formatSize(size)}, more than ${formatSize(MAX_PACKED)}: see what got in`] : [])
  ]

  if (problems.length > 0) {
    throw new Error(problems.join('\n'))
  }

  return `${paths.size} files, ${formatSize(size)} packed, ${formatSize(unpackedSize)} unpacked`
}

/** What was compiled of a source that is not there any more */
async function stale (paths: Set<string>): Promise<string[]> {
  return [...paths]
    .filter(path => path.startsWith('dist/src/') && path.endsWith('.js.map'))
    .filter(path => !['.ts', '.tsx'].some(extension => paths.has(path.replace(/^dist\//, '').replace(/\.js\.map$/, extension))))
    .map(path => `${path} was compiled of a source that is gone: npm run clean, and build again`)
}

/** Sources that a map refers to and that are not in the package */
async function lost (map: string, paths: Set<string>): Promise<string[]> {
  const { sources } = JSON.parse(await readFile(join(ROOT, map), 'utf8')) as { sources: string[] }

  return sources
    .map(source => posix.normalize(normalize(join(dirname(map), source)).replaceAll('\\', '/')))
    .filter(source => !paths.has(source))
    .map(source => `${map} refers to ${source}, which is not published`)
}
