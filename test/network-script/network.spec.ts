import { readFile, readdir } from 'node:fs/promises'
import { expect } from 'aegir/chai'
import { POLICIES, makeBallots } from '../../scripts/network/ballot.ts'
import { formatResults, formatVerdict } from '../../scripts/network/report.ts'
import { calculateConsensusResult, quorumOf } from '../../src/consensus/rules/decision.ts'
import { Binary } from '../utils/binary.ts'
import { expectGone, pids } from '../utils/processes.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Ballot } from '../../scripts/network/ballot.ts'
import type { BallotResult } from '../../scripts/network/run-ballot.ts'

describe('ballots of the test network', () => {
  function tally (choices: Array<string | undefined>): { yes: number, no: number } {
    return { yes: choices.filter(choice => choice === 'yes').length, no: choices.filter(choice => choice === 'no').length }
  }

  /** Those that are decided by quorum in the scope without automatic votes and the one with them, and those by the crate's rule */
  function byScope (nodes: number, silent: number): Ballot[][] {
    const ballots = makeBallots(nodes, 10, silent)

    return POLICIES.map(({ name }) => ballots.filter(({ scope }) => scope === name))
  }

  it('come out as expected, for all numbers of nodes and of silent voters', () => {
    for (let nodes = 2; nodes <= 30; nodes++) {
      const quorum = quorumOf(nodes, '2/3')

      for (let silent = 1; silent < nodes; silent++) {
        const [byQuorum, automatic, reference] = byScope(nodes, silent)

        expect([byQuorum, automatic, reference].map(({ length }) => length)).to.deep.equal([6, 2, 2])
        expect([...byQuorum, ...automatic, ...reference].every(({ choices }) => choices.length === nodes)).to.equal(true)

        for (const { choices, expected } of byQuorum) {
          const { yes, no } = tally(choices)

          expect([yes >= quorum, no >= quorum]).to.deep.equal([expected === 'yes', expected === 'no'])
        }

        for (const { choices, expected } of automatic) {
          const { yes, no } = tally(choices)

          expect(Math.max(yes, no) < quorum && yes + silent >= quorum && yes + no + silent === nodes && expected === 'yes').to.equal(true)
        }

        for (const { choices, expected, isLastOff } of reference) {
          const result = (atTimeout: boolean): boolean | undefined => calculateConsensusResult(tally(choices), { rule: 'reference', expectedVoters: nodes, threshold: 2 / 3, livenessCriteriaYes: true, atTimeout })

          expect(choices.indexOf(undefined)).to.equal(nodes - 1)
          expect(isLastOff).to.equal(true)
          expect(result(false)).to.equal(undefined)
          expect(result(true)).to.equal(expected === 'yes' ? true : undefined)
        }
      }
    }
  })
})

describe('report of the test network', () => {
  const right: BallotResult = { scope: 'council', id: 1, name: 'first', expected: 'yes', results: { 'node-1': 'yes', 'node-2': 'yes' }, agree: true, ms: 5 }
  const wrong: BallotResult = { scope: 'council', id: 2, name: 'second', expected: 'yes', results: { 'node-1': 'yes', 'node-2': 'no' }, agree: false, ms: 6 }

  it('says where nodes differ', () => {
    expect(formatVerdict(2, [right])).to.equal('All 2 nodes agree on the proposal, and every result is the one expected.')
    expect(formatVerdict(2, [right, wrong])).to.equal('"second" should be yes everywhere, and is yes at node-1, no at node-2.')
    expect(formatResults(['node-1', 'node-2'], [right, wrong])).to.match(/second +yes +yes +no +6 ms +WRONG/)
  })

  it('counts the results where there are many nodes', () => {
    const nodes = Array.from({ length: 20 }, (_, index) => `node-${index + 1}`)
    const results = Object.fromEntries(nodes.map((node, index) => [node, index < 19 ? 'yes' as const : 'failed' as const]))

    expect(formatResults(nodes, [{ ...wrong, results }])).to.match(/second +yes +yes at 19, failed at 1 +6 ms/)
  })
})

describe('npm run network', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  it('agrees, prints the results as JSON in the last line, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await binary.network('--nodes', '3', '--json').ended
    const { nodes, proposals, agree } = JSON.parse(stdout.trimEnd().split('\n').pop() ?? '')

    expect(stderr).to.equal('')
    expect(nodes).to.equal(3)
    expect(agree).to.equal(true)
    expect(proposals.map(({ expected }: BallotResult) => expected)).to.deep.equal(['yes', 'no', 'failed', 'yes', 'yes'])

    for (const { id, name, expected, results, agree, ms } of proposals) {
      expect(id).to.be.a('number')
      expect(name).to.be.a('string')
      expect(results).to.deep.equal({ 'node-1': expected, 'node-2': expected, 'node-3': expected })
      expect(agree).to.equal(true)
      expect(ms).to.be.greaterThan(0)
    }

    expect(stdout).to.match(/Killing node-3[^]*node-3 is back and knows all 5 results/)
    expect(code).to.equal(0)
    // one of them twice
    expect(pids(stdout)).to.have.lengthOf(4)
    await expectGone(stdout)
    expect(await readdir(folder.path)).to.deep.equal([])
  })

  it('fails, keeps the logs and nothing else, if a node dies', async () => {
    const script = binary.network('--nodes', '3')

    await script.prints(/know each other/)
    process.kill(pids(script.stdout)[1], 'SIGKILL')

    const { code, stdout, stderr } = await script.ended
    const [, logs] = /logs of the nodes were kept in (\S+)/.exec(stderr) ?? []

    expect(stderr).to.match(/error: node-2 \(process \d+\) has ended by itself: SIGKILL/)
    expect(code).to.equal(1)
    await expectGone(stdout)
    expect(await readdir(logs)).to.have.members(['node-1.log', 'node-2.log', 'node-3.log'])
    expect(await readdir(`${logs}/..`)).to.deep.equal(['logs'])
    expect(await readFile(`${logs}/node-1.log`, 'utf8')).to.include('"peerId"')
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`leaves nothing behind after ${signal}`, async () => {
      const script = binary.network('--nodes', '3')

      await script.prints(/node-2 runs/)

      const { code, stdout } = await script.end(signal)

      expect(code).to.equal(130)
      await expectGone(stdout)
      expect(await readdir(folder.path)).to.deep.equal([])
    })
  }

  it('leaves no process behind when it is killed itself', async () => {
    const script = binary.network('--nodes', '3')

    await script.prints(/node-2 runs/)
    await script.end('SIGKILL')
    expect(pids(script.stdout)).to.have.lengthOf.at.least(2)
    await expectGone(script.stdout)
  })

  it('keeps the nodes running if told to, and says how to talk to them', async () => {
    const script = binary.network('--nodes', '2', '--proposals', '1', '--keep')

    await script.prints(/node-2\n/)

    const [, dataDirectory] = / list council --all --data-dir (\S+)/.exec(script.stdout) ?? []

    expect((await binary.run('list', 'council', '--all', '--data-dir', dataDirectory)).stdout).to.match(/Proposal 1: passes +2 yes, 0 no of 2/)

    const { code, stdout } = await script.end('SIGINT')

    expect(code).to.equal(0)
    await expectGone(stdout)
    expect(await readdir(folder.path)).to.deep.equal([])
  })

  it('refuses numbers that make no network', async () => {
    for (const args of [['--nodes', '1'], ['--nodes', 'many'], ['--proposals', '0'], ['--silent', '0'], ['--nodes', '3', '--silent', '3']]) {
      const { code, stdout, stderr } = await binary.network(...args).ended

      expect(stderr).to.match(/^error: /)
      expect(stdout).to.equal('')
      expect(code).to.equal(2)
    }

    expect((await binary.network('--help').ended).stdout).to.include('--proposals')
  })
})
