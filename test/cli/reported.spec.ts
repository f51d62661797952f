import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { describeReported } from '../../src/client/reported.ts'
import { createNode } from '../../src/node/index.ts'
import { explain } from '../../src/node/page/words.ts'
import { Binary } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { ReportedInfo } from '../../src/client/index.ts'
import type { VotingNode } from '../../src/node/index.ts'

const WAIT = { timeout: 40_000, interval: 100 }

describe('what others report of a result', function () {
  this.timeout(120_000)

  const folder = useTempFolder()
  const binary = new Binary(() => folder.path)
  const nodes: VotingNode[] = []

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => node.stop()))
  })

  async function start (name: string, bootstrap: string[] = []): Promise<VotingNode> {
    const node = await createNode({ dataDirectory: join(folder.path, name), lockDirectory: join(folder.path, 'locks', name), local: true, bootstrap })

    nodes.push(node)

    return node
  }

  it('is shown by the binary, the API and the page of a node that comes when the votes were given up', async () => {
    const first = await start('first')
    const address = first.libp2p.getMultiaddrs()[0].toString()
    const others = [await start('second', [address]), await start('third', [address])]
    const [second] = others
    const policy = { name: 'council', voters: [first, ...others].map(({ voter }) => voter), minLifetimeSeconds: 1, clockSkewSeconds: 0, graceSeconds: 0 }

    await Promise.all([first, second].map(async ({ voting }) => voting.join(policy)))
    await pWaitFor(() => first.voting.scopes()[0].peers.length === 1, WAIT)

    const { proposalId } = await first.voting.propose('council', { name: 'Go?', timeoutSeconds: 2 })

    await first.voting.vote('council', proposalId, true)
    await pWaitFor(async () => (await Promise.all([first, second].map(async ({ voting }) => voting.get('council', proposalId).catch(() => undefined)))).every(state => state?.grade === 'timeout'), WAIT)
    await Promise.all([first, second].map(async ({ voting }) => voting.configure('council', { retainVotesSeconds: 0 })))

    const late = others[1]
    const run = async (...args: string[]): Promise<string> => (await binary.run(...args, '--data-dir', late.dataDirectory)).stdout

    await late.voting.join(policy)
    await pWaitFor(async () => (await late.voting.get('council', proposalId).catch(() => undefined))?.reported != null, WAIT)
    expect(await run('show', 'council', `${proposalId}`)).to.match(/result +no result\nwhy +It ended without a result known here.*\nreported +by (1 peer|2 peers): yes \(by silence\); their votes were given up, so this node cannot check it\n$/)
    expect(await run('list', 'council')).to.include('no result')

    const [shown] = await binary.json('list', 'council', '--data-dir', late.dataDirectory)

    expect(shown).to.deep.include({ state: 'failed', tally: { yes: 0, no: 0 } })
    expect(shown.reported[0]).to.deep.include({ state: 'reached', result: 'yes', grade: 'timeout' })
    expect(explain(shown, 'quorum', 0).at(-1)).to.match(/^Reported by .*: yes \(by silence\); their votes were given up, so this node cannot check it\.$/)

    const peers = await binary.json('peers', '--data-dir', late.dataDirectory)

    expect(peers.find(({ peerId }: any) => peerId === `${first.libp2p.peerId}`).votesGivenUp).to.deep.equal([{ scope: 'council', proposals: 1 }])
    expect(await run('peers')).to.match(/council \(has given up the votes on 1 proposal\)/)
  })

  const said: Array<[string, Array<Partial<ReportedInfo>>, string]> = [
    ['a result by silence', [{ state: 'reached', result: 'yes', grade: 'timeout', peers: ['a', 'b'] }], 'by 2 peers: yes (by silence); their votes were given up, so this node cannot check it'],
    ['a result by votes', [{ state: 'reached', result: 'no', grade: 'quorum', peers: ['a'] }], 'by 1 peer: no; their votes were given up, so this node cannot check it'],
    ['no result', [{ state: 'failed', peers: ['a'] }], 'by 1 peer: no result; their votes were given up, so this node cannot check it'],
    ['what contradicts itself', [{ state: 'reached', result: 'yes', grade: 'timeout', peers: ['a', 'b'] }, { state: 'conflict', peers: ['c'] }], 'by 2 peers: yes (by silence); by 1 peer: conflict. These contradict each other; their votes were given up, so this node cannot check it']
  ]

  said.forEach(([what, reported, words]) => {
    it(`is said in words of ${what}`, () => {
      expect(describeReported(reported as ReportedInfo[])).to.equal(words)
    })
  })
})
