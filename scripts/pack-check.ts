/**
 * Looks at the package as npm would publish it, and uses it as somebody who installs it would: in an empty project in a
 * temporary folder. Packs what was built last. Runs from source: Node strips the types.
 *
 * `npm run build && npm run pack-check` prints a line for each check, and exits with 1 if one failed. It needs a registry.
 */

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBinary } from './pack-check/binary.ts'
import { inspectContents, pack } from './pack-check/contents.ts'
import { checkExamples } from './pack-check/examples.ts'
import { checkImports, checkTypes } from './pack-check/exports.ts'
import { lintPackage, lintTypes } from './pack-check/lint.ts'
import { createProject } from './pack-check/project.ts'

/** What a check has seen, in a line */
type Check = () => Promise<string>

const begin = performance.now()
let failed = 0

async function check (name: string, run: Check): Promise<void> {
  const seconds = (): string => ((performance.now() - begin) / 1_000).toFixed(1).padStart(5)

  try {
    const seen = await run()

    console.info(`${seconds()} s  ok      ${name}: ${seen}`)
  } catch (err: any) {
    failed++
    console.error(`${seconds()} s  FAILED  ${name}\n${String(err.message).replaceAll(/^/gm, '    ')}`)
  }
}

const folder = await mkdtemp(join(tmpdir(), 'libp2p-voting-pack-'))

try {
  const packed = await pack(folder)

  await check('contents', async () => inspectContents(packed))
  await check('publint', async () => lintPackage(packed.tarball))
  await check('are the types wrong', async () => lintTypes(packed.tarball))

  const path = join(folder, 'project')

  await mkdir(path)
  // nothing after it can run without
  const project = await createProject(path, packed.tarball)

  await check('installed', async () => project.size())
  await check('imports', async () => checkImports(project))
  await check('types', async () => checkTypes(project))
  await check('binary', async () => checkBinary(project))
  await check('examples of README.md', async () => checkExamples(project))
} finally {
  await rm(folder, { recursive: true })
}

console.info(failed === 0 ? 'The package is as it should be' : `${failed} checks failed`)
process.exitCode = failed === 0 ? 0 : 1
