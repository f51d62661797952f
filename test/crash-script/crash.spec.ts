import { readdir } from 'node:fs/promises'
import { expect } from 'aegir/chai'
import { Binary } from '../utils/binary.ts'
import { expectGone, killIfAlive, pids } from '../utils/processes.ts'
import { useTempFolder } from '../utils/temp-folder.ts'

describe('npm run crash', function () {
  // five processes that start, some of them several times, on a machine that may have two cores and other things to do
  this.timeout(240_000)

  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  it('finds nothing with nodes that are killed and keep what they have voted and decided', async () => {
    const { code, stdout, stderr } = await binary.crash('--kills', '3', '--seed', '1', '--json').ended
    const { votes, ...result } = lastLine(stdout)

    expect(stderr).to.equal('')
    expect(result).to.deep.equal({ kills: 3, selfEquivocations: 0, lostDecisions: 0 })
    expect(votes).to.be.greaterThan(0)
    expect(stdout).to.match(/3 kills, .* [1-9]\d* second votes refused/)
    expect(code).to.equal(0)
    expect(pids(stdout)).to.have.lengthOf(5)
    await expectGone(stdout)
    expect(await readdir(folder.path)).to.deep.equal([])
  })

  it('finds keys that have voted twice where there is no vote lock, prints both votes, and keeps the logs and nothing else', async () => {
    const { code, stdout, stderr } = await binary.crash('--kills', '5', '--seed', '1', '--json', '--no-vote-lock').ended
    const { selfEquivocations } = lastLine(stdout)
    const [, logs] = /logs of the nodes were kept in (\S+)/.exec(stderr) ?? []

    expect(selfEquivocations).to.be.greaterThan(0)
    expect(stderr).to.match(/0x[0-9a-fA-F]{40} has signed \d votes on proposal \d+ in (council|board): (yes|no) at \d+, .*; (yes|no) at \d+, /)
    expect(code).to.equal(1)
    await expectGone(stdout)
    expect(await readdir(logs)).to.include.members(['node-1.log', 'node-5.log'])
    expect(await readdir(`${logs}/..`)).to.deep.equal(['logs'])
  })

  it('fails if a node ends by itself', async () => {
    const script = binary.crash('--kills', '1000')

    await script.prints(/node-5 runs/)

    // one at a time is killed by the script, the others are not its doing
    for (const pid of pids(script.stdout)) {
      killIfAlive(pid)
    }

    const { code, stdout, stderr } = await script.ended

    expect(stderr).to.match(/error: node-\d \(process \d+\) has ended by itself: SIGKILL/)
    expect(code).to.equal(1)
    await expectGone(stdout)
  })

  it('leaves nothing behind after SIGINT', async () => {
    const script = binary.crash('--kills', '1000')

    await script.prints(/node-5 runs/)

    const { code, stdout } = await script.end('SIGINT')

    expect(code).to.equal(130)
    await expectGone(stdout)
    expect(await readdir(folder.path)).to.deep.equal([])
  })

  it('leaves no process behind when it is killed itself', async () => {
    const script = binary.crash('--kills', '1000')

    await script.prints(/node-5 runs/)
    await script.end('SIGKILL')
    await expectGone(script.stdout)
  })

  it('refuses numbers that make no run', async () => {
    for (const args of [['--kills', '0'], ['--kills', 'many'], ['--seed', '-1']]) {
      const { code, stdout, stderr } = await binary.crash(...args).ended

      expect(stderr).to.match(/^error: /)
      expect(stdout).to.equal('')
      expect(code).to.equal(2)
    }

    expect((await binary.crash('--help').ended).stdout).to.include('--kills')
  })
})

function lastLine (stdout: string): any {
  return JSON.parse(stdout.trimEnd().split('\n').pop() ?? '')
}
