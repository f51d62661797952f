import { expect } from 'aegir/chai'
import { Pages, axe, overflow } from './fixtures/browser.ts'
import { Cheats } from './fixtures/cheats.ts'
import { OperatedNodes } from './fixtures/nodes.ts'
import type { VotingNode } from '../../src/node/index.ts'
import type { Page } from 'playwright-core'

const SCHEMES = ['light', 'dark'] as const

describe('page, in every view', () => {
  const pages = new Pages()
  const nodes = new OperatedNodes()

  /** A node with something of everything, and the ids of proposals: one is open, one decided, one in conflict */
  async function setUp (): Promise<{ node: VotingNode, open: number, decided: number, conflict: number }> {
    const [alice, bob] = await nodes.pair()
    const payload = new TextEncoder().encode('{"reason": "It is time", "list": [1, 2]}')

    await alice.voting.join('lobby')
    // under another policy than hers
    await bob.voting.join({ name: 'lobby', threshold: 1 })
    await alice.voting.propose('lobby', { name: 'Lunch?', expectedVotersCount: 3 })

    const { proposalId: open } = await alice.voting.propose('council', { name: 'Open?', payload })
    const { proposalId: decided } = await alice.voting.propose('council', { name: 'Decided?', payload: Uint8Array.from([0, 1, 255]) })

    await alice.voting.vote('council', decided, true)
    await bobVotes(bob, decided)
    await alice.voting.decision('council', decided)

    const cheats = new Cheats(alice)

    await cheats.join('treasury')

    const { proposalId: conflict } = await cheats.propose('Pay Eve?', 1, 2, -1, -2)
    await cheats.vote(await cheats.propose('Pay Bob?'), 1, 2, -2, -3)

    return { node: alice, open, decided, conflict }
  }

  async function bobVotes (bob: VotingNode, proposalId: number): Promise<void> {
    const known = new Promise<void>(resolve => {
      bob.voting.addEventListener('voting:proposal', ({ detail }) => {
        if (detail.proposalId === proposalId) {
          resolve()
        }
      })
    })

    await Promise.race([known, bob.voting.get('council', proposalId).catch(async () => known)])
    await bob.voting.vote('council', proposalId, true)
  }

  /** Goes through all views and states of the page, and does something in each */
  async function visit (page: Page, { open, decided, conflict }: { open: number, decided: number, conflict: number }, look: (view: string) => Promise<void>): Promise<void> {
    const go = async (hash: string, landmark: string): Promise<void> => {
      await page.evaluate(hash => { location.hash = hash }, hash)
      await page.locator(landmark).first().waitFor()
    }

    await page.getByText('1 peer is in this scope under another policy').waitFor()
    await page.locator('.alarms .notice').nth(1).waitFor()
    await page.getByText('Policy', { exact: true }).first().click()
    await look('overview')
    await go(`#/scopes/council/proposals/${open}`, '.ballot')
    await look('a proposal that is open')
    await page.getByRole('button', { name: 'Vote yes' }).click()
    await page.getByRole('dialog').waitFor()
    await look('confirmation')
    await page.keyboard.press('Escape')
    await go(`#/scopes/council/proposals/${decided}`, '.chip.yes')
    await look('a proposal that is decided')
    await go(`#/scopes/treasury/proposals/${conflict}`, '.download')
    await look('a proposal with evidence')
    await go('#/propose?scope=lobby', 'form')
    await page.getByLabel('Payload').selectOption('hex')
    await page.getByRole('button', { name: 'Propose' }).click()
    await page.locator('.error').first().waitFor()
    await look('form with a mistake')
    await go('#/history', '.row')
    await look('history')
    await go('#/node', '.download')
    await look('node')
    await go('#/nowhere', 'h1')
    await look('nowhere')
  }

  for (const colorScheme of SCHEMES) {
    it(`has nothing that axe finds wrong, in ${colorScheme} colours`, async () => {
      const { node, ...proposals } = await setUp()
      // what moves has no colours that could be measured
      const { page } = await pages.open(node.api, { colorScheme, reducedMotion: 'reduce' })
      const violations: string[] = []

      await visit(page, proposals, async view => {
        violations.push(...(await axe(page)).map(violation => `${view}: ${violation}`))
      })

      expect(violations).to.deep.equal([])
    })
  }

  it('fits a phone of 360 pixels, without moving it to the side', async () => {
    const { node, ...proposals } = await setUp()
    const { page } = await pages.open(node.api, { viewport: { width: 360, height: 740 } })

    await visit(page, proposals, async view => {
      expect(await overflow(page), view).to.equal(0)
    })
  })

  it('moves nothing for those who want it still', async () => {
    const { node, open } = await setUp()
    const { page } = await pages.open(node.api, { reducedMotion: 'reduce' })

    await page.evaluate(hash => { location.hash = hash }, `#/scopes/council/proposals/${open}`)
    await page.locator('.large .fill').first().waitFor({ state: 'attached' })
    expect(await page.evaluate(() => [...document.querySelectorAll('*')].filter(element => {
      const { transitionDuration, animationName } = getComputedStyle(element)

      return transitionDuration !== '0s' || animationName !== 'none'
    }).length)).to.equal(0)
  })
})
