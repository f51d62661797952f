import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Binary, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Ended } from '../utils/binary.ts'

const ACTIONS = [['check'], ['repair'], ['export'], ['import', 'x.ndjson']]

/** One clear line, and the exit code that says what kind of mistake it was */
function expectRefused ({ code, stdout, stderr }: Ended, exitCode: number, pattern: RegExp): void {
  expect(stderr).to.match(pattern)
  expect(stderr.trimEnd().split('\n')).to.have.lengthOf(1)
  expect(stdout).to.equal('')
  expect(code).to.equal(exitCode)
}

describe('libp2p-voting store', function () {
  this.timeout(120_000)

  const folder = useTempFolder()
  const binary = new Binary(() => folder.path)
  let data: string

  /** A node that has run, voted and stopped */
  async function makeStore (name = 'node'): Promise<string> {
    const node = await binary.start(name)
    const client = await clientOf(node)

    await client.join({ name: 'lobby' })

    const { proposalId } = await client.propose('lobby', { name: 'Go?', expectedVotersCount: 2 })

    await client.vote('lobby', proposalId, 'yes')
    expect((await node.end('SIGTERM')).code).to.equal(0)

    return node.dataDirectory
  }

  async function contents (path: string): Promise<Record<string, string>> {
    const all: Record<string, string> = {}

    for (const name of await readdir(join(path, 'store'))) {
      all[name] = (await readFile(join(path, 'store', name))).toString('hex')
    }

    return all
  }

  beforeEach(() => { data = join(folder.path, 'node') })

  it('explains its commands', async () => {
    for (const [action] of ACTIONS) {
      const { code, stdout } = await binary.run('store', action, '--help')

      expect(code).to.equal(0)
      expect(stdout).to.match(new RegExp(`Examples?:\\n  \\$ libp2p-voting store ${action}`)).and.include('--json').and.include('--data-dir')
    }
  })

  it('refuses where there is no store, and makes none', async () => {
    const file = join(folder.path, 'file')
    const empty = join(folder.path, 'empty')

    await writeFile(file, '')
    await mkdir(empty)

    for (const action of ACTIONS) {
      expectRefused(await binary.run('store', ...action, '--data-dir', join(folder.path, 'none')), 6, /no node has run there/)
      expectRefused(await binary.run('store', ...action, '--data-dir', file), 6, /it is not a directory/)
      expectRefused(await binary.run('store', ...action, '--data-dir', empty), 6, /it is no data directory/)
    }

    expect(await readdir(empty)).to.deep.equal([])
    expect((await readdir(folder.path)).sort()).to.deep.equal(['empty', 'file'])
  })

  it('refuses while a node runs, which goes on', async () => {
    const node = await binary.start('node')

    for (const action of ACTIONS) {
      expectRefused(await binary.run('store', ...action, '--data-dir', data), 6, /is open in another process\. Stop that one first/)
    }

    await (await clientOf(node)).join({ name: 'lobby' })
    // the lock has held
    expectRefused(await binary.run('start', '--local', '--data-dir', data), 6, /is in use by/)
    expect((await node.end('SIGTERM')).code).to.equal(0)
    expect(await binary.json('store', 'check', '--data-dir', data)).to.deep.equal({ damaged: [] })
  })

  it('brings what one node has to another, once', async () => {
    await makeStore()

    const file = join(folder.path, 'x.ndjson')
    const other = await makeStore('other')

    expect((await binary.run('store', 'export', file, '--data-dir', data)).code).to.equal(0)
    expect((await binary.run('store', 'export', '--data-dir', data)).stdout).to.equal(await readFile(file, 'utf8'))
    expectRefused(await binary.run('store', 'export', file, '--data-dir', data), 2, new RegExp(`The file ${file} is there already, and is left as it is\\. Give another name, or remove it first: rm ${file}\\n$`))
    expect(await binary.json('store', 'import', file, '--data-dir', other)).to.include({ proposalsAdded: 1, votesAdded: 1, policiesAdded: 0 })
    expect(await binary.json('store', 'import', file, '--data-dir', other)).to.include({ proposalsAdded: 0, votesAdded: 0, proposalsKnown: 1 })
    expect((await binary.run('store', 'import', file, '--data-dir', other)).stdout).to.match(/^Imported 0 proposals and 0 votes/)
    expect(await binary.json('store', 'check', '--data-dir', other)).to.deep.equal({ damaged: [] })
  })

  it('takes nothing from an export that is not whole, and says where', async () => {
    await makeStore()

    const file = join(folder.path, 'x.ndjson')

    await binary.run('store', 'export', file, '--data-dir', data)

    const text = await readFile(file, 'utf8')
    const whole = await binary.json('list', 'x', '--data-dir', data).catch(() => undefined)

    await truncate(file, text.length - 20)
    expectRefused(await binary.run('store', 'import', file, '--data-dir', data), 2, /^error: Line 5 of the export is no JSON, it was cut off or changed: export again\. Nothing was imported\n$/)
    expectRefused(await binary.run('store', 'import', join(folder.path, 'none'), '--data-dir', data), 2, /there is no such file/)
    expectRefused(await binary.run('store', 'export', join(folder.path, 'no', 'x'), '--data-dir', data), 2, /The export cannot be written/)
    expect(whole).to.equal(undefined)
    expect((await readdir(folder.path)).filter(name => /import|part/.test(name))).to.deep.equal([])
  })

  it('finds a damaged table, repairs it, and keeps what was', async () => {
    await makeStore()
    expect((await binary.run('store', 'check', '--data-dir', data)).stdout).to.match(/is whole/)

    const name = (await readdir(join(data, 'store'))).find(name => name.endsWith('.ldb')) ?? ''
    const bytes = await readFile(join(data, 'store', name))

    bytes[20] ^= 1
    await writeFile(join(data, 'store', name), bytes)

    const before = await contents(data)
    const checked = await binary.run('store', 'check', '--data-dir', data)

    expect(checked.stdout, checked.stderr).to.include(`the file ${name} is not as it was written`).and.include('store repair')
    expect(checked.code).to.equal(8)
    expect(await contents(data)).to.deep.equal(before)

    for (const args of [['start', '--local'], ['store', 'export']]) {
      expectRefused(await binary.run(...args, '--data-dir', data), 8, /is damaged: the file .* is not as it was written.*libp2p-voting store repair/)
    }

    expect(await contents(data)).to.deep.equal(before)

    const { backup, lost } = await binary.json('store', 'repair', '--data-dir', data)

    expect(lost).to.not.be.empty()
    await cp(backup, join(folder.path, 'backup', 'store'), { recursive: true })
    expect(await contents(join(folder.path, 'backup'))).to.deep.equal(before)
    await rm(join(folder.path, 'backup'), { recursive: true })
    expect((await binary.run('store', 'check', '--data-dir', data)).code).to.equal(0)
    expect((await binary.run('store', 'repair', '--data-dir', data)).stdout).to.match(/Nothing was changed/)

    const node = await binary.start('node')

    expect((await node.end('SIGTERM')).code).to.equal(0)
  })
})
