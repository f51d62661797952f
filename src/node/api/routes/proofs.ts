import { OpenAPIHono } from '@hono/zod-openapi'
import { fromString } from 'uint8arrays/from-string'
import { toString } from 'uint8arrays/to-string'
import { certificateToJson, inspectCertificate } from '../../../consensus/proofs/certificate.ts'
import { evidenceProofToJson, inspectEvidenceProof } from '../../../consensus/proofs/evidence-proof.ts'
import { MAX_PROOF_LENGTH } from '../../../consensus/proofs/proof.ts'
import { ethereumScheme } from '../../../signers/ethereum.ts'
import { checkType, readBytes } from '../body.ts'
import { toAddress, toVoteInfo } from '../json.ts'
import { operation } from '../operation.ts'
import { json } from '../schemas/describe.ts'
import { scopeParams } from '../schemas/node.ts'
import { certificateJson, evidencePage, evidenceProofJson, evidenceQuery, file, importedProofInfo, voterParams } from '../schemas/proofs.ts'
import { proposalParams } from '../schemas/proposals.ts'
import { requireScope } from './scopes.ts'
import type { EvidenceOptions, FoundEvidence, Voting } from '../../../index.ts'
import type { ApiNode } from '../../interface.ts'
import type { EvidenceInfo, Page } from '../types.ts'
import type { Context } from 'hono'

const BINARY = 'application/octet-stream'

const AS_JSON = 'As bytes, or as JSON for reading where `Accept` asks for it.'

const getCertificate = operation({
  method: 'get',
  path: '/scopes/{scope}/proposals/{proposalId}/certificate',
  operationId: 'getCertificate',
  tags: ['proofs'],
  summary: 'What proves the result of a proposal, to anybody who knows the policy',
  description: AS_JSON,
  request: { params: proposalParams },
  responses: { 200: { description: 'The certificate', content: { [BINARY]: { schema: file }, ...json(certificateJson, '').content } } }
}, 'ScopeNotJoinedError', 'SessionNotFoundError', 'ProofUnavailableError')

const getEvidence = operation({
  method: 'get',
  path: '/scopes/{scope}/proposals/{proposalId}/evidence/{voter}',
  operationId: 'getEvidence',
  tags: ['proofs'],
  summary: 'What proves that a voter has voted both yes and no',
  description: AS_JSON,
  request: { params: voterParams },
  responses: { 200: { description: 'The evidence', content: { [BINARY]: { schema: file }, ...json(evidenceProofJson, '').content } } }
}, 'ScopeNotJoinedError', 'SessionNotFoundError', 'ProofUnavailableError')

const listEvidence = operation({
  method: 'get',
  path: '/scopes/{scope}/evidence',
  operationId: 'listEvidence',
  tags: ['proofs'],
  summary: 'Who has voted both yes and no, in pages',
  description: 'By ascending proposal id and address.',
  request: { params: scopeParams, query: evidenceQuery },
  responses: { 200: json(evidencePage, 'A page of them') }
}, 'ScopeNotJoinedError')

const importProof = operation({
  method: 'post',
  path: '/proofs',
  operationId: 'importProof',
  tags: ['proofs'],
  summary: 'Take in a certificate or an evidence file',
  description: 'As if its proposal and votes had come from a member. The rule decides.',
  request: { body: { required: true, content: { [BINARY]: { schema: file } } } },
  responses: { 200: json(importedProofInfo, 'All of it was known'), 201: json(importedProofInfo, 'It was taken in') }
}, 'ScopeNotJoinedError', 'InvalidCertificateError', 'InvalidEvidenceError', 'InvalidProofError', 'ProofRefusedError', 'StorageWriteError')

/** Certificates and evidence: files that anybody can verify */
export function proofRoutes ({ voting }: ApiNode): OpenAPIHono {
  const scheme = ethereumScheme()
  const routes = new OpenAPIHono()

  routes.openapi(getCertificate, async context => {
    const { scope, proposalId } = context.req.valid('param')
    const bytes = await voting.certificate(scope, proposalId)

    return wantsJson(context)
      ? context.json(certificateToJson(await inspectCertificate(bytes, { scheme })), 200)
      : binary(context, bytes)
  })
  routes.openapi(getEvidence, async context => {
    const { scope, proposalId, voter } = context.req.valid('param')
    const bytes = await voting.evidenceProof(scope, proposalId, fromString(voter.slice(2).toLowerCase(), 'hex'))

    return wantsJson(context)
      ? context.json(evidenceProofToJson(await inspectEvidenceProof(bytes, { scheme })), 200)
      : binary(context, bytes)
  })
  routes.openapi(listEvidence, async context => {
    const { limit, cursor, proposalId } = context.req.valid('query')

    return context.json(await list(voting, context.req.valid('param').scope, limit, { proposalId, after: toPlace(cursor) }), 200)
  })
  routes.openapi(importProof, async context => {
    checkType(context, BINARY)

    const imported = await voting.importProof(await readBytes(context, MAX_PROOF_LENGTH))

    return context.json(imported, imported.isNew ? 201 : 200)
  })

  return routes
}

async function list (voting: Voting, scope: string, limit: number, options: EvidenceOptions): Promise<Page<EvidenceInfo>> {
  const items: EvidenceInfo[] = []
  let last: FoundEvidence | undefined

  requireScope(voting, scope)

  for await (const evidence of voting.evidence(scope, options)) {
    if (last != null && items.length === limit) {
      return { items, cursor: `${last.proposalId}-${toString(last.owner, 'hex')}` }
    }

    items.push(toEvidenceInfo(evidence))
    last = evidence
  }

  return { items }
}

function toPlace (cursor?: string): EvidenceOptions['after'] {
  if (cursor == null) {
    return
  }

  const [proposalId, owner] = cursor.split('-')

  return { proposalId: Number(proposalId), owner: fromString(owner, 'hex') }
}

function toEvidenceInfo ({ scope, proposalId, owner, first, second }: FoundEvidence): EvidenceInfo {
  return {
    scope,
    proposalId,
    voter: toAddress(owner),
    votes: [first, second].map(({ voteOwner, vote, timestamp }) => toVoteInfo({ owner: voteOwner, choice: vote, timestamp }))
  }
}

function wantsJson ({ req }: Context): boolean {
  return req.header('accept')?.includes('application/json') === true
}

function binary (context: Context, bytes: Uint8Array): any {
  return context.body(bytes as Uint8Array<ArrayBuffer>, 200, { 'content-type': BINARY })
}
