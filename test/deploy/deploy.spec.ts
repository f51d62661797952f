import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'aegir/chai'
import { parse } from 'yaml'
import { Binary } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Running } from '../utils/binary.ts'
import type { AddressInfo } from 'node:net'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const UNIT = join(ROOT, 'deploy/libp2p-voting.service')
const execute = promisify(execFile)

/** Of libp2p and of the control API in the files, which may be in use on this machine */
const PORTS = { libp2p: '4001', api: '7001' }

/** Where the image keeps keys and store, and what the key has voted */
const VOLUMES = ['/var/lib/libp2p-voting/node', '/var/lib/libp2p-voting/locks']

interface Service {
  command: string[]
  volumes: string[]
}

/** The words of an instruction of the Dockerfile in its JSON form, by what comes before them */
async function instruction (name: RegExp): Promise<string[]> {
  const text = (await readFile(join(ROOT, 'Dockerfile'), 'utf8')).replaceAll(/\\\n\s*/g, '')
  const [, json] = new RegExp(`^${name.source} (\\[.*\\])$`, 'm').exec(text) ?? []

  return JSON.parse(json)
}

async function services (): Promise<Service[]> {
  const { services } = parse(await readFile(join(ROOT, 'deploy/compose.yaml'), 'utf8'), { merge: true })

  return Object.values(services)
}

async function freePort (): Promise<string> {
  const server = createServer()

  await once(server.listen(0, '127.0.0.1'), 'listening')

  const { port } = server.address() as AddressInfo

  await once(server.close(), 'close')

  return `${port}`
}

async function exitCode (program: string, args: string[]): Promise<number> {
  return execute(program, args).then(() => 0, err => err.code)
}

describe('files to deploy by', () => {
  const home = useTempFolder()
  const binary = new Binary(() => home.path)

  /** Runs the command line of a file, with ports that are free */
  async function started (args: string[], apiPort: string): Promise<Running> {
    const node = binary.spawn(...args.map(arg => arg.replace(`/tcp/${PORTS.libp2p}`, '/tcp/0').replace(PORTS.api, apiPort)), '--local', '--data-dir', join(home.path, 'node'))

    await node.prints(/Ctrl-C stops the node/)

    return node
  }

  it('have an image whose health check knows whether the node runs', async function () {
    this.timeout(120_000)

    const apiPort = await freePort()
    const [program, ...args] = (await instruction(/HEALTHCHECK .* CMD/)).map(word => word.replace(PORTS.api, apiPort))

    expect(program).to.equal('node')
    expect(await exitCode(process.execPath, args)).to.equal(1)

    const node = await started(await instruction(/CMD/), apiPort)

    expect(await exitCode(process.execPath, args)).to.equal(0)
    expect((await node.end('SIGTERM')).code).to.equal(0)
    expect(await exitCode(process.execPath, args)).to.equal(1)
  })

  it('have five services that run the node, each with data and votes of its own', async function () {
    this.timeout(120_000)

    const all = await services()
    const volumes = all.flatMap(({ volumes }) => volumes.map(volume => volume.split(':')[0]))

    expect(all).to.have.lengthOf(5)
    expect(new Set(volumes)).to.have.lengthOf(10)
    expect(all.map(({ volumes }) => volumes.map(volume => volume.split(':')[1]))).to.deep.equal(all.map(() => VOLUMES))
    expect(await instruction(/VOLUME/)).to.deep.equal(VOLUMES)

    const node = await started(all[0].command, await freePort())

    expect((await node.end('SIGTERM')).code).to.equal(0)
  })

  it('have a unit whose command runs the node', async function () {
    this.timeout(120_000)

    const [, line] = /^ExecStart=\/usr\/bin\/env libp2p-voting (.*)$/m.exec(await readFile(UNIT, 'utf8')) ?? []
    const node = await started(line.split(' '), await freePort())

    expect((await node.end('SIGTERM')).code).to.equal(0)
  })

  it('have a unit that systemd finds nothing wrong with', async function () {
    if (await exitCode('systemd-analyze', ['--version']) !== 0) {
      this.skip()
    }

    // what is wrong with the units of this machine is not ours
    const { stderr } = await execute('systemd-analyze', ['verify', UNIT])

    expect(stderr.split('\n').filter(line => line.includes('libp2p-voting.service'))).to.deep.equal([])
  })
})
