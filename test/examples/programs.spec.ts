import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'aegir/chai'
import { Binary, CACHES } from '../utils/binary.ts'
import { processesOf } from '../utils/processes.ts'
import { useTempFolder } from '../utils/temp-folder.ts'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))
const CLI = fileURLToPath(new URL('../../dist/src/cli/index.js', import.meta.url))
const execute = promisify(execFile)

/** Milliseconds for an example on a busy machine: five nodes start in one, one after the other */
const TIMEOUT = 180_000

/** What differs each time, in what headers say is printed, and what stands in for it */
const VARYING: Array<[RegExp, string]> = [
  [/0x[0-9a-fA-F]{40}/g, '0x[0-9a-fA-F]{40}'],
  [/\b[0-9a-f]{4}…/g, '[0-9a-f]{4}…'],
  [/\b\d{6,10}\b/g, '\\d{1,10}'],
  [/^…$/gm, '(.*\\n?)*?']
]

/** The lines that the header of an example says it prints, as a pattern */
async function promised (name: string): Promise<RegExp> {
  const text = (await readFile(join(EXAMPLES, name), 'utf8')).replaceAll(/^( \*|#) ?/gm, '')
  const [, block] = /^Prints.*:\n\n((?: {2}.*\n)+)/m.exec(text) ?? []

  if (block == null) {
    throw new Error(`The header of examples/${name} does not say what it prints`)
  }

  const lines = block.trimEnd().replaceAll(/^ {2}/gm, '').replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

  return new RegExp(`^${VARYING.reduce((pattern, [varying, instead]) => pattern.replaceAll(varying, instead), lines)}\n$`)
}

describe('programs in examples/', () => {
  const home = useTempFolder()
  const binary = new Binary(() => home.path)
  const names = {
    embed: 'embed.js',
    helia: 'helia.js',
    curl: 'curl.sh',
    council: 'council.sh',
    storage: 'sqlite-storage.js'
  }

  async function run (program: string, args: string[]): Promise<string> {
    const { LIBP2P_VOTING_DATA_DIR, LIBP2P_VOTING_LOCK_DIR, NODE_TEST_CONTEXT, ...env } = process.env
    const bin = join(home.path, 'bin')

    // as npm makes it where the package is installed
    await mkdir(bin)
    await writeFile(join(bin, 'libp2p-voting'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`)
    await chmod(join(bin, 'libp2p-voting'), 0o755)

    const { stdout } = await execute(program, args, { timeout: TIMEOUT, env: { ...env, PATH: `${bin}${delimiter}${env.PATH}`, HOME: home.path, TMPDIR: home.path, XDG_CACHE_HOME: CACHES } })
      .catch(err => { throw new Error(`${[program, ...args].join(' ')}: ${err.stderr}${err.stdout}`) })

    return stdout
  }

  it('are all run here', async () => {
    expect((await readdir(EXAMPLES)).filter(name => name !== 'README.md')).to.have.members(Object.values(names))
  })

  it('embed voting in libp2p nodes', async function () {
    this.timeout(TIMEOUT)

    expect(await run(process.execPath, [join(EXAMPLES, names.embed)])).to.match(await promised(names.embed))
  })

  it('vote on content in Helia nodes', async function () {
    this.timeout(TIMEOUT)

    expect(await run(process.execPath, [join(EXAMPLES, names.helia)])).to.match(await promised(names.helia))
  })

  it('drive a node by curl', async function () {
    this.timeout(TIMEOUT)

    if (await execute('sh', ['-c', 'command -v curl jq']).then(() => false, () => true)) {
      this.skip()
    }

    const { dataDirectory } = await binary.start('node')

    expect(await run(join(EXAMPLES, names.curl), [dataDirectory])).to.match(await promised(names.curl))
  })

  it('start a council of five that decides by a policy file', async function () {
    this.timeout(TIMEOUT)

    expect(await run(join(EXAMPLES, names.council), [])).to.match(await promised(names.council))
    expect(await readdir(home.path)).to.have.members(['bin'])
    expect(await processesOf(home.path)).to.deep.equal([])
  })

  it('keep votes in SQLite as the conformance tests ask', async function () {
    this.timeout(TIMEOUT)

    const output = await run(process.execPath, ['--test', '--test-reporter', 'tap', join(EXAMPLES, names.storage)])

    expect(output).to.match(/^# pass [1-9]\d*$/m)
    expect(output).to.match(/^# fail 0$/m)
  })
})
