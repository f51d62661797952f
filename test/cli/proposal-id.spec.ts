import { expect } from 'aegir/chai'
import { Binary, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { VotingClient } from '../../src/client/index.ts'
import type { Ended, StartedNode } from '../utils/binary.ts'

describe('ids of proposals that are shortened', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  let node: StartedNode
  let client: VotingClient

  async function run (...args: string[]): Promise<Ended> {
    return binary.run(...args, '--data-dir', node.dataDirectory)
  }

  beforeEach(async () => {
    node = await binary.start('a')
    client = await clientOf(node)
    await client.join({ policy: { name: 'council', decisionRule: 'reference', voters: [(await client.id()).voter, `0x${'11'.repeat(20)}`] } })
  })

  /** Makes proposals until the first 3 digits of two are the same */
  async function twins (scope: string): Promise<[number, number]> {
    const known = new Map<string, number>()

    for (;;) {
      const { proposalId } = await client.propose(scope, { name: `Question ${known.size}` })
      const digits = `${proposalId}`.slice(0, 3)
      const other = known.get(digits)

      if (other != null) {
        return [other, proposalId]
      }

      known.set(digits, proposalId)
    }
  }

  it('are taken where they say enough, and what was meant is said', async () => {
    const { proposalId } = await client.propose('council', { name: 'Upgrade?' })
    const digits = `${proposalId}`.slice(0, 5)

    expect((await run('show', 'council', digits)).stdout).to.match(new RegExp(`^proposal +${proposalId}\n`))
    expect((await run('vote', 'council', digits, 'yes')).stdout).to.match(new RegExp(`^Voted yes on ${proposalId} "Upgrade\\?" as `))
    expect((await client.proposal('council', proposalId)).tally).to.include({ yes: 1 })
  })

  it('are fingerprints too, with hyphens or without', async () => {
    await client.join({ policy: { name: 'quorum', voters: [(await client.id()).voter, `0x${'11'.repeat(20)}`] } })

    const { proposalId, fingerprint = '' } = await client.propose('quorum', { name: 'Upgrade?' })

    for (const text of [fingerprint, fingerprint.replaceAll('-', ''), fingerprint.replaceAll('-', '').toUpperCase()]) {
      expect((await run('show', 'quorum', text)).stdout).to.match(new RegExp(`^proposal +${proposalId}\n`))
    }
  })

  it('are refused where they are those of several, which are named, whether these have ended or not', async () => {
    await client.join({ policy: { name: 'alone', decisionRule: 'reference', voters: [(await client.id()).voter] } })

    const [first, second] = await twins('alone')
    const digits = `${first}`.slice(0, 3)

    await client.vote('alone', first, 'yes')

    const { code, stdout, stderr } = await run('vote', 'alone', digits, 'no')

    expect(stderr).to.match(new RegExp(`^error: \\d proposals in scope "alone" have ids that begin with ${digits}: .*\\. Give more digits\n$`))
    expect(stderr).to.match(new RegExp(`${first} "Question \\d+" \\(yes\\)`))
    expect(stderr).to.match(new RegExp(`${second} "Question \\d+" \\(voting\\)`))
    expect(stdout).to.equal('')
    expect(code).to.equal(2)
    expect((await client.proposal('alone', second)).votes).to.deep.equal([])
  })

  it('are not guessed from less than 3 digits, or where no id begins with them', async () => {
    const { proposalId } = await client.propose('council', { name: 'Upgrade?' })
    const other = `${proposalId}`.startsWith('1') ? '2222' : '1111'

    for (const digits of [`${proposalId}`.slice(0, 2), other]) {
      const { code, stderr } = await run('vote', 'council', digits, 'yes')

      expect(stderr).to.match(new RegExp(`There is no such proposal.*proposal ${digits}`))
      expect(code).to.equal(3)
    }
  })

  it('explain themselves in the help', async () => {
    for (const command of ['vote', 'show']) {
      expect((await binary.run(command, '--help')).stdout).to.match(/id may be shortened to its first digits, 3 or more, if they are those of one proposal only/)
    }
  })
})
