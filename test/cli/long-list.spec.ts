/**
 * What has ended is kept for ever, so lists get long. Neither the node nor the command may hold all of one.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { parsePolicy } from '../../src/consensus/policy/policy.ts'
import { resolveConfig } from '../../src/consensus/policy/resolve-config.ts'
import { ConsensusSession } from '../../src/consensus/session/session.ts'
import { buildVote } from '../../src/consensus/vote/vote.ts'
import { scopeConfig, scopeKey } from '../../src/network/scope/scope.ts'
import { LevelStorage } from '../../src/storage/level/level-storage.ts'
import { Binary, clientOf } from '../utils/binary.ts'
import { now } from '../utils/messages.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Running } from '../utils/binary.ts'

const PROPOSALS = 100_000
const NOW = now()
const MEBIBYTE = 1024 * 1024

describe('A scope with a hundred thousand proposals that have ended', function () {
  this.timeout(300_000)

  const folder = useTempFolder()
  const binary = new Binary(() => folder.path)

  /** Each with one vote, which decides it. Nobody verifies what is stored. */
  async function fill (location: string): Promise<void> {
    const policy = parsePolicy({ name: 'lobby' })
    const scope = scopeKey(policy)
    const storage = await LevelStorage.open(location)
    const owner = new Uint8Array(20).fill(1)
    const sessions: ConsensusSession[] = []

    for (let proposalId = 1; proposalId <= PROPOSALS; proposalId++) {
      const proposal = { name: `Question ${proposalId}?`, payload: new Uint8Array(0), proposalId, proposalOwner: owner, votes: [], expectedVotersCount: 1, round: 1, timestamp: NOW - 1_000n, expirationTimestamp: NOW - 900n, livenessCriteriaYes: true }
      const session = ConsensusSession.create(proposal, resolveConfig(proposal, scopeConfig(policy)), NOW - 1_000n)
      const vote = buildVote({ proposalId, owner, choice: proposalId % 2 === 0, timestamp: NOW - 1_000n, votes: [], digest: session.digest })

      sessions.push(session.addVote({ ...vote, signature: new Uint8Array(65) }, NOW).session)
    }

    await storage.replaceScopeSessions(scope, sessions)
    // no node writes all of it at once, and reads that at its start
    await (storage as any).db.db.compactRange('', '\xff')
    await storage.close()
  }

  /** The most that a process has had in memory so far, where the system tells */
  async function peakMiB ({ pid }: Running): Promise<number> {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')

    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024 / MEBIBYTE
  }

  it('is listed to the end, by the API page by page and by the command, and fits into memory', async () => {
    const first = await binary.start('node')

    await (await clientOf(first)).join({ name: 'lobby' })
    await first.end('SIGTERM')
    await fill(join(first.dataDirectory, 'store'))

    const node = await binary.start('node')
    const client = await clientOf(node)
    const before = await peakMiB(node)
    const list = binary.spawn('list', 'lobby', '--all', '--json', '--data-dir', node.dataDirectory)
    let ofList = 0
    let isOver = false

    void list.ended.then(() => { isOver = true })

    await pWaitFor(async () => {
      ofList = Math.max(ofList, await peakMiB(list))

      return isOver
    }, { interval: 50 })

    const { code, stdout, stderr } = await list.ended
    const listed: Array<{ proposalId: number, state: string, result: string }> = JSON.parse(stdout)

    expect(stderr).to.equal('')
    expect(code).to.equal(0)
    expect(listed).to.have.lengthOf(PROPOSALS)
    expect(listed.every(({ proposalId, state, result }, index) => proposalId === index + 1 && state === 'reached' && result === (proposalId % 2 === 0 ? 'yes' : 'no'))).to.equal(true)

    // from the other end, and from somewhere in the middle
    const newest = await client.proposals('lobby', { order: 'newest', limit: 3 })
    expect(newest.items.map(({ proposalId }) => proposalId)).to.deep.equal([PROPOSALS, PROPOSALS - 1, PROPOSALS - 2])
    expect((await client.proposals('lobby', { order: 'newest', limit: 1, cursor: newest.cursor })).items[0].proposalId).to.equal(PROPOSALS - 3)

    expect(await peakMiB(node) - before, 'MiB that the node has needed more').to.be.below(250)
    expect(ofList, 'MiB that the command has needed').to.be.below(350)
  })
})
