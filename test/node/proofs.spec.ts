import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect } from 'aegir/chai'
import { generatePrivateKey } from 'viem/accounts'
import { ApiProblemError, VotingClient } from '../../src/client/index.ts'
import { parsePolicy } from '../../src/consensus/policy/policy.ts'
import { createNode } from '../../src/node/index.ts'
import { ethereumSigner, identityToAddress } from '../../src/signers/ethereum.ts'
import { now } from '../utils/messages.ts'
import { certificateFile, evidenceFile, quorumProposal } from '../utils/quorum.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { EvidenceInfo } from '../../src/client/index.ts'
import type { VotingNode } from '../../src/node/index.ts'
import type { IncomingMessage } from 'node:http'

const voters = Array.from({ length: 4 }, () => ethereumSigner(generatePrivateKey()))
const [alice, bob, carol, dave] = voters
const policy = parsePolicy({ name: 'council', voters: voters.map(({ identity }) => identityToAddress(identity)) })
const address = ({ identity }: typeof alice): string => identityToAddress(identity)

describe('proofs in the control API', () => {
  const folder = useTempFolder()
  let node: VotingNode
  let client: VotingClient

  beforeEach(async () => {
    node = await createNode({ dataDirectory: join(folder.path, 'data'), lockDirectory: join(folder.path, 'locks'), local: true })
    client = new VotingClient(node.api)
    await client.join({ policy })
  })

  afterEach(async () => {
    await node.stop()
  })

  async function get (path: string, accept?: string): Promise<{ type?: string, body: Buffer }> {
    const sent = request(`${node.api.url}${path}`, { headers: { authorization: `Bearer ${node.api.token}`, ...accept == null ? {} : { accept } } }).end()
    const [response] = await once(sent, 'response') as [IncomingMessage]

    return { type: response.headers['content-type'], body: await buffer(response) }
  }

  async function expectProblem (promise: Promise<unknown>, status: number, kind: string, detail: RegExp): Promise<void> {
    const error: any = await promise.catch(err => err)

    expect(error).to.be.an.instanceOf(ApiProblemError)
    expect(error).to.include({ kind, status })
    expect(error.message).to.match(detail)
  }

  it('come in as bytes and go out as bytes, or as JSON for reading', async () => {
    const proposal = quorumProposal(alice, policy, { timestamp: now() })
    const { proposalId } = proposal
    const certificate = await certificateFile(alice, policy, proposal, [alice, carol, dave])
    const evidence = await evidenceFile(alice, policy, proposal, bob)

    expect(await client.importProof(certificate)).to.deep.equal({ kind: 'certificate', scope: 'council', proposalId, isNew: true })
    expect(await client.importProof(evidence)).to.deep.equal({ kind: 'evidence', scope: 'council', proposalId, isNew: true })
    expect(await client.proposal('council', proposalId)).to.include({ result: 'yes' })
    expect(await client.evidenceProof('council', proposalId, address(bob))).to.deep.equal(evidence)
    expect((await client.evidence('council')).items).to.deep.equal([{
      scope: 'council',
      proposalId,
      voter: address(bob),
      votes: ['yes', 'no'].map(choice => ({ voter: address(bob), choice, timestamp: Number(proposal.timestamp) }))
    }])

    const path = `/scopes/council/proposals/${proposalId}`

    expect(await get(`${path}/certificate`)).to.deep.include({ type: 'application/octet-stream', body: Buffer.from(await client.certificate('council', proposalId)) })
    expect(JSON.parse(`${(await get(`${path}/certificate`, 'application/json')).body}`)).to.deep.include({ type: 'certificate', result: 'yes', quorum: 3 })
    expect(JSON.parse(`${(await get(`${path}/evidence/${address(bob).toLowerCase()}`, 'application/json')).body}`)).to.deep.include({ type: 'evidence', voter: address(bob).toLowerCase() })
  })

  it('give evidence in pages, which end within a proposal, too', async () => {
    const all: Array<[number, string]> = []

    for (const name of ['One', 'Two', 'Three']) {
      const proposal = quorumProposal(alice, policy, { name, timestamp: now() })

      for (const cheat of [bob, carol]) {
        await client.importProof(await evidenceFile(alice, policy, proposal, cheat))
        all.push([proposal.proposalId, address(cheat).toLowerCase()])
      }
    }

    const sorted = all.sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1))
    const shown = ({ proposalId, voter }: EvidenceInfo): [number, string] => [proposalId, voter.toLowerCase()]
    const first = await client.evidence('council', { limit: 3 })
    const found: EvidenceInfo[] = []

    expect(first.items.map(shown)).to.deep.equal(sorted.slice(0, 3))
    expect((await client.evidence('council', { limit: 3, cursor: first.cursor })).items.map(shown)).to.deep.equal(sorted.slice(3))

    for (const limit of [1, 2, 5, 100]) {
      found.length = 0

      for await (const evidence of client.allEvidence('council', { limit })) {
        found.push(evidence)
      }

      expect(found.map(shown)).to.deep.equal(sorted)
    }

    expect((await client.evidence('council', { proposalId: sorted[0][0] })).items.map(shown)).to.deep.equal(sorted.slice(0, 2))
  })

  it('are refused with the reason, and nothing is stored', async () => {
    const another = parsePolicy({ ...policy, threshold: 1 })
    const proposal = quorumProposal(alice, policy, { timestamp: now() })
    const good = await certificateFile(alice, policy, proposal, [alice, carol, dave])

    await expectProblem(client.importProof(good.subarray(1)), 422, 'InvalidProofError', /neither a certificate nor evidence/)
    await expectProblem(client.importProof(new Uint8Array(0)), 422, 'InvalidProofError', /empty/)
    await expectProblem(client.importProof(good.subarray(0, 500)), 422, 'InvalidCertificateError', /not valid/)
    await expectProblem(client.importProof((await evidenceFile(alice, policy, proposal, bob)).subarray(0, 500)), 422, 'InvalidEvidenceError', /not valid/)
    await expectProblem(client.importProof(await evidenceFile(alice, another, quorumProposal(alice, another, { timestamp: now() }), bob)), 422, 'InvalidEvidenceError', /of another policy/)
    await expectProblem(client.importProof(new Uint8Array(9 * 1024 * 1024)), 413, 'BodyTooLargeError', /at most/)
    await expectProblem(client.importProof(await certificateFile(alice, policy, quorumProposal(alice, policy, { timestamp: now() + 10_000n }), [alice, carol, dave])), 409, 'ProofRefusedError', /in the future/)
    expect((await client.proposals('council')).items).to.be.empty()
  })

  it('are not to be had of what is not there, nor proved', async () => {
    const proposal = quorumProposal(alice, policy, { timestamp: now() })
    const { proposalId } = proposal

    await client.importProof(await evidenceFile(alice, policy, proposal, bob))
    await expectProblem(client.certificate('council', proposalId), 409, 'ProofUnavailableError', /not decided yet/)
    await expectProblem(client.evidenceProof('council', proposalId, address(carol)), 409, 'ProofUnavailableError', /no evidence/)
    await expectProblem(client.evidenceProof('council', proposalId, 'bob'), 400, 'InvalidInputError', /voter: must be an address/)
    await expectProblem(client.certificate('council', 1), 404, 'SessionNotFoundError', /no such proposal/)
    await expectProblem(client.certificate('senate', 1), 404, 'ScopeNotJoinedError', /senate/)
    await expectProblem(client.evidence('senate'), 404, 'ScopeNotJoinedError', /senate/)
    await expectProblem(client.evidence('council', { cursor: 'x' }), 400, 'InvalidInputError', /cursor: must be what the page before gave/)
  })
})
