/**
 * Bundles for browsers.
 */

import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const KiB = 1_024

export interface Bundle {
  text: string
  /** Paths of the modules in it */
  inputs: string[]
}

/**
 * @param code - a module that imports ours by its name
 * @throws {Error} if it needs something that browsers do not have
 */
export async function bundle (code: string): Promise<Bundle> {
  const { outputFiles: [{ text }], metafile, warnings } = await build({
    stdin: { contents: code, resolveDir: ROOT },
    absWorkingDir: ROOT,
    platform: 'browser',
    format: 'esm',
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'silent'
  })
  const [{ imports, inputs }] = Object.values(metafile.outputs)
  const problems = [
    ...warnings.map(({ text, location }) => `${text} (${location?.file ?? 'nowhere'})`),
    ...imports.filter(({ external }) => external).map(({ path }) => `${path} is not in the bundle`),
    // of an import that a module makes up while it runs, esbuild knows nothing
    ...[...new Set(text.match(/\bnode:[a-z][a-z_/]*/g))].map(name => `${name} is in the bundle`)
  ]

  if (problems.length > 0) {
    throw new Error(problems.join('\n'))
  }

  return { text, inputs: Object.keys(inputs) }
}

/** All that an export has */
export async function bundleEntry (entry: string): Promise<string> {
  const { text } = await bundle(`import * as all from '${entry}'\nglobalThis.all = all`)

  return `${size(text.length)}, gzipped ${size(gzipSync(text, { level: 9 }).byteLength)}`
}

function size (bytes: number): string {
  return `${(bytes / KiB).toFixed(1)} KiB`
}
