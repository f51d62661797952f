import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { VotingClient } from '../../src/client/index.ts'
import { fingerprintOf } from '../../src/consensus/proposal/fingerprint.ts'
import { createNode } from '../../src/node/index.ts'
import { identityToAddress } from '../../src/signers/ethereum.ts'
import { Cheats } from '../page/fixtures/cheats.ts'
import { Binary } from '../utils/binary.ts'
import { now } from '../utils/messages.ts'
import { boundVote, digestOf, evidenceFile, quorumProposal, twins } from '../utils/quorum.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { ProposalInfo } from '../../src/client/index.ts'
import type { JoinedScope } from '../../src/network/scope/scope.ts'
import type { VotingNode } from '../../src/node/index.ts'

describe('libp2p-voting, of what proposals are called', () => {
  const folder = useTempFolder()
  const binary = new Binary(() => folder.path)
  let node: VotingNode
  let cheats: Cheats

  beforeEach(async () => {
    node = await createNode({ dataDirectory: join(folder.path, 'data'), lockDirectory: join(folder.path, 'locks'), local: true })
    cheats = new Cheats(node)
    await cheats.join('council')
  })

  afterEach(async () => {
    await node.stop()
  })

  async function run (...args: string[]): Promise<string> {
    return (await binary.run(...args, '--data-dir', node.dataDirectory)).stdout
  }

  it('shows a proposal of another without a visible name, with its id', async () => {
    const { proposalId } = await cheats.propose('\u3164\u{e0fff}')

    expect(await run('list', 'council')).to.match(new RegExp(`${proposalId} +[0-9a-f-]{19} +\\(no visible name\\) `))
    expect(await run('show', 'council', `${proposalId}`)).to.match(/name +\(no visible name\)\n/)
    expect(JSON.parse(await run('show', 'council', `${proposalId}`, '--json'))).to.include({ proposalId, name: '\u3164\u{e0fff}' })
  })

  it('shows what is invisible in a name, and leaves emoji and Persian as they are', async () => {
    await cheats.propose('Pay \u20651\u3164 to 👨‍👩‍👧 می\u200cخواهم?')

    expect(await run('list', 'council')).to.include('Pay \\u{2065}1\\u{3164} to 👨‍👩‍👧 می\u200cخواهم?')
  })

  it('keeps an alarm of two proposals with one id, in status and doctor, with their names, fingerprints and proposers', async () => {
    const [proposer] = cheats.signers
    const { key, policy } = node.voting.scopes()[0] as JoinedScope
    const [first, second] = twins(proposer, policy, { name: 'Pay\u3164', timestamp: now() })
    const [held, refused] = [first, second].map(proposal => `${proposal.proposalId} \\(${fingerprintOf(digestOf(policy, proposal))}\\) "${proposal.name.replace('\u3164', '.u.3164.')}" by ${cheats.addresses[0]}`)

    await node.voting.consensus.processIncomingProposal(key, first, { signature: await proposer.sign(digestOf(policy, first)) })
    expect(await run('doctor')).to.match(/^ok +alarms +there are none$/m)
    await expect(node.voting.importProof(await evidenceFile(proposer, policy, second, proposer))).to.eventually.be.rejected.with.property('name', 'ProofRefusedError')

    expect(await run('status')).to.match(new RegExp(`^alarm +council ${first.proposalId}: two proposals have this id\\. This node holds ${held}, and has refused ${refused}\\.`, 'm'))
    expect(await run('doctor')).to.match(new RegExp(`^warning +alarms +two proposals in scope council have one id: this node holds ${held}, and has refused ${refused}\\.`, 'm'))
  })

  describe('by their fingerprints', () => {
    let proposal: ProposalInfo
    let fingerprint: string

    beforeEach(async () => {
      const client = new VotingClient(node.api)

      await client.join({ policy: { name: 'board', voters: [node.voter, cheats.addresses[0]], proposers: null } })
      proposal = await client.propose('board', { name: 'Go?' })
      fingerprint = proposal.fingerprint ?? ''
    })

    it('shows them beside the ids, and nowhere where votes are not bound to one', async () => {
      const { key } = node.voting.scopes().find(({ name }) => name === 'board') as JoinedScope
      const session = await node.voting.consensus.storage.getSession(key, proposal.proposalId)

      expect(fingerprint).to.equal(fingerprintOf(session?.digest as Uint8Array))
      expect(await run('list', 'board')).to.match(new RegExp(`^proposal +fingerprint +name.*\\n.*${proposal.proposalId} +${fingerprint} +Go\\?`, 'm'))
      expect(await run('show', 'board', `${proposal.proposalId}`)).to.match(new RegExp(`^proposal +${proposal.proposalId}\\nfingerprint +${fingerprint}\\n`))
      expect(await run('propose', 'board', 'And now?')).to.match(/^Proposed \d+ \([0-9a-f]{4}(-[0-9a-f]{4}){3}\) in board; /)

      await node.voting.join({ name: 'crate', decisionRule: 'reference', voters: [node.voter] })
      expect(await run('propose', 'crate', 'And now?')).to.match(/^Proposed \d+ in crate; /)
      expect(await run('list', 'crate')).to.match(/proposal +name /)
    })

    it('takes them in place of ids', async () => {
      expect(await run('show', 'board', fingerprint.toUpperCase())).to.match(new RegExp(`^proposal +${proposal.proposalId}\\n`))
      expect(await run('vote', 'board', fingerprint, 'yes')).to.match(new RegExp(`^Voted yes on ${proposal.proposalId} \\(${fingerprint}\\) "Go\\?" as `))
      expect((await binary.run('__complete', '--', 'vote', '--data-dir', node.dataDirectory, 'board', fingerprint.slice(0, 7))).stdout).to.equal(`${fingerprint}\tGo?\n`)
      expect((await new VotingClient(node.api).proposals('board', { search: fingerprint })).items.map(({ proposalId }) => proposalId)).to.deep.equal([proposal.proposalId])
    })

    it('says that a fingerprint is of no proposal, and takes no part of one', async () => {
      const unknown = await binary.run('vote', 'board', '0000-0000-0000-0000', 'yes', '--data-dir', node.dataDirectory)

      expect(unknown.stderr).to.match(/^error: No proposal in scope "board" has the fingerprint 0000-0000-0000-0000\. /)
      expect(unknown.code).to.equal(3)
      expect((await binary.run('show', 'board', fingerprint.slice(0, 9), '--data-dir', node.dataDirectory)).stderr).to.match(/or a fingerprint like 3f9a-77c2-01be-d450/)
    })
  })

  describe('of voters', () => {
    const NAMES = ['Alice', 'Zoë Nö 👩‍🚀', null]
    let addresses: string[]
    let scope: JoinedScope

    beforeEach(async () => {
      addresses = cheats.signers.map(({ identity }) => identityToAddress(identity))
      scope = await node.voting.join({ name: 'named', voters: addresses.map((address, index) => ({ address, name: NAMES[index] })) }) as JoinedScope
    })

    const short = (voter: number): string => `${NAMES[voter]} (${addresses[voter].slice(0, 6)}…${addresses[voter].slice(-4)})`

    it('shows them beside short addresses wherever a voter is shown, and whole addresses where there is no name', async () => {
      const [alice, zoe, nameless] = cheats.signers
      const proposal = quorumProposal(alice, scope.policy, { name: 'Go?', timestamp: now() })
      const { proposalId } = proposal

      await node.voting.consensus.processIncomingProposal(scope.key, proposal, { signature: await alice.sign(digestOf(scope.policy, proposal)) })

      for (const [voter, choice] of [[alice, true], [zoe, true], [nameless, true], [zoe, false]] as const) {
        await node.voting.consensus.processIncomingVote(scope.key, await boundVote(voter, scope.policy, proposal, choice))
      }

      const shown = await run('show', 'named', `${proposalId}`)

      expect(shown).to.include(`proposer     ${short(0)}\n`).and.include(`${short(0)} yes `).and.include(`${short(1)} yes `).and.include(`${short(1)} no `)
      expect(shown).to.include(`${addresses[2]} yes `)

      const full = await run('show', 'named', `${proposalId}`, '--full')

      expect(full).to.include(`proposer     ${NAMES[0]} (${addresses[0]})\n`).and.include(`${NAMES[1]} (${addresses[1]}) no `).and.not.include('…')
      expect(await run('evidence', 'named', '--full')).to.include(`${NAMES[1]} (${addresses[1]})`)
      expect(await run('scope', 'list', '--full')).to.include(Buffer.from(scope.digest).toString('hex')).and.not.include('…')
      expect(await run('scope', 'show', 'named')).to.include(`${addresses[0].toLowerCase()} Alice\n`)
      expect(await run('evidence', 'named')).to.include(short(1))

      const file = join(folder.path, 'proof')

      await writeFile(file, await node.voting.certificate('named', proposalId))
      expect((await binary.run('verify', file)).stdout).to.include(`proposer     ${short(0)}\n`).and.include(short(0))
      expect(JSON.parse((await binary.run('verify', file, '--json')).stdout)).to.have.nested.property('proposal.proposerName', 'Alice')
      await writeFile(file, await node.voting.evidenceProof('named', proposalId, zoe.identity))
      expect((await binary.run('verify', file)).stdout).to.match(new RegExp(`voted both +${NAMES[1]} \\(`))

      const evidence = JSON.parse(await run('evidence', 'named', `${proposalId}`, addresses[1], '--json'))

      expect(evidence).to.include({ voter: addresses[1].toLowerCase(), name: NAMES[1] })
      expect(evidence.votes.map(({ name }: { name: string }) => name)).to.deep.equal([NAMES[1], NAMES[1]])
    })
  })
})
