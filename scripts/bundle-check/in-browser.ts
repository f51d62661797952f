/**
 * The consensus core in a browser: two members vote, and the decision is in IndexedDB.
 */

import { launchChromium } from '../chromium.ts'
import { bundle } from './bundle.ts'

/** Not a real address: what it serves is put there. Browsers trust it, as they do pages from https. */
const ORIGIN = 'http://localhost:1'

/** Runs in the page. The store is opened twice: what is decided has to be in it. */
const PROGRAM = `
import { ConsensusService } from 'libp2p-voting/consensus'
import { ethereumScheme, ethereumSigner } from 'libp2p-voting/signers/ethereum'
import { LevelStorage } from 'libp2p-voting/storage/level'
import { generatePrivateKey } from 'viem/accounts'

globalThis.vote = async () => {
  const [alice, bob] = [ethereumSigner(generatePrivateKey()), ethereumSigner(generatePrivateKey())]
  const storage = await LevelStorage.open('votes')
  const service = new ConsensusService({ scheme: ethereumScheme(), storage })
  const { proposalId } = await service.createProposal('council', {
    name: 'Upgrade to version 2?',
    payload: new Uint8Array(),
    proposalOwner: alice.identity,
    expectedVotersCount: 2,
    expirationTimestamp: 60n,
    livenessCriteriaYes: true
  })

  await service.castVote('council', proposalId, true, alice)

  const before = (await storage.getSession('council', proposalId)).result

  await service.castVote('council', proposalId, true, bob)
  await storage.close()

  const again = await LevelStorage.open('votes')
  const { state, result, voteCount } = await again.getSession('council', proposalId)

  await again.close()

  return { before, state, result, voteCount }
}`

export async function voteInBrowser (): Promise<string> {
  const { text } = await bundle(PROGRAM)
  const browser = await launchChromium()

  try {
    const page = await browser.newPage()

    await page.route(`${ORIGIN}/**`, async route => route.fulfill(new URL(route.request().url()).pathname === '/app.js'
      ? { contentType: 'text/javascript', body: text }
      : { contentType: 'text/html', body: '<!doctype html><script type="module" src="/app.js"></script>' }))
    await page.goto(ORIGIN, { waitUntil: 'load' })

    const seen = JSON.stringify(await page.evaluate('vote()'))
    const wanted = JSON.stringify({ before: undefined, state: 'reached', result: true, voteCount: 2 })

    if (seen !== wanted) {
      throw new Error(`Two members have voted yes, and the page has ${seen} instead of ${wanted}`)
    }

    return `two votes, decided, and kept in IndexedDB (Chromium ${browser.version()})`
  } finally {
    await browser.close()
  }
}
