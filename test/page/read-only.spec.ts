import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { readToken } from '../../src/node/index.ts'
import { Binary, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import { fillUp, mountTmpfs, unmount } from '../utils/tmpfs.ts'
import { Pages } from './fixtures/browser.ts'

describe('page of a node whose disk is full (skipped where no file system can be mounted)', () => {
  const pages = new Pages()
  const binary = new Binary(() => folder.path)
  let mounted: string | undefined

  // after the process has ended, before the folder goes
  afterEach(() => {
    if (mounted != null) {
      unmount(mounted)
      mounted = undefined
    }
  })

  const folder = useTempFolder()

  it('says at the top of every view that it cannot store, and why, until it can again', async function () {
    const data = join(folder.path, 'data')
    const ballast = join(data, 'ballast')

    await mkdir(data)

    if (!mountTmpfs(data, '6m')) {
      return this.skip()
    }

    mounted = data

    const node = await binary.start('data/node', '--lock-dir', join(folder.path, 'locks'))
    const client = await clientOf(node)
    const url = /API +(\S+)/.exec(node.stdout)?.[1] ?? ''

    await client.join({ name: 'lobby' })

    const { page } = await pages.open({ url, token: await readToken(node.dataDirectory) })
    const banner = page.getByText('The node cannot store, and takes no votes and proposals')
    const propose = async (): Promise<unknown> => client.propose('lobby', { name: 'Go?', timeoutSeconds: 3_600, expectedVotersCount: 2, payload: `0x${'ab'.repeat(32 * 1024)}` })

    await page.getByText('Live').waitFor()
    expect(await banner.count()).to.equal(0)

    // the disk, and what the store has reserved on it
    await fillUp(ballast)
    await expect((async () => {
      for (;;) {
        await propose()
      }
    })()).to.eventually.be.rejected.with.property('kind', 'StorageWriteError')

    for (const view of ['Decisions', 'History', 'Node', 'Propose']) {
      await page.getByRole('link', { name: view, exact: true }).first().click()
      await banner.waitFor()
      await page.locator('.banners').getByText(/No space left on device|the disk is full/).waitFor()
    }

    await page.getByRole('link', { name: 'Node', exact: true }).click()
    await page.locator('.fact', { hasText: 'storage' }).getByText('read-only').waitFor()

    await rm(ballast)
    await banner.waitFor({ state: 'detached', timeout: 40_000 })
    await page.locator('.fact', { hasText: 'storage' }).getByText('stores').waitFor()
  })
})
