import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { fromString } from 'uint8arrays/from-string'
import { VotingClient } from '../../src/client/index.ts'
import { fingerprintOf } from '../../src/consensus/proposal/fingerprint.ts'
import { ethereumSigner } from '../../src/signers/ethereum.ts'
import { now } from '../utils/messages.ts'
import { digestOf, evidenceFile, twins } from '../utils/quorum.ts'
import { Pages } from './fixtures/browser.ts'
import { Cheats } from './fixtures/cheats.ts'
import { OperatedNodes } from './fixtures/nodes.ts'
import type { ConsensusSigner } from '../../src/index.ts'
import type { VotingNode } from '../../src/node/index.ts'
import type { Locator, Page } from 'playwright-core'

/** What the node votes with */
async function signerOf ({ dataDirectory }: VotingNode): Promise<ConsensusSigner> {
  const key = await readFile(join(dataDirectory, 'keys', 'voter.key'), 'utf8')

  return ethereumSigner(fromString(key.trim().slice(2), 'hex'))
}

describe('page of what should never happen', () => {
  const pages = new Pages()
  const nodes = new OperatedNodes()

  it('shows at the top of the overview and of the node which results cannot be relied on, and who is to blame, as it happens', async () => {
    const alice = await nodes.start('alice')
    const cheats = new Cheats(alice)

    await cheats.join('council')

    const { page } = await pages.open(alice.api)
    const alarms = page.getByRole('region', { name: 'Look into this first' })

    await page.getByText('Live').waitFor()
    expect(await alarms.count()).to.equal(0)

    const { proposalId } = await cheats.propose('Pay <b>Eve</b>?', 1, 2, -1, -2)
    const contradicted = await cheats.propose('Pay Bob?')

    await cheats.vote(contradicted, 1, 2, -2, -3)

    for (const view of ['Decisions', 'Node']) {
      const conflict = alarms.locator('.notice.alarm', { hasText: 'Pay <b>Eve</b>?' })
      const other = alarms.locator('.notice.alarm', { hasText: 'Pay Bob?' })

      await page.getByRole('link', { name: view, exact: true }).click()
      await conflict.getByText('both yes and no have the votes of a quorum, so there is no result').waitFor()
      expect((await conflict.locator('.code code').allTextContents()).sort()).to.deep.equal(cheats.addresses.slice(0, 2).sort())
      await other.getByText('it was decided yes, and no has got the votes of a quorum, too').waitFor()
      expect(await other.locator('.code code').allTextContents()).to.deep.equal([cheats.addresses[1]])
      expect(await page.locator('main > :nth-child(2)').getAttribute('class')).to.equal('alarms')
    }

    await alarms.getByRole('link', { name: 'Pay <b>Eve</b>?' }).click()
    await page.getByText('Both yes and no have the votes of a quorum, so there is no result, and there will be none.').waitFor()
    expect(page.url()).to.match(new RegExp(`/scopes/council/proposals/${proposalId}$`))
  })

  it('shows that its own key has voted elsewhere, and what this node was bound to', async () => {
    const alice = await nodes.start('alice')
    const cheats = new Cheats(alice, await signerOf(alice))

    await cheats.join('council')

    const { page } = await pages.open(alice.api)
    const alarms = page.getByRole('region', { name: 'Look into this first' })

    await page.getByText('Live').waitFor()

    const forgotten = await cheats.propose('Forgotten?')
    const other = await cheats.propose('Other?')

    await cheats.vote(forgotten, 4)
    await alice.voting.vote('council', other.proposalId, false, { force: true })
    await cheats.vote(other, 4)

    await alarms.locator('.notice.alarm', { hasText: `It says yes to #${forgotten.proposalId} in council. It counts, and this node casts no other.` }).waitFor()
    await alarms.locator('.notice.alarm', { hasText: `It says yes to #${other.proposalId} in council. This node is bound to no.` }).waitFor()
    await alarms.getByRole('link', { name: `#${other.proposalId}` }).click()
    await page.getByRole('heading', { name: 'Other?' }).waitFor()
    // for as long as the page is open
    await page.getByRole('link', { name: 'Node', exact: true }).click()
    await alarms.waitFor()
    expect(await alarms.locator('.notice').count()).to.equal(2)
  })

  it('shows the two proposals that have one id, with their proposers, until after a restart', async () => {
    let alice = await nodes.start('alice')
    const cheats = new Cheats(alice)
    const { key, policy } = await cheats.join('council')
    const [proposer, bob] = cheats.signers
    const [first, second] = twins(proposer, policy, { name: 'Pay', timestamp: now() })

    await alice.voting.consensus.processIncomingProposal(key, first, { signature: await proposer.sign(digestOf(policy, first)) })

    const { page } = await pages.open(alice.api)

    await page.getByText('Live').waitFor()
    await expect(new VotingClient(alice.api).importProof(await evidenceFile(proposer, policy, second, bob))).to.eventually.be.rejected.with.property('kind', 'ProofRefusedError')

    const shown = async (page: Page): Promise<void> => {
      const alarm = page.locator('.notice.alarm', { hasText: `Both have the id ${first.proposalId} in council` })

      for (const proposal of [first, second]) {
        await alarm.locator('li', { hasText: `${proposal.name}, ${fingerprintOf(digestOf(policy, proposal))}, by ${cheats.addresses[0]}` }).waitFor()
      }
    }

    await shown(page)
    await nodes.stop(alice)
    alice = await nodes.start('alice')
    await shown((await pages.open(alice.api)).page)
  })

  it('shows peers that sign their gossip in another way, until they are gone', async () => {
    const alice = await nodes.start('alice')
    const bob = await nodes.start('bob', { gossipSigning: 'StrictNoSign', bootstrap: alice.libp2p.getMultiaddrs().map(address => address.toString()) })

    for (const { voting } of [alice, bob]) {
      await voting.join({ name: 'council', voters: [alice.voter, bob.voter] })
    }

    await pWaitFor(() => alice.voting.scopes()[0].otherSigning.length === 1, { timeout: 20_000 })

    const { page } = await pages.open(alice.api)

    await page.locator('.notice.warning', { hasText: '1 peer signs its gossip in another way' }).getByText('StrictNoSign').waitFor()
    await page.getByRole('link', { name: 'Node', exact: true }).click()
    await page.locator('.fact', { hasText: 'other signing' }).getByText('StrictNoSign').waitFor()
    await nodes.stop(bob)
    await page.getByText('StrictNoSign').waitFor({ state: 'detached' })
  })

  it('says at each scope what its key may not do there', async () => {
    const alice = await nodes.start('alice')
    const voters = ['0x00000000000000000000000000000000000000aa']

    await alice.voting.join({ name: 'looks-on', voters })
    await alice.voting.join({ name: 'proposes', voters, proposers: [alice.voter] })
    await alice.voting.join({ name: 'votes', voters: [alice.voter], proposers: voters })
    await alice.voting.join({ name: 'does-all', voters: [alice.voter] })

    const { page } = await pages.open(alice.api)
    const scope = (name: string): Locator => page.getByRole('region', { name, exact: true })

    await scope('looks-on').getByText('this node looks on: it may neither vote nor propose').waitFor()
    await scope('proposes').getByText('this node may propose, not vote').waitFor()
    await scope('votes').getByText('this node may vote, not propose').waitFor()
    expect(await scope('does-all').getByText('this node').count()).to.equal(0)
    expect((await page.getByRole('link', { name: 'Propose in' }).allTextContents()).sort()).to.deep.equal(['does-all', 'proposes'].map(name => `Propose in ${name}`))
  })

  it('says at the node which proposals wait, and for what', async () => {
    const alice = await nodes.start('alice')
    const cheats = new Cheats(alice)

    await cheats.join('council')

    const proposal = await cheats.propose('Paint it?', 1)
    const { page } = await pages.open(alice.api)

    await page.getByRole('link', { name: 'Node', exact: true }).click()

    const waiting = page.locator('.fact', { hasText: 'undecided' })

    await waiting.getByText('Paint it? in council. It is open. 1 more yes or 2 more no would make a quorum of 2 of 3. Voting ends').waitFor()
    await waiting.getByRole('link', { name: 'Paint it?' }).click()
    await page.getByText('At the end silence decides nothing: without enough votes for one side it ends without a result.').waitFor()
    await cheats.vote(proposal, 2)
    await page.getByText('2 or more of 3 voters voted yes. That is a quorum: the result is final.').waitFor()
  })
})
