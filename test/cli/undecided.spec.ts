import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { exitCodeOfEnd } from '../../src/cli/exit-codes.ts'
import { createNode } from '../../src/node/index.ts'
import { ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { Binary } from '../utils/binary.ts'
import { now } from '../utils/messages.ts'
import { boundVote, certificateFile, quorumProposal } from '../utils/quorum.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { Proposal, ScopePolicyInput } from '../../src/index.ts'
import type { JoinedScope } from '../../src/network/scope/scope.ts'
import type { VotingNode } from '../../src/node/index.ts'

describe('libp2p-voting, of what is not decided', () => {
  const folder = useTempFolder()
  const binary = new Binary(() => folder.path)
  const signers = [1, 2, 3].map(() => ethereumSigner(generatePrivateKey()))
  const addresses = signers.map(({ identity }) => identityToAddress(identity))
  let node: VotingNode

  beforeEach(async () => {
    node = await createNode({ dataDirectory: join(folder.path, 'data'), lockDirectory: join(folder.path, 'locks'), local: true })
  })

  afterEach(async () => {
    await node.stop()
  })

  async function joined (policy: Partial<ScopePolicyInput> = {}): Promise<JoinedScope> {
    return await node.voting.join({ name: 'council', voters: addresses, proposers: [node.voter], ...policy }) as JoinedScope
  }

  /** Votes of these voters, from 1, minus for no, as if they had come from them */
  async function vote ({ key, policy }: JoinedScope, proposal: Proposal, ...votes: number[]): Promise<void> {
    for (const vote of votes) {
      await node.voting.consensus.processIncomingVote(key, await boundVote(signers[Math.abs(vote) - 1], policy, proposal, vote > 0))
    }
  }

  async function run (...args: string[]): Promise<string> {
    return (await binary.run(...args, '--data-dir', node.dataDirectory)).stdout
  }

  it('says which votes are missing, and when it ends', async () => {
    const scope = await joined()
    const proposal = await node.voting.propose('council', { name: 'Go\u001b[2J?', timeoutSeconds: 600 })
    const words = /It is open\. 2 more yes or 1 more no would make a quorum of 2 of 3\. Voting ends in 10 min\. Votes that are on their way then are taken in for another 25 s\./

    await vote(scope, proposal, -1)

    const shown = await run('show', 'council', `${proposal.proposalId}`)

    expect(shown).to.match(/needs +2 of 3 votes\n/)
    expect(shown).to.match(new RegExp(`result +voting\\nwhy +${words.source}\\n$`))
    expect(await run('status')).to.match(new RegExp(`undecided +council ${proposal.proposalId} "Go\\\\u{1b}\\[2J\\?": ${words.source}\\n`))
  })

  it('says when voting has ended, in time words', async () => {
    await joined({ voters: [...addresses, node.voter], minLifetimeSeconds: 1, clockSkewSeconds: 0, graceSeconds: 600 })

    const { voting } = node
    const { proposalId } = await voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })

    await pWaitFor(async () => (await voting.get('council', proposalId)).deadline <= now(), { timeout: 30_000 })

    const { code, stderr } = await binary.run('vote', 'council', `${proposalId}`, 'yes', '--data-dir', node.dataDirectory)

    expect(stderr).to.match(/Voting (ended \d+ s ago|has just ended)/).and.not.match(/\d{10} ?,|expired at/)
    expect(code).to.equal(5)
    expect(await run('show', 'council', `${proposalId}`)).to.match(/why +.* Voting ended (\d+ s ago|just now)\. Votes that were on their way are taken in for another 10 min\.\n$/)
  })

  it('says after a failure that late votes may still decide it', async () => {
    await joined({ minLifetimeSeconds: 1, clockSkewSeconds: 0, graceSeconds: 0 })

    const { voting } = node
    const { proposalId } = await voting.propose('council', { name: 'Go?', timeoutSeconds: 1 })

    await pWaitFor(async () => (await voting.get('council', proposalId)).state === 'failed', { timeout: 30_000 })
    expect(await run('show', 'council', `${proposalId}`)).to.match(/result +no result\nwhy +It ended without a result known here: .* come late may still decide it\. 2 more yes or 2 more no would make a quorum of 2 of 3\.\n$/)
  })

  it('keeps saying that a result is contradicted, and who has voted both ways', async () => {
    const scope = await joined()
    const proposal = await node.voting.propose('council', { name: 'Go?' })

    await vote(scope, proposal, 1, 2, -1, -2)

    expect(await run('show', 'council', `${proposal.proposalId}`)).to.match(/tally +2 yes, 2 no of 3, 2 both\n(.*\n)+result +yes \(contradicted\)\ndecided +.*\nwhy +Both sides have the votes of a quorum: other members may have the opposite result\. Both ways voted 0x\w+, 0x\w+\. Do not act on it before you have talked to them\.\n$/)
    expect(await run('list', 'council')).to.include('yes (contradicted)')

    const doctor = await binary.run('doctor', '--data-dir', node.dataDirectory)

    expect(doctor.stdout).to.match(new RegExp(`\\nproblem  alarms     proposal ${proposal.proposalId} .*; both ways voted ${addresses[0]}, ${addresses[1]}\\n`))
    expect(doctor.code).to.equal(1)

    const line = new RegExp(`alarm +council ${proposal.proposalId} .*"Go\\?": it was decided yes, and no has got the votes of a quorum, too: other members may have the opposite result; both ways voted ${addresses[0]}, ${addresses[1]}\\n$`)

    expect(await run('status')).to.match(line)
    await node.stop()
    node = await createNode({ dataDirectory: node.dataDirectory, lockDirectory: join(folder.path, 'locks'), local: true })
    expect(await run('status')).to.match(line)
  })

  it('says that a result is late, and what that means', async () => {
    const [alice, bob] = signers
    const { policy } = await joined({ proposers: [addresses[0]] })
    const begin = now() - 10n * 86_400n
    const proposal = quorumProposal(alice, policy, { name: 'Old?', timestamp: begin, expirationTimestamp: begin + 3_600n })

    await node.voting.importProof(await certificateFile(alice, policy, proposal, [alice, bob]))

    const shown = await run('show', 'council', `${proposal.proposalId}`)

    expect(shown).to.match(/result +yes \(late\)\ndecided +(\d+ s ago|just now), .*\nlate +This node held the quorum only long after the deadline\./)
    expect(await run('list', 'council')).to.include('yes (late)')
    expect(JSON.parse(await run('show', 'council', `${proposal.proposalId}`, '--json'))).to.include({ result: 'yes', late: true }).and.to.have.property('decidedAt').that.is.above(Number(begin) + 9 * 86_400)
  })

  it('tells by its exit code how a proposal ended that was waited for', () => {
    const codes: Array<[Parameters<typeof exitCodeOfEnd>[0], number]> = [
      [{ state: 'reached', result: 'yes' }, 0],
      [{ state: 'reached', result: 'no' }, 10],
      [{ state: 'failed' }, 7],
      [{ state: 'reached', result: 'yes', late: true }, 11],
      [{ state: 'reached', result: 'no', late: true }, 11],
      [{ state: 'reached', result: 'yes', late: true, contradicted: true }, 12],
      [{ state: 'reached', result: 'no', contradicted: true }, 12],
      [{ state: 'conflict' }, 12]
    ]

    for (const [end, code] of codes) {
      expect(exitCodeOfEnd(end)).to.equal(code)
    }
  })
})
