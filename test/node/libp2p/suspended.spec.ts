import { randomBytes } from 'node:crypto'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Binary, addressOf, clientOf } from '../../utils/binary.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { VotingClient } from '../../../src/client/index.ts'
import type { StartedNode } from '../../utils/binary.ts'

const WAIT = { interval: 100, timeout: 60_000 }

/** The largest payload there is */
const PAYLOAD = 32 * 1024

/** Of each of two proposers: together more than a stream and its write buffer of 4 MiB hold */
const PROPOSALS = 90

describe('a node that was suspended', function () {
  this.timeout(180_000)

  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  async function lowestScore (client: VotingClient): Promise<number> {
    return Number(/^gossipsub_score_min (\S+)$/m.exec(await client.metrics())?.[1])
  }

  it('holds nothing against its neighbours, nor they against it, though their streams overflowed meanwhile', async () => {
    const start = async (name: string, ...args: string[]): Promise<StartedNode> => binary.start(name, ...args)
    const suspended = await start('suspended')
    const neighbours = [await start('a', '--bootstrap', addressOf(suspended))]

    neighbours.push(await start('b', '--bootstrap', addressOf(suspended), '--bootstrap', addressOf(neighbours[0])))

    const nodes = [suspended, ...neighbours]
    const clients = await Promise.all(nodes.map(clientOf))
    const voters = await Promise.all(clients.map(async client => (await client.id()).voter))

    await Promise.all(clients.map(async client => client.join({ policy: { name: 'council', voters } })))
    await pWaitFor(async () => (await Promise.all(clients.map(async client => client.scope('council')))).every(({ peers }) => peers.length === 2), WAIT)

    process.kill(suspended.pid, 'SIGSTOP')

    try {
      await Promise.all(clients.slice(1).map(async client => {
        for (let count = 0; count < PROPOSALS; count++) {
          await client.propose('council', { name: `Question ${count}`, payload: `0x${randomBytes(PAYLOAD).toString('hex')}`, timeoutSeconds: 3_600 })
        }
      }))
    } finally {
      process.kill(suspended.pid, 'SIGCONT')
    }

    // all there is, whether it came by gossip or by sync
    await pWaitFor(async () => Number(/^libp2p_voting_active_proposals (\d+)$/m.exec(await clients[0].metrics())?.[1]) === 2 * PROPOSALS, WAIT)
    await pWaitFor(async () => (await Promise.all(clients.map(async client => client.peers()))).every(peers => peers.length === 2), WAIT)

    expect(await Promise.all(clients.map(lowestScore))).to.satisfy((scores: number[]) => scores.every(score => score >= 0))
    expect(nodes.map(({ stderr }) => stderr).join('')).to.not.match(/cut off|at fault/)
  })
})
