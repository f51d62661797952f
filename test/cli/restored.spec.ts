import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { Binary, addressOf, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'

const CAROL = `0x${'11'.repeat(20)}`

describe('a node that was started with another lock directory', function () {
  this.timeout(120_000)

  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  it('says so once, with both directories, and whose answers its vote waits for', async () => {
    const [first, second] = [join(folder.path, 'first'), join(folder.path, 'second')]
    const other = await binary.start('b')
    const node = await binary.start('a', '--lock-dir', first, '--bootstrap', addressOf(other))
    const [client, otherClient] = [await clientOf(node), await clientOf(other)]
    const policy = {
      name: 'council',
      voters: [{ address: (await client.id()).voter, name: 'Alice' }, { address: (await otherClient.id()).voter, name: 'Bob' }, { address: CAROL, name: 'Carol' }]
    }

    await client.join({ policy })
    await otherClient.join({ policy })

    const { proposalId } = await client.propose('council', { name: 'Go?', timeoutSeconds: 600 })

    await pWaitFor(async () => (await otherClient.proposals('council')).items.length === 1, { timeout: 30_000 })
    await node.end('SIGTERM')

    const again = await binary.start('a', '--lock-dir', second, '--bootstrap', addressOf(other))
    const { code, stderr } = await binary.run('vote', 'council', `${proposalId}`, 'yes', '--data-dir', node.dataDirectory)

    expect(stderr).to.match(/^The node asks other members first what this key has voted, for up to 15 seconds …\n/)
    expect(stderr).to.match(/; 1 has: Bob\. Not connected: Carol\. Vote with --force only if you are sure that/)
    expect(code).to.equal(5)

    const lines = again.stderr.split('\n')

    expect(lines.filter(line => line.includes(`last started with the lock directory ${first}, and uses ${second} now. Was --lock-dir forgotten?`))).to.have.lengthOf(1)
    expect(lines.filter(line => line.includes(`are gone: there are none in ${second}`))).to.have.lengthOf(1)
    await again.end('SIGTERM')
  })
})
