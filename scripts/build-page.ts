/**
 * Bundles the operator's page into three files that the control API serves as they are. Runs after the compiler, from source: Node strips
 * the types.
 */
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { PAGE_FILES, PAGE_FOLDER, PAGE_INDEX } from '../src/node/api/page-files.ts'

const SOURCE = 'src/node/page'
const OUTPUT = join('dist', PAGE_FOLDER)

/** Bytes of all files, gzipped: what a browser gets before it shows anything */
const MAX_SIZE = 60 * 1024

await rm(OUTPUT, { recursive: true, force: true })
await mkdir(OUTPUT, { recursive: true })
await build({
  entryPoints: { app: join(SOURCE, 'main.tsx'), style: join(SOURCE, 'public/style.css') },
  outdir: OUTPUT,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome110', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning'
})
await copyFile(join(SOURCE, 'public', PAGE_INDEX), join(OUTPUT, PAGE_INDEX))

let size = 0

for (const file of Object.keys(PAGE_FILES)) {
  size += gzipSync(await readFile(join(OUTPUT, file))).byteLength
}

const kibibytes = (size / 1024).toFixed(1)

if (size > MAX_SIZE) {
  console.error(`The page is ${kibibytes} KiB gzipped, more than the ${MAX_SIZE / 1024} KiB it may be`)
  process.exitCode = 1
} else {
  console.info(`The page is ${kibibytes} KiB gzipped, of at most ${MAX_SIZE / 1024} KiB`)
}
