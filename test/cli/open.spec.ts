import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Binary } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { StartedNode } from '../utils/binary.ts'

describe('libp2p-voting open', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  let node: StartedNode

  beforeEach(async () => {
    node = await binary.start('a')
  })

  it('prints a link that lets a browser in once', async () => {
    const { code, stdout, stderr } = await binary.run('open', '--print', '--data-dir', node.dataDirectory)
    const [url] = stdout.split('\n')

    expect(code).to.equal(0)
    expect(stdout).to.match(/^http:\/\/127\.0\.0\.1:\d+\/\S+\n$/)
    expect(stderr).to.match(/^It lets one browser on this machine in, until \d\d:\d\d:\d\d \(in \d+ (s|min)\)\.\n$/)

    const first = await fetch(url, { redirect: 'manual' })

    expect(first.headers.get('set-cookie')).to.match(/HttpOnly/i)
    expect((await fetch(url, { redirect: 'manual' })).headers.get('set-cookie')).to.equal(null)
    expect((await binary.json('open', '--data-dir', node.dataDirectory)).expiresAt).to.be.above(Date.now() / 1_000)
  })

  it('opens it with what the system has for that, and says so if it has nothing', async function () {
    if (process.platform !== 'linux') {
      // others have another program, which a test must not start
      return this.skip()
    }

    const tools = join(folder.path, 'tools')
    const opened = join(folder.path, 'opened')

    await mkdir(tools)
    await writeFile(join(tools, 'xdg-open'), `#!/bin/sh\necho "$1" > '${opened}'\n`, { mode: 0o755 })

    const { stdout } = await binary.spawnIn({ PATH: `${tools}:${process.env.PATH}`, DISPLAY: ':0' }, 'open', '--data-dir', node.dataDirectory).ended

    await pWaitFor(async () => (await readFile(opened, 'utf8').catch(() => '')).endsWith('\n'), { interval: 20, timeout: 30_000 })
    expect(await readFile(opened, 'utf8')).to.equal(`${stdout.split('\n')[0]}\n`)

    for (const env of [{ DISPLAY: undefined, WAYLAND_DISPLAY: undefined }, { PATH: folder.path, DISPLAY: ':0' }]) {
      const { code, stderr } = await binary.spawnIn(env, 'open', '--data-dir', node.dataDirectory).ended

      expect(stderr).to.match(/No browser could be started here: open the link by hand\.\n$/)
      expect(code).to.equal(0)
    }
  })
})
