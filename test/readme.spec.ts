import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'aegir/chai'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

/** The TypeScript blocks of README.md, as readers paste them */
async function examples (): Promise<string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')

  return [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code)
}

describe('README', () => {
  it('has an example of embedding that two nodes decide by', async () => {
    const [example] = await examples()
    // inside the package, so that it can be imported by its name
    const folder = await mkdtemp(join(root, 'dist', 'readme-'))

    try {
      const file = join(folder, 'example.ts')
      await writeFile(file, example)
      const { stdout } = await run(process.execPath, [file], { timeout: 30_000 })

      expect(stdout).to.match(/^Bob is asked: Upgrade to version 2\?$/m)
      expect(stdout).to.match(/^Alice: \{[^}]*result: true[^}]*\}$/m)
      expect(stdout).to.match(/^Bob: \{[^}]*result: true[^}]*\}$/m)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
