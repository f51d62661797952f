import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Binary, addressOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { StartedNode } from '../utils/binary.ts'

const WAIT = { interval: 50, timeout: 30_000 }

describe('two nodes, each in a terminal of its own', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  let first: StartedNode
  let second: StartedNode

  beforeEach(async () => {
    first = await binary.start('first')
    second = await binary.start('second', '--bootstrap', addressOf(first))

    for (const { dataDirectory } of [first, second]) {
      await binary.json('scope', 'add', 'lobby', '--data-dir', dataDirectory)
    }

    await meet()
  })

  /** Waits until both know that the other is in the scope */
  async function meet (): Promise<void> {
    for (const { dataDirectory } of [first, second]) {
      await pWaitFor(async () => (await binary.json('scope', 'show', 'lobby', '--data-dir', dataDirectory)).peers.length === 1, WAIT)
    }
  }

  async function arrives (node: StartedNode, proposalId: number): Promise<void> {
    await pWaitFor(async () => (await binary.run('show', 'lobby', `${proposalId}`, '--data-dir', node.dataDirectory)).code === 0, WAIT)
  }

  it('decide together', async () => {
    const watch = binary.spawn('watch', '--data-dir', second.dataDirectory)

    await watch.prints(/Watching lobby/)

    const { proposalId } = await binary.json('propose', 'lobby', 'Lunch at noon?', '--voters', '2', '--data-dir', first.dataDirectory)

    await arrives(second, proposalId)

    const waiting = binary.spawn('vote', 'lobby', `${proposalId}`, 'yes', '--wait', '--data-dir', first.dataDirectory)

    await waiting.prints(/Voted yes/)

    const vote = await binary.run('vote', 'lobby', `${proposalId}`, 'yes', '--wait', '--data-dir', second.dataDirectory)

    expect(vote.stdout).to.match(/Decided: yes \(2 yes, 0 no of 2\)\n$/)
    expect(vote.code).to.equal(0)

    const { code, stdout } = await waiting.ended

    expect(stdout).to.match(/Decided: yes \(2 yes, 0 no of 2\)\n$/)
    expect(code).to.equal(0)

    await watch.prints(new RegExp(`proposal ${proposalId} \\([0-9a-f-]{19}\\) "Lunch at noon\\?"[^]*votes yes on ${proposalId}[^]*lobby \\(open\\) {2}\\w+ votes yes on ${proposalId}[^]*lobby \\(open\\) {2}proposal ${proposalId} is decided: yes`))

    for (const { dataDirectory } of [first, second]) {
      expect(await binary.json('show', 'lobby', `${proposalId}`, '--data-dir', dataDirectory)).to.include({ state: 'reached', result: 'yes' })
    }
  })

  it('show each other as peers', async () => {
    const { peerId } = await binary.json('id', '--data-dir', second.dataDirectory)
    const [peer] = await binary.json('peers', '--data-dir', first.dataDirectory)

    expect(peer).to.include({ peerId, direction: 'inbound' })
    expect(peer.scopes).to.deep.equal(['lobby'])
    expect(peer.voters).to.deep.equal([])
    expect((await binary.run('peers', '--data-dir', first.dataDirectory)).stdout).to.match(new RegExp(`${peerId} +stranger .* lobby \\(open\\)\n`))
  })

  it('know the decision after a power cut, and take part in the next one', async () => {
    const { proposalId } = await binary.json('propose', 'lobby', 'Before', '--voters', '2', '--data-dir', first.dataDirectory)

    await arrives(second, proposalId)
    await binary.json('vote', 'lobby', `${proposalId}`, 'no', '--data-dir', first.dataDirectory)

    const { code, stdout } = await binary.run('vote', 'lobby', `${proposalId}`, 'no', '--wait', '--data-dir', second.dataDirectory)

    expect(stdout).to.match(/Decided: no \(0 yes, 2 no of 2\)\n$/)
    expect(code).to.equal(10)

    await second.end('SIGKILL')
    second = await binary.start('second', '--bootstrap', addressOf(first))

    expect(second.stdout).to.match(/scopes +lobby \(open: anyone may vote\)/)
    expect(await binary.json('show', 'lobby', `${proposalId}`, '--data-dir', second.dataDirectory)).to.include({ state: 'reached', result: 'no' })
    await meet()

    const next = await binary.json('propose', 'lobby', 'After', '--voters', '2', '--data-dir', second.dataDirectory)

    await arrives(first, next.proposalId)
    await binary.json('vote', 'lobby', `${next.proposalId}`, 'yes', '--data-dir', second.dataDirectory)
    expect(await binary.json('vote', 'lobby', `${next.proposalId}`, 'yes', '--wait', '--data-dir', first.dataDirectory)).to.include({ result: 'yes' })
  })

  it('find each other again after the one they joined by was away', async () => {
    const address = addressOf(first)
    const port = /tcp\/(\d+)/.exec(address)?.[1]

    await first.end('SIGKILL')
    await pWaitFor(async () => (await binary.json('status', '--data-dir', second.dataDirectory)).peers === 0, WAIT)
    first = await binary.start('first', '--listen', `/ip4/127.0.0.1/tcp/${port}`)
    await meet()
  })
})
