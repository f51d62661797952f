import { readFile } from 'node:fs/promises'
import { expect } from 'aegir/chai'
import { generatePrivateKey } from 'viem/accounts'
import { VotingClient } from '../../src/client/index.ts'
import { parsePolicy, policyDigest } from '../../src/consensus/policy/policy.ts'
import { verifyCertificate } from '../../src/consensus/proofs/certificate.ts'
import { verifyEvidenceProof } from '../../src/consensus/proofs/evidence-proof.ts'
import { ethereumScheme, ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { now } from '../utils/messages.ts'
import { certificateFile, evidenceFile, quorumProposal } from '../utils/quorum.ts'
import { Pages } from './fixtures/browser.ts'
import { OperatedNodes } from './fixtures/nodes.ts'
import type { VotingNode } from '../../src/node/index.ts'
import type { Download, Locator, Page } from 'playwright-core'

const voters = Array.from({ length: 4 }, () => ethereumSigner(generatePrivateKey()))
const [proposer, bob, carol, dave] = voters
const address = ({ identity }: typeof bob): string => identityToAddress(identity)
const policy = parsePolicy({ name: 'council', voters: voters.map(address) })
const trusted = { scheme: ethereumScheme(), policyDigest: policyDigest(policy) }

async function download (page: Page, button: Locator): Promise<Download> {
  const started = page.waitForEvent('download')

  await button.click()

  return started
}

describe('page with proofs', () => {
  const pages = new Pages()
  const nodes = new OperatedNodes()
  let node: VotingNode
  let page: Page
  let client: VotingClient

  beforeEach(async () => {
    node = await nodes.start('alice')
    client = new VotingClient(node.api)
    await client.join({ policy });
    ({ page } = await pages.open(node.api))
    await page.getByText('Live').waitFor()
  })

  it('saves the certificate of a result in a file that anybody can verify', async () => {
    const proposal = quorumProposal(proposer, policy, { name: 'Upgrade?', timestamp: now() })

    await client.importProof(await certificateFile(proposer, policy, proposal, [proposer, carol, dave]))
    await page.getByRole('link', { name: 'Upgrade?' }).click()

    const file = await download(page, page.getByRole('button', { name: 'Download the certificate' }))
    const bytes = new Uint8Array(await readFile(await file.path()))

    expect(file.suggestedFilename()).to.equal(`council-${proposal.proposalId}-yes.cert`)
    expect(bytes).to.equalBytes(await client.certificate('council', proposal.proposalId))
    expect(await verifyCertificate(bytes, trusted)).to.deep.include({ result: true })
  })

  it('says why the node gives no file, and gives it once it can', async () => {
    const proposal = quorumProposal(proposer, policy, { name: 'Upgrade?', timestamp: now() })
    const button = page.getByRole('button', { name: 'Download the certificate' })

    await client.importProof(await certificateFile(proposer, policy, proposal, [proposer, carol, dave]))
    await page.getByRole('link', { name: 'Upgrade?' }).click()
    await button.waitFor()
    await client.leave('council')
    await button.click()
    await page.getByRole('alert').getByText('There is no file to be had').waitFor()
    await page.getByRole('alert').getByText('not in scope "council"').waitFor()

    await client.join({ policy })
    await download(page, button)
    await page.getByRole('alert').waitFor({ state: 'detached' })
  })

  it('shows at the proposal who has voted both ways as soon as it is known, and saves the evidence', async () => {
    const proposal = quorumProposal(proposer, policy, { name: 'Pay Eve?', timestamp: now() })
    const { proposalId } = proposal

    await client.importProof(await evidenceFile(proposer, policy, proposal, bob))
    await page.getByRole('link', { name: 'Pay Eve?' }).click()

    const evidence = page.getByRole('region', { name: 'Evidence' })

    await evidence.getByRole('row', { name: address(bob) }).waitFor()
    // without a reload
    await client.importProof(await evidenceFile(proposer, policy, proposal, carol))
    await evidence.getByRole('row', { name: address(carol) }).waitFor()
    await page.getByText('2 voted both yes and no').waitFor()

    for (const cheat of [bob, carol]) {
      const row = evidence.getByRole('row', { name: address(cheat) })
      const file = await download(page, row.getByRole('button', { name: `Download of the evidence against ${address(cheat)}` }))
      const bytes = new Uint8Array(await readFile(await file.path()))

      expect(await row.locator('td').first().textContent()).to.match(/^yes .+no .+/)
      expect(file.suggestedFilename()).to.equal(`council-${proposalId}-${address(cheat)}.evidence`)
      expect(bytes).to.equalBytes(await client.evidenceProof('council', proposalId, address(cheat)))
      expect((await verifyEvidenceProof(bytes, trusted)).owner).to.equalBytes(cheat.identity)
    }
  })

  it('lists all evidence of a scope at the node, with where it is from', async () => {
    await page.getByRole('link', { name: 'Node', exact: true }).click()

    const evidence = page.getByRole('region', { name: 'Evidence' })

    await evidence.getByText('Nobody has voted both yes and no.').waitFor()

    // one more than is shown unasked
    for (let index = 0; index < 21; index++) {
      await client.importProof(await evidenceFile(proposer, policy, quorumProposal(proposer, policy, { name: `Question ${index}?`, timestamp: now() }), bob))
    }

    await evidence.getByRole('button', { name: 'Show more' }).click()
    await evidence.locator('tbody tr').nth(20).waitFor()
    expect(await evidence.getByRole('button', { name: 'Show more' }).count()).to.equal(0)

    const link = evidence.getByRole('link').first()
    const id = (await link.textContent())?.slice(1)
    const file = await download(page, evidence.getByRole('button', { name: 'Download' }).first())

    expect(file.suggestedFilename()).to.equal(`council-${id}-${address(bob)}.evidence`)
    await link.click()
    await page.getByRole('heading', { name: /^Question \d+\?$/ }).waitFor()
    await page.getByRole('region', { name: 'Evidence' }).getByRole('row', { name: address(bob) }).waitFor()
  })
})
