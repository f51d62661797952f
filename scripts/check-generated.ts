/**
 * Fails if src/pb is not what `npm run generate` makes of proto/. Generates into a temporary
 * folder, so the tree stays as it is. Runs before the build, from source: Node strips the types.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

async function readFolder (folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder)

  return new Map(await Promise.all(names.map(async name =>
    [name, await readFile(join(folder, name), 'utf8')] as const
  )))
}

const fresh = await mkdtemp(join(tmpdir(), 'libp2p-voting-pb-'))

try {
  const protos = (await readdir('proto')).map(name => join('proto', name))
  execFileSync('protons', ['--strict', '-p', 'proto', '-o', fresh, ...protos], { stdio: 'inherit' })

  const expected = await readFolder(fresh)
  const actual = await readFolder('src/pb')
  const stale = [...new Set([...expected.keys(), ...actual.keys()])]
    .filter(name => expected.get(name) !== actual.get(name))
    .map(name => `src/pb/${name}`)

  if (stale.length > 0) {
    console.error(`Not what proto/ generates: ${stale.join(', ')}. Run \`npm run generate\` (and remove files that have no .proto any more), then commit src/pb.`)
    process.exitCode = 1
  }
} finally {
  await rm(fresh, { recursive: true })
}
