import { execFile } from 'node:child_process'
import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'aegir/chai'

const root = fileURLToPath(new URL('..', import.meta.url))
const typescript = fileURLToPath(import.meta.resolve('typescript/bin/tsc'))
const run = promisify(execFile)

interface Example {
  name: string
  code: string
}

/** The TypeScript of README.md and of the documentation of the public API, as readers paste it */
async function findExamples (): Promise<Example[]> {
  const examples: Example[] = []

  for await (const path of glob('{README.md,docs/*.md,src/**/*.ts}', { cwd: root })) {
    const text = (await readFile(join(root, path), 'utf8')).replaceAll(/^ *\* ?/gm, path.endsWith('.ts') ? '' : '$&')
    const blocks = [...text.matchAll(/^```(?:ts|TypeScript)\n(.*?)^```$/gms)]

    examples.push(...blocks.map(([, code], index) => ({ name: `${path} ${index + 1}`, code })))
  }

  return examples
}

/** What the comments behind its `console.info` say that an example prints, in order */
function promised (code: string): string[] {
  return [...code.matchAll(/console\.info\(.*\) \/\/ (.*)$/gm)].map(([, output]) => output)
}

describe('examples', () => {
  let examples: Example[]
  let folder: string

  before(async () => {
    examples = await findExamples()
    // inside the package, so that it can be imported by its name
    folder = await mkdtemp(join(root, 'dist', 'examples-'))

    for (const [index, { code }] of examples.entries()) {
      // as modules, whether they import or not
      await writeFile(join(folder, `${index}.ts`), `${code}\nexport {}\n`)
    }
  })

  after(async () => {
    await rm(folder, { recursive: true })
  })

  it('are there', () => {
    expect(examples.map(({ name }) => name.split(' ')[0])).to.include.members(['README.md', 'src/index.ts', 'src/consensus/index.ts', 'src/signers/ethereum.ts'])
  })

  it('compile', async () => {
    const config = { extends: '../../tsconfig.json', compilerOptions: { noEmit: true, composite: false, incremental: false }, include: ['*.ts'], exclude: [] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))

    const { stdout } = await run(process.execPath, [typescript, '-p', folder]).catch(err => err)
    const problems = stdout.replaceAll(/^\S*?(\d+)\.ts/gm, (_: string, index: string) => examples[Number(index)].name)

    expect(problems).to.equal('')
  })

  it('run, and print what they say', async () => {
    for (const [index, { name, code }] of examples.entries()) {
      const { stdout } = await run(process.execPath, [join(folder, `${index}.ts`)], { cwd: folder, env: { ...process.env, LIBP2P_VOTING_LOCK_DIR: join(folder, 'locks') }, timeout: 30_000 })
        .catch(err => { throw new Error(`${name}: ${err.stderr}${err.stdout}`) })

      if (promised(code).length > 0) {
        expect(stdout.trim().split('\n'), name).to.deep.equal(promised(code))
      }
    }
  })

  it('of README has two nodes decide', async () => {
    const index = examples.findIndex(({ name }) => basename(name).startsWith('README.md'))
    const { stdout } = await run(process.execPath, [join(folder, `${index}.ts`)], { timeout: 30_000 })

    expect(stdout).to.match(/^Bob is asked: Upgrade to version 2\?$/m)
    expect(stdout).to.match(/^Alice: \{[^}]*result: true[^}]*\}$/m)
    expect(stdout).to.match(/^Bob: \{[^}]*result: true[^}]*\}$/m)
  })
})
