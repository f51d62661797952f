import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, stat, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Binary, addressOf, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Finding } from '../../src/cli/doctor/findings.ts'
import type { AddressInfo } from 'node:net'

const STRANGER = '12D3KooWNV2A4NwAmkFE729RptgMR4UCWLK2Y7smDGDSCJofUPto'
const STRANGE_VOTER = '0x00000000000000000000000000000000000000aa'
const WAIT = { interval: 50, timeout: 30_000 }

describe('libp2p-voting doctor', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  const dataDirectory = (): string => join(folder.path, 'a')

  async function examine (...args: string[]): Promise<{ code: number | null, ok: boolean, findings: Finding[], text: string }> {
    const { code, stdout } = await binary.run('doctor', '--json', '--data-dir', dataDirectory(), ...args)

    return { code, ...JSON.parse(stdout), text: stdout }
  }

  function levelOf (findings: Finding[], pattern: RegExp): string | undefined {
    return findings.find(({ check, message }) => pattern.test(`${check}: ${message}`))?.level
  }

  function lockFindings (findings: Finding[]): string[] {
    return findings.filter(({ check, message }) => check === 'locks' && !message.includes('is part of the container')).map(({ message }) => message).sort()
  }

  it('finds nothing wrong with nodes that are well', async () => {
    const node = await binary.start('a')
    const other = await binary.start('b', '--bootstrap', addressOf(node))
    const [client, otherClient] = [await clientOf(node), await clientOf(other)]
    const policy = { name: 'council', voters: [(await client.id()).voter, (await otherClient.id()).voter] }

    await client.join({ policy })
    await otherClient.join({ policy })
    await otherClient.propose('council', { name: 'Upgrade?' })
    await pWaitFor(async () => (await client.proposals('council')).items.length === 1 && (await client.scope('council')).members.length === 1, WAIT)

    const { code, ok, findings, text } = await examine()

    // tests may run in a container, and have no volume for locks there
    const isLost = existsSync('/.dockerenv') && (await stat(folder.path)).dev === (await stat('/')).dev

    expect(levelOf(findings, /^locks: .* is part of the container, and lost with it/)).to.equal(isLost ? 'warning' : undefined)
    expect(findings.filter(({ level, check, message }) => level !== 'ok' && check !== 'clock' && !message.includes('is part of the container')), text).to.deep.equal([])
    expect(ok).to.equal(true)
    expect(code).to.equal(0)
    expect(levelOf(findings, /^clock: 1 time of others in scope council, none in the future/)).to.equal('ok')
    expect(levelOf(findings, /^members: 1 voter of 1 other connected in scope council, all that are known under the same policy/)).to.equal('ok')

    const { stdout } = await binary.run('doctor', '--data-dir', other.dataDirectory)

    expect(stdout).to.match(/^ok {7}config {5}there is no configuration file/)
    expect(stdout).to.match(/\nok {7}bootstrap {2}\/ip4\/127\.0\.0\.1\/tcp\/\d+ is connected\n/)
    expect(stdout).to.match(/\nNo problem, \d warnings?\.\n$/)
  })

  it('says what cannot be told while no node runs, and that none has run yet', async () => {
    const { code, findings } = await examine()

    expect(levelOf(findings, /^node: none runs/)).to.equal('warning')
    expect(levelOf(findings, /^data: there is no .* no node has run there/)).to.equal('warning')
    expect(levelOf(findings, /^locks: there is no/)).to.equal('warning')
    expect(code).to.equal(0)
  })

  it('looks at the lock directory of the node that runs, then at the one that is given, then at the last one', async () => {
    const locks = join(folder.path, 'locks')
    const node = await binary.start('a', '--lock-dir', locks)

    await mkdir(join(folder.path, 'others'), { mode: 0o700 })
    expect(lockFindings((await examine('--lock-dir', join(folder.path, 'others'))).findings)).to.deep.equal([`${locks} is there, for this user only`, 'this node can lock its votes'])

    await node.end('SIGTERM')
    expect(lockFindings((await examine()).findings)).to.deep.equal([`${locks} is there, for this user only`])
    expect(lockFindings((await examine('--lock-dir', join(folder.path, 'others'))).findings)).to.deep.equal([`${join(folder.path, 'others')} is there, for this user only`])
    expect((await binary.run('id', '--data-dir', node.dataDirectory)).stderr).to.equal(`error: No node is running on ${node.dataDirectory}. Start it with: libp2p-voting start --lock-dir ${locks} --data-dir ${node.dataDirectory}\n`)
  })

  it('does not advise to put locks back from a backup', async () => {
    const { findings } = await examine('--lock-dir', join(folder.path, 'none'))
    const { message, advice } = findings.find(({ check }) => check === 'locks') ?? {}

    expect(message).to.include(`there is no ${join(folder.path, 'none')}`)
    expect(advice).to.match(/Do not put one back from a backup/)
  })

  it('finds a node that was killed, and keys and folders that others can read', async () => {
    const node = await binary.start('a')

    await node.end('SIGKILL')
    await chmod(join(dataDirectory(), 'keys', 'voter.key'), 0o644)
    await chmod(dataDirectory(), 0o755)

    const { code, ok, findings } = await examine()

    expect(levelOf(findings, /^node: process \d+ is gone without a word/)).to.equal('warning')
    expect(levelOf(findings, /^keys: .*voter\.key can be read by others \(mode 0644\)\. Run: chmod 600/)).to.equal('problem')
    expect(levelOf(findings, /^data: .* can be used by others \(mode 0755\)/)).to.equal('warning')
    expect(ok).to.equal(false)
    expect(code).to.equal(1)
  })

  it('finds a process that does not answer', async () => {
    const node = await binary.start('a')

    process.kill(node.pid, 'SIGSTOP')

    const { code, findings } = await examine()

    process.kill(node.pid, 'SIGCONT')
    expect(levelOf(findings, new RegExp(`^node: process ${node.pid} does not answer`))).to.equal('problem')
    expect(code).to.equal(1)
  })

  it('finds ports that are in use and bootstrap peers that do not answer, of the configuration', async () => {
    // unless it is read a connection is never known to have ended
    const server = createServer(socket => { socket.on('error', () => {}).resume() })

    server.listen(0, '127.0.0.1')
    await once(server, 'listening')

    const { port } = server.address() as AddressInfo
    const config = join(folder.path, 'node.yaml')

    await writeFile(config, `listen: [/ip4/127.0.0.1/tcp/${port}]\nbootstrap:\n  - /ip4/127.0.0.1/tcp/1/p2p/${STRANGER}\n  - /ip4/127.0.0.1/tcp/${port}/p2p/${STRANGER}\n`)

    const { code, findings } = await examine('--config', config)

    server.close()
    expect(levelOf(findings, new RegExp(`^ports: /ip4/127\\.0\\.0\\.1/tcp/${port} cannot be used for peers: another program uses the port`))).to.equal('problem')
    expect(levelOf(findings, /^bootstrap: \/ip4\/127\.0\.0\.1\/tcp\/1 cannot be reached: connection refused/)).to.equal('problem')
    expect(levelOf(findings, new RegExp(`^bootstrap: something answers at /ip4/127\\.0\\.0\\.1/tcp/${port}; who it is`))).to.equal('ok')
    expect(code).to.equal(1)
  })

  it('finds a configuration that is not valid', async () => {
    const config = join(folder.path, 'node.yaml')

    await writeFile(config, 'mdns: often\n')

    const { code, findings } = await examine('--config', config)

    expect(findings).to.have.lengthOf(1)
    expect(levelOf(findings, /^config: .*node\.yaml, line 1: mdns: must be true or false/)).to.equal('problem')
    expect(code).to.equal(1)
  })

  it('finds peers under another policy, and members that are missing', async () => {
    const node = await binary.start('a')
    const other = await binary.start('b', '--bootstrap', addressOf(node))
    const [client, otherClient] = [await clientOf(node), await clientOf(other)]
    const voters = [(await client.id()).voter, (await otherClient.id()).voter]

    await client.join({ policy: { name: 'council', voters } })
    await otherClient.join({ policy: { name: 'council', voters, threshold: 1 } })
    await pWaitFor(async () => (await client.scope('council')).otherPolicies.length === 1, WAIT)

    const { code, findings } = await examine()

    expect(levelOf(findings, /^policy: peer 12D3KooW\w+ is in scope council under another policy/)).to.equal('problem')
    expect(levelOf(findings, /^members: no peer is connected in scope council/)).to.equal('warning')
    expect(code).to.equal(1)
  })

  it('warns of a stranger under another policy, and of a single member of several', async () => {
    const node = await binary.start('a')
    const other = await binary.start('b', '--bootstrap', addressOf(node))
    const stranger = await binary.start('c', '--bootstrap', addressOf(node))
    const [client, otherClient, strangeClient] = [await clientOf(node), await clientOf(other), await clientOf(stranger)]
    const voters = [(await client.id()).voter, (await otherClient.id()).voter]

    for (const member of [client, otherClient]) {
      await member.join({ policy: { name: 'council', voters } })
      await member.join({ policy: { name: 'senate', voters: [...voters, STRANGE_VOTER] } })
    }

    await strangeClient.join({ policy: { name: 'council', voters, threshold: 1 } })
    await pWaitFor(async () => {
      const [council, senate] = await Promise.all([client.scope('council'), client.scope('senate')])

      return council.otherPolicies.length === 1 && council.members.length === 1 && senate.members.length === 1
    }, WAIT)

    const { code, findings } = await examine()

    expect(levelOf(findings, /^policy: peer 12D3KooW\w+, a stranger, is in scope council under another policy/)).to.equal('warning')
    expect(levelOf(findings, /^members: only 1 voter of 2 others is connected in scope senate/)).to.equal('warning')
    expect(code).to.equal(0)
  })

  it('tells a scope with strangers from one without peers', async () => {
    const node = await binary.start('a')
    const [client, strangers] = [await clientOf(node), await clientOf(await binary.start('b', '--bootstrap', addressOf(node)))]
    const policy = { name: 'council', voters: [(await client.id()).voter, STRANGE_VOTER] }

    await client.join({ policy })
    await strangers.join({ policy })
    await pWaitFor(async () => (await client.scope('council')).peers.length === 1, WAIT)

    const { findings } = await examine()

    expect(levelOf(findings, /^members: no member is connected in scope council: the peer there has not proven to be a voter's/)).to.equal('warning')
    expect(levelOf(findings, /^peers: 1 peer connected/)).to.equal('ok')
  })

  it('finds a clock that was set back, by files of the future', async () => {
    const node = await binary.start('a')
    const later = new Date(Date.now() + 3_600_000)

    await utimes(join(node.dataDirectory, 'format'), later, later)

    const { code, findings } = await examine()

    expect(levelOf(findings, /^clock: .*format was written 60 min from now: the clock has been set back since/)).to.equal('problem')
    expect(code).to.equal(1)
  })
})
