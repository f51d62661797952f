import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Gate } from '../../scripts/network/gate.ts'
import { parseResidentSet, residentSet } from '../../scripts/network/memory.ts'
import { mostIgnored, problemsOf } from '../../scripts/network/scenarios/hostile.ts'
import { SCENARIOS, formatScenario, isPassed } from '../../scripts/network/scenarios/index.ts'
import { crowd, line, neighboursOf, star, startWaves } from '../../scripts/network/topology.ts'
import type { AddressInfo, Server } from 'node:net'

describe('topologies', () => {
  it('link a line with its neighbours only, in two waves', () => {
    expect(line(5).map((_, node) => neighboursOf(line(5), node))).to.deep.equal([[1], [0, 2], [1, 3], [2, 4], [3]])
    expect(startWaves(line(5))).to.deep.equal([[0, 2, 4], [1, 3]])
  })

  it('link a star with its middle only', () => {
    expect(star(4).map((_, node) => neighboursOf(star(4), node))).to.deep.equal([[1, 2, 3], [0], [0], [0]])
    expect(startWaves(star(4))).to.deep.equal([[0], [1, 2, 3]])
  })

  it('start a crowd one by one, each with the last eight before it', () => {
    expect(startWaves(crowd(4))).to.deep.equal([[0], [1], [2], [3]])
    expect(crowd(12)[11]).to.deep.equal([3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('refuse nodes that wait for each other', () => {
    expect(() => startWaves([[1], [0]])).to.throw('Nodes have each other as bootstrap peers: [[1],[0]]')
  })
})

describe('gate', () => {
  let server: Server
  let gate: Gate

  beforeEach(async () => {
    server = createServer(socket => socket.on('error', () => {}).write('hello')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    gate = await Gate.open((server.address() as AddressInfo).port)
  })

  afterEach(async () => {
    await gate.close()
    server.close()
  })

  it('lets through until it is cut, and again after it is healed', async () => {
    const before = connect(gate.port, '127.0.0.1')

    expect(String((await once(before, 'data'))[0])).to.equal('hello')
    expect(gate.connections).to.equal(1)

    const broken = once(before, 'data')

    gate.cut()
    await expect(broken).to.eventually.be.rejected.with.property('code', 'ECONNRESET')
    await pWaitFor(() => gate.connections === 0, { timeout: 5_000 })
    await expect(text(connect(gate.port, '127.0.0.1'))).to.eventually.be.rejected.with.property('code', 'ECONNRESET')

    gate.heal()

    const after = connect(gate.port, '127.0.0.1')

    expect(String((await once(after, 'data'))[0])).to.equal('hello')
    after.destroy()
    await pWaitFor(() => gate.connections === 0, { timeout: 5_000 })
  })
})

describe('memory', () => {
  it('is read from what the system says', async () => {
    expect(parseResidentSet('Name:\tnode\nVmHWM:\t  999 kB\nVmRSS:\t  130000 kB\nThreads:\t1\n')).to.equal(130_000 * 1_024)
    expect(() => parseResidentSet('Name:\tnode\n')).to.throw('there is no VmRSS')

    if (process.platform === 'linux') {
      expect(await residentSet(process.pid)).to.be.greaterThan(10_000_000)
    }
  })
})

describe('scenarios', () => {
  const good = { agree: true, voteSetsEqual: true, differences: [] }

  it('pass only if all is as it should be', () => {
    expect(isPassed(good)).to.be.true()
    expect(isPassed({ ...good, agree: false })).to.be.false()
    expect(isPassed({ ...good, voteSetsEqual: false })).to.be.false()
    expect(isPassed({ ...good, ok: false })).to.be.false()
  })

  it('are reported with their figures and what was wrong', () => {
    expect(formatScenario({ ...good, healedMs: 5 }, 1_500)).to.equal('\n  healedMs: 5\nAll nodes agree and have the same votes. (1.5 s)')
    expect(formatScenario({ ...good, agree: false, differences: ['proposal 1, result: …'] }, 1_500)).to.match(/It failed:\n {2}proposal 1, result: …/)
  })

  it('have names of their own', () => {
    expect(SCENARIOS.map(({ name }) => name)).to.deep.equal(['late', 'partition', 'reorder', 'star', 'line', 'churn', 'hostile', 'framing'])
  })

  it('fail where a flooder goes on, stays too long, or takes too much memory', () => {
    const most = mostIgnored(8_000)
    const report = { kind: 'noise', cutOffMs: 4_000, decidedMs: 100, memoryMiB: 50, floodMs: 8_000, ignored: most }

    expect(problemsOf(report, false)).to.be.empty()
    expect(problemsOf({ ...report, cutOffMs: null }, true)).to.be.empty()
    expect(problemsOf({ ...report, cutOffMs: null }, false)).to.deep.equal(['noise: the flooder was not cut off'])
    expect(problemsOf({ ...report, cutOffMs: 5_001 }, true)).to.deep.equal(['noise: the flooder was cut off after 5001 ms only, not within 5000 ms'])
    expect(problemsOf({ ...report, memoryMiB: 151 }, false)).to.deep.equal(['noise: a node took 151 MiB more than in quiet times, 150 are allowed'])
    expect(problemsOf({ ...report, ignored: most + 1 }, false)).to.be.empty()
    expect(problemsOf({ ...report, cutOffMs: null, ignored: most + 1 }, true)).to.deep.equal([`noise: the node has ignored ${most + 1} messages in 8000 ms, when it should not have read more than ${most}`])
    expect(problemsOf({ ...report, cutOffMs: null, floodMs: 10_000, ignored: 2 * most }, true)).to.be.empty()
  })
})
