import { expect } from 'aegir/chai'
import { Binary } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'

describe('npm run simulate', function () {
  // threads that start, and stories that are made short, on a machine that may have two cores and other things to do
  this.timeout(240_000)

  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  it('finds nothing under the rule quorum, and says so in one line of JSON', async () => {
    const { code, stdout, stderr } = await binary.simulate('--schedules', '120', '--seed', '1', '--json').ended
    const { decided, failed, seconds, mixed, beyondTolerance, oppositeQuorums, ...rest } = JSON.parse(stdout)

    expect(stderr).to.equal('')
    expect(code).to.equal(0)
    expect(rest).to.deep.equal({ schedules: 120, disagreements: 0, reverted: 0, wrongCulprits: 0, equivocations: 0, wronged: 0, errors: 0, rule: 'quorum', seed: 1 })
    expect(decided + failed).to.equal(120)
    // silence decides nothing, and in most schedules voters are off, cut off or split: yet a quarter must show something
    expect(decided).to.be.greaterThan(30)
  })

  it('comes to the same with the same seed', async () => {
    const results = await Promise.all([1, 2].map(async () => {
      const { seconds, ...result } = JSON.parse((await binary.simulate('--schedules', '100', '--seed', '5', '--json').ended).stdout)

      return result
    }))

    expect(results[1]).to.deep.equal(results[0])
  })

  it('finds the rule legacy wanting without any fault, names the schedules, and tells a story that can be seen again', async () => {
    const { code, stdout, stderr } = await binary.simulate('--schedules', '300', '--seed', '1', '--rule', 'legacy', '--no-faults', '--json').ended
    const { disagreements } = JSON.parse(stdout)
    const [, seed] = /^schedule (\d+): node-\d+ has decided yes and node-\d+ has decided no$/m.exec(stderr) ?? []
    const [, replay] = /To see it again: npm run simulate -- (.*)/.exec(stderr) ?? []

    expect(code).to.equal(1)
    expect(disagreements).to.be.greaterThan(0)
    expect(replay).to.equal(`--replay ${seed} --rule legacy --no-faults`)

    const again = await binary.simulate(...replay.split(' ')).ended

    expect(again.code).to.equal(1)
    expect(stderr).to.include(again.stdout.trim())
  })

  it('tells the story of a schedule in which everything holds', async () => {
    const { code, stdout } = await binary.simulate('--replay', '1').ended

    expect(stdout).to.match(/^Schedule 1: rule quorum, \d+ voters/)
    expect(stdout).to.match(/node-\d+ starts/)
    expect(stdout.trim().split('\n').at(-1)).to.equal('Everything holds.')
    expect(code).to.equal(0)
  })

  it('says how far it is, where no program reads it', async () => {
    const { code, stdout } = await binary.simulate('--schedules', '20', '--seed', '1').ended

    expect(stdout).to.match(/20 schedules, seed 1/)
    expect(stdout).to.match(/20 schedules in [\d.]+ s: \d+ with a result, \d+ without/)
    expect(stdout.trim().split('\n').at(-1)).to.equal('Everything holds.')
    expect(code).to.equal(0)
  })

  it('stops when it is told to', async () => {
    const script = binary.simulate('--schedules', '1000000', '--seed', '1')

    await script.prints(/seed 1/)

    expect(await script.end('SIGINT')).to.have.property('code', 130)
  })

  it('refuses what makes no run', async () => {
    for (const args of [['--schedules', '0'], ['--seed', 'x'], ['--rule', 'majority'], ['--replay', '-1'], ['--sabotage', 'all']]) {
      const { code, stdout, stderr } = await binary.simulate(...args).ended

      expect(stderr).to.match(/^error: /)
      expect(stdout).to.equal('')
      expect(code).to.equal(2)
    }

    expect((await binary.simulate('--help').ended).stdout).to.include('--schedules').and.to.include('--replay')
  })
})
