/**
 * What is refused changes nothing on disk: not one byte of what is there, and no file more or less.
 */

import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { generatePrivateKey } from 'viem/accounts'
import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import { Binary } from '../utils/binary.ts'
import { snapshot } from '../utils/snapshot.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Ended } from '../utils/binary.ts'

/** A user with no rights, for whom no process of root works */
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

const SWARM_KEY = `/key/swarm/psk/1.0.0/\n/base16/\n${'ab'.repeat(32)}\n`

describe('A store that cannot be used, byte by byte as it was afterwards', function () {
  this.timeout(180_000)

  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  let data: string
  let swarmKey: string

  beforeEach(async () => {
    data = join(folder.path, 'node')
    swarmKey = join(folder.path, 'swarm.key')
    await writeFile(swarmKey, SWARM_KEY)
    await (await binary.start('node')).end('SIGTERM')
  })

  /** Runs a command that must be refused with one clear line, an exit code, and no change */
  async function expectRefused (run: () => Promise<Ended>, exitCode: number, pattern: RegExp): Promise<void> {
    const before = await snapshot(folder.path)
    const { code, stdout, stderr } = await run()

    expect(stderr).to.match(pattern)
    expect(stderr.trimEnd().split('\n')).to.have.lengthOf(1)
    expect(stdout).to.equal('')
    expect(code).to.equal(exitCode)

    const after = await snapshot(folder.path)

    expect(Object.keys(after).sort(), 'files').to.deep.equal(Object.keys(before).sort())
    expect(Object.keys(after).filter(name => after[name] !== before[name]), 'files that have changed').to.deep.equal([])
  }

  async function expectActionRefused (action: string[], exitCode: number, pattern: RegExp): Promise<void> {
    await expectRefused(async () => binary.run('store', ...action, '--data-dir', data), exitCode, pattern)
  }

  it('is of another voter\'s key, at the start and where an export is imported', async () => {
    const file = join(folder.path, 'x.ndjson')

    expect((await binary.run('store', 'export', file, '--data-dir', data)).code).to.equal(0)
    await writeFile(join(data, 'keys', 'voter.key'), `${generatePrivateKey()}\n`)

    await expectRefused(async () => binary.run('start', '--local', '--data-dir', data), 6, /store \S+ is of 0x[0-9a-fA-F]{40}, and this is 0x.*--new-key/)
    await expectRefused(async () => binary.run('store', 'import', file, '--data-dir', data), 6, /store \S+ is of 0x[0-9a-fA-F]{40}, and this is 0x/)
  })

  it('was used in another network, and is taken along to it where that is said', async () => {
    await expectRefused(async () => binary.run('start', '--local', '--data-dir', data, '--swarm-key', swarmKey), 6, /store \S+ was used in the public network with gossip signing StrictSign, and this is the private network [0-9a-f]{16} with gossip signing StrictSign.*--new-network/)
    await expectRefused(async () => binary.run('start', '--local', '--data-dir', data, '--gossip-signing', 'StrictNoSign'), 6, /this is the public network with gossip signing StrictNoSign/)

    await (await binary.start('node', '--swarm-key', swarmKey, '--new-network')).end('SIGTERM')
    await (await binary.start('node', '--swarm-key', swarmKey)).end('SIGTERM')
    await expectRefused(async () => binary.run('start', '--local', '--data-dir', data), 6, /was used in the private network/)
  })

  it('is open in another process', async () => {
    const storage = await LevelStorage.open(join(data, 'store'))

    try {
      await expectRefused(async () => binary.run('start', '--local', '--data-dir', data), 6, /is in use by another process/)
      await expectRefused(async () => binary.run('store', 'check', '--data-dir', data), 6, /is open in another process/)
      await expectRefused(async () => binary.run('store', 'repair', '--data-dir', data), 6, /is open in another process/)
    } finally {
      await storage.close()
    }
  })

  it('is a file, or not there', async () => {
    await rm(join(data, 'store'), { recursive: true })

    for (const action of [['check'], ['repair'], ['export'], ['import', swarmKey]]) {
      await expectActionRefused(action, 6, /There is no store in/)
    }

    await writeFile(join(data, 'store'), 'not a folder')

    for (const action of [['check'], ['repair'], ['export'], ['import', swarmKey]]) {
      await expectActionRefused(action, 6, /There is no store in/)
    }

    await expectRefused(async () => binary.run('start', '--local', '--data-dir', data), 6, /store cannot be opened: /)
  })

  it('may not be read by whoever runs the command (skipped where nobody else can be)', async function () {
    try {
      // also the program must be one that everybody may run
      execFileSync(NOBODY[0], [...NOBODY.slice(1), process.execPath, '--version'], { stdio: 'ignore' })
    } catch {
      return this.skip()
    }

    await chmod(folder.path, 0o755)

    for (const args of [['start', '--local'], ['store', 'check'], ['store', 'repair'], ['store', 'export'], ['store', 'import', swarmKey]]) {
      await expectRefused(binary.runUnder.bind(binary, NOBODY, ...args, '--data-dir', data), 6, /permission denied/)
    }

    await mkdir(join(folder.path, 'shut'), { mode: 0o700 })
    await expectRefused(async () => binary.runUnder(NOBODY, 'start', '--local', '--data-dir', join(folder.path, 'shut', 'new')), 6, /permission denied/)
  })

  it('is to take in an export that was cut off', async () => {
    const file = join(folder.path, 'x.ndjson')

    expect((await binary.run('store', 'export', file, '--data-dir', data)).code).to.equal(0)

    const text = await readFile(file, 'utf8')

    await writeFile(file, text.slice(0, -20))

    await expectRefused(async () => binary.run('store', 'import', file, '--data-dir', data), 2, /^error: Line \d+ of the export .* Nothing was imported\n$/)
  })
})
