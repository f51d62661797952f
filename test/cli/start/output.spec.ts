import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { addressToShare, shareAddress } from '../../../src/cli/start/share.ts'
import { VotingClient } from '../../../src/client/index.ts'
import { readToken } from '../../../src/node/index.ts'
import { Binary, addressOf, clientOf } from '../../utils/binary.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import { hasTerminals, type } from '../../utils/terminal.ts'

const WAIT = { interval: 50, timeout: 30_000 }
const CTRL_C = '\u0003'
const STRANGER = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWNV2A4NwAmkFE729RptgMR4UCWLK2Y7smDGDSCJofUPto'

describe('what libp2p-voting start prints', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  const dataDirectory = (): string => join(folder.path, 'a')

  async function decideSomething (url: string): Promise<number> {
    const client = new VotingClient({ url, token: await readToken(dataDirectory()) ?? '' })

    await client.join({ policy: { name: 'board', voters: [(await client.id()).voter] } })

    const { proposalId } = await client.propose('board', { name: 'a\u001b[2Jb' })

    await client.vote('board', proposalId, 'yes')

    return proposalId
  }

  it('is JSON with --json: a line that it runs, then one for all that happens, warnings too', async () => {
    const node = binary.spawn('start', '--local', '--json', '--data-dir', dataDirectory(), '--bootstrap', STRANGER, '--allow-unreachable')
    const [line] = await node.prints(/^.*\n/)
    const started = JSON.parse(line)

    expect(started).to.include({ pid: node.pid, dataDirectory: dataDirectory() })

    const proposalId = await decideSomething(started.api)

    await node.prints(/"decided"/)

    const { code, stdout, stderr } = await node.end('SIGTERM')
    const lines = stdout.trimEnd().split('\n').slice(1).map(line => JSON.parse(line))

    expect(lines[0]).to.include({ level: 'warn', event: 'warning' })
    expect(lines[0].message).to.match(/^No bootstrap peer answers/)
    expect(lines.find(({ event }) => event === 'decided')).to.include({ level: 'info', scope: 'board', proposalId, result: 'yes' })
    expect(lines.every(({ time }) => time === new Date(time).toISOString())).to.equal(true)
    expect(stderr).to.equal('')
    expect(code).to.equal(0)
  })

  it('says with --json why it does not start on standard error only', async () => {
    const { stdout, stderr, code } = await binary.run('start', '--local', '--json', '--data-dir', dataDirectory(), '--bootstrap', STRANGER)

    expect(stdout).to.equal('')
    expect(stderr).to.match(/^error: No bootstrap peer answers/)
    expect(code).to.equal(6)
  })

  it('is nothing with --quiet, but what somebody should look at', async () => {
    const node = binary.spawn('start', '--local', '--quiet', '--data-dir', dataDirectory(), '--bootstrap', STRANGER, '--allow-unreachable')

    await pWaitFor(async () => (await binary.run('id', '--data-dir', dataDirectory())).code === 0, WAIT)

    const { code, stdout, stderr } = await node.end('SIGTERM')

    expect(stdout).to.equal('')
    expect(stderr).to.match(/^warning: No bootstrap peer answers.*\n$/)
    expect(code).to.equal(0)
  })

  it('warns of variables that mean nothing', async () => {
    process.env.LIBP2P_VOTING_LISTENS = 'x'

    try {
      expect((await binary.start('a')).stderr).to.match(/^warning: The variable LIBP2P_VOTING_LISTENS means nothing here/)
    } finally {
      delete process.env.LIBP2P_VOTING_LISTENS
    }
  })

  it('is a line for each decision where the output is no terminal, too', async () => {
    const node = await binary.start('a')
    const proposalId = await decideSomething((await clientOf(node) as any).url)

    await node.prints(new RegExp(`Z {2}proposal ${proposalId} in scope board is decided: yes\n`))
  })

  it('shows the address to share as a QR code, unless the terminal is too narrow', async () => {
    const node = await binary.start('a', '--qr')
    const address = addressOf(node)
    const code = shareAddress(address).map(stripVTControlCharacters)

    expect(code.length).to.be.above(15)
    expect(code.every(line => /^[█▀▄ ]+$/.test(line) && line.length === code[0].length)).to.equal(true)
    expect(stripVTControlCharacters(node.stdout)).to.include(code.join('\n'))
    expect(shareAddress(address, 40)).to.deep.equal([`The terminal is too narrow for the QR code, which takes ${code[0].length} columns. The address is: ${address}`])
  })

  it('shares an address that reaches other machines if there is one', () => {
    expect(addressToShare(['/ip4/127.0.0.1/tcp/1', '/ip4/192.0.2.1/tcp/1', '/ip6/::1/tcp/1'])).to.equal('/ip4/192.0.2.1/tcp/1')
    expect(addressToShare(['/ip4/127.0.0.1/tcp/1'])).to.equal('/ip4/127.0.0.1/tcp/1')
    expect(addressToShare([])).to.equal(undefined)
  })

  describe('in a terminal', () => {
    before(function () {
      if (!hasTerminals) {
        // without script of util-linux there is no terminal to look at
        this.skip()
      }
    })

    it('shows the steps of the start, then a status line that is kept up to date', async () => {
      const other = await binary.start('b')
      const terminal = binary.terminal({ columns: 100, rows: 30 }, ['start', '--local', '--data-dir', dataDirectory(), '--bootstrap', addressOf(other)])

      await terminal.prints(/Opening the store… \(keys made\)/)
      await terminal.prints(/Looking for peers… \(keys made, store open, listening on 1 address, in no scope yet\)/)
      await terminal.prints(/● 1 peer · nothing to vote on · in no scope · up \d+ s/)

      const [, api] = await terminal.prints(/API +(http:\S+)/)
      const proposalId = await decideSomething(api)

      await terminal.prints(new RegExp(`proposal ${proposalId} in scope board is decided: yes`))
      await terminal.prints(/● 1 peer · nothing to vote on · board 0 · up \d+ s/)
      type(terminal, CTRL_C)

      const { code, stdout } = await terminal.ended

      expect(code).to.equal(0)
      expect(stripVTControlCharacters(stdout)).to.match(/Stopped\s+$/)
      expect(stdout.lastIndexOf('\u001b[?25h')).to.be.above(stdout.lastIndexOf('\u001b[?25l'))
    })

    it('is cut to the width of the terminal', async () => {
      const terminal = binary.terminal({ columns: 30, rows: 20 }, ['start', '--local', '--data-dir', dataDirectory()])

      await terminal.prints(/● no peers · nothing to vote …/)
    })
  })
})
