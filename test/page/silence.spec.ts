import { mkdir, rm, writeFile } from 'node:fs/promises'
import { expect } from 'aegir/chai'
import { Pages } from './fixtures/browser.ts'
import { OperatedNodes } from './fixtures/nodes.ts'
import type { VotingNode } from '../../src/node/index.ts'

describe('page where voters may be silent', () => {
  const pages = new Pages()
  const nodes = new OperatedNodes()
  let alice: VotingNode

  beforeEach(async () => {
    alice = await nodes.start('alice')
  })

  it('asks for the side of the silent only where it has an effect, and says which', async () => {
    for (const policy of [
      { name: 'plain' },
      { name: 'decided', onSilence: 'yes' },
      { name: 'asked', onSilence: 'liveness' },
      { name: 'fixed', onSilence: 'liveness', livenessCriteriaYes: false },
      { name: 'crate', decisionRule: 'reference' }
    ] as const) {
      await alice.voting.join({ voters: [alice.voter], minLifetimeSeconds: 60, ...policy })
    }

    const { page } = await pages.open(alice.api)
    const side = page.getByLabel('If voters stay silent')

    await page.getByRole('link', { name: 'Propose in asked' }).click()
    expect(await side.locator('option').allTextContents()).to.deep.equal(['their nodes vote yes', 'their nodes vote no'])
    await page.getByText('What the node of a voter who has not voted votes automatically, shortly before the deadline.').waitFor()

    for (const name of ['plain', 'decided', 'fixed']) {
      await page.getByLabel('Scope').selectOption(name)
      await page.getByLabel('Question').waitFor()
      expect(await side.count(), name).to.equal(0)
    }

    await page.getByLabel('Scope').selectOption('crate')
    expect(await side.locator('option').allTextContents()).to.deep.equal(['they count as yes', 'they count as no'])

    await page.getByLabel('Scope').selectOption('asked')
    await page.getByLabel('Question').fill('Go?')
    await side.selectOption('their nodes vote no')
    await page.getByRole('button', { name: 'Propose' }).click()
    await page.getByText(/^This node votes no automatically .*, unless you vote before\.$/).waitFor()
  })

  it('says on the card of the scope that this node votes automatically, and for which side', async () => {
    await alice.voting.join({ name: 'council', voters: [alice.voter], onSilence: 'yes', minLifetimeSeconds: 60 })

    const { page } = await pages.open(alice.api)

    await page.getByText('this node votes yes automatically, shortly before the deadline, if you have not voted').waitFor()
  })

  it('says beside the buttons that this node votes automatically, or why it cannot', async () => {
    const locks = alice.dataDirectory.replace(/alice$/, 'locks')

    await alice.voting.join({ name: 'council', voters: [alice.voter], onSilence: 'yes', minLifetimeSeconds: 60 })

    const { proposalId } = await alice.voting.propose('council', { name: 'Go?', timeoutSeconds: 600 })
    const { page } = await pages.open(alice.api)
    const panel = page.getByRole('region', { name: 'Your vote' })

    await page.getByRole('link', { name: 'Go?' }).click()
    await panel.getByText(/^This node votes yes automatically .*, unless you vote before\.$/).waitFor()
    await page.getByText('Shortly before the deadline the nodes of voters who have not voted vote yes automatically.').waitFor()
    expect(await page.getByText('silence decides nothing').count()).to.equal(0)
    await page.locator('.fact', { hasText: /^silence/ }).getByText('the node of a voter who has not voted votes yes automatically').waitFor()

    await rm(locks, { recursive: true })
    await writeFile(locks, 'no folder')
    await page.reload()
    await panel.getByText('This node does not vote yes automatically as it stands').waitFor()
    await panel.getByText(/ENOTDIR/).waitFor()
    await rm(locks)
    await mkdir(locks)
    await alice.voting.get('council', proposalId)
  })
})
