import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Binary, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Ended, StartedNode } from '../utils/binary.ts'
import type { AddressInfo } from 'node:net'

const COMMANDS = [['start'], ['id'], ['status'], ['peers'], ['open'], ['init'], ['doctor'], ['scope', 'add'], ['scope', 'list'], ['scope', 'show'], ['scope', 'remove'], ['propose'], ['vote'], ['list'], ['show'], ['watch']]

/** One clear line, and the exit code that says what kind of mistake it was */
function expectRefused ({ code, stdout, stderr }: Ended, exitCode: number, pattern: RegExp): void {
  expect(stderr).to.match(pattern)
  expect(stderr.trimEnd().split('\n')).to.have.lengthOf(1)
  expect(stdout).to.equal('')
  expect(code).to.equal(exitCode)
}

describe('libp2p-voting without a node', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  it('explains every command, with an example', async () => {
    for (const command of COMMANDS) {
      const { code, stdout } = await binary.run(...command, '--help')

      expect(stdout).to.match(new RegExp(`Examples?:\\n  \\$ libp2p-voting ${command.join(' ')}`))
      expect(stdout).to.include('--json').and.include('--data-dir')
      expect(code).to.equal(0)
    }
  })

  it('groups the commands by what they are for', async () => {
    const { stdout } = await binary.run('--help')

    expect(stdout).to.match(/\nRun:\n {2}start [^]*\nDecide:\n {2}propose [^]*\nScopes:\n {2}init [^]*\nLook after:\n {2}doctor /)
    expect(stdout).to.not.include('__complete')
  })

  it('explains the exit codes', async () => {
    const { code, stdout } = await binary.run('--help')

    expect(stdout).to.match(/Exit codes:\n {2}0 {2}done\n/)
    expect(code).to.equal(0)
  })

  it('has a version', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))

    expect((await binary.run('--version')).stdout).to.equal(`${version}\n`)
  })

  it('refuses what is no command and no option', async () => {
    expectRefused(await binary.run('elect'), 2, /unknown command 'elect'/)
    expectRefused(await binary.run('id', '--loud'), 2, /unknown option '--loud'/)
    expectRefused(await binary.run('vote', 'council'), 2, /missing required argument 'id'/)
    expect((await binary.run()).code).to.equal(2)
  })

  it('says that no node runs, and how one is started', async () => {
    for (const args of [['id'], ['status'], ['peers'], ['scope', 'list'], ['scope', 'add', 'lobby'], ['propose', 'lobby', 'x'], ['vote', 'lobby', '1', 'yes'], ['list', 'lobby'], ['show', 'lobby', '1'], ['watch']]) {
      const path = join(folder.path, 'with space')

      expectRefused(await binary.run(...args, '--data-dir', path), 4, new RegExp(`^error: No node is running on ${path}\\. Start it with: libp2p-voting start --data-dir '${path}'\\n$`))
    }

    expectRefused(await binary.run('id'), 4, /Start it with: libp2p-voting start\n$/)
  })

  it('refuses a running.json that is damaged', async () => {
    await writeFile(join(folder.path, 'running.json'), '{')

    expectRefused(await binary.run('id', '--data-dir', folder.path), 6, /running\.json cannot be read: it is damaged/)
  })
})

describe('libp2p-voting with a node', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  let node: StartedNode
  let voter: string

  async function run (...args: string[]): Promise<Ended> {
    return binary.run(...args, '--data-dir', node.dataDirectory)
  }

  async function json (...args: string[]): Promise<any> {
    return binary.json(...args, '--data-dir', node.dataDirectory)
  }

  /** Joins a scope by a policy file in which short proposals are allowed */
  async function addCouncil (voters = [voter]): Promise<void> {
    const file = join(folder.path, 'council.json')

    await writeFile(file, JSON.stringify({ name: 'council', decisionRule: 'reference', voters, minLifetimeSeconds: 1 }))
    expect((await run('scope', 'add', file)).code).to.equal(0)
  }

  beforeEach(async () => {
    node = await binary.start('a')
    voter = (await json('id')).voter
  })

  it('says who it is, as JSON too', async () => {
    const id = await json('id')
    const { stdout } = await run('id')

    expect(stdout).to.include(id.peerId).and.include(id.voter).and.include(id.addresses[0])
    expect(await json('status')).to.include({ peerId: id.peerId, voter: id.voter, pid: node.pid, dataDirectory: node.dataDirectory, peers: 0 })
    expect(await json('peers')).to.deep.equal([])
  })

  it('marks open scopes as open wherever they are shown', async () => {
    const open = /open: anyone may vote/
    const watch = binary.spawn('watch', 'lobby', '--data-dir', node.dataDirectory)

    expect((await watch.ended).code).to.equal(3)
    expect((await run('scope', 'add', 'lobby')).stdout).to.match(open)

    const watching = binary.spawn('watch', 'lobby', '--data-dir', node.dataDirectory)

    await watching.prints(open)

    const { stdout } = await run('propose', 'lobby', 'Lunch?', '--voters', '1')
    const [, id] = /Proposed (\d+)/.exec(stdout) ?? []

    expect(stdout).to.match(open)
    await watching.prints(/\(open: anyone may vote\) {2}proposal/)
    expect((await run('show', 'lobby', id)).stdout).to.match(open)
    expect((await run('list', 'lobby')).stdout).to.match(open)
    expect((await run('scope', 'list')).stdout).to.match(open)
    expect((await run('scope', 'show', 'lobby')).stdout).to.match(open)
    expect((await run('status')).stdout).to.match(open)
    expect((await json('show', 'lobby', id)).open).to.equal(true)
    expect((await json('scope', 'show', 'lobby')).open).to.equal(true)
  })

  it('says at once where its key may not vote', async () => {
    const file = join(folder.path, 'senate.json')

    await writeFile(file, JSON.stringify({ name: 'senate', voters: [`0x${'1'.repeat(40)}`] }))

    const { stdout } = await run('scope', 'add', file)

    expect(stdout).to.match(/This node may not vote: it is not among the voters\./)
    expect(stdout).to.match(/\nNext: libp2p-voting watch senate /)

    const refused = await run('propose', 'senate', 'Go?')

    expect(refused.stderr).to.match(/We may not propose in scope "senate": 0x\w+ is not among those who may propose\. Propose from a node/)
    expect(refused.code).to.equal(5)
    expect((await run('scope', 'show', 'senate')).stdout).to.match(/this node +may not vote/)
    expect((await run('status')).stdout).to.match(/may not vote/)
    expect(await json('scope', 'show', 'senate')).to.deep.include({ mayVote: false, mayPropose: false, otherSigning: [] })

    await writeFile(file, JSON.stringify({ name: 'senate', voters: [voter] }))
    expectRefused(await run('scope', 'add', file), 5, /^error: Scope "senate" is joined under another policy\. Leave it first, or give the new one another name\n$/)
  })

  it('decides alone where it is the only voter', async () => {
    await addCouncil()

    const { proposalId, payload, payloadText, timestamp, deadline } = await json('propose', 'council', 'Upgrade?', '--payload', 'v2', '--timeout', '20')

    expect(payload).to.equal('0x7632')
    expect(payloadText).to.equal('v2')
    expect(deadline - timestamp).to.equal(20)
    expect(await json('vote', 'council', `${proposalId}`, 'no')).to.include({ scope: 'council', proposalId, voter, choice: 'no' })
    expect(await json('show', 'council', `${proposalId}`)).to.include({ state: 'reached', result: 'no', open: false })
    expect((await run('list', 'council')).stdout).to.match(new RegExp(`${proposalId} +Upgrade\\? +0 yes, 1 no of 1 .* no\\n`))
  })

  it('leaves a scope', async () => {
    await addCouncil()

    expect((await run('scope', 'remove', 'council')).code).to.equal(0)
    expect(await json('scope', 'list')).to.deep.equal([])
    expectRefused(await run('scope', 'remove', 'council'), 3, /not in scope "council"/)
  })

  it('refuses an unknown scope', async () => {
    for (const args of [['propose', 'nowhere', 'x', '--voters', '1'], ['vote', 'nowhere', '1', 'yes'], ['list', 'nowhere'], ['show', 'nowhere', '1'], ['watch', 'nowhere'], ['scope', 'show', 'nowhere']]) {
      expectRefused(await run(...args), 3, /^error: This node is not in scope "nowhere"; it is in none\. Join it first\n$/)
    }
  })

  it('refuses an unknown proposal', async () => {
    await addCouncil()

    expectRefused(await run('show', 'council', '12'), 3, /There is no such proposal.*proposal 12/)
    expectRefused(await run('vote', 'council', '12', 'yes'), 3, /There is no such proposal.*proposal 12/)
    expectRefused(await run('vote', 'council', 'twelve', 'yes'), 2, /'twelve' is invalid.*whole number from 0 to 4294967295/)
    expectRefused(await run('show', 'council', '4294967296'), 2, /'4294967296' is invalid/)
  })

  it('refuses a second vote, and keeps the first', async () => {
    await addCouncil([voter, `0x${'11'.repeat(20)}`])

    const { proposalId } = await json('propose', 'council', 'x')

    expect((await run('vote', 'council', `${proposalId}`, 'yes')).code).to.equal(0)
    expectRefused(await run('vote', 'council', `${proposalId}`, 'no'), 5, /This identity has voted/)
    expectRefused(await run('vote', 'council', `${proposalId}`, 'yes'), 5, /This identity has voted/)
    expect((await json('show', 'council', `${proposalId}`)).tally).to.deep.equal({ yes: 1, no: 0 })
  })

  it('refuses a vote after the end, and says that there is no result', async () => {
    await addCouncil([voter, `0x${'11'.repeat(20)}`])

    const waited = await run('propose', 'council', 'x', '--timeout', '1', '--wait')
    const [, id] = /Proposed (\d+)/.exec(waited.stdout) ?? []

    expect(waited.stdout).to.match(/Ended without a result \(0 yes, 0 no of 2\)\n$/)
    expect(waited.code).to.equal(7)
    expectRefused(await run('vote', 'council', id, 'yes'), 5, new RegExp(`Voting (ended \\d+ s ago|has just ended).*${id}`))
    expect((await json('show', 'council', id)).votes).to.deep.equal([])
  })

  it('refuses a choice that is neither yes nor no', async () => {
    await addCouncil()
    expectRefused(await run('vote', 'council', '1', 'maybe'), 2, /'maybe' is invalid.*yes or no/)
  })

  it('refuses timeouts that are none', async () => {
    await addCouncil()

    for (const timeout of ['-1', '0', '1.5', 'soon', '99999999']) {
      expectRefused(await run('propose', 'council', 'x', '--timeout', timeout), 2, new RegExp(`'${timeout}' is invalid.*whole number from 1 to 2592000`))
    }

    expect(await json('list', 'council')).to.deep.equal([])
  })

  it('refuses a timeout that the policy does not allow, by the name of the option', async () => {
    await run('scope', 'add', 'lobby')
    expectRefused(await run('propose', 'lobby', 'x', '--voters', '2', '--timeout', '5'), 2, /--timeout must be a whole number of 30 to 2592000 seconds, got 5/)
    expectRefused(await run('propose', 'lobby', 'x'), 2, /--voters is needed, since scope "lobby" is open/)
  })

  it('refuses a payload that is too big or none', async () => {
    const big = join(folder.path, 'big')

    await addCouncil()
    await writeFile(big, new Uint8Array(32 * 1024 + 1))

    expectRefused(await run('propose', 'council', 'x', '--payload-file', big), 2, /payload must be at most 32768 bytes, got 32769/)
    expectRefused(await run('propose', 'council', 'x', '--payload', 'x'.repeat(40_000)), 2, /payload must be at most 32768 bytes, got 40000/)
    expectRefused(await run('propose', 'council', 'x', '--payload-file', join(folder.path, 'none')), 2, /payload file .*none cannot be read: there is no such file/)
    expectRefused(await run('propose', 'council', 'x', '--payload-hex', '0x123'), 2, /even number of hex digits, got "0x123"/)
    expectRefused(await run('propose', 'council', 'x', '--payload', 'a', '--payload-hex', '00'), 2, /Only one of/)
    expect(await json('list', 'council')).to.deep.equal([])
  })

  it('takes the biggest payload, from a file', async () => {
    const file = join(folder.path, 'payload')

    await addCouncil()
    await writeFile(file, new Uint8Array(32 * 1024).fill(255))

    const { payload, payloadText } = await json('propose', 'council', 'x', '--payload-file', file)

    expect(payload).to.equal(`0x${'ff'.repeat(32 * 1024)}`)
    expect(payloadText).to.equal(undefined)
  })

  it('refuses names that are too long or empty', async () => {
    await addCouncil()
    expectRefused(await run('propose', 'council', 'x'.repeat(257)), 2, /name must be 1 to 256 bytes of UTF-8, got 257/)
    expectRefused(await run('propose', 'council', '\u3164'), 2, /name must have a visible character/)
    expectRefused(await run('propose', 'council', ''), 2, /name must be 1 to 256 bytes of UTF-8, got 0/)
    expect(await json('list', 'council')).to.deep.equal([])
  })

  it('refuses policies that are none, and another policy for a scope it is in', async () => {
    const file = join(folder.path, 'council.json')

    expectRefused(await run('scope', 'add', join(folder.path, 'none.json')), 2, /policy file .*none\.json cannot be read: there is no such file/)
    await writeFile(file, '{ "name": ')
    expectRefused(await run('scope', 'add', file), 2, /policy file .*council\.json cannot be read: line 1, column 11: a value is expected, got the end of the text/)
    await writeFile(file, '{ "threshold": 0.5 }')
    expectRefused(await run('scope', 'add', file), 2, /council\.json: The scope policy is not valid: name is missing\n$/)
    await writeFile(file, '{ "name": "council", "decisionRule": "reference",\n  "voters": null, "voters": ["0x00000000000000000000000000000000000000AA"] }')
    expectRefused(await run('scope', 'add', file), 2, /policy file .*council\.json cannot be read: "voters" is said twice, again in line 2, column 19\. Remove one/)
    await writeFile(file, '{ "name": "council", "threshold": 2 }')
    expectRefused(await run('scope', 'add', file), 2, /council\.json: The scope policy is not valid: threshold: must be more than 0 and at most 1/)
    expectRefused(await run('scope', 'add', 'Council!'), 2, /name: must be 1 to 64 of a-z/)
    await writeFile(file, '{ "name": "council", "x\\u001b[31mred": 1 }')
    const { stderr } = await run('scope', 'add', file)
    expect(stderr).to.include('"x\\u001b[31mred": is not known here: known are version, name').and.not.include('\u001b')
    expectRefused(await run('scope', 'add', folder.path + '/.'), 2, /cannot be read: it is a directory/)
    expect(await json('scope', 'list')).to.deep.equal([])

    await addCouncil()
    await writeFile(file, JSON.stringify({ name: 'council', decisionRule: 'reference', voters: [voter] }))
    expectRefused(await run('scope', 'add', file), 5, /council/)
  })

  it('takes a policy file that begins with a byte order mark', async () => {
    const file = join(folder.path, 'board.json')
    await writeFile(file, `\ufeff${JSON.stringify({ name: 'board', decisionRule: 'reference', voters: [voter] })}`)

    expect(await json('scope', 'add', file)).to.include({ name: 'board', open: false })
  })

  it('shows names and payloads of strangers without obeying them', async () => {
    await addCouncil()

    const { proposalId } = await json('propose', 'council', 'a\u001b[2Jb\u202ec', '--payload', 'a\nb')

    const { stdout: printed } = await run('propose', 'council', '\u009b31m\u{e0041}', '--json')
    expect(printed).to.include('\\u009b31m\\udb40\\udc41')
    expect(JSON.parse(printed)).to.have.property('name', '\u009b31m\u{e0041}')

    for (const { stdout } of [await run('list', 'council'), await run('show', 'council', `${proposalId}`)]) {
      expect(stdout).to.include('a\\u{1b}[2Jb\\u{202e}c')
      expect(stdout).to.not.include('\u001b')
    }
  })

  it('refuses a token that is not the node\'s', async () => {
    await writeFile(join(node.dataDirectory, 'api.token'), `${'0'.repeat(64)}\n`)

    expectRefused(await run('id'), 5, /refuses the token in .*libp2p-voting start/)
  })

  it('does not take another server for a node', async () => {
    const server = createServer((request, response) => { response.end('hello') })

    server.listen(0, '127.0.0.1')
    await once(server, 'listening')

    const { port } = server.address() as AddressInfo

    await writeFile(join(node.dataDirectory, 'running.json'), JSON.stringify({ pid: 1, startedAt: 0, url: `http://127.0.0.1:${port}` }))
    expectRefused(await run('id'), 1, /What answers at http:\/\/127\.0\.0\.1:\d+ is not a node's control API/)
    server.closeAllConnections()
    server.close()
  })

  it('goes on watching a node that was started again, and says that it was away', async () => {
    const watching = binary.spawn('watch', '--data-dir', node.dataDirectory)
    const json = binary.spawn('watch', '--json', '--data-dir', node.dataDirectory)

    await watching.prints(/Watching all scopes/)
    await addCouncil()
    await (await clientOf(node)).propose('council', { name: 'Before' })
    await watching.prints(/"Before"/)
    await node.end('SIGTERM')
    await pWaitFor(() => /does not answer any more\. Waiting until it is back/.test(watching.stderr) && /does not answer/.test(json.stderr))
    node = await binary.start('a')
    await watching.prints(/Some events were missed; see list and show/)
    await pWaitFor(() => /is back\./.test(watching.stderr))
    await json.prints(/"type":"reset"/)
    await (await clientOf(node)).propose('council', { name: 'After' })
    await watching.prints(/"After", ends in/)
    await json.prints(/"After"/)
    expect((await watching.end('SIGINT')).code).to.equal(0)
    expect((await json.end('SIGTERM')).code).to.equal(0)
  })

  it('ends watching when the node stops, if it is not to be waited for, and on Ctrl-C', async () => {
    const first = binary.spawn('watch', '--no-reconnect', '--data-dir', node.dataDirectory)
    const second = binary.spawn('watch', '--json', '--data-dir', node.dataDirectory)

    await first.prints(/Watching all scopes/)
    await addCouncil()

    const { proposalId } = await (await clientOf(node)).propose('council', { name: 'x' })

    await first.prints(new RegExp(`proposal ${proposalId} "x", ends in`))
    await second.prints(/"type":"proposal"/)
    expect(await second.end('SIGINT')).to.include({ code: 0, stderr: '' })

    await node.end('SIGTERM')

    const { code, stderr } = await first.ended

    expect(stderr).to.match(/^error: The node on .* has stopped\. Start it with: libp2p-voting start/)
    expect(code).to.equal(4)
  })
})
