import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, stat, writeFile, chmod, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { generatePrivateKey } from 'viem/accounts'
import { readToken } from '../../src/node/index.ts'
import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import { Binary, addressOf, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { VotingClient } from '../../src/client/index.ts'
import type { ScopePolicyInput } from '../../src/index.ts'
import type { Ended, StartedNode } from '../utils/binary.ts'
import type { AddressInfo, Server, Socket } from 'node:net'

const STRANGER = '12D3KooWNV2A4NwAmkFE729RptgMR4UCWLK2Y7smDGDSCJofUPto'

/** One clear line, and the exit code of a node that cannot start */
function expectRefused ({ code, stdout, stderr }: Ended, pattern: RegExp, exitCode = 6): void {
  expect(stderr).to.match(pattern)
  expect(stderr.trimEnd().split('\n')).to.have.lengthOf(1)
  expect(stderr).to.match(/^error: /)
  expect(stdout).to.equal('')
  expect(code).to.equal(exitCode)
}

describe('libp2p-voting start', () => {
  // processes end before their folder goes
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  it('says who the node is, where it listens, and what to type next', async () => {
    const node = await binary.start('a')

    expect(node.stdout).to.match(/peer id +12D3KooW\w+\n/)
    expect(node.stdout).to.match(/voter +0x[0-9a-fA-F]{40}\n/)
    expect(node.stdout).to.match(/listening +\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3KooW\w+\n/)
    expect(node.stdout).to.match(/API +http:\/\/127\.0\.0\.1:\d+\n/)
    expect(node.stdout).to.include(`libp2p-voting scope add council --data-dir ${node.dataDirectory}`)
    expect(node.stderr).to.equal('')
  })

  it('makes keys that only their owner can read, and never prints them', async () => {
    const node = await binary.start('a')

    expect((await stat(node.dataDirectory)).mode & 0o777).to.equal(0o700)
    expect((await stat(join(node.dataDirectory, 'keys'))).mode & 0o777).to.equal(0o700)

    for (const name of ['keys/peer.key', 'keys/voter.key', 'api.token', 'running.json']) {
      const file = join(node.dataDirectory, name)

      expect((await stat(file)).mode & 0o777, name).to.equal(0o600)
    }

    const secrets = await Promise.all(['keys/peer.key', 'keys/voter.key', 'api.token'].map(async name => (await readFile(join(node.dataDirectory, name), 'utf8')).trim()))
    const { stdout, stderr } = await node.end('SIGTERM')

    for (const secret of secrets) {
      expect(stdout + stderr).to.not.include(secret.replace('0x', ''))
    }
  })

  it('is the same node after a restart', async () => {
    const first = await binary.start('a')
    const [, voter] = /voter +(0x\w+)/.exec(first.stdout) ?? []
    const [, peerId] = /peer id +(\w+)/.exec(first.stdout) ?? []

    await first.end('SIGTERM')

    const second = await binary.start('a')

    expect(second.stdout).to.include(voter)
    expect(second.stdout).to.include(peerId)
    expect(second.stdout).to.include('a node that has run before')
  })

  it('says in which of the scopes it was in before its key may not vote', async () => {
    const first = await binary.start('a')
    const [, voter] = /voter +(0x\w+)/.exec(first.stdout) ?? []
    const client = await clientOf(first)

    await client.join({ policy: { name: 'council', voters: [voter] } })
    await client.join({ policy: { name: 'senate', voters: [`0x${'1'.repeat(40)}`] } })
    await first.end('SIGTERM')

    const again = binary.spawnIn({ DEBUG: 'libp2p:voting' }, 'start', '--local', '--data-dir', first.dataDirectory)

    await again.prints(/Ctrl-C stops the node/)

    const { stdout, stderr } = await again.end('SIGTERM')

    expect(stdout).to.include(`This node may not vote in senate: ${voter} is not among the voters\n`)
    expect(stdout).to.not.match(/may not vote in council/)
    expect(stderr).to.include(`in scope senate this node cannot vote: ${voter.toLowerCase()} is not among the voters`)
    expect(stderr).to.not.match(/in scope council this node cannot vote/)

    const json = binary.spawn('start', '--local', '--json', '--data-dir', first.dataDirectory)
    const [line] = await json.prints(/^.*\n/)

    expect(JSON.parse(line).scopes).to.have.deep.members([{ name: 'council', open: false, mayVote: true }, { name: 'senate', open: false, mayVote: false }])
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`stops cleanly on ${signal}`, async () => {
      const node = await binary.start('a')
      const other = await binary.start('b', '--bootstrap', addressOf(node))
      const begin = Date.now()
      const { code, stderr } = await node.end(signal)

      expect(code).to.equal(0)
      expect(stderr).to.equal('')
      expect(Date.now() - begin).to.be.lessThan(5_000)
      expect(await readdir(node.dataDirectory)).to.have.members(['format', 'keys', 'lock-directory', 'store'])
      expect((await other.end(signal)).code).to.equal(0)
    })
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`stops within 5 seconds on ${signal}, with peers that hang, requests that wait, and votes under way, and keeps what it has answered`, async () => {
      const node = await binary.start('a')
      const peers = [await binary.start('b', '--bootstrap', addressOf(node)), await binary.start('c', '--bootstrap', addressOf(node))]
      const client = await clientOf(node)
      const policy: ScopePolicyInput = { name: 'council', decisionRule: 'reference', voters: [(await client.id()).voter, (await (await clientOf(peers[0])).id()).voter] }
      const voted: number[] = []
      const answered: number[] = []

      for (const member of [node, ...peers]) {
        await (await clientOf(member)).join({ policy })
      }

      const proposals = await Promise.all(Array.from({ length: 30 }, async () => (await client.propose('council', { name: 'Go?' })).proposalId))
      const connected = Promise.withResolvers<void>()
      const waiting = Promise.allSettled([watch(client, connected.resolve), ...proposals.slice(0, 5).map(async id => client.decision('council', id))])
      const upload = await hangingRequest(node)

      await connected.promise
      // they keep their connections, and never answer again
      peers.forEach(({ pid }) => process.kill(pid, 'SIGSTOP'))

      const votes = proposals.map(async id => {
        voted.push(id)
        await client.vote('council', id, 'yes')
        answered.push(id)
      })

      const ended = Promise.allSettled(votes)

      await Promise.race(votes)

      const begin = Date.now()
      const { code, stdout, stderr } = await node.end(signal)
      const took = Date.now() - begin

      await Promise.all([waiting, ended])
      upload.destroy()
      expect(stderr).to.equal('')
      expect(stdout).to.match(/\nStopped\n$/)
      expect(code).to.equal(0)
      expect(took).to.be.lessThan(5_000)
      expect(voted).to.have.lengthOf(30)
      expect(answered).to.not.be.empty()
      expect(await readdir(node.dataDirectory)).to.have.members(['format', 'keys', 'lock-directory', 'store'])
      expect(await LevelStorage.check(join(node.dataDirectory, 'store'))).to.deep.equal([])

      const again = await clientOf(await binary.start('a'))

      for (const id of answered) {
        expect((await again.proposal('council', id)).votes).to.have.lengthOf(1)
      }
    })
  }

  it('starts again after it was killed while votes were under way, and keeps what it has answered', async () => {
    const node = await binary.start('a')
    const client = await clientOf(node)
    const { voter } = await client.id()

    await client.join({ policy: { name: 'council', decisionRule: 'reference', voters: [voter, '0x00000000000000000000000000000000000000AA'] } })

    const proposals = await Promise.all(Array.from({ length: 30 }, async () => (await client.propose('council', { name: 'Go?' })).proposalId))
    const answered: number[] = []
    const votes = proposals.map(async id => {
      await client.vote('council', id, 'yes')
      answered.push(id)
    })

    const ended = Promise.allSettled(votes)

    await Promise.race(votes)
    await node.end('SIGKILL')
    await ended
    expect(answered).to.not.be.empty()

    const again = await clientOf(await binary.start('a'))

    for (const id of answered) {
      expect((await again.proposal('council', id)).votes.map(({ voter, choice }) => ({ voter, choice }))).to.deep.equal([{ voter, choice: 'yes' }])
    }
  })

  it('can be stopped while it waits for a bootstrap peer', async () => {
    const silent = await listen()
    const node = binary.spawn('start', '--local', '--data-dir', join(folder.path, 'a'), '--bootstrap', `/ip4/127.0.0.1/tcp/${silent.port}/p2p/${STRANGER}`)

    // it dials, so it is on its way
    await once(silent.server, 'connection')

    expect((await node.end('SIGTERM')).code).to.equal(0)
    silent.close()
  })

  it('says who holds the data directory if another process does', async () => {
    const node = await binary.start('a')

    expectRefused(await binary.run('start', '--data-dir', node.dataDirectory), new RegExp(`data directory ${node.dataDirectory} is in use by process ${node.pid}\\. Stop that one first`))
    expect((await binary.run('id', '--data-dir', node.dataDirectory)).code).to.equal(0)
  })

  it('takes over a data directory whose process was killed', async () => {
    const node = await binary.start('a')

    await node.end('SIGKILL')
    expect(await readdir(node.dataDirectory)).to.include('running.json')

    expect((await binary.run('id', '--data-dir', node.dataDirectory)).code).to.equal(4)
    await binary.start('a')
    expect((await binary.run('id', '--data-dir', node.dataDirectory)).code).to.equal(0)
  })

  it('refuses a directory that holds something else, and leaves it as it is', async () => {
    const path = join(folder.path, 'photos')

    await mkdir(path, { mode: 0o755 })
    await writeFile(join(path, 'cat.jpg'), 'meow')

    expectRefused(await binary.run('start', '--data-dir', path), /directory .*photos holds other files \(cat\.jpg\) and was not made by libp2p-voting/)
    expect(await readdir(path)).to.deep.equal(['cat.jpg'])
    expect((await stat(path)).mode & 0o777).to.equal(0o755)
  })

  it('refuses a data directory of another format', async () => {
    const path = join(folder.path, 'a')

    await mkdir(path)
    await writeFile(join(path, 'format'), 'libp2p-voting data directory, format 2\n')

    expectRefused(await binary.run('start', '--data-dir', path), /has a format that this version does not know: .*format 2/)
  })

  it('refuses a data directory that is a file, or below one', async () => {
    const path = join(folder.path, 'file')

    await writeFile(path, '')

    expectRefused(await binary.run('start', '--data-dir', path), /data directory .*file cannot be used: it is not a directory/)
    expectRefused(await binary.run('start', '--data-dir', join(path, 'a')), /data directory .*file\/a cannot be used: it is not a directory/)
  })

  it('refuses directories where the system lets nobody make any', async function () {
    if (!existsSync('/proc/self')) {
      // other systems have no such place
      return this.skip()
    }

    expectRefused(await binary.run('start', '--data-dir', '/proc/x'), /data directory \/proc\/x cannot be used: no directory can be made there\. Give another one/)
    expectRefused(await binary.run('start', '--data-dir', '/proc/x/y/z'), /cannot be used: no directory can be made there/)
  })

  it('refuses a data directory that it may not read', async function () {
    if (process.getuid?.() === 0) {
      // root reads everything
      return this.skip()
    }

    const path = join(folder.path, 'a')

    await mkdir(path, { mode: 0o000 })

    expectRefused(await binary.run('start', '--data-dir', path), /cannot be used: permission denied/)
  })

  describe('with keys that are not right', () => {
    const file = (name: string): string => join(folder.path, 'a', 'keys', name)

    async function startAgain (): Promise<Ended> {
      return binary.run('start', '--local', '--data-dir', join(folder.path, 'a'))
    }

    beforeEach(async () => {
      await (await binary.start('a')).end('SIGTERM')
    })

    it('refuses a voter key of the wrong length, and leaves it as it is', async () => {
      const short = '0x1234\n'

      await writeFile(file('voter.key'), short)

      expectRefused(await startAgain(), /key file .*voter\.key is damaged: it must hold 0x and 64 hex digits.*restore it from your backup/)
      expect(await readFile(file('voter.key'), 'utf8')).to.equal(short)
    })

    it('refuses the store of another voter\'s key, unless it is told that the key was replaced', async () => {
      await writeFile(file('voter.key'), `${generatePrivateKey()}\n`)

      expectRefused(await startAgain(), /store .* is of 0x[0-9a-fA-F]{40}, and this is 0x[0-9a-fA-F]{40}.*put the key back into .*keys, give another directory with --data-dir, or say with --new-key/)

      const told = await binary.start('a', '--new-key')

      await told.end('SIGTERM')
      await (await binary.start('a')).end('SIGTERM')
    })

    it('refuses a voter key that is none of the curve\'s', async () => {
      await writeFile(file('voter.key'), `0x${'0'.repeat(64)}\n`)

      expectRefused(await startAgain(), /voter\.key is damaged: it must hold a secp256k1 private key/)
    })

    it('refuses a damaged peer key without showing it, and leaves it as it is', async () => {
      const damaged = (await readFile(file('peer.key'), 'utf8')).slice(0, 40)

      await writeFile(file('peer.key'), damaged)

      const ended = await startAgain()

      expectRefused(ended, /key file .*peer\.key is damaged: it must hold a libp2p Ed25519 private key in base64/)
      expect(ended.stderr).to.not.include(damaged)
      expect(await readFile(file('peer.key'), 'utf8')).to.equal(damaged)
    })

    it('refuses an empty key', async () => {
      await writeFile(file('peer.key'), '')

      expectRefused(await startAgain(), /peer\.key is damaged/)
    })

    it('refuses keys that others can read, and says what to do', async () => {
      await chmod(file('voter.key'), 0o644)

      expectRefused(await startAgain(), /voter\.key can be read by others \(mode 0644\)\. Run: chmod 600 .*voter\.key/)
    })

    it('makes no new identity in place of one that was lost', async () => {
      await rm(file('voter.key'))
      expectRefused(await startAgain(), /key file .*voter\.key is missing\. Restore it from your backup/)

      await rm(join(folder.path, 'a', 'keys'), { recursive: true })
      expectRefused(await startAgain(), /The keys are missing: there is no .*keys, but this node has run before/)
      expect(await readdir(join(folder.path, 'a'))).to.not.include('keys')
    })
  })

  it('runs, and signs nothing, where its lock directory can keep no locks', async () => {
    const file = join(folder.path, 'file')
    await writeFile(file, 'no directory')

    const node = await binary.start('a', '--lock-dir', file)
    const client = await clientOf(node)

    expect(node.stderr).to.match(/^warning: The node runs, and signs nothing: The counter of vote locks \S+file\S+ cannot be read/m)
    await client.join({ name: 'council' })
    await expect(client.propose('council', { name: 'Go?', expectedVotersCount: 1 })).to.eventually.be.rejected().with.property('kind', 'VoteLockError')
  })

  it('refuses a port that is in use', async () => {
    const { port, close } = await listen()

    expectRefused(await binary.run('start', '--listen', `/ip4/127.0.0.1/tcp/${port}`), new RegExp(`Cannot listen on /ip4/127\\.0\\.0\\.1/tcp/${port}: the port is in use`))
    expectRefused(await binary.run('start', '--local', '--api-port', `${port}`), new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port} for the control API: the port is in use`))
    close()
  })

  it('refuses addresses that do not parse, before it makes anything', async () => {
    const wrong: Array<[args: string[], pattern: RegExp]> = [
      [['--bootstrap', 'example.org:4001'], /bootstrap must be a multiaddr, like \S+, got "example\.org:4001"/],
      [['--bootstrap', '/ip4/127.0.0.1/tcp/4001'], /bootstrap must end in \/p2p\/ and the peer id.*got "\/ip4\/127\.0\.0\.1\/tcp\/4001"/],
      [['--bootstrap', '/ip4/127.0.0.1/tcp/4001/p2p/nobody'], /bootstrap must end in \/p2p\/ and the peer id.*"nobody" is none/],
      [['--bootstrap', `/ip4/127.0.0.1/udp/4001/p2p/${STRANGER}`], /bootstrap must be a TCP address/],
      [['--listen', '127.0.0.1'], /listen must be a multiaddr/],
      [['--listen', '/ip4/127.0.0.1/udp/4001'], /listen must be an IP address and a TCP port/],
      [['--listen', '/ip4/127.0.0.1/tcp/99999'], /listen must be a multiaddr.*99999/]
    ]

    for (const [args, pattern] of wrong) {
      expectRefused(await binary.run('start', ...args), pattern, 2)
    }

    expect((await binary.run('start', '--api-port', '-1')).code).to.equal(2)
    expect((await binary.run('start', '--api-port', '65536')).code).to.equal(2)
    expect(await readdir(folder.path)).to.deep.equal([])
  })

  it('refuses to start alone if no bootstrap peer answers', async () => {
    const { port, close } = await listen()

    close()

    expectRefused(await binary.run('start', '--local', '--bootstrap', `/ip4/127.0.0.1/tcp/${port}/p2p/${STRANGER}`), new RegExp(`No bootstrap peer answers: /ip4/127\\.0\\.0\\.1/tcp/${port}/p2p/${STRANGER} \\(connection refused\\)\\. Start it first.*--allow-unreachable`))
  })

  it('refuses to start if another peer answers at the bootstrap address', async () => {
    const node = await binary.start('a')
    const wrong = addressOf(node).replace(/p2p\/.*/, `p2p/${STRANGER}`)

    expectRefused(await binary.run('start', '--local', '--data-dir', join(folder.path, 'b'), '--bootstrap', wrong), /No bootstrap peer answers: .*another peer answers there/)
  })

  it('starts if one of several bootstrap peers answers, and when it is told to go on', async () => {
    const { port, close } = await listen()
    const dead = `/ip4/127.0.0.1/tcp/${port}/p2p/${STRANGER}`

    close()

    const node = await binary.start('a', '--bootstrap', dead, '--allow-unreachable')

    expect(node.stderr).to.match(/^warning: No bootstrap peer answers: .*connection refused\)\. This node goes on trying\.\n$/)

    const other = await binary.start('b', '--bootstrap', dead, addressOf(node))

    expect(other.stdout).to.match(/peers +1 peer\n/)
    expect((await binary.json('status', '--data-dir', other.dataDirectory)).bootstrap).to.deep.equal([{ address: dead, connected: false }, { address: addressOf(node), connected: true }])
  })

  it('leaves its own address in the list aside', async () => {
    const node = await binary.start('a', '--listen', '/ip4/127.0.0.1/tcp/0')
    const own = addressOf(node)

    await node.end('SIGTERM')

    expect((await binary.start('a', '--bootstrap', own)).stderr).to.equal('')
  })
})

/** Follows the events of a node until it stops */
async function watch (client: VotingClient, onConnect: () => void): Promise<number> {
  let count = 0

  for await (const { id } of client.events({ onConnect, reconnect: false })) {
    count += id.length
  }

  return count
}

/** A request whose body never comes */
async function hangingRequest ({ stdout, dataDirectory }: StartedNode): Promise<Socket> {
  const { hostname, port, host } = new URL(/API +(\S+)/.exec(stdout)?.[1] ?? '')
  const socket = connect(Number(port), hostname)

  socket.on('error', () => {
    // it is cut off in the end
  })
  await once(socket, 'connect')
  socket.write(`POST /scopes HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${await readToken(dataDirectory)}\r\ncontent-length: 100\r\n\r\n{`)

  return socket
}

/** Somebody else's server, on any free port, that says nothing */
async function listen (): Promise<{ port: number, server: Server, close (): void }> {
  // unless it is read a connection is never known to have ended
  const server = createServer(socket => { socket.on('error', () => {}).resume() })

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return { port: (server.address() as AddressInfo).port, server, close: () => { server.close() } }
}
