import { expect } from 'aegir/chai'
import { fromString } from 'uint8arrays/from-string'
import { Pages } from './fixtures/browser.ts'
import { Cheats } from './fixtures/cheats.ts'
import { OperatedNodes } from './fixtures/nodes.ts'
import type { Page } from 'playwright-core'

/** What runs, loads or leads anywhere if it is anything but text */
const MARKUP = [
  '<script>document.title = "taken"</script>',
  '<img src=http://192.0.2.1/x onerror=document.title="taken">',
  '"><svg onload=document.title="taken">',
  '<a href="javascript:document.title=\'taken\'">here</a>',
  '<style>@import "http://192.0.2.1/x"</style>'
]

const PAYLOADS = [
  ...MARKUP,
  JSON.stringify({ __proto__: null, html: MARKUP, link: 'http://192.0.2.1/' }),
  '{"__proto__": {"title": "taken"}, "constructor": 1, "constructor": 2}'
]

async function expectTextOnly (page: Page): Promise<void> {
  expect(await page.title()).to.not.equal('taken')
  expect(await page.evaluate(() => document.querySelectorAll('#app script, #app img, #app style, #app iframe, #app a[href^="javascript"], #app a[href^="http"]').length)).to.equal(0)
}

describe('page of what strangers have written', () => {
  const pages = new Pages()
  const nodes = new OperatedNodes()

  it('shows names as text, in lists and alone', async () => {
    const [alice, bob] = await nodes.pair()

    for (const name of MARKUP) {
      await bob.voting.propose('council', { name })
    }

    // the fixture sees requests that leave and scripts that the policy stops: the page must not even try
    const { page } = await pages.open(alice.api)

    for (const name of MARKUP) {
      await page.getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { name, exact: true }).waitFor()
      await page.getByRole('button', { name: 'Vote yes' }).click()
      await page.getByRole('dialog').getByText(name, { exact: true }).waitFor()
      await page.keyboard.press('Escape')
      await expectTextOnly(page)
      await page.getByRole('link', { name: 'Decisions' }).first().click()
    }
  })

  it('shows payloads as text, in every form', async () => {
    const [alice] = await nodes.pair()
    const { page } = await pages.open(alice.api)

    for (const [index, text] of PAYLOADS.entries()) {
      const { proposalId } = await alice.voting.propose('council', { name: `Payload ${index}?`, payload: fromString(text) })

      await page.evaluate(hash => { location.hash = hash }, `#/scopes/council/proposals/${proposalId}`)
      await page.getByRole('heading', { name: `Payload ${index}?` }).waitFor()

      for (const form of await page.getByRole('group', { name: 'Show the payload as' }).getByRole('button').all()) {
        await form.click()
        await expectTextOnly(page)
      }

      await page.getByRole('button', { name: 'Text', exact: true }).click()
      expect(await page.locator('pre').textContent()).to.equal(text)
    }
  })

  it('makes visible what would turn the text around it or hide in it', async () => {
    const [alice] = await nodes.pair()

    await alice.voting.propose('council', { name: 'Pay \u202e001\u202c to\u200b\u0007\u3164\u2065 Eve 👨‍👩‍👧?' })

    const { page } = await pages.open(alice.api)

    await page.getByRole('link', { name: 'Pay' }).click()
    await page.getByRole('heading', { name: 'Pay \\u{202e}001\\u{202c} to\\u{200b}\\u{7}\\u{3164}\\u{2065} Eve 👨‍👩‍👧?' }).waitFor()
  })

  it('shows that a name has nothing to be seen, and opens its proposal', async () => {
    const alice = await nodes.start('alice')
    const cheats = new Cheats(alice)

    await cheats.join('council')

    const { proposalId } = await cheats.propose('\u3164\u{e0fff}')
    const { page } = await pages.open(alice.api)

    await page.getByRole('link', { name: '(no visible name)' }).click()
    await page.getByRole('heading', { name: '(no visible name)' }).waitFor()
    await page.getByText(`#${proposalId}`).waitFor()
  })

  it('shows a voter by the name that the policy has, and the whole address on a click', async () => {
    const alice = await nodes.start('alice')

    await alice.voting.join({ name: 'named', voters: [{ address: alice.voter, name: '<b>Älice</b>' }] })

    const { proposalId } = await alice.voting.propose('named', { name: 'Go?' })
    const { page } = await pages.open(alice.api)

    await page.evaluate(hash => { location.hash = hash }, `#/scopes/named/proposals/${proposalId}`)

    const voter = page.getByRole('rowheader', { name: '<b>Älice</b>' })

    await voter.getByRole('button', { name: alice.voter.slice(0, 6) }).click()
    await voter.getByRole('button', { name: alice.voter, exact: true }).waitFor()
  })

  it('sticks out nowhere, however long a word is', async () => {
    const [alice] = await nodes.pair()

    await alice.voting.propose('council', { name: 'W'.repeat(256), payload: fromString('x'.repeat(32 * 1024)) })

    const { page } = await pages.open(alice.api, { viewport: { width: 360, height: 740 } })

    await page.locator('.row-name').click()
    await page.locator('pre').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).to.equal(360)
  })
})
