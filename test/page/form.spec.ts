import { expect } from 'aegir/chai'
import { Pages } from './fixtures/browser.ts'
import { OperatedNodes } from './fixtures/nodes.ts'
import type { VotingNode } from '../../src/node/index.ts'
import type { Locator, Page } from 'playwright-core'

describe('page with a form that is filled in wrongly', () => {
  const pages = new Pages()
  const nodes = new OperatedNodes()
  let alice: VotingNode

  beforeEach(async () => {
    alice = await nodes.start('alice')
    await alice.voting.join('lobby')
  })

  async function openForm (): Promise<Page> {
    const { page } = await pages.open(alice.api)

    await page.getByRole('link', { name: 'Propose', exact: true }).click()
    await page.getByLabel('Question').fill('Is it right?')
    await page.getByLabel('Expected voters').fill('3')

    return page
  }

  /** What the control is described by, after the form was sent */
  async function mistakeAt (page: Page, control: Locator): Promise<string> {
    await page.getByRole('button', { name: 'Propose' }).click()
    await page.locator('[aria-invalid]').waitFor()
    // there is one mistake, and the focus is on it
    expect(await page.locator('[aria-invalid]').count()).to.equal(1)
    expect(await control.evaluate(element => element === document.activeElement)).to.equal(true)

    return control.evaluate(element => (element.getAttribute('aria-describedby') ?? '').split(' ').map(id => document.getElementById(id)).find(description => description?.classList.contains('error'))?.textContent ?? '')
  }

  it('says at the question what the node has against it', async () => {
    const page = await openForm()
    const question = page.getByLabel('Question')

    await question.fill('')
    expect(await mistakeAt(page, question)).to.match(/must be 1 to 256 bytes of UTF-8, got 0/)
    await question.fill('\u3164')
    await page.getByRole('button', { name: 'Propose' }).click()
    await page.getByText(/must have a visible character/).waitFor()
    await question.fill('ä'.repeat(129))
    await page.getByText('It is 2 bytes too long.').waitFor()
    await page.getByRole('button', { name: 'Propose' }).click()
    await page.getByText(/must be 1 to 256 bytes of UTF-8, got 258/).waitFor()
  })

  it('says at the time what the node accepts', async () => {
    const page = await openForm()
    const time = page.getByLabel('Time to vote', { exact: true })

    await time.fill('31')
    await page.getByLabel('Unit of the time to vote').selectOption('days')
    expect(await mistakeAt(page, time)).to.match(/must be a whole number of 30 to 2592000 seconds, got 2678400/)
  })

  it('says at the time that it is no number', async () => {
    const page = await openForm()
    const time = page.getByLabel('Time to vote', { exact: true })

    await time.fill('an hour')
    expect(await mistakeAt(page, time)).to.equal('must be a number, got “an hour”')
  })

  it('says at the voters how many there may be', async () => {
    const page = await openForm()
    const voters = page.getByLabel('Expected voters')

    await voters.fill('10001')
    expect(await mistakeAt(page, voters)).to.match(/must be a whole number of 1 to 10000, got 10001/)
  })

  it('says at the payload that it is no JSON, no hex, or too large', async () => {
    const page = await openForm()
    const payload = page.getByLabel('Content of the payload')

    await page.getByLabel('Payload', { exact: true }).selectOption('json')
    await payload.fill('{"a": }')
    expect(await mistakeAt(page, payload)).to.match(/must be JSON: .*token/)

    await page.getByLabel('Payload', { exact: true }).selectOption('hex')
    await payload.fill('0x123')
    await page.getByRole('button', { name: 'Propose' }).click()
    await page.getByText('must be an even number of hex digits').waitFor()

    await page.getByLabel('Payload', { exact: true }).selectOption('text')
    await payload.fill('x'.repeat(32 * 1024 + 1))
    await page.getByRole('button', { name: 'Propose' }).click()
    await page.getByText(/must be at most 32768 bytes, got 32769/).waitFor()

    await payload.fill('x')
    await page.getByRole('button', { name: 'Propose' }).click()
    await page.getByRole('heading', { name: 'Is it right?' }).waitFor()
  })

  it('says why the node cannot do it, where no field is to blame', async () => {
    const page = await openForm()

    await alice.voting.leave('lobby')
    await page.getByRole('button', { name: 'Propose' }).click()
    await page.getByRole('alert').getByText('Nothing was proposed').waitFor()
    await page.getByRole('alert').getByText('not in scope "lobby"').waitFor()
  })
})
