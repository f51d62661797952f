import { stripVTControlCharacters } from 'node:util'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Binary, addressOf, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import { hasTerminals, type } from '../utils/terminal.ts'
import type { VotingClient } from '../../src/client/index.ts'
import type { StartedNode } from '../utils/binary.ts'

const WAIT = { interval: 50, timeout: 30_000 }
const CTRL_C = '\u0003'

describe('waiting for a decision', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  let nodes: StartedNode[]
  let clients: VotingClient[]

  beforeEach(async () => {
    const first = await binary.start('a')

    nodes = [first, await binary.start('b', '--bootstrap', addressOf(first))]
    clients = await Promise.all(nodes.map(clientOf))

    const voters = await Promise.all(clients.map(async client => (await client.id()).voter))

    for (const client of clients) {
      await client.join({ policy: { name: 'council', voters: [...voters, `0x${'11'.repeat(20)}`] } })
    }
  })

  /** Votes as soon as the proposal has arrived */
  async function vote (client: VotingClient, proposalId: number): Promise<void> {
    await pWaitFor(async () => (await client.proposals('council')).items.length === 1, WAIT)
    await client.vote('council', proposalId, 'yes')
  }

  it('prints a line each time the tally has changed where the output is no terminal', async () => {
    const waiting = binary.spawn('propose', 'council', 'Upgrade?', '--wait', '--data-dir', nodes[0].dataDirectory)
    const [, id] = await waiting.prints(/Proposed (\d+)/)

    await waiting.prints(/0 yes, 0 no of 3\n/)
    await vote(clients[0], Number(id))
    await waiting.prints(/0 yes, 0 no of 3\n1 yes, 0 no of 3\n/)
    await vote(clients[1], Number(id))

    const { code, stdout, stderr } = await waiting.ended

    expect(stdout).to.match(/1 yes, 0 no of 3\n(2 yes, 0 no of 3\n)?Decided: yes \(2 yes, 0 no of 3\)\n$/)
    expect(stderr).to.equal('')
    expect(code).to.equal(0)
  })

  describe('in a terminal', () => {
    before(function () {
      if (!hasTerminals) {
        // without script of util-linux there is no terminal to look at
        this.skip()
      }
    })

    it('keeps one line up to date, with bars where there is room', async () => {
      const { proposalId } = await clients[0].propose('council', { name: 'Upgrade?' })
      const wide = binary.terminal({ columns: 80, rows: 24 }, ['vote', 'council', `${proposalId}`, 'yes', '--wait', '--data-dir', nodes[0].dataDirectory])

      await wide.prints(/yes [^\n]*┃[^\n]* 1 {2}no [^\n]*┃[^\n]* 0 {2}of 3, \d+ s left/)

      const narrow = binary.terminal({ columns: 40, rows: 24 }, ['vote', 'council', `${proposalId}`, 'yes', '--wait', '--data-dir', nodes[1].dataDirectory])

      for (const terminal of [wide, narrow]) {
        const { code, stdout } = await terminal.ended

        expect(code).to.equal(0)
        expect(stripVTControlCharacters(stdout)).to.match(/Decided: yes \(2 yes, 0 no of 3\)\s*$/)
        // the line was drawn over itself, and the cursor is back
        expect(stdout.match(/s left\r?\n/)).to.equal(null)
        expect(stdout.lastIndexOf('\u001b[?25h')).to.be.above(stdout.lastIndexOf('\u001b[?25l'))
      }
    })

    it('gives the cursor back on Ctrl-C', async () => {
      const terminal = binary.terminal({ columns: 40, rows: 24 }, ['propose', 'council', 'Upgrade?', '--wait', '--data-dir', nodes[0].dataDirectory])

      await terminal.prints(/0 yes, 0 no of 3, \d+ s left/)
      type(terminal, CTRL_C)

      const { stdout } = await terminal.ended

      expect(stdout.lastIndexOf('\u001b[?25h')).to.be.above(stdout.lastIndexOf('\u001b[?25l'))
    })
  })
})
