import { readdir } from 'node:fs/promises'
import { expect } from 'aegir/chai'
import { Binary } from '../utils/binary.ts'
import { expectGone, pids } from '../utils/processes.ts'
import { useTempFolder } from '../utils/temp-folder.ts'

describe('npm run network -- --scenario', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  for (const [scenario, nodes, signing] of [['late', 4, 'StrictSign'], ['reorder', 2, 'StrictNoSign'], ['framing', 5, 'StrictNoSign']] as const) {
    it(`plays "${scenario}" under ${signing}, says in the last line that all agree, and leaves nothing behind`, async () => {
      const { code, stdout, stderr } = await binary.network('--scenario', scenario, '--nodes', `${nodes}`, '--gossip-signing', signing, '--json').ended
      const result = JSON.parse(stdout.trimEnd().split('\n').pop() ?? '')

      expect(stderr).to.equal('')
      expect(result).to.include({ scenario, nodes, gossipSigning: signing, agree: true, voteSetsEqual: true })
      expect(result.differences).to.be.empty()
      expect(result.ms).to.be.greaterThan(0)
      expect(code).to.equal(0)
      await expectGone(stdout)
      expect(await readdir(folder.path)).to.deep.equal([])
    })
  }

  it('says in the last line what has failed, and keeps the logs', async () => {
    const script = binary.network('--scenario', 'late', '--json')

    await script.prints(/have voted/)

    process.kill(pids(script.stdout)[0], 'SIGKILL')

    const { code, stdout, stderr } = await script.ended
    const { scenario, agree, voteSetsEqual, differences } = JSON.parse(stdout.trimEnd().split('\n').pop() ?? '')

    expect({ scenario, agree, voteSetsEqual }).to.deep.equal({ scenario: 'late', agree: false, voteSetsEqual: false })
    expect(differences).to.have.lengthOf(1)
    expect(differences[0]).to.match(/^node-1 .* has ended by itself: SIGKILL/)
    expect(stderr).to.match(/^The logs of the nodes were kept in [^]*error: node-1 .*has ended by itself/)
    expect(code).to.equal(1)
    await expectGone(stdout)
  })

  it('leaves nothing behind when it is interrupted', async () => {
    const script = binary.network('--scenario', 'late')

    await script.prints(/have voted/)

    const { code, stdout } = await script.end('SIGINT')

    expect(code).to.equal(130)
    await expectGone(stdout)
    expect(await readdir(folder.path)).to.deep.equal([])
  })

  it('refuses what is no scenario, or has too few nodes', async () => {
    for (const args of [['--scenario', 'peace'], ['--scenario', 'partition', '--nodes', '3'], ['--scenario', 'late', '--keep'], ['--gossip-signing', 'Lax']]) {
      const { code, stdout, stderr } = await binary.network(...args).ended

      expect(stderr).to.match(/^error: /)
      expect(stdout).to.equal('')
      expect(code).to.equal(2)
    }

    expect((await binary.network('--help').ended).stdout).to.match(/partition +two halves vote apart[^]*hostile +one flooder[^]*framing +a hostile voter/)
  })
})
