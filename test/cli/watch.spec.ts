import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { textWidth } from '../../src/cli/terminal/text.ts'
import { Binary, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import { frameOf, hasTerminals, type } from '../utils/terminal.ts'
import type { VotingClient } from '../../src/client/index.ts'
import type { Running, StartedNode } from '../utils/binary.ts'

const WAIT = { interval: 20, timeout: 30_000 }
const OTHERS = ['11', '22'].map(byte => `0x${byte.repeat(20)}`)
const CTRL_C = '\u0003'
const SHOW_CURSOR = '\u001b[?25h'

describe('libp2p-voting watch in a terminal', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  let node: StartedNode
  let client: VotingClient

  before(function () {
    if (!hasTerminals) {
      // without script of util-linux there is no terminal to look at
      this.skip()
    }
  })

  beforeEach(async () => {
    node = await binary.start('a')
    client = await clientOf(node)
  })

  async function shows (terminal: Running, pattern: RegExp): Promise<string[]> {
    await pWaitFor(() => pattern.test(frameOf(terminal).join('\n')), WAIT).catch(err => {
      throw new Error(`${pattern} was not shown: ${terminal.stdout}`, { cause: err })
    })

    return frameOf(terminal)
  }

  function watch (columns: number, rows: number, env?: NodeJS.ProcessEnv, ...args: string[]): Running {
    return binary.terminal({ columns, rows }, ['watch', '--data-dir', node.dataDirectory, ...args], env)
  }

  async function join3 (): Promise<string> {
    const { voter } = await client.id()

    await client.join({ policy: { name: 'council', voters: [voter, ...OTHERS] } })

    return voter
  }

  it('shows proposals with their tally, the quorum and who has voted, and counts along', async () => {
    await join3()

    const terminal = watch(80, 24)

    await shows(terminal, /council {2}3 voters/)

    const { proposalId } = await client.propose('council', { name: 'Upgrade?' })
    const before = await shows(terminal, /Upgrade\?/)

    expect(before.join('\n')).to.match(new RegExp(`council ${proposalId} \\([0-9a-f-]{19}\\) {2}quorum 2 of 3`))
    expect(before.find(line => line.includes('Upgrade?'))).to.match(/^Upgrade\? +\d+ s left$/)
    expect(before.find(line => line.startsWith('  yes'))).to.match(/^ {2}yes ░+┃░+ 0$/)

    await client.vote('council', proposalId, 'yes')

    const after = await shows(terminal, /you yes/)

    expect(after.find(line => line.startsWith('  yes'))).to.match(/^ {2}yes █+░+┃░+ 1$/)
    expect(after.find(line => line.startsWith('  no'))).to.match(/^ {2}no {2}░+┃░+ 0$/)
  })

  it('says how proposals ended, and leaves that on the screen when it ends', async () => {
    const { voter } = await client.id()

    await client.join({ policy: { name: 'board', voters: [voter] } })

    const terminal = watch(100, 24)

    await shows(terminal, /Nothing is being voted on/)

    const { proposalId } = await client.propose('board', { name: 'Paint it' })

    await client.vote('board', proposalId, 'no')
    await shows(terminal, new RegExp(`proposal ${proposalId} is decided: no {2}0 yes, 1 no of 1 {2}"Paint it"`))
    await shows(terminal, /Nothing is being voted on/)
    type(terminal, CTRL_C)

    const { code, stdout } = await terminal.ended

    expect(code).to.equal(0)
    expect(stdout.lastIndexOf(SHOW_CURSOR)).to.be.above(stdout.lastIndexOf('\u001b[?25l'))
    expect(stdout.split('\u001b[?1049l')[1]).to.match(new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}board {2}proposal ${proposalId} is decided`))
  })

  it('fits into narrow and low terminals, with names of any width', async () => {
    await join3()
    await client.propose('council', { name: '漢字'.repeat(40) })
    await client.propose('council', { name: `a\u001b[2J${'b'.repeat(200)}` })

    for (const [columns, rows] of [[80, 24], [40, 20], [20, 8], [9, 3]]) {
      const lines = await shows(watch(columns, rows), /end|\d s left|漢|:/)

      expect(lines.length).to.be.at.most(rows)

      for (const line of lines) {
        expect(textWidth(line), line).to.be.at.most(columns)
      }
    }
  })

  it('has no colours with NO_COLOR, and has them without', async () => {
    await join3()

    for (const [NO_COLOR, coloured] of [['1', false], [undefined, true]] as const) {
      const terminal = watch(80, 24, { NO_COLOR })

      await shows(terminal, /council/)
      // eslint-disable-next-line no-control-regex -- colours are
      expect(/\u001b\[\d+m/.test(terminal.stdout)).to.equal(coloured)
    }
  })

  it('waits for a node that was killed, says so, and shows what is there when it is back', async () => {
    await join3()
    await client.propose('council', { name: 'Before' })

    const terminal = watch(80, 24)

    await shows(terminal, /Before/)
    await node.end('SIGKILL')
    await shows(terminal, /no node, waiting for it\n/)
    node = await binary.start('a')
    client = await clientOf(node)
    await client.propose('council', { name: 'After' })
    await shows(terminal, /no peers\n[^]*Before[^]*After/)
    type(terminal, CTRL_C)
    expect((await terminal.ended).code).to.equal(0)
  })

  it('gives the terminal back when the node stops, and says so, if it is not to be waited for', async () => {
    const terminal = watch(80, 24, {}, '--no-reconnect')

    await shows(terminal, /no scope yet/)
    await node.end('SIGKILL')

    const { code, stdout } = await terminal.ended

    expect(code).to.equal(4)
    expect(stdout.split('\u001b[?1049l')[1]).to.match(/^error: (The connection to the node .* broke off|The node on .* has stopped|No node is running)/)
    expect(stdout).to.include(SHOW_CURSOR)
  })

  it('prints plain lines where the terminal cannot move its cursor', async () => {
    const terminal = watch(80, 24, { TERM: 'dumb' })

    await terminal.prints(/Watching all scopes/)
    expect(terminal.stdout).to.not.include('\u001b[?1049h')
  })
})
