import { join } from 'node:path'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { VotingClient } from '../../src/client/index.ts'
import { readToken } from '../../src/node/index.ts'
import { Binary } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import { Pages } from './fixtures/browser.ts'
import { OperatedNodes } from './fixtures/nodes.ts'
import type { ClientInit } from '../../src/client/index.ts'
import type { StartedNode } from '../utils/binary.ts'
import type { Page } from 'playwright-core'

/** Presses Tab until what has the focus is called so */
async function tabTo (page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')

    if (await page.evaluate(() => document.activeElement?.textContent) === name) {
      return
    }
  }

  throw new Error(`Tab does not lead to "${name}"`)
}

describe('page', () => {
  const pages = new Pages()
  const nodes = new OperatedNodes()

  it('proposes at one node, votes at both, and shows the decision at both without a reload', async () => {
    const [alice, bob] = await nodes.pair()
    const { page: hers } = await pages.open(alice.api)
    const { page: his } = await pages.open(bob.api)

    await hers.getByRole('link', { name: 'Propose in council' }).click()
    await hers.getByLabel('Question').fill('Upgrade to version 2?')
    await hers.getByLabel('Payload').selectOption('json')
    await hers.getByLabel('Content of the payload').fill('{"version":2,"limit":12345678901234567890}')
    await hers.getByRole('button', { name: 'Propose' }).click()
    await hers.getByRole('heading', { name: 'Upgrade to version 2?' }).waitFor()
    // as it was written: as a number of JavaScript it would be another
    expect(await hers.locator('pre').textContent()).to.equal('{\n  "version": 2,\n  "limit": 12345678901234567890\n}')

    // his page is in view all the time: what is there comes by events
    await his.getByText('Your vote is open').waitFor()
    await his.getByRole('link', { name: 'Upgrade to version 2?' }).click()
    await his.getByText('It is open. 2 more yes or 2 more no would make a quorum of 2 of 2.').waitFor()
    await his.getByRole('button', { name: 'Vote yes' }).click()
    await his.getByRole('dialog', { name: 'Vote yes?' }).getByRole('button', { name: 'Vote yes' }).click()
    await his.getByText('A vote is final').waitFor()

    await hers.getByText('1 yes, 0 no of 2 voters; a quorum is 2').waitFor({ state: 'attached' })
    await hers.getByRole('button', { name: 'Vote yes' }).click()
    await hers.getByRole('dialog').getByRole('button', { name: 'Vote yes' }).click()

    for (const page of [hers, his]) {
      await page.getByText('Decided: yes', { exact: true }).waitFor()
      await page.getByText('That is a quorum: the result is final.').waitFor()
      expect(await page.getByRole('row').filter({ hasText: 'Yes' }).count()).to.equal(2)
    }

    await his.getByRole('link', { name: 'Decisions' }).first().click()
    await his.getByText('Nothing is being decided here at the moment.').waitFor()
    await his.locator('.row', { hasText: 'Decided: yes' }).waitFor()
  })

  it('asks before it votes, and does not vote if it is told not to', async () => {
    const [alice] = await nodes.pair()
    const { proposalId } = await alice.voting.propose('council', { name: 'Sure?' })
    const { page } = await pages.open(alice.api)

    await page.getByRole('link', { name: 'Sure?' }).click()
    await page.getByRole('button', { name: 'Vote no' }).click()
    await page.getByRole('dialog').getByText('It is final').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect((await alice.voting.get('council', proposalId)).votes).to.deep.equal([])
  })

  it('can be used without a mouse, and says where the focus is', async () => {
    const [alice] = await nodes.pair()
    const { proposalId } = await alice.voting.propose('council', { name: 'By keyboard?' })
    const { page } = await pages.open(alice.api)

    await page.getByRole('link', { name: 'By keyboard?' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).to.equal('To the content')
    await tabTo(page, 'By keyboard?')
    expect(await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)).to.equal('solid')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Vote yes' }).waitFor()
    // as after loading a page
    expect(await page.evaluate(() => document.activeElement?.tagName)).to.equal('MAIN')

    await tabTo(page, 'Vote no')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    expect(await page.evaluate(() => document.activeElement?.textContent)).to.equal('Cancel')
    await page.keyboard.press('Escape')
    // closed, it has no role any more, and its end is only told after that
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.textContent)).to.equal('Vote no')

    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo(page, 'Vote no')
    await page.keyboard.press('Enter')
    await page.getByText('A vote is final').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).to.equal('own-vote')
    expect((await alice.voting.get('council', proposalId)).tally).to.deep.equal({ yes: 0, no: 1 })
  })

  it('tells those who do not see it what happens', async () => {
    const [alice, bob] = await nodes.pair()
    const { page } = await pages.open(alice.api)

    await page.getByText('Live').waitFor()
    await bob.voting.propose('council', { name: 'Can you hear me?' })
    await page.locator('[role=status]', { hasText: 'New proposal in council: Can you hear me?' }).waitFor({ state: 'attached' })
  })

  it('says that it is live, however late it is drawn', async () => {
    const { page } = await pages.open((await nodes.start('alice')).api, {
      // what is to be done after the first picture is done when the node has long answered
      before: () => {
        const { setTimeout } = window

        window.requestAnimationFrame = () => 0
        Object.assign(window, { setTimeout: (handler: () => void, delay: number = 0) => setTimeout(handler, Math.max(delay, 1_000)) })
      }
    })

    await page.getByText('Live').waitFor()
  })

  it('says that its access has ended, and goes on when a new link was opened', async () => {
    const first = await nodes.start('alice')
    const { page } = await pages.open(first.api)

    await page.getByText('Live').waitFor()
    await nodes.stop(first)
    await page.context().clearCookies()

    const again = await nodes.start('alice', { apiPort: Number(new URL(first.api.url).port) })

    await page.getByText('This browser may not use the node any more').waitFor()
    await page.getByText('No access').waitFor()

    const other = await page.context().newPage()

    await other.goto((await new VotingClient(again.api).createLink()).url)
    await page.getByText('This browser may not use the node any more').waitFor({ state: 'detached' })
    await page.getByText('Live').waitFor()
  })

  it('says how a voter fares who may not vote, and offers no buttons', async () => {
    const alice = await nodes.start('alice')
    const stranger = '0x00000000000000000000000000000000000000aa'

    await alice.voting.join({ name: 'council', voters: [stranger], proposers: [alice.voter] })
    await alice.voting.propose('council', { name: 'For others?' })

    const { page } = await pages.open(alice.api)

    await page.getByRole('link', { name: 'For others?' }).click()
    await page.getByText('is not among the voters of council').waitFor()
    expect(await page.getByRole('button', { name: 'Vote yes' }).count()).to.equal(0)
    expect(await page.getByRole('row', { name: stranger }).textContent()).to.contain('has not voted')
  })

  it('finds what was decided, by words, id and state, page by page', async () => {
    const alice = await nodes.start('alice')

    await alice.voting.join('lobby')

    for (let index = 0; index < 30; index++) {
      await alice.voting.propose('lobby', { name: `Question ${index}?`, expectedVotersCount: 2 })
    }

    const { proposalId } = await alice.voting.propose('lobby', { name: 'Buy a New boat?', expectedVotersCount: 1 })

    await alice.voting.vote('lobby', proposalId, true)

    const { page } = await pages.open(alice.api)

    await page.getByRole('link', { name: 'History', exact: true }).click()
    await pWaitFor(async () => await page.locator('.row').count() === 25)
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('Page 2').waitFor()
    await pWaitFor(async () => await page.locator('.row').count() === 6)
    expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).to.equal(true)
    await page.getByRole('button', { name: 'Newer' }).click()
    await pWaitFor(async () => await page.locator('.row').count() === 25)

    for (const words of ['boat new', `${proposalId}`.slice(0, 9)]) {
      await page.getByLabel('Words, id, fingerprint or proposer').fill(words)
      await page.getByRole('button', { name: 'Search' }).click()
      await pWaitFor(async () => await page.locator('.row').count() === 1)
      expect(await page.locator('.row-name').textContent()).to.equal('Buy a New boat?')
    }

    await page.getByLabel('Words, id, fingerprint or proposer').fill('')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByLabel('State').selectOption('reached')
    await pWaitFor(async () => await page.locator('.row').count() === 1)
    await page.getByLabel('State').selectOption('failed')
    await page.getByText('There is nothing here that is asked for.').waitFor()
  })
})

describe('page of a node that is killed', () => {
  const pages = new Pages()
  const folder = useTempFolder()
  const binary = new Binary(() => folder.path)

  async function apiOf ({ stdout, dataDirectory }: StartedNode): Promise<ClientInit> {
    return { url: /API +(\S+)/.exec(stdout)?.[1] ?? '', token: await readToken(dataDirectory) }
  }

  it('says so, and goes on by itself when the node is back', async () => {
    const node = await binary.start('alice')
    const api = await apiOf(node)
    const option = ['--data-dir', join(folder.path, 'alice')]

    await binary.json('scope', 'add', 'lobby', ...option)
    await binary.json('propose', 'lobby', 'Before?', '--voters', '2', '--timeout', '600', ...option)

    const { page } = await pages.open(api)

    await page.getByRole('link', { name: 'Before?' }).waitFor()
    await node.end('SIGKILL')
    await page.getByText('The node does not answer').waitFor()
    await page.getByText('Node away').waitFor()
    // what was known stays in view
    expect(await page.getByRole('link', { name: 'Before?' }).count()).to.equal(1)

    await binary.start('alice', '--api-port', new URL(api.url).port)
    await page.getByText('The node does not answer').waitFor({ state: 'detached' })
    await page.getByText('Live').waitFor()
    await binary.json('propose', 'lobby', 'Afterwards?', '--voters', '2', '--timeout', '600', ...option)
    await page.getByRole('link', { name: 'Afterwards?' }).waitFor()
  })
})
