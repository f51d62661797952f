import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Binary } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'

describe('what the binary was compiled to', () => {
  const folder = useTempFolder()
  const binary = new Binary(() => folder.path)

  async function showVersion (env: NodeJS.ProcessEnv): Promise<void> {
    const { code, stdout, stderr } = await binary.spawnIn({ XDG_CACHE_HOME: join(folder.path, 'caches'), ...env }, '--version').ended

    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/)
  }

  it('is kept where nobody else writes', async () => {
    await showVersion({})

    expect((await stat(join(folder.path, 'caches', 'libp2p-voting'))).mode & 0o777).to.equal(0o700)
    expect(await readdir(join(folder.path, 'caches', 'libp2p-voting'))).to.have.lengthOf(1)
  })

  it('is kept in the home directory', async () => {
    await showVersion({ XDG_CACHE_HOME: '' })

    expect(await readdir(join(folder.path, '.cache', 'libp2p-voting'))).to.have.lengthOf(1)
  })

  it('is neither kept nor taken where others may write', async () => {
    const directory = join(folder.path, 'caches', 'libp2p-voting')

    await mkdir(directory, { recursive: true })
    await chmod(directory, 0o777)
    await showVersion({})

    expect(await readdir(directory)).to.have.lengthOf(0)
  })

  it('is not kept where that is not wanted', async () => {
    await showVersion({ NODE_DISABLE_COMPILE_CACHE: '1' })

    expect(await readdir(folder.path)).to.not.include('caches')
  })

  it('is not needed where it cannot be kept', async () => {
    await writeFile(join(folder.path, 'caches'), 'a file')
    await showVersion({})
  })
})
