import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'aegir/chai'
import { pageFolder } from '../../src/node/api/routes/page.ts'
import { call } from '../utils/api.ts'
import { OperatedNodes } from './fixtures/nodes.ts'

const FILES = ['app.js', 'index.html', 'style.css']

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('files of the page', () => {
  const nodes = new OperatedNodes()

  it('are three, and the node serves nothing else of what the build has made of the page', async () => {
    const { api } = await nodes.start('alice')
    const get = async (path: string): Promise<number> => (await call(api.url, 'GET', path, { headers: { authorization: `Bearer ${api.token}` } })).status
    // what the compiler makes of the modules, which tests import
    const modules = await readdir(`${root}dist/src/node/page`)

    expect((await readdir(pageFolder())).sort()).to.deep.equal(FILES)
    expect(modules).to.include('words.js')
    expect(await get('/app.js')).to.equal(200)
    expect(await get('/style.css')).to.equal(200)

    for (const name of modules.filter(name => !FILES.includes(name))) {
      expect(await get(`/${name}`), name).to.equal(404)
      expect(await get(`/page/${name}`), name).to.equal(404)
      expect(await get(`/../page/${name}`), name).to.equal(404)
    }
  })

  it('are all of the page that is published', async () => {
    const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], { cwd: root, maxBuffer: 16 * 1024 * 1024 })
    const [{ files }] = JSON.parse(stdout) as Array<{ files: Array<{ path: string }> }>
    const ofPage = files.map(({ path }) => path).filter(path => /(^|\/)node\/page/.test(path))

    expect(ofPage.sort()).to.deep.equal(FILES.map(name => `dist/src/node/page-bundle/${name}`))
  })
})
